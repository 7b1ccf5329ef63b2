"""Slab: columns that are only ever appended to."""

from __future__ import annotations

import numpy as np
import pytest

from gunj_widgets.store.slab import FILLING, SMALL, SMALLEST, SPARE, Slab, micros

NEVER = 1 << 60
"""Likely rows of a slab that nothing leaves."""


def filled(count: int) -> Slab:
    slab = Slab(count)
    slab.extend(3, np.arange(count), np.arange(float(count)))
    return slab


def test_rows_are_numbered_since_ever() -> None:
    slab = filled(1000)
    chosen = slab.kept(np.array([1, 5, 999]), 1, NEVER)
    kept = slab.kept(slice(400, None), 1, NEVER)
    assert (kept.base, kept.count, kept.end) == (400, 600, 1000)
    assert kept.times[:600].tolist() == list(range(400, 1000))
    assert (chosen.base, chosen.end) == (997, 1000)
    assert chosen.values[:3].tolist() == [1.0, 5.0, 999.0]
    assert chosen.slots[:3].tolist() == [3, 3, 3]


def test_the_old_slab_is_left_as_it_was() -> None:
    slab = filled(10)
    view = slab.times[:10]
    kept = slab.kept(slice(None), 1, NEVER)
    kept.extend(1, np.full(5, -1), np.zeros(5))
    kept.times[:] = 0
    assert view.tolist() == list(range(10))


def test_rows_move_in_place_where_nobody_has_a_view() -> None:
    slab = filled(10 * SMALL)
    oldest = int(slab.count * (1 - 1 / SPARE))
    view = slab.values[:10]
    other = slab.kept(slice(oldest, None), 1, NEVER)
    assert other is not slab
    assert other.count == slab.count - oldest
    assert view.tolist() == list(range(10))
    del view
    assert slab.kept(slice(oldest, None), 1, NEVER) is slab
    assert (slab.base, slab.count, slab.end) == (oldest, 10 * SMALL - oldest, 10 * SMALL)
    assert (slab.values[: slab.count] == np.arange(oldest, 10 * SMALL)).all()


@pytest.mark.parametrize("column", ["slots", "times", "values"])
def test_any_view_of_any_column_keeps_the_rows_where_they_are(column: str) -> None:
    slab = filled(10 * SMALL)
    view = getattr(slab, column)[5:][::2][1:3]
    oldest = slab.count // 6
    assert slab.kept(slice(oldest, None), 1, NEVER) is not slab
    del view
    assert slab.kept(slice(oldest, None), 1, NEVER) is slab


def test_a_filling_slab_becomes_many_times_as_large_a_small_one_twice_and_a_full_one_has_little_to_spare() -> None:
    assert filled(1000).kept(slice(None), 1, NEVER).capacity == FILLING * 1000
    assert filled(1000).kept(slice(10, None), 1, NEVER).capacity == 2 * 990
    large = 10 * SMALL
    assert filled(large).kept(slice(None), 1, NEVER).capacity == FILLING * large
    assert filled(large).kept(slice(None), 1, int(large * 1.5)).capacity == int(large * 1.5 * SPARE)
    assert filled(large).kept(slice(None), 1, large // 2).capacity == int(large * SPARE)
    assert filled(large).kept(slice(large // 2, None), 1, NEVER).capacity == int(large // 2 * SPARE)
    assert filled(10).kept(slice(None), 1, NEVER).capacity == SMALLEST
    assert filled(SMALL).kept(slice(None), FILLING * SMALL, NEVER).capacity == (FILLING + 1) * SMALL


def test_a_row_has_18_bytes() -> None:
    assert Slab(1000).nbytes == 18_000


def test_single_items_and_blocks_land_in_the_same_columns() -> None:
    slab = Slab(10)
    slab.slots_out[0], slab.times_out[0], slab.values_out[0] = 65_535, 1 << 61, float("nan")
    assert (slab.slots[0], slab.times[0]) == (65_535, 1 << 61)
    assert np.isnan(slab.values[0])


def test_times_are_rounded_to_microseconds() -> None:
    assert micros(np.array([0.0, 1e-6, 1_700_000_000.123456])).tolist() == [0, 1, 1_700_000_000_123_456]
