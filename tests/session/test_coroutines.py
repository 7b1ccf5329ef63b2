"""Users' coroutines: on a loop of their own, most important first, under a watchdog, and never in the way of gunj-io."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Subscription
from gunj_widgets.session import coroutines as module
from gunj_widgets.session.backlog import Call
from gunj_widgets.session.coroutines import Coroutines, fate_of
from gunj_widgets.settings import PressureSettings
from tests.session.conftest import until

Coroutine = Callable[[Any], Awaitable[None]]


class Bench:
    def __init__(self, limit: int = 1 << 20) -> None:
        self.notes: list[str] = []
        self.router = EventRouter(on_error=lambda failed, _event, _error: self.notes.append(failed.last_error))
        self.coroutines = Coroutines(self.router, self.notes.append, limit, PressureSettings(), get_io())

    def on(self, handler: Coroutine, priority: int = 0) -> Subscription:
        return self.router.subscribe(
            "a.b",
            handler,
            priority=priority,
            defer=lambda subscription, event, past: self.coroutines.offer(Call(subscription, event, past, event.size)),
        )

    def publish(self, *data: Any) -> None:
        for each in data:
            self.router.publish(Event(topic="a.b", data=each))


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.coroutines.close()


class Gate:
    """Coroutines that wait until they may go on."""

    def __init__(self) -> None:
        self.started: list[Any] = []
        self.ended: list[Any] = []
        self.go = asyncio.Event()

    async def __call__(self, event: Event) -> None:
        self.started.append(event.data)
        await self.go.wait()
        self.ended.append(event.data)

    def open(self, bench: Bench) -> None:
        assert bench.coroutines._loop is not None
        bench.coroutines._loop.call(self.go.set)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "gunj-coroutines"]


def test_the_loop_begins_with_the_first_call_and_ends_with_the_session() -> None:
    before = len(threads())
    bench, gate = Bench(), Gate()
    subscription = bench.on(gate)
    assert len(threads()) == before
    bench.publish(1)
    until(lambda: gate.started)
    assert len(threads()) == before + 1
    bench.coroutines.close()
    until(lambda: len(threads()) == before)
    assert gate.ended == []
    assert subscription.stats().errors == 0  # cancelled, for it was told to end
    bench.publish(2)
    assert len(threads()) == before


def test_one_that_blocks_holds_up_nobody_but_other_coroutines_and_is_told_of(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCKED", 0.05)
    monkeypatch.setattr(module, "LOOK", 0.05)
    go = threading.Event()

    async def blocks(_event: Event) -> None:
        go.wait(10)

    bench.on(blocks)
    bench.publish(1)
    until(lambda: bench.coroutines.blocked)
    assert "'a.b'" in bench.notes[0]
    assert "blocks" in bench.notes[0] or "Event.wait" in bench.notes[0] or "Condition.wait" in bench.notes[0]
    answered = threading.Event()
    get_io().call(answered.set)
    assert answered.wait(1)
    loop = bench.coroutines._loop
    assert loop is not None
    until(lambda: loop.stall > 0.5)  # looked at ten times by now
    go.set()
    until(lambda: loop.stall == 0.0)
    assert bench.coroutines.blocked == 1


def test_one_over_its_time_is_counted_told_and_cancelled(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCHDOG", 0.01)
    cancelled = threading.Event()

    async def handler(_event: Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    stuck = bench.on(handler)
    bench.publish(1)
    assert cancelled.wait(5)
    assert bench.coroutines.timeouts == 1 == stuck.stats().errors
    assert "cancelled" in bench.notes[0]


def test_a_time_out_of_its_own_is_a_failure_like_any_other(bench: Bench) -> None:
    async def handler(_event: Event) -> None:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    own = bench.on(handler)
    bench.publish(1)
    until(lambda: own.stats().errors)
    assert (bench.coroutines.timeouts, own.stats().last_error) == (0, "TimeoutError: ")


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), asyncio.CancelledError()])
def test_a_failure_is_counted_and_the_next_event_still_comes(bench: Bench, error: BaseException) -> None:
    seen: list[int] = []

    async def handler(event: Event) -> None:
        await asyncio.sleep(0)
        if event.data == 1:
            raise error
        seen.append(event.data)

    failing = bench.on(handler)
    bench.publish(1, 2)
    until(lambda: seen and failing.stats().errors)
    assert type(error).__name__ in failing.stats().last_error


def test_past_so_many_the_rest_waits_and_the_most_important_is_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_TASKS", 2)
    usual, critical = Gate(), Gate()
    bench.on(usual)
    bench.publish(1, 2, 3)
    until(lambda: usual.started == [1, 2])
    bench.on(critical, priority=5)
    bench.publish(4)
    assert critical.started == []
    order: list[str] = []
    monkeypatch.setattr(usual, "started", Noting("usual", order))
    monkeypatch.setattr(critical, "started", Noting("critical", order))
    usual.open(bench)
    critical.open(bench)
    until(lambda: len(usual.ended) == 4)
    assert order[0] == "critical"
    assert bench.router.stats().missed == 0


class Noting(list[Any]):
    def __init__(self, name: str, order: list[str]) -> None:
        super().__init__()
        self.name, self.order = name, order

    def append(self, _value: Any) -> None:
        self.order.append(self.name)


def test_large_events_are_not_begun_while_their_bytes_are_held() -> None:
    bench, gate = Bench(limit=100), Gate()
    bench.on(gate)
    big = "x" * 90
    for number in (1, 2):
        bench.publish(big)
        until(lambda begun=number: len(gate.started) == begun)  # the second crosses the bound
    bench.publish(big)
    until(lambda: not bench.coroutines._woken)
    assert len(gate.started) == 2
    gate.open(bench)
    until(lambda: len(gate.ended) == 3)
    assert bench.coroutines._held == 0
    bench.coroutines.close()


def test_a_session_may_be_closed_by_one_of_them(bench: Bench) -> None:
    closed = threading.Event()

    async def handler(_event: Event) -> None:
        bench.coroutines.close()
        closed.set()

    bench.on(handler)
    bench.publish(1)
    assert closed.wait(5)
    loop = bench.coroutines._loop
    assert loop is not None
    until(lambda: not loop.is_alive)


def test_the_end_does_not_wait_for_one_that_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    bench, started, go = Bench(), threading.Event(), threading.Event()

    async def blocks(_event: Event) -> None:
        started.set()
        go.wait(10)

    bench.on(blocks)
    bench.publish(1)
    assert started.wait(5)
    before = time.monotonic()
    bench.coroutines.close()
    assert time.monotonic() - before < 2
    go.set()


def test_what_is_no_exception_becomes_one() -> None:
    error = ValueError("so")
    assert fate_of(error) is error
    assert "KeyboardInterrupt" in str(fate_of(KeyboardInterrupt()))
