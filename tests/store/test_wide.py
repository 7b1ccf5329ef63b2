"""Wide and long: the fast path and the general one must not differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.store import wide as module
from gunj_widgets.store.rows import Rows
from gunj_widgets.store.series import Series
from gunj_widgets.store.wide import columns, long, time_index, wide


def series(*names: str) -> list[Series]:
    return [Series(key=i, slot=i, metric=name, labels={}, unit="s", born=0) for i, name in enumerate(names)]


def ticks(order: list[int], moments: list[int]) -> Rows:
    """All series sampled at each moment, in the given order."""
    count = len(order) * len(moments)
    return Rows(
        np.tile(np.array(order, np.uint16), len(moments)),
        np.repeat(np.array(moments, np.int64), len(order)),
        np.arange(count, dtype=float),
        tuple(series("a", "b", "c")),
        True,
    )


@given(order=st.permutations([0, 1, 2]), count=st.integers(1, 5))
def test_the_fast_path_gives_what_the_general_one_gives(order: list[int], count: int) -> None:
    rows = ticks(order, [10 * i for i in range(count)])
    assert rows.cycle() == 3
    names = pd.Index(["a", "b", "c", "empty"])
    fast = wide(rows, series("a", "b", "c"), names, [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rows, "cycle", lambda self: 0)
        slow = wide(rows, series("a", "b", "c"), names, [])
    pd.testing.assert_frame_equal(fast, slow)
    assert fast["empty"].isna().all()
    assert not np.shares_memory(fast.to_numpy(), rows.values)


def test_series_that_take_turns_at_times_of_their_own_take_the_general_path() -> None:
    rows = Rows(
        np.array([0, 1, 0, 1], np.uint16), np.array([0, 1, 5, 6]), np.arange(4.0), tuple(series("a", "b")), True
    )
    df = wide(rows, series("a", "b"), pd.Index(["a", "b"]), [])
    np.testing.assert_equal(df.to_numpy(), [[0, np.nan], [np.nan, 1], [2, np.nan], [np.nan, 3]])


def test_times_out_of_order_are_sorted() -> None:
    rows = Rows(np.array([0, 1, 0], np.uint16), np.array([5, 1, 3]), np.arange(3.0), tuple(series("a", "b")), False)
    df = wide(rows, series("a", "b"), pd.Index(["a", "b"]), [])
    np.testing.assert_equal(df.to_numpy(), [[np.nan, 1], [2, np.nan], [0, np.nan]])


def test_a_gap_is_an_empty_row_only_between_samples_and_only_while_unfilled() -> None:
    rows = ticks([0], [10, 20, 30])
    for gap, wanted in [
        ((11, 19), [10, 15, 20, 30]),
        ((10, 20), [10, 15, 20, 30]),
        ((11, 21), [10, 20, 30]),
        ((1, 9), [10, 20, 30]),
        ((31, 39), [10, 20, 30]),
    ]:
        df = wide(rows, series("a"), pd.Index(["a"]), [gap])
        assert df.index.as_unit("us").asi8.tolist() == wanted, gap
        assert df["a"].isna().sum() == len(wanted) - 3
    both = wide(rows, series("a"), pd.Index(["a"]), [(11, 13), (14, 16), (22, 28)])
    assert both["a"].isna().tolist() == [False, True, False, True, False]


def test_long_is_by_time_and_says_the_unit() -> None:
    df = long(ticks([1, 0], [10, 20]), series("a", "b"))
    assert df["metric"].astype("str").tolist() == ["b", "a", "b", "a"]
    assert df["unit"].tolist() == ["s"] * 4
    assert df["time"].is_monotonic_increasing
    empty = ticks([], [])
    assert long(empty, []).columns.tolist() == ["time", "metric", "value", "unit"]


def test_column_names() -> None:
    loki = Series(key=0, slot=0, metric="cpu", labels={"component": "loki"}, unit="", born=0)
    pod = Series(key=1, slot=1, metric="cpu", labels={"pod": "1"}, unit="", born=0)
    assert columns([loki]).tolist() == ["cpu"]
    assert columns([loki], ["up"]).tolist() == ["cpu", "up"]
    assert columns([loki, pod], ["up"]).tolist() == [("cpu", "loki", ""), ("cpu", "", "1"), ("up", "", "")]
    assert columns([]).tolist() == []


def test_the_size_is_checked_before_memory_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CELLS", 5)
    with pytest.raises(Exception, match="MAX_CELLS|cells"):
        wide(ticks([0, 1], [1, 2, 3]), series("a", "b"), pd.Index(["a", "b"]), [])
    assert wide(ticks([0], [1, 2, 3, 4, 5]), series("a"), pd.Index(["a"]), []).shape == (5, 1)


def test_time_index_is_utc() -> None:
    index = time_index(np.array([1_700_000_000_123_456]))
    assert str(index[0]) == "2023-11-14 22:13:20.123456+00:00"
