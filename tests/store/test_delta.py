"""rows_since: a reader who applies every delta holds what a reader who asks for everything gets."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gunj_widgets.store import slab
from gunj_widgets.store.delta import FrameDelta
from gunj_widgets.store.frames import MetricFrame

T0 = 1_700_000_000.0


class Reader:
    """What the browser does with deltas, with the wire's promises asserted."""

    def __init__(self, frame: MetricFrame) -> None:
        self.frame = frame
        self.cursor: int | None = None
        self.names: dict[int, str] = {}
        self.rows: dict[int, list[tuple[float, float]]] = {}
        self.resets = 0

    def read(self) -> FrameDelta:
        delta = self.frame.rows_since(self.cursor)
        self.cursor = delta.cursor
        if delta.reset:
            self.names, self.rows = {}, {}
            self.resets += 1
        self.names.update({info.key: info.name for info in delta.series})
        assert delta.keys.dtype == np.int32
        order = list(dict.fromkeys(delta.keys.tolist()))
        assert delta.keys.tolist() == [key for key in order for _ in range((delta.keys == key).sum())], "grouped"
        for key, x, y in zip(delta.keys.tolist(), delta.x.tolist(), delta.y.tolist(), strict=True):
            assert key in self.names, "a series is introduced before its rows"
            rows = self.rows.setdefault(key, [])
            assert not rows or x > rows[-1][0], "never older than what the series has"
            rows.append((x, y))
        return delta

    def content(self) -> dict[str, list[tuple[float, float]]]:
        """By series; without what has left the window meanwhile, which the browser forgets by itself."""
        everything = self.frame.rows_since()
        oldest: float = min(everything.x, default=math.inf)
        held = {self.names[k]: [row for row in rows if row[0] >= oldest] for k, rows in self.rows.items()}
        return {name: rows for name, rows in held.items() if rows}


def contents(delta: FrameDelta) -> dict[str, list[tuple[float, float]]]:
    names = {info.key: info.name for info in delta.series}
    rows: dict[str, list[tuple[float, float]]] = {}
    for key, x, y in zip(delta.keys.tolist(), delta.x.tolist(), delta.y.tolist(), strict=True):
        rows.setdefault(names[key], []).append((x, y))
    return rows


step = st.one_of(
    st.tuples(st.just("append"), st.sampled_from("abc"), st.integers(0, 60), st.integers(0, 5)),
    st.tuples(st.sampled_from(["read", "prune", "clear", "gap"]), st.just(""), st.integers(0, 60), st.integers(1, 9)),
)


@pytest.fixture(scope="module")
def small_slabs_for_examples() -> object:
    before = slab.SMALLEST, slab.SMALL
    slab.SMALLEST, slab.SMALL = 3, 4
    yield
    slab.SMALLEST, slab.SMALL = before


@pytest.mark.usefixtures("small_slabs_for_examples")
@settings(max_examples=300, deadline=None)
@given(steps=st.lists(step, max_size=60), max_age=st.sampled_from([None, 20.0]), max_rows=st.sampled_from([None, 2]))
def test_a_reader_of_deltas_holds_what_is_there(
    steps: list[tuple[str, str, int, int]], max_age: float | None, max_rows: int | None
) -> None:
    frame = MetricFrame(max_age, max_rows, max_series=2)
    readers = [Reader(frame), Reader(frame.select(["a", "b"]))]
    for what, metric, second, value in steps:
        if what == "append":
            frame.append(metric, {}, T0 + second, float(value))
        elif what == "prune":
            frame.prune()
        elif what == "clear":
            frame.clear()
        elif what == "gap":
            frame.mark_gap(T0 + second, T0 + second + value)
        else:
            readers[0].read()
    for reader in readers:
        reader.read()
        if max_rows is None:
            np.testing.assert_equal(reader.content(), contents(reader.frame.rows_since()))
        assert reader.read().x.size == 0


def test_only_what_was_appended_comes() -> None:
    frame = MetricFrame()
    reader = Reader(frame)
    assert reader.read().reset
    frame.append("a", {}, T0, 1.0, "s")
    first = reader.read()
    assert not first.reset
    assert [(s.key, s.metric, s.unit, s.count, s.last_time) for s in first.series] == [(0, "a", "s", 1, T0)]
    frame.append("b", {}, T0, 2.0)
    frame.append("a", {}, T0 + 1, 3.0)
    second = reader.read()
    assert [s.name for s in second.series] == ["b"], "a is known"
    assert (second.keys.tolist(), second.x.tolist(), second.y.tolist()) == ([0, 1], [T0 + 1, T0], [3.0, 2.0])
    assert reader.resets == 1


def test_a_late_sample_is_a_reset_and_the_next_read_is_not() -> None:
    frame = MetricFrame()
    reader = Reader(frame)
    frame.extend("a", {}, [T0, T0 + 2], [0.0, 2.0])
    reader.read()
    frame.append("a", {}, T0 + 1, 1.0)
    late = reader.read()
    assert late.reset
    assert late.y.tolist() == [0.0, 1.0, 2.0]
    frame.prune()
    frame.append("a", {}, T0 + 3, 3.0)
    after = reader.read()
    assert not after.reset, "putting rows in place does not disturb who has read them"
    assert after.y.tolist() == [3.0]


def test_forgetting_what_was_read_is_no_reset() -> None:
    frame = MetricFrame(max_age=10)
    reader = Reader(frame)
    for second in range(5000):
        frame.append("a", {}, T0 + second, 1.0)
        reader.read()
    assert reader.resets == 1
    assert frame.stats().evicted > 0


def test_a_reader_that_was_away_gets_the_window_and_hears_what_it_lost() -> None:
    frame = MetricFrame(max_age=10)
    reader = Reader(frame)
    frame.append("a", {}, T0, 1.0)
    reader.read()
    for second in range(1, 5000):
        frame.append("a", {}, T0 + second, 1.0)
    frame.prune()
    delta = reader.read()
    assert delta.reset
    assert len(delta.x) == 11
    assert 4980 <= delta.lost <= 4999 - 11, "a few forgotten rows have not been given back yet"
    assert frame.rows_since().lost == 0


def test_a_view_gets_its_own_rows() -> None:
    frame = MetricFrame()
    view = frame.select("b", window=5)
    reader = Reader(view)
    reader.read()
    for second in range(10):
        frame.extend_many([("a", {}, [T0 + second], [1.0], ""), ("b", {}, [T0 + second], [2.0], "")])
    delta = reader.read()
    assert not delta.reset
    assert delta.x.tolist() == [T0 + s for s in range(4, 10)]
    assert {s.name for s in delta.series} == {"b"}


def test_a_cursor_from_elsewhere_is_a_reset() -> None:
    frame = MetricFrame()
    frame.append("a", {}, T0, 1.0)
    assert frame.rows_since(99).reset
    assert frame.rows_since(-5).reset


def test_clear_reaches_a_reader_that_was_up_to_date() -> None:
    frame = MetricFrame()
    reader = Reader(frame)
    frame.append("a", {}, T0, 1.0)
    reader.read()
    frame.clear()
    assert reader.read().reset
    assert reader.rows == {}
