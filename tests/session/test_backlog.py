"""What waits for handlers is bounded in number and in bytes, and what finds no room is counted and told."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import pytest

from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern
from gunj_widgets.routing.subscription import Subscription
from gunj_widgets.session.backlog import Backlog, Call
from gunj_widgets.settings import PressureSettings

USUAL = Subscription(Pattern("a.b"), print)
CRITICAL = Subscription(Pattern("a.b"), print, priority=5)


class Rig:
    def __init__(self, limit: int = 100, bounds: PressureSettings | None = None) -> None:
        self.lost: list[Subscription] = []
        self.told: list[str] = []
        self.backlog = Backlog(limit, self.lost.append, self.told.append, bounds or PressureSettings())

    def offer(
        self,
        number: int,
        size: int = 1,
        subscription: Subscription = USUAL,
        *,
        topic: str = "a.b",
        patient: bool = False,
    ) -> None:
        event = Event(topic=topic, id=str(number), data=None)
        self.backlog.offer(Call(subscription, event, False, size), patient=patient)

    def taken(self) -> list[str | None]:
        found: list[str | None] = []
        while (call := self.backlog.take(wait=False)) is not None:
            found.append(call.event.id)
        return found


def test_the_most_important_is_taken_first() -> None:
    rig = Rig()
    rig.offer(1)
    rig.offer(2, subscription=CRITICAL)
    rig.offer(3)
    assert rig.taken() == ["2", "1", "3"]


def test_more_than_fit_push_out_the_oldest_of_the_least_important() -> None:
    rig = Rig(bounds=PressureSettings(buffer=3))
    rig.offer(0, subscription=CRITICAL)
    for number in range(1, 5):
        rig.offer(number)
    assert rig.lost == [USUAL, USUAL]
    assert rig.taken() == ["0", "3", "4"]


@pytest.mark.parametrize(
    ("policy", "kept"), [("oldest", ["0", "4"]), ("newest", ["0", "1"]), ("lowest_priority", ["0", "4"])]
)
def test_the_settings_say_who_goes(policy: Any, kept: list[str]) -> None:
    rig = Rig(bounds=PressureSettings(buffer=2, policy=policy))
    rig.offer(0, subscription=CRITICAL)
    for number in range(1, 5):
        rig.offer(number)
    assert rig.taken() == kept
    assert len(rig.lost) == 3


def test_a_newer_call_of_a_topic_may_take_the_place_of_the_one_that_waits() -> None:
    rig = Rig(limit=10, bounds=PressureSettings(policy="conflate"))
    rig.offer(1, 6)
    rig.offer(2, 3, topic="a.c")
    rig.offer(3, 4)
    rig.offer(4, 3, CRITICAL)
    assert rig.lost == [USUAL]
    assert sorted(rig.taken()) == ["2", "3", "4"]  # type: ignore[type-var]  # each has an id
    rig.offer(5, 10)  # no byte was lost track of
    rig.offer(6, 0, topic="a.c")
    assert len(rig.taken()) == 2


def test_that_handlers_fall_behind_is_told_once_until_they_have_caught_up() -> None:
    rig = Rig(bounds=PressureSettings(buffer=10))
    for number in range(10):
        rig.offer(number)
    assert rig.told == ["handlers are slow: 8 of 10 calls that may wait do"]
    rig.taken()
    for number in range(8):
        rig.offer(number)
    assert len(rig.told) == 2


def test_large_events_wait_up_to_their_bytes_and_the_least_important_go_first() -> None:
    rig = Rig(limit=100)
    for number in (1, 2, 3, 4):
        rig.offer(number, 25)
    assert rig.lost == []  # at the bound
    rig.offer(5, 30, CRITICAL)  # 1 and 2 go for it
    assert len(rig.lost) == 2
    rig.offer(6, 95)  # it must not push out what is more important: 3 and 4 go, then it is refused
    assert len(rig.lost) == 5
    rig.offer(7, 1_000, CRITICAL)  # alone it is taken, whatever its size
    assert len(rig.lost) == 6
    assert rig.taken() == ["7"]
    rig.offer(8, 100)  # no byte was lost track of
    rig.offer(9, 1)
    assert rig.taken() == ["9"]


def test_who_is_patient_waits_for_room() -> None:
    rig = Rig(bounds=PressureSettings(buffer=2))
    past = threading.Thread(target=lambda: [rig.offer(number, patient=True) for number in range(20)])
    past.start()
    seen = []
    while len(seen) < 20:
        call = rig.backlog.take(wait=True)
        assert call is not None
        seen.append(call.event.id)
    past.join(5)
    assert seen == [str(number) for number in range(20)]
    assert rig.lost == []


def test_at_the_end_what_waits_is_dropped_and_counted_and_nobody_waits_on() -> None:
    rig = Rig(limit=10)
    rig.offer(1, 10)
    waiting = threading.Thread(target=lambda: rig.offer(2, 10, patient=True))
    waiting.start()
    rig.backlog.close()
    waiting.join(5)
    assert not waiting.is_alive()
    rig.offer(3)
    assert rig.backlog.take(wait=True) is None
    assert len(rig.lost) == 1


def test_a_coroutine_that_finds_no_room_leaves_no_warning() -> None:
    rig = Rig(bounds=PressureSettings(buffer=1))

    async def work() -> None:
        raise AssertionError("it never runs")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(3):
            event = Event(topic="a.b", id=str(number), data=None)
            rig.backlog.offer(Call(USUAL, event, False, 1, work()))
        rig.backlog.close()
        rig.backlog.offer(Call(USUAL, Event(topic="a.b", data=None), False, 1, work()))
    assert len(rig.lost) == 3
