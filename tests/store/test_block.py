"""Columns as one block: the same rows as one by one, and nothing where a column is not as usual."""

from __future__ import annotations

import struct
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.store.block import block
from gunj_widgets.store.frames import MetricFrame


def test_columns_one_after_the_other() -> None:
    found = block([[5.0, 6.000001], [1.0], [0.0, 7]], [[1.0, -inf], [nan], [3, 4.5]])
    assert found is not None
    moments, values, ends = found
    assert moments.tolist() == [5_000_000, 6_000_001, 1_000_000, 0, 7_000_000]
    assert values.tolist()[:2] == [1.0, -inf]
    assert values[3:].tolist() == [3.0, 4.5]
    assert ends.tolist() == [2, 3, 5]


@pytest.mark.parametrize(
    "column",
    [
        ([], []),
        ([1.0, 2.0], [1.0]),
        ([2.0, 1.0], [1.0, 1.0]),
        ([1.0, 1.0], [1.0, 1.0]),
        ([1.0, nan], [1.0, 1.0]),
        ([1.0, "2"], [1.0, 1.0]),
        ([1.0, 2.0], [1.0, None]),
        ([1.0, 2.0, inf, 3.0], [1.0] * 4),
        (bytes(12), bytes(12)),
    ],
)
def test_what_is_not_as_usual_is_no_block(column: Any) -> None:
    usual, (times, values) = [1.0, 2.0], column
    assert block([usual, usual], [usual, usual]) is not None
    assert block([usual, times], [usual, values]) is None
    assert block([times, usual], [values, usual]) is None


def test_bytes_that_are_no_whole_numbers_are_no_block_also_where_two_together_would_be() -> None:
    rising = struct.pack("3d", 1.0, 2.0, 3.0)
    assert block([rising[:12], rising[12:]], [rising[:12], rising[12:]]) is None


times = st.lists(st.floats(0, 100).map(lambda t: round(t, 1)), min_size=1, max_size=5)
columns = st.lists(st.tuples(st.sampled_from("abc"), times, st.booleans()), max_size=12)


@given(columns, st.sampled_from([5.0, None]), st.lists(st.tuples(st.floats(0, 99), st.floats(0.1, 50)), max_size=1))
def test_a_frame_is_the_same_whether_columns_come_together_or_one_by_one(
    columns: list[tuple[str, list[float], bool]], age: float | None, gaps: list[tuple[float, float]]
) -> None:
    together, single = MetricFrame(age), MetricFrame(age)
    for start, length in gaps:
        together.mark_gap(start, start + length)
        single.mark_gap(start, start + length)
    value = 0.0
    batches = []
    for label, stamps, rising in columns:
        stamps = sorted(set(stamps)) if rising else stamps
        values = [value := value + 1.0 for _ in stamps]
        batches.append(("m", {"l": label}, stamps, values, ""))
    together.extend_many(batches)
    for batch in batches:
        single.extend(*batch)
    assert together.df.sort_index(axis=1).equals(single.df.sort_index(axis=1))
    ours, theirs = together.stats(), single.stats()
    assert (ours.appended, ours.late, ours.expired) == (theirs.appended, theirs.late, theirs.expired)
    assert {s.name: (s.last_time, s.last_value) for s in together.series} == {
        s.name: (s.last_time, s.last_value) for s in single.series
    }
