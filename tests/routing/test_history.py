"""History: count, age, bytes, and what `pick` picks."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.codec import decode_run
from gunj_widgets.events.event import Event, payload_of
from gunj_widgets.routing.history import LOOK, History, pick
from gunj_widgets.routing.pattern import Pattern


def event(number: int, topic: str = "a", arrived: float | None = None) -> Event:
    return Event(topic=topic, data=number, arrived=float(number) if arrived is None else arrived)


def write(history: History, written: Event) -> None:
    """What the router does for each event."""
    history.slots[(history.newest + 1) % history.size] = written
    history.newest += 1


def data(history: History) -> list[int]:
    return [kept.data for kept in history.snapshot()[0]]


def filled(history: History, count: int) -> list[int]:
    for number in range(count):
        write(history, event(number))
    return data(history)


@pytest.mark.parametrize(
    ("limit", "kept"), [(0, []), (1, [4]), (4, [1, 2, 3, 4]), (5, [0, 1, 2, 3, 4]), (6, [0, 1, 2, 3, 4])]
)
def test_bounded_by_count(limit: int, kept: list[int]) -> None:
    assert filled(History(limit), 5) == kept


def test_bounded_by_age_at_the_limit() -> None:
    history = History(100, max_age=3.0)
    assert filled(history, 6) == [2, 3, 4, 5]  # exactly 3 s old stays
    write(history, event(9, arrived=8.0))
    assert data(history) == [5, 9]
    write(history, event(10, arrived=20.0))
    assert data(history) == [10]


def test_a_clock_that_steps_back_forgets_nothing() -> None:
    history = History(100, max_age=3.0)
    write(history, event(0, arrived=100.0))
    write(history, event(1, arrived=10.0))
    assert data(history) == [0, 1]


def test_clear_goes_on_counting() -> None:
    history = History(3)
    filled(history, 5)
    history.clear()
    assert history.snapshot() == ([], 5)
    write(history, event(7))
    assert data(history) == [7]
    assert filled(history, 9) == [6, 7, 8]


def test_a_snapshot_ends_at_the_number_it_names() -> None:
    history = History(3)
    for number in range(1, 20):
        write(history, event(number))
        events, newest = history.snapshot()
        assert newest == number
        assert [kept.data for kept in events] == list(range(max(1, number - 2), number + 1))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_an_event_being_written_does_not_spoil_a_snapshot(count: int) -> None:
    history = History(3)
    before = filled(history, count)
    history.slots[(history.newest + 1) % history.size] = event(99)  # and not yet numbered
    assert data(history) == before


@pytest.mark.parametrize("behind", [1, 2, 3, 5])
def test_events_written_during_a_snapshot_cost_only_the_oldest(behind: int) -> None:
    """Between its first look at `newest` and its copy, a snapshot may be overtaken."""

    class Overtaken(list[Event | None]):
        def copy(self) -> list[Event | None]:
            for number in range(behind):
                write(history, event(100 + number))
            return list(self)

    history = History(3)
    filled(history, 6)
    history.slots = Overtaken(history.slots)
    events, newest = history.snapshot()
    assert newest == 6
    assert [kept.data for kept in events] == [3, 4, 5][behind:]


def test_taking_back_leaves_a_hole() -> None:
    history = History(3)
    filled(history, 4)
    history.take_back(history.newest)
    assert history.snapshot() == ([event(1), event(2)], 4)


def heavy(history: History, *weights: int) -> None:
    """Write events that weigh so much each: text is two quotes longer in JSON."""
    for weight in weights:
        write(history, Event(topic="a", data="x" * (weight - 2), arrived=float(history.newest)))


def weights(history: History) -> list[int]:
    return [kept.size for kept in history.snapshot()[0]]


def test_bounded_by_bytes_at_the_limit() -> None:
    history = History(100, max_bytes=50)
    heavy(history, 20, 20, 10)
    history.weigh(0.0)
    assert (weights(history), history.bytes, history.dropped) == ([20, 20, 10], 50, 0)
    heavy(history, 2)
    history.weigh(1.0)
    assert (weights(history), history.bytes, history.dropped) == ([20, 10, 2], 32, 1)
    heavy(history, 49)
    history.weigh(2.0)
    assert (weights(history), history.bytes, history.dropped) == ([49], 49, 4)


def test_the_newest_is_kept_whatever_it_weighs() -> None:
    history = History(100, max_bytes=50)
    heavy(history, 10, 60)
    history.weigh(0.0)
    assert weights(history) == [60]
    heavy(history, 10)
    history.weigh(1.0)
    assert (weights(history), history.bytes, history.dropped) == ([10], 10, 2)


def test_looks_at_the_bytes_now_and_then_also_where_the_clock_steps_back() -> None:
    history = History(100, max_bytes=50)
    history.weigh(100.0)
    heavy(history, 40, 40)
    history.weigh(100.0 + LOOK / 2)
    assert weights(history) == [40, 40]
    history.weigh(100.0 - 2 * LOOK)
    assert weights(history) == [40]


def test_weighs_what_is_held_and_nothing_else() -> None:
    rng = random.Random(3)
    history = History(7, max_bytes=200)
    for turn in range(500):
        heavy(history, *(rng.randrange(2, 60) for _ in range(rng.randrange(20))))
        if turn % 50 == 49:
            history.clear()
        if rng.random() < 0.1:
            history.take_back(history.newest)
        else:
            history.weigh(float(turn))
            assert history.bytes == sum(0 if held is None else held.size for held in history.slots)
            assert history.bytes <= 200
            assert len(weights(history)) <= 7


def test_an_event_does_not_hold_the_frame_it_came_in() -> None:
    """A payload is a view of its frame, and a peer may put anything beside it."""
    history, count, large = History(100, max_bytes=1 << 20), 20, 100_000
    tracemalloc.start()
    try:
        for number in range(count):
            frame = b'{"type":"a.b","seq":%d,"payload":{"n":%d},"beside":"%s"}' % (number, number, b"x" * large)
            write(history, decode_run([frame], 0, arrived=float(number), source="test")[0])
        assert tracemalloc.get_traced_memory()[0] > count * large
        history.weigh(0.0)
        assert tracemalloc.get_traced_memory()[0] < 2 * large
    finally:
        tracemalloc.stop()
    assert [kept.data for kept in history.snapshot()[0]] == [{"n": number} for number in range(count)]


def test_weighing_reads_no_payload() -> None:
    history = History(100, max_bytes=1 << 20)
    write(history, decode_run([b'{"type":"a.b","seq":1,"payload":{"n":1}}'], 0, arrived=0.0, source="test")[0])
    history.weigh(0.0)
    [kept] = history.snapshot()[0]
    assert kept.raw is not None
    assert not isinstance(payload_of(kept), dict)


@pytest.mark.parametrize(
    ("limit", "age", "size"),
    [(-1, None, None), (1, 0.0, None), (1, -1.0, None), (1, float("nan"), None), (1, None, 0), (1, None, -1)],
)
def test_bad_bounds(limit: int, age: float | None, size: int | None) -> None:
    with pytest.raises(SettingsError):
        History(limit, age, size)


EVENTS = [event(0), event(1, "b"), event(2), event(3, "b"), event(4)]


@pytest.mark.parametrize(
    ("pattern", "since", "limit", "expected"),
    [
        ("**", None, None, [0, 1, 2, 3, 4]),
        ("a", None, None, [0, 2, 4]),
        ("a", 2.0, None, [2, 4]),
        ("a", 2.1, None, [4]),
        ("a", None, 2, [2, 4]),
        ("a", None, 3, [0, 2, 4]),
        ("a", None, 4, [0, 2, 4]),
        ("a", None, 0, []),
        ("**", 1.0, 2, [3, 4]),
        ("c", None, None, []),
    ],
)
def test_pick(pattern: str, since: float | None, limit: int | None, expected: list[int]) -> None:
    assert [found.data for found in pick(EVENTS, Pattern(pattern), since, limit)] == expected


@pytest.mark.parametrize("wrong", [{"limit": -1}, {"limit": "x"}, {"limit": True}, {"since": "5m"}, {"since": True}])
def test_pick_refuses_what_is_no_count_and_no_time(wrong: dict[str, Any]) -> None:
    for events in (EVENTS, []):
        with pytest.raises(SettingsError, match="Give"):
            pick(events, Pattern("a"), **wrong)
