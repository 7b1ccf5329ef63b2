"""Aggregates: one number for each group, checked against numpy group by group."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.aggregates import aggregate, check_aggregate, increases

ALL = ("avg", "sum", "min", "max", "last", "count", "p0", "p50", "p95", "p100", "rate", "increase")
numbers = st.one_of(st.just(math.nan), st.floats(-1e6, 1e6))
groups_of = st.lists(st.lists(numbers, max_size=8), min_size=1, max_size=5)


def flat(groups: list[list[float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    times = [i * 1_000_000 for group in groups for i in range(len(group))]
    values = [value for group in groups for value in group]
    index = [i for i, group in enumerate(groups) for _ in group]
    return np.array(times, np.int64), np.array(values, float), np.array(index, np.intp)


def plain(agg: str, group: list[float]) -> float:
    if agg == "last":
        return group[-1] if group else math.nan
    valid = [(i, v) for i, v in enumerate(group) if v == v]
    values = [v for _, v in valid]
    if agg == "count":
        return len(values)
    if not values or (agg in ("rate", "increase") and len(values) < 2):
        return math.nan
    if agg in ("rate", "increase"):
        grown = sum(b - a if b >= a else b for a, b in pairwise(values))
        return grown if agg == "increase" else grown / (valid[-1][0] - valid[0][0])
    if agg[0] == "p":
        return float(np.percentile(values, int(agg[1:])))
    return float({"avg": np.mean, "sum": np.sum, "min": np.min, "max": np.max}[agg](values))


@pytest.mark.parametrize("agg", ALL)
@given(groups=groups_of)
def test_every_aggregate_agrees_with_a_plain_loop(agg: str, groups: list[list[float]]) -> None:
    found = aggregate(agg, *flat(groups), len(groups))
    np.testing.assert_allclose(found, [plain(agg, group) for group in groups], rtol=1e-9, atol=1e-6)


def test_infinite_values_do_not_become_nan() -> None:
    times, values, groups = flat([[math.inf, math.inf], [1.0, math.inf]])
    assert aggregate("p50", times, values, groups, 2).tolist() == [math.inf, math.inf]
    assert aggregate("max", times, values, groups, 2).tolist() == [math.inf, math.inf]


def test_a_counter_that_falls_began_anew() -> None:
    values, groups = np.array([5.0, 7.0, 2.0, 3.0, 100.0, 101.0]), np.array([0, 0, 0, 0, 1, 1])
    assert increases(values, groups).tolist() == [0.0, 2.0, 2.0, 1.0, 0.0, 1.0]


def test_growth_reaches_over_groups_that_are_parts_of_one_series() -> None:
    times, values = np.array([0, 10, 30, 40, 0, 20]) * 1_000_000, np.array([1.0, 3.0, 7.0, math.nan, 5.0, 9.0])
    groups, series = np.array([0, 0, 1, 2, 3, 4]), np.array([0, 0, 0, 0, 1, 1])
    nan = math.nan
    np.testing.assert_equal(aggregate("increase", times, values, groups, 5, series), [2.0, 4.0, nan, nan, 4.0])
    np.testing.assert_equal(aggregate("rate", times, values, groups, 5, series), [0.2, 0.2, nan, nan, 0.2])
    np.testing.assert_equal(aggregate("max", times, values, groups, 5, series), [3.0, 7.0, nan, 5.0, 9.0])


def test_nothing_at_all() -> None:
    for agg in ALL:
        assert aggregate(agg, *flat([]), 0).tolist() == []


def test_an_unknown_name_lists_the_known_ones() -> None:
    assert check_aggregate("p95") == "p95"
    assert check_aggregate("mean") == "avg"
    for wrong in ("median", "p101", "p-1", "p", np.mean):
        with pytest.raises(SettingsError, match="avg, sum, min, max, last, count, rate, increase, mean, p0 to p100"):
            check_aggregate(wrong)  # type: ignore[arg-type]  on purpose


def test_any_quantile_is_as_numpy_has_it() -> None:
    values = [3.0, 1.0, 4.0, 1.5, 9.0]
    for percent in ("0", "7", "50", "90", "99.9", "100"):
        assert aggregate(f"p{percent}", *flat([values]), 1)[0] == pytest.approx(np.percentile(values, float(percent)))
