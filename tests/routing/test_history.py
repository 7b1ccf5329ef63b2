"""History: count, age, and what `pick` picks."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.history import History, pick
from gunj_widgets.routing.pattern import Pattern


def event(number: int, topic: str = "a", arrived: float | None = None) -> Event:
    return Event(topic=topic, data=number, arrived=float(number) if arrived is None else arrived)


def filled(history: History, count: int) -> list[int]:
    for number in range(count):
        history.append(event(number))
    return [kept.data for kept in history.copy()]


@pytest.mark.parametrize(
    ("limit", "kept"), [(0, []), (1, [4]), (4, [1, 2, 3, 4]), (5, [0, 1, 2, 3, 4]), (6, [0, 1, 2, 3, 4])]
)
def test_bounded_by_count(limit: int, kept: list[int]) -> None:
    assert filled(History(limit), 5) == kept


def test_bounded_by_age_at_the_limit() -> None:
    history = History(100, max_age=3.0)
    assert filled(history, 6) == [2, 3, 4, 5]  # exactly 3 s old stays
    history.append(event(9, arrived=8.0))
    assert [kept.data for kept in history.copy()] == [5, 9]
    history.append(event(10, arrived=20.0))
    assert len(history) == 1


def test_a_clock_that_steps_back_forgets_nothing() -> None:
    history = History(100, max_age=3.0)
    history.append(event(0, arrived=100.0))
    history.append(event(1, arrived=10.0))
    assert len(history) == 2


def test_clear() -> None:
    history = History(10)
    filled(history, 5)
    history.clear()
    assert history.copy() == []


@pytest.mark.parametrize(("limit", "age"), [(-1, None), (1, 0.0), (1, -1.0), (1, float("nan"))])
def test_bad_bounds(limit: int, age: float | None) -> None:
    with pytest.raises(SettingsError):
        History(limit, age)


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


def test_pick_refuses_a_negative_limit() -> None:
    with pytest.raises(SettingsError):
        pick(EVENTS, Pattern("a"), limit=-1)
