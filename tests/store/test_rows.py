"""Rows: vector arithmetic on samples, checked against plain loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.store.rows import Rows, newest_of_each, tidy_order
from gunj_widgets.store.series import Series

SERIES = tuple(Series(key=9 - i, slot=i, metric=f"m{i}", labels={}, unit="", born=0) for i in range(4))
pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=30)


def rows_of(pairs: list[tuple[int, int]], *, tidy: bool = False) -> Rows:
    slots = np.array([slot for slot, _ in pairs], np.uint16)
    times = np.array([time for _, time in pairs], np.int64)
    return Rows(slots, times, np.arange(len(pairs), dtype=float), SERIES, tidy)


def listed(rows: Rows) -> list[tuple[int, int, float]]:
    return list(zip(rows.slots.tolist(), rows.times.tolist(), rows.values.tolist(), strict=True))


@given(pairs=pairs)
def test_tidying_sorts_by_time_and_keeps_the_last_of_equals(pairs: list[tuple[int, int]]) -> None:
    last = {pair: float(i) for i, pair in enumerate(pairs)}
    found = listed(rows_of(pairs).tidied())
    assert sorted(found) == sorted((*pair, value) for pair, value in last.items())
    assert [time for _, time, _ in found] == sorted(time for _, time, _ in found)


@given(pairs=pairs)
def test_by_series_groups_and_sorts(pairs: list[tuple[int, int]]) -> None:
    found = [(slot, time) for slot, time, _ in listed(rows_of(pairs).by_series())]
    assert found == sorted(set(pairs))


@given(pairs=pairs)
def test_grouped_follows_the_order_of_the_series(pairs: list[tuple[int, int]]) -> None:
    rows = rows_of(pairs)
    series = rows.present()
    assert [s.key for s in series] == sorted({9 - slot for slot, _ in pairs})
    grouped, groups = rows.grouped(series)
    found = [(int(g), time) for g, (_, time, _) in zip(groups, listed(grouped), strict=True)]
    assert found == sorted(found)
    assert [series[g].slot for g in groups] == grouped.slots.tolist()


@given(pairs=pairs, oldest=st.integers(-1, 6))
def test_since_cuts_by_time(pairs: list[tuple[int, int]], oldest: int) -> None:
    found = listed(rows_of(pairs).since(oldest))
    assert found == [(slot, time, float(i)) for i, (slot, time) in enumerate(pairs) if time >= oldest]


def test_since_copies_nothing_where_the_old_rows_lie_in_front() -> None:
    rows = rows_of([(0, 1), (1, 2), (0, 3)])
    assert np.shares_memory(rows.since(2).times, rows.times)
    assert rows.since(0) is rows


@given(pairs=pairs, limit=st.integers(1, 4))
def test_the_newest_of_each(pairs: list[tuple[int, int]], limit: int) -> None:
    slots = [slot for slot, _ in pairs]
    wanted = [slots[i + 1 :].count(slot) < limit for i, slot in enumerate(slots)]
    assert newest_of_each(np.array(slots, np.uint16), limit).tolist() == wanted


def test_of_chooses_slots() -> None:
    rows = rows_of([(0, 1), (1, 2), (2, 3)])
    assert [slot for slot, *_ in listed(rows.of(np.array([True, False, True, False])))] == [0, 2]
    assert rows.of(None) is rows


def test_cycle_finds_series_that_take_turns() -> None:
    assert rows_of([]).cycle() == 0
    assert rows_of([(2, 0), (0, 0), (1, 0)] * 3).cycle() == 3
    assert rows_of([(1, 0)]).cycle() == 1
    assert rows_of([(1, 0), (1, 1)]).cycle() == 1
    assert rows_of([(0, 0), (1, 0), (2, 0)]).cycle() == 3
    assert rows_of([(0, 0), (1, 0), (1, 1), (0, 1)]).cycle() == 0
    assert rows_of([(0, 0), (1, 0), (0, 1)]).cycle() == 0, "the last turn is not complete"
    assert rows_of([(0, 0), (1, 0), (1, 0), (0, 1), (1, 1), (1, 1)]).cycle() == 0
    assert rows_of([(0, 0), (1, 0), (0, 1), (2, 1)]).cycle() == 0


def test_empty_input_is_no_special_case() -> None:
    empty = rows_of([])
    assert len(empty.since(5)) == len(empty.tidied()) == len(empty.by_series()) == 0
    assert empty.present() == []
    assert tidy_order(empty.slots, empty.times).tolist() == []
    assert newest_of_each(empty.slots, 1).tolist() == []
