"""Users' handlers: off the I/O thread, isolated, and nothing they lose is uncounted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from gunj_widgets.events.event import Event
from gunj_widgets.session import callbacks as module
from gunj_widgets.session.callbacks import Callbacks

BACKLOG = 1 << 20


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def callbacks(notes: list[str]) -> Iterator[Callbacks]:
    made = Callbacks(notes.append, BACKLOG)
    yield made
    made.close()


def event(n: int) -> Event:
    return Event(topic="a.b", data=n)


def test_a_plain_handler_runs_on_another_thread(callbacks: Callbacks) -> None:
    seen: list[object] = []
    done = threading.Event()

    def handler(e: Event) -> None:
        seen.extend([threading.current_thread().name, e.data])
        done.set()

    callbacks.wrap(handler, 0, None, None)(event(1))
    assert done.wait(5)
    assert seen == ["gunj-callbacks", 1]


def test_filter_and_transform_run_there_too(callbacks: Callbacks) -> None:
    seen: list[int] = []
    done = threading.Event()

    def handler(value: int) -> None:
        seen.append(value)
        if value == 40:
            done.set()

    call = callbacks.wrap(handler, 0, lambda e: e.data % 2 == 0, lambda e: e.data * 10)
    for n in range(1, 5):
        call(event(n))
    assert done.wait(5)
    assert seen == [20, 40]


def test_a_raising_handler_is_counted_and_the_next_event_still_comes(callbacks: Callbacks, notes: list[str]) -> None:
    done = threading.Event()

    def handler(e: Event) -> None:
        if e.data == 1:
            raise ValueError("no")
        done.set()

    call = callbacks.wrap(handler, 0, None, None)
    call(event(1))
    call(event(2))
    assert done.wait(5)
    assert callbacks.errors == 1
    assert "ValueError: no" in notes[0]


def test_a_slow_handler_loses_only_what_does_not_fit_and_that_is_counted(
    callbacks: Callbacks, monkeypatch: pytest.MonkeyPatch, notes: list[str]
) -> None:
    monkeypatch.setattr(module, "CAPACITY", 10)
    slow = Callbacks(notes.append, BACKLOG)
    started, go = threading.Event(), threading.Event()

    def handler(_e: Event) -> None:
        started.set()
        go.wait(10)

    call = slow.wrap(handler, 0, None, None)
    call(event(0))
    assert started.wait(5)
    for n in range(15):
        call(event(n))
    assert slow.dropped == 5
    go.set()
    slow.close()


def sized(number: int, size: int) -> Event:
    made = Event(topic="a.b", id=str(number), data="x" * (size - 2))
    assert made.size == size
    return made


def test_large_events_wait_up_to_their_bytes_and_the_least_important_go_first(notes: list[str]) -> None:
    slow = Callbacks(notes.append, 100)
    started, go, done = threading.Event(), threading.Event(), threading.Event()
    seen: list[str | None] = []

    def handler(e: Event) -> None:
        started.set()
        go.wait(10)
        seen.append(e.id)
        if e.id == "7":
            done.set()

    critical, usual = slow.wrap(handler, 5, None, None), slow.wrap(handler, 0, None, None)
    usual(sized(0, 90))
    assert started.wait(5)  # what runs does not wait
    for number in (1, 2, 3, 4):
        usual(sized(number, 25))
    assert slow.dropped == 0  # at the bound
    critical(sized(5, 30))  # 1 and 2 go for it
    assert slow.dropped == 2
    usual(sized(6, 95))  # it must not push out what is more important: 3 and 4 go, then it is refused
    assert slow.dropped == 5
    critical(sized(7, 1_000))  # alone it is taken, whatever its size
    assert slow.dropped == 6
    go.set()
    assert done.wait(5)
    assert seen == ["0", "7"]
    assert slow._waiting == 0
    slow.close()


async def test_coroutines_hold_no_more_than_the_bytes_that_may_wait(notes: list[str]) -> None:
    slow, go = Callbacks(notes.append, 100), asyncio.Event()
    seen: list[str | None] = []

    async def handler(e: Event) -> None:
        await go.wait()
        seen.append(e.id)

    call = slow.wrap(handler, 0, None, None)
    for number in (1, 2, 3):
        call(sized(number, 50))
    assert slow.dropped == 1
    go.set()
    await asyncio.gather(*slow._tasks)
    await asyncio.sleep(0)
    call(sized(4, 1_000))
    assert slow.dropped == 1
    await asyncio.gather(*slow._tasks)
    await asyncio.sleep(0)
    assert seen == ["1", "2", "4"]
    assert slow._held == 0
    slow.close()


async def test_a_coroutine_handler_runs_on_the_loop(callbacks: Callbacks) -> None:
    seen: asyncio.Queue[int] = asyncio.Queue()

    async def handler(e: Event) -> None:
        await seen.put(e.data)

    callbacks.wrap(handler, 0, lambda e: e.data > 1, None)(event(1))
    callbacks.wrap(handler, 0, lambda e: e.data > 1, None)(event(2))
    assert await asyncio.wait_for(seen.get(), 5) == 2
    assert seen.empty()


async def test_a_stuck_coroutine_is_cancelled_and_counted(
    callbacks: Callbacks, monkeypatch: pytest.MonkeyPatch, notes: list[str]
) -> None:
    monkeypatch.setattr(module, "WATCHDOG", 0.01)
    cancelled = asyncio.Event()

    async def handler(_e: Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    callbacks.wrap(handler, 0, None, None)(event(1))
    await asyncio.wait_for(cancelled.wait(), 5)
    await asyncio.gather(*callbacks._tasks)
    assert callbacks.timeouts == 1
    assert "cancelled" in notes[0]


def test_after_close_nothing_runs(callbacks: Callbacks) -> None:
    seen: list[Event] = []
    call = callbacks.wrap(seen.append, 0, None, None)
    callbacks.close()
    call(event(1))
    assert seen == []
