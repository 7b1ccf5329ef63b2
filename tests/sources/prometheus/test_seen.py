"""Overlapping looks give each sample once; what ends, ends visibly."""

from __future__ import annotations

from math import isnan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.sources.prometheus.replies import Column
from gunj_widgets.sources.prometheus.seen import Seen


def column(*times: float, name: str = "up", value: float | None = None) -> Column:
    values = [t if value is None else value for t in times]
    return Column({"__name__": name}, np.array(times, float), np.array(values, float))


@given(st.lists(st.integers(1, 15), min_size=1, max_size=30), st.integers(0, 10))
def test_windows_that_overlap_give_each_sample_once(moves: list[int], overlap: int) -> None:
    seen, got, end = Seen(), [], 100
    for move in moves:
        start, end = end - overlap, end + move
        for _, times, values in seen.fresh([column(*range(start, end))], float(start - overlap)):
            assert times == values
            got += times
    assert got == list(range(100 - overlap, end))


def test_what_comes_late_comes() -> None:
    seen = Seen()
    seen.fresh([column(1, 2, 4)], 0)
    assert seen.fresh([column(1, 2, 3, 4, 5)], 0) == [({"__name__": "up"}, [3.0, 5.0], [3.0, 5.0])]
    assert seen.repeated == 3


def test_a_point_that_is_computed_anew_replaces_the_old_one() -> None:
    seen = Seen()
    seen.fresh([column(1, 2)], 0)
    assert seen.fresh([column(1, 2, value=9.0)], 0)[0][1:] == ([1.0, 2.0], [9.0, 9.0])


def test_nan_is_a_value_that_does_not_change() -> None:
    seen = Seen()
    assert len(seen.fresh([column(1, 2, value=float("nan"))], 0)) == 1
    assert seen.fresh([column(1, 2, value=float("nan"))], 0) == []


def test_the_interval_is_told_from_the_samples() -> None:
    seen = Seen()
    assert seen.interval is None
    seen.fresh([column(0, 15, 30, 46, 60)], 0)
    assert seen.interval == 15.0


def test_a_series_that_ended_is_told_once_and_may_come_back() -> None:
    seen = Seen()
    seen.fresh([column(1, 2, 3), column(1, 2, 3, name="b")], 0)
    [(labels, times, values)] = seen.ended([column(3, name="b")], 20.0, 10.0)
    assert (labels, times, isnan(values[0])) == ({"__name__": "up"}, [4.0], True)
    assert seen.ended([], 20.0, 30.0) == []
    assert seen.ended([column(name="b")], 20.0, 10.0) == []
    assert seen.fresh([column(30)], 20)[0][1] == [30.0]


def test_series_of_long_ago_are_forgotten() -> None:
    seen = Seen()
    seen.fresh([column(1), column(100, name="b")], 0)
    seen.forget(50)
    assert len(seen) == 1


def test_where_two_pieces_of_history_meet_a_sample_comes_once() -> None:
    seen = Seen()
    seen.fresh([column(1, 2, 3)], 100)  # older than what is remembered, as all of a long history is
    assert seen.fresh([column(3, 4)], 100) == [({"__name__": "up"}, [4.0], [4.0])]
