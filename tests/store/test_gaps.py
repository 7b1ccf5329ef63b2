"""Gaps: a lost span of time is seen in metrics and logs, and goes again where samples fill it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.gaps import MAX_GAPS, Gap
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.store import Store

T0 = 1_700_000_000.0


def framed() -> MetricFrame:
    frame = MetricFrame(max_age=600)
    frame.extend("cpu", {}, T0 + np.arange(3), [1.0, 2.0, 3.0])
    return frame


def test_a_gap_is_a_nan_between_samples() -> None:
    frame = framed()
    frame.mark_gap(T0 + 2, T0 + 10)
    assert frame["cpu"].tolist() == [1.0, 2.0, 3.0], "nothing came after it yet"
    frame.append("cpu", {}, T0 + 10, 4.0)
    np.testing.assert_equal(frame["cpu"].tolist(), [1.0, 2.0, 3.0, np.nan, 4.0])
    assert frame.df.index.as_unit("us").asi8[3] == int((T0 + 6) * 1e6)
    assert frame.value("count") == 4.0
    assert frame.stats().gaps == 1


def test_samples_that_turn_up_after_all_close_it() -> None:
    frame = framed()
    frame.mark_gap(T0 + 2, T0 + 10)
    frame.append("cpu", {}, T0 + 10, 4.0)
    assert np.isnan(frame.rows_since().y).sum() == 1
    frame.append("cpu", {}, T0 + 5, 3.5)
    assert frame["cpu"].tolist() == [1.0, 2.0, 3.0, 3.5, 4.0]
    assert not np.isnan(frame.rows_since().y).any()


def test_a_reader_is_told_of_a_gap_once() -> None:
    frame = framed()
    cursor = frame.rows_since().cursor
    frame.mark_gap(T0 + 2, T0 + 10)
    delta = frame.rows_since(cursor)
    assert delta.reset
    np.testing.assert_equal(delta.y, [1.0, 2.0, 3.0, np.nan])
    frame.append("cpu", {}, T0 + 10, 4.0)
    after = frame.rows_since(delta.cursor)
    assert not after.reset
    assert after.y.tolist() == [4.0]


def test_each_series_has_its_own_gap_in_a_delta() -> None:
    frame = framed()
    frame.append("up", {}, T0 + 5, 1.0)
    frame.mark_gap(T0 + 2, T0 + 10)
    names = {s.key: s.name for s in frame.series}
    delta = frame.rows_since()
    gaps = [names[k] for k, y in zip(delta.keys.tolist(), delta.y, strict=True) if np.isnan(y)]
    assert gaps == ["cpu"], "up has a sample inside"


def test_a_gap_ages_out_and_their_number_is_bounded() -> None:
    frame = MetricFrame(max_age=10)
    frame.append("cpu", {}, T0, 1.0)
    for i in range(2 * MAX_GAPS):
        frame.mark_gap(T0 + i, T0 + i + 0.5)
    assert frame.stats().gaps == MAX_GAPS
    frame.append("cpu", {}, T0 + 2 * MAX_GAPS + 20, 1.0)
    frame.prune()
    assert frame.stats().gaps == 0


def test_an_impossible_gap_is_refused() -> None:
    frame = framed()
    for start, end in ((T0 + 5, T0 + 5), (T0 + 5, T0 + 4), (-1.0, 5.0), (T0, float("inf")), (float("nan"), T0)):
        with pytest.raises(SettingsError, match="is no gap|is not a time"):
            frame.mark_gap(start, end)
    assert frame.stats().gaps == 0


def test_a_gap_between_datetimes() -> None:
    frame = framed()
    frame.mark_gap(pd.Timestamp(T0 + 2, unit="s", tz="UTC"), pd.Timestamp(T0 + 10, unit="s", tz="UTC"))
    assert frame.gaps == [(int((T0 + 2) * 1e6), int((T0 + 10) * 1e6))]


def test_an_impossible_gap_that_a_peer_tells_of_is_none() -> None:
    store = Store(RetentionSettings())
    store.frame("p").append("cpu", {}, T0, 1.0)
    store.logs("p")
    for gap in ((5.0, 4.0), (-1.0, 5.0), (1.0, 1e300), (float("nan"), 5.0)):
        for kind in ("metrics", "logs"):
            store.reset("p", kind, gap)
    assert store.gaps == []


def test_clear_forgets_gaps() -> None:
    frame = framed()
    frame.mark_gap(T0 + 2, T0 + 10)
    frame.clear()
    assert frame.stats().gaps == 0


def test_a_gap_in_a_log_is_a_line_in_every_view_and_counted_by_none() -> None:
    logs = LogBuffer()
    view = logs.select(level="error", component="loki", search="timeout")
    logs.append(LogEntry(time=T0, level="error", component="loki", message="timeout"))
    logs.mark_gap(T0 + 1, T0 + 9)
    assert logs.total == 1
    assert (logs.filtered, view.filtered) == (1, 1)
    assert logs.counts == {"error": 1}
    for buffer in (logs, view):
        line = buffer.tail(1)[0]
        assert line.message == "··· lines between 22:13:21 and 22:13:29 UTC were not received ···"
        assert line.metadata == {"gap": {"from": T0 + 1, "to": T0 + 9}}
    assert logs.stats().gaps == 1


def test_a_record_of_a_gap() -> None:
    assert Gap(kind="metrics", from_time=1.0, to_time=2.0).platform == ""
