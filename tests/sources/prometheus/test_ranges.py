"""Ranges in pieces: no point twice, none missing, none past what the server gives."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import SettingsError
from gunj_widgets.sources.prometheus.ranges import MAX_POINTS, SAMPLES, aligned, auto_step, pieces


@given(st.integers(0, 10**6), st.integers(0, 100_000), st.sampled_from([1, 5, 15, 60]), st.integers(1, 5000))
def test_pieces_cover_each_point_once_and_stay_in_bounds(first: int, points: int, step: int, series: int) -> None:
    start = first * step
    found = list(pieces(start, start + points * step, step, series))
    assert sum(round((b - a) / step) + 1 for a, b in found) == points + 1
    assert found[0][0] == start
    assert found[-1][1] == start + points * step
    assert all(b + step == a for (_, b), (a, _) in pairwise(found))
    for a, b in found:
        assert (b - a) / step < MAX_POINTS
        assert ((b - a) / step + 1) * series <= max(SAMPLES, series)


def test_a_day_by_the_second_for_twenty_series() -> None:
    assert len(list(pieces(0, 86_399, 1, 20))) == 8


def test_steps_are_round_and_aligned() -> None:
    assert [auto_step(window) for window in (60, 600, 3600, 86_400)] == [1, 1, 10, 300]
    assert aligned(1001.3, 1059.9, 15) == (1005, 1050)
    assert aligned(1005, 1050, 15) == (1005, 1050)


def test_no_step_at_all() -> None:
    with pytest.raises(SettingsError, match="above 0"):
        list(pieces(0, 1, 0))
