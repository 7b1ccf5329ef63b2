"""SampleTable: what is kept, what is counted, and that no reader ever sees half a write."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import SettingsError
from gunj_widgets.store import samples as module
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.samples import SampleTable

T0 = 1_700_000_000.0


def table(max_age: float | None = None, max_rows: int | None = None, max_series: int = 100) -> SampleTable:
    return SampleTable(max_age, max_rows, max_series)


def held(table: SampleTable) -> list[tuple[str, float, float]]:
    """What the table shows, by series and time: name, seconds after T0, value."""
    rows = table.snapshot().rows.by_series()
    names = [rows.series[slot].name for slot in rows.slots]  # type: ignore[union-attr]
    return list(zip(names, (rows.times / 1e6 - T0).tolist(), rows.values.tolist(), strict=True))


# Settings


@pytest.mark.parametrize(
    "arguments",
    [(0, None, 1), (-1.0, None, 1), (math.nan, None, 1), (None, 0, 1), (None, None, 0), (None, None, 65_536)],
)
def test_impossible_bounds_are_refused(arguments: tuple[float | None, int | None, int]) -> None:
    with pytest.raises(SettingsError, match=r"max_(age|rows|series) is"):
        SampleTable(*arguments)


# Each fate is counted


def test_a_late_sample_goes_where_its_time_belongs() -> None:
    t = table()
    for second in (1, 3, 2):
        t.append("cpu", {}, T0 + second, float(second))
    assert held(t) == [("cpu", 1, 1), ("cpu", 2, 2), ("cpu", 3, 3)]
    assert t.stats().late == 1
    assert t.stats().duplicates == 0


def test_of_a_duplicate_the_last_value_stays_and_it_is_counted_once() -> None:
    t = table()
    for second, value in ((1, 1.0), (2, 2.0), (2, 2.0), (2, 2.5), (1, 1.5), (1, 1.5)):
        t.append("cpu", {}, T0 + second, value)
    assert held(t) == [("cpu", 1, 1.5), ("cpu", 2, 2.5)]
    assert t.stats().duplicates == 4
    t.prune()
    assert held(t) == [("cpu", 1, 1.5), ("cpu", 2, 2.5)]
    assert t.stats().duplicates == 4
    assert t.stats().rows == 2


def test_a_repeated_nan_is_a_duplicate() -> None:
    t = table()
    t.append("cpu", {}, T0, math.nan)
    t.append("cpu", {}, T0, math.nan)
    assert t.stats().appended == 1
    assert t.stats().duplicates == 1


def test_a_batch_in_any_order() -> None:
    t = table()
    t.extend_many([("cpu", {}, [T0 + 3, T0 + 1, T0 + 3, T0 + 2], [3.0, 1.0, 3.5, 2.0], "")])
    assert held(t) == [("cpu", 1, 1), ("cpu", 2, 2), ("cpu", 3, 3.5)]
    assert t.stats().duplicates == 1
    assert t.stats().late == 0, "nothing was there before it"


def test_a_backfill_over_what_is_there_adds_only_what_was_missing() -> None:
    t = table()
    t.extend_many([("cpu", {}, T0 + np.arange(0, 10, 2), np.arange(0.0, 10, 2), "")])
    t.extend_many([("cpu", {}, T0 + np.arange(10), np.arange(10.0), "")])
    assert held(t) == [("cpu", i, i) for i in range(10)]
    assert t.stats().rows == 10
    assert t.stats().duplicates == 5


@pytest.mark.parametrize("time", [math.nan, math.inf, -math.inf, -1.0, 1.7e12, 4_102_444_800.0])
def test_an_impossible_time_is_counted_and_expires_nothing(time: float) -> None:
    t = table(max_age=10)
    t.append("cpu", {}, T0, 1.0)
    t.append("cpu", {}, time, 2.0)
    t.extend_many([("cpu", {}, [time, T0 + 1], [2.0, 3.0], "")])
    assert held(t) == [("cpu", 0, 1), ("cpu", 1, 3)]
    assert t.stats().bad_time == 2


AHEAD: list[tuple[object, object]] = [
    (T0 + 121, 2.0),
    ([T0 + 121], [2.0]),
    ([T0 + 121, T0 + 122], [2.0, 3.0]),
    (np.array([T0 + 121]), np.array([2.0])),
]
"""One way into the table each: as usual, one alone, a block, whatever numpy takes."""


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("times", "values"), AHEAD)
def test_a_time_ahead_of_now_expires_nothing_and_is_told(times: Any, values: Any, known: bool) -> None:
    told: list[str] = []
    t = SampleTable(600, None, 100, told.append)
    t.extend_many([("cpu", {}, T0 - 590, 1.0, "")], T0)
    if known:
        t.extend_many([("evil", {"host": "x"}, T0 - 590, 1.0, "")], T0)
    rows, told[:] = held(t), []
    t.extend_many([("evil", {"host": "x"}, times, values, "")], T0)
    assert held(t) == rows
    assert t.stats().bad_time == np.size(times)
    assert told == [
        "a sample is refused, 121 s ahead of our clock: evil {'host': 'x'}. Its host's clock is wrong, or ours."
    ]


def test_clocks_that_are_wrong_by_a_minute_or_two_are_taken_as_they_are() -> None:
    t = table(600)
    t.extend_many([("cpu", {}, [T0, T0 + 119], [1.0, 2.0], "")], T0)
    assert held(t) == [("cpu", 0, 1), ("cpu", 119, 2)]


def test_the_time_that_one_writer_was_told_binds_no_other() -> None:
    t = table(600)
    t.extend_many([("cpu", {}, T0, 1.0, "")], T0)
    with pytest.raises(TypeError):
        t.extend_many([("cpu", {}, [T0 + 2], ["x"], "")], T0)
    t.append("cpu", {}, T0 + 300, 2.0)
    t.extend_many([("cpu", {}, [T0 + 600], [3.0], "")])
    assert t.stats().bad_time == 0


def test_a_sample_older_than_the_retention_is_counted() -> None:
    t = table(max_age=10)
    t.append("cpu", {}, T0, 1.0)
    t.append("cpu", {}, T0 - 11, 1.0)
    t.append("cpu", {}, T0 - 10, 1.0)
    t.extend_many([("mem", {}, [T0 - 12, T0 - 11, T0 - 10], [1.0, 2.0, 3.0], "")])
    assert held(t) == [("cpu", -10, 1), ("cpu", 0, 1), ("mem", -10, 3)]
    assert t.stats().expired == 3


def test_times_and_values_must_pair() -> None:
    t = table()
    heard: list[object] = []
    t.listeners.add(heard.append, t)
    with pytest.raises(SettingsError, match="2 times and 1 values"):
        t.extend_many([("mem", {}, [T0], [1.0], ""), ("cpu", {}, [T0, T0 + 1], [1.0], "")])
    assert held(t) == [("mem", 0, 1)], "what came before the fault stays, and is announced"
    assert heard == [t]


def test_an_age_longer_than_time_itself_keeps_all() -> None:
    for max_age in (math.inf, 1e300):
        t = table(max_age=max_age)
        t.append("cpu", {}, T0, 1.0)
        t.extend_many([("cpu", {}, [0.0, 1.0], [1.0, 1.0], "")])
        t.keep_at_least(math.inf)
        t.prune()
        assert len(held(t)) == 3


def test_a_value_that_is_no_number_leaves_no_trace() -> None:
    t = table()
    with pytest.raises(SettingsError, match="values are numbers, not 'hot'"):
        t.append("cpu", {}, T0, "hot")  # type: ignore[arg-type]
    assert len(t.snapshot().rows) == 0
    assert t.version == 0


def test_series_over_the_bound_are_counted_and_the_others_go_on() -> None:
    t = table(max_series=2)
    for pod in range(4):
        t.append("cpu", {"pod": str(pod)}, T0, 1.0)
        t.extend_many([("cpu", {"pod": str(pod)}, [T0 + 1, T0 + 2], [1.0, 1.0], "")])
    assert t.stats().refused == 6
    assert t.stats().series == 2
    assert len(held(t)) == 6


def test_a_series_that_ended_gives_way_to_a_new_one() -> None:
    t = table(max_age=5, max_series=2)
    for second in range(30):
        t.append("cpu", {"pod": str(second // 10)}, T0 + second, 1.0)
    assert t.stats().refused == 0
    assert {name for name, *_ in held(t)} <= {'cpu{pod="1"}', 'cpu{pod="2"}'}
    keys = t.snapshot().keys
    assert max(keys) == 2, "a slot is used again, a key is not"


def test_the_number_of_all_samples_is_bounded(monkeypatch: pytest.MonkeyPatch, small_slabs: None) -> None:
    monkeypatch.setattr(module, "MAX_SAMPLES", 100)
    t = table()
    for i in range(1000):
        t.append("cpu", {}, T0 + i, 1.0)
    stats = t.stats()
    assert stats.rows <= 121
    assert stats.rows + stats.evicted == 1000
    assert held(t)[-1][1] == 999


# Retention


def test_memory_stays_flat_while_time_goes_on() -> None:
    t = table(max_age=10)
    sizes = []
    for second in range(2000):
        t.extend_many([("cpu", {"pod": str(pod)}, [T0 + second], [1.0], "") for pod in range(100)])
        sizes.append(t.stats().bytes)
    assert max(sizes[1000:]) <= max(sizes[:100])
    assert t.stats().bytes <= 18 * 2 * 1100


@pytest.mark.parametrize("max_rows", [1, 3])
def test_rows_are_counted_per_series(max_rows: int, small_slabs: None) -> None:
    t = table(max_rows=max_rows)
    t.append("slow", {}, T0, 1.0)
    for second in range(100):
        t.append("fast", {}, T0 + second, 1.0)
    frame = MetricFrame()
    frame._bind(t, frame._selection)
    assert {s.name: s.count for s in frame.series} == {"slow": 1, "fast": max_rows}
    assert t.stats().bytes < 18 * 40


def test_a_sample_costs_less_than_24_bytes() -> None:
    t = table(max_age=300)
    for second in range(700):
        t.extend_many([("cpu", {"pod": str(pod)}, [T0 + second], [1.0], "") for pod in range(100)])
    assert t.stats().bytes / (301 * 100) <= 24


def test_prune_gives_memory_back_and_puts_late_rows_in_place() -> None:
    t = table(max_age=10)
    t.extend_many([("cpu", {}, T0 + np.arange(10_000) / 1000, np.ones(10_000), "")])
    t.append("cpu", {}, T0 + 5.0005, 1.0)
    assert not t.snapshot().rows.tidy
    t.append("cpu", {}, T0 + 19.5, 1.0)
    before = t.stats().bytes
    t.prune()
    assert t.snapshot().rows.tidy
    assert t.stats().bytes < before / 5
    assert len(held(t)) == 501


def test_many_late_rows_are_put_in_place_without_waiting_for_prune() -> None:
    t = table()
    t.extend_many([("cpu", {}, T0 + 1000 + np.arange(1000), np.ones(1000), "")])
    t.extend_many([("cpu", {}, T0 + np.arange(500), np.ones(500), "")])
    assert t.snapshot().rows.tidy


def test_a_gap_between_a_late_row_and_its_tidying_hides_nothing() -> None:
    t = table()
    for second, value in ((1, 1.0), (3, 3.0), (2, 2.0), (1, 1.5)):
        t.append("cpu", {}, T0 + second, value)
    t.mark_gap(T0 + 3, T0 + 9)
    t.prune()
    assert t.snapshot().rows.tidy
    assert held(t) == [("cpu", 1, 1.5), ("cpu", 2, 2), ("cpu", 3, 3)]


def test_a_sender_that_shuffles_its_labels_makes_one_series() -> None:
    t = table(max_series=1)
    names = [f"label{i}" for i in range(6)]
    for turn in range(50):
        order = names[turn % 6 :] + names[: turn % 6]
        t.append("cpu", dict.fromkeys(order, "x"), T0 + turn, 1.0)
    assert t.stats().series == 1
    assert len(t._registry.aliases) <= 5


# Threads


def _until_done(writer: Callable[[], None], *readers: Callable[[], None]) -> None:
    """Run the writer once and the readers over and over until it is done; raise what any of them raised."""
    done = threading.Event()
    errors: list[BaseException] = []

    def guard(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    def read(reader: Callable[[], None]) -> None:
        while not done.is_set() and not errors:
            reader()

    threads = [threading.Thread(target=guard, args=(lambda r=reader: read(r),)) for reader in readers]
    for thread in threads:
        thread.start()
    guard(writer)
    done.set()
    for thread in threads:
        thread.join(30)
    if errors:
        raise errors[0]


def test_readers_never_see_half_a_write(small_slabs: None) -> None:
    """Each tick writes the same value for eight pods: a row with two values, or with a hole, would be a torn read."""
    frame = MetricFrame(max_age=20)
    pods = [{"pod": str(i)} for i in range(8)]
    view = frame.select("cpu", window=5)
    state: dict[int, float] = {}
    cursor: list[int | None] = [None]
    reads = [0, 0]
    written = [0]

    def write() -> None:
        for tick in range(100_000):
            if tick >= 1500 and min(reads) > 10:  # both readers have had their say, however the threads were scheduled
                return
            written[0] += 9 + (tick % 50 == 25)
            frame.extend_many([("cpu", pod, [T0 + tick], [float(tick)], "") for pod in pods])
            frame.append("single", {}, T0 + tick, float(tick))
            if tick % 50 == 25:
                frame.append("single", {}, T0 + tick - 0.5, float(tick))  # late: the table is sorted anew
            if tick % 100 == 99:
                frame.prune()

    def read_wide() -> None:
        for cells in (frame.select("cpu").df.to_numpy(), view.df.to_numpy()):
            if len(cells):
                assert (cells == cells[:, :1]).all()
                assert (np.diff(cells[:, 0]) == 1).all()
        reads[0] += 1

    def read_deltas() -> None:
        delta = frame.rows_since(cursor[0])
        if delta.reset:
            state.clear()
        for key, x, y in zip(delta.keys.tolist(), delta.x.tolist(), delta.y.tolist(), strict=True):
            assert y == x - T0 or (key == 8 and y == x - T0 + 0.5)
            assert x > state.get(key, 0.0)
            state[key] = x
        assert len({x for key, x in state.items() if key != 8}) <= 1
        cursor[0] = delta.cursor
        reads[1] += 1

    _until_done(write, read_wide, read_deltas)
    assert min(reads) > 10
    assert frame.stats().appended == written[0]


def test_two_writers_lose_nothing(small_slabs: None) -> None:
    frame = MetricFrame(max_age=None)

    def write(name: str) -> Callable[[], None]:
        def work() -> None:
            for i in range(3000):
                frame.append(name, {"pod": str(i % 7)}, T0 + i, float(i))

        return work

    other = threading.Thread(target=write("b"))
    other.start()
    write("a")()
    other.join(30)
    assert frame.stats().appended == 6000
    assert len(frame.long) == 6000
    assert frame.version == 6000


# Quick ways that must make no difference

MOMENTS = st.lists(
    st.tuples(st.sampled_from("abc"), st.floats(0, 60).map(lambda t: round(t, 1)), st.floats(-5, 5)), max_size=80
)


def told(t: SampleTable) -> tuple[object, ...]:
    """What readers see, and every count that does not depend on when the table made room."""
    stats, oldest = t.stats(), t.snapshot().oldest
    shown = [row for row in held(t) if round((row[1] + T0) * 1e6) >= oldest]
    counts = (stats.duplicates, stats.rows) if t.max_age is None else ()
    return shown, stats.appended, stats.late, stats.expired, stats.bad_time, counts


@given(MOMENTS, st.sampled_from([10.0, None]), st.booleans())
def test_a_table_is_the_same_by_append_by_writers_and_by_rows_that_come_together(
    moments: list[tuple[str, float, float]], age: float | None, gap: bool
) -> None:
    single, written, together = table(age), table(age), table(age)
    writers = {pod: written.writer("cpu", {"pod": pod}) for pod in "abc"}
    for t in (single, written, together):
        if gap:
            t.mark_gap(T0 + 20, T0 + 30)
    rows = [("cpu", {"pod": pod}, T0 + second, value, "") for pod, second, value in moments]
    for (pod, *_), (_, _, time, value, _) in zip(moments, rows, strict=True):
        single.append("cpu", {"pod": pod}, time, value)
        writers[pod](time, value)
    together.extend_many(rows[:1])
    together.extend_many(rows[1:])
    assert told(written) == told(single)
    assert told(together) == told(single)


def test_rows_that_come_together_go_in_past_one_that_is_late() -> None:
    t, reference = table(100.0), table(100.0)
    pods = [{"pod": str(pod)} for pod in range(40)]
    rows = [("cpu", pod, T0 + second, 1.0, "") for second in (1, 2, 3) for pod in pods]
    rows[90] = ("cpu", pods[10], T0 + 0.5, 7.0, "")
    for batch in (rows[:40], rows[40:]):
        t.extend_many(batch)
        for row in batch:
            reference.append(*row[:4])
    assert told(t) == told(reference)
    assert t.stats().late == 1


def test_rows_before_one_that_is_no_number_are_taken_in_and_told() -> None:
    t = table()
    heard: list[object] = []
    t.listeners.add(heard.append, t)
    t.extend_many([("cpu", {}, T0, 1.0, "")])
    with pytest.raises(TypeError):
        t.extend_many([("cpu", {}, T0 + 1, 2.0, ""), ("cpu", {}, [T0 + 2], ["x"], "")])
    assert held(t) == [("cpu", 0, 1), ("cpu", 1, 2)]
    assert (t.stats().appended, len(heard)) == (2, 2)


def test_a_writer_takes_what_append_takes_and_raises_what_it_raises() -> None:
    t = table(10.0)
    heard: list[object] = []
    undo = t.listeners.add(heard.append, t)
    write = t.writer("cpu", {"pod": "a"}, "%")
    write(T0, 1.0)
    write(T0 + 1, 2.0)
    with pytest.raises(SettingsError, match="values are numbers, not 'x'"):
        write(T0 + 2, "x")  # type: ignore[arg-type]
    write(math.nan, 1.0)
    write(T0 + 1, 2.0)
    assert held(t) == [('cpu{pod="a"}', 0, 1), ('cpu{pod="a"}', 1, 2)]
    assert (t.stats().bad_time, t.stats().duplicates, len(heard)) == (1, 1, 2)
    undo()


def test_a_writer_finds_its_series_again_after_it_was_forgotten() -> None:
    t = table(10.0)
    write = t.writer("cpu", {"pod": "a"})
    write(T0, 1.0)
    t.clear()
    t.append("mem", {}, T0 + 1, 5.0)  # takes the slot
    write(T0 + 2, 3.0)
    assert held(t) == [("mem", 1, 5), ('cpu{pod="a"}', 2, 3)]
