"""What no table can take, each told in one line of what is wrong and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.unusable import age_of, check_bounds, dated, unusable

T0 = 1_700_000_000.0
WHEN = pd.Timestamp(T0, unit="s", tz="UTC")
SAMPLES: list[tuple[Any, Any, Any, Any, str]] = [
    (5, {}, T0, 1.0, "a metric is named by text, not 5"),
    ("cpu", None, T0, 1.0, "labels are a dict, not None"),
    ("cpu", "component=loki", T0, 1.0, "labels are a dict, not 'component=loki'"),
    ("cpu", {}, WHEN, 1.0, "times are epoch seconds, not Timestamp"),
    ("cpu", {}, datetime.now(UTC), 1.0, "times are epoch seconds, not datetime"),
    ("cpu", {}, np.datetime64("2026-01-01"), 1.0, "times are epoch seconds, not datetime64"),
    ("cpu", {}, "now", 1.0, "times are epoch seconds, not 'now'"),
    ("cpu", {}, T0, "abc", "values are numbers, not 'abc'"),
    ("cpu", {}, T0, None, "values are numbers, not None"),
    ("cpu", {"pod": ["a"]}, T0, 1.0, "this is no sample of 'cpu'"),
]


@pytest.mark.parametrize(("metric", "labels", "time", "value", "words"), SAMPLES)
def test_what_is_no_sample_is_told_however_it_is_written(
    metric: Any, labels: Any, time: Any, value: Any, words: str
) -> None:
    frame = MetricFrame()
    with pytest.raises(SettingsError, match=words) as caught:
        frame.append(metric, labels, time, value)
    assert caught.value.remedy
    with pytest.raises(SettingsError, match=words):
        frame.writer(metric, labels)(time, value)
    if value is not None:  # in an array that is NaN
        with pytest.raises(SettingsError, match=words):
            frame.extend(metric, labels, [time, time], [value, value])
    assert frame.stats().rows == 0
    frame.append("cpu", {}, T0, 1.0)
    assert frame.value() == 1.0, "no lock is held for ever"


def test_an_array_of_dates_is_no_array_of_seconds() -> None:
    index = pd.date_range("2026-01-01", periods=3, freq="s", tz="UTC")
    plain = index.tz_localize(None)
    assert all(map(dated, (index, plain, plain.to_numpy(), index.to_series(), list(plain.to_numpy()))))
    for times in (index, plain, plain.to_numpy(), index.to_series(), list(plain.to_numpy()), list(index)):
        with pytest.raises(SettingsError, match="times are epoch seconds"):
            MetricFrame().extend("cpu", {}, times, [1.0, 2.0, 3.0])
    assert not dated([T0])
    assert not dated(np.array([T0]))


def test_a_sample_that_only_an_odd_thing_is_wrong_with() -> None:
    assert str(unusable("cpu", {}, T0, 1.0)).startswith("this is no sample of 'cpu'")


def test_how_long_is_kept() -> None:
    assert [age_of(None), age_of(inf), age_of(5), age_of("10m"), age_of(pd.Timedelta("1h"))] == [
        None,
        inf,
        5,
        600,
        3600,
    ]
    assert MetricFrame(max_age="10m").max_age == 600.0
    for wrong in (0, -1.0, "soon", [], True):
        with pytest.raises(SettingsError, match="max_age is"):
            age_of(wrong)  # type: ignore[arg-type]  on purpose


def test_how_many_are_kept() -> None:
    check_bounds(None, 1)
    check_bounds(np.int64(5), 100)
    for rows, series in ((0, 1), (1.5, 1), ("5", 1), (None, 0), (None, 1.5), (None, 65_536)):
        with pytest.raises(SettingsError, match="max_(rows|series) is"):
            check_bounds(rows, series)
