"""Samples to be held instead of a frame's own: what is too old or too many stays out, and late ones find their place."""

from __future__ import annotations

import numpy as np

from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.held import Held


def held(rows: list[tuple[int, int, float]], newest: int = 10) -> Held:
    numbers, times, values = zip(*rows, strict=True)
    names = [("a", {}, ""), ("b", {}, ""), ("c", {}, "")]
    return Held(names, np.array(numbers, np.uint16), np.array(times), np.array(values), newest)


def kept(of: Held, oldest: int = 0, rows: int | None = None, most: int = 100) -> list[tuple[int, int, float]]:
    return list(zip(*(column.tolist() for column in of.kept(oldest, rows, most)), strict=True))


def test_rows_that_rise_stay_as_they_came() -> None:
    rows = [(0, 5, 1.0), (1, 3, 2.0), (0, 6, 3.0), (1, 4, 4.0)]
    assert kept(held(rows)) == rows
    assert kept(held(rows), oldest=5) == [(0, 5, 1.0), (0, 6, 3.0)]
    assert kept(held(rows), rows=1) == [(0, 6, 3.0), (1, 4, 4.0)]
    assert kept(held(rows), most=1) == [(1, 4, 4.0)]


def test_late_rows_find_their_place_and_of_two_the_later_stays() -> None:
    assert kept(held([(0, 5, 1.0), (0, 3, 2.0), (0, 5, 3.0)])) == [(0, 3, 2.0), (0, 5, 3.0)]


def test_a_frame_that_holds_them_goes_on_as_if_it_had_been_told() -> None:
    frame = MetricFrame(max_age=5e-6)
    frame.append("x", {}, 1.0, 1.0)
    frame.restore(held([(2, 4, 9.0), (1, 7, 1.0), (0, 8, 2.0), (1, 9, 3.0)]))
    assert [one.metric for one in frame.series] == ["a", "b"]  # in the order they were first seen; c is too old
    frame.append("b", {}, 9e-6, 3.0)
    frame.append("b", {}, 6e-6, 5.0)
    frame.append("b", {}, 4e-6, 5.0)
    stats = frame.stats()
    assert (stats.duplicates, stats.late, stats.expired) == (1, 1, 1)
    frame.append("c", {}, 10e-6, 7.0)
    assert [one.metric for one in frame.series] == ["a", "b", "c"]
    assert frame.value("sum", metric="b") == 9.0


def test_a_series_that_comes_back_has_its_place_again() -> None:
    frame = MetricFrame(max_age=10.0)
    for n, metric in enumerate("ab"):
        frame.append(metric, {}, 1.0 + n, 1.0)
    frame.append("b", {}, 100.0, 1.0)
    frame.prune()
    assert [one.metric for one in frame.series] == ["b"]
    frame.append("a", {}, 101.0, 1.0)
    assert [one.metric for one in frame.series] == ["a", "b"]
