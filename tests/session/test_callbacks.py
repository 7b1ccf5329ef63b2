"""Users' handlers: off the I/O thread, isolated, and their Subscription tells what became of each event."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Subscription
from gunj_widgets.session import callbacks as module
from gunj_widgets.session.callbacks import Callbacks
from gunj_widgets.settings import PressureSettings
from tests.session.conftest import until

LIMIT = 1 << 20


class Bench:
    """A router and the callbacks that it defers to; this thread publishes, in the place of gunj-io."""

    def __init__(self, buffer: int = 10_000) -> None:
        self.notes: list[str] = []
        self.router = EventRouter(on_error=lambda failed, _event, _error: self.notes.append(failed.last_error))
        self.callbacks = Callbacks(self.router, self.notes.append, LIMIT, PressureSettings(buffer=buffer), get_io())

    def on(self, handler: Callable[[Any], Any], pattern: str = "a.b", **options: Any) -> Subscription:
        return self.router.subscribe(pattern, handler, defer=self.callbacks.defer_for(handler), **options)

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            self.router.publish(Event(topic="a.b", data=number, arrived=float(number)))


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.callbacks.close()


class Gate:
    """A handler that keeps its thread until it may go on."""

    def __init__(self) -> None:
        self.started, self.go = threading.Event(), threading.Event()
        self.seen: list[Any] = []

    def __call__(self, event: Event) -> None:
        self.started.set()
        assert self.go.wait(10)
        self.seen.append(event.data)


def test_filter_transform_and_handler_run_on_the_worker(bench: Bench) -> None:
    names: set[str] = set()
    seen: list[int] = []

    def here(value: Any) -> Any:
        names.add(threading.current_thread().name)
        return value

    bench.on(
        lambda value: here(seen.append(value)),
        filter=lambda e: here(e.data % 2 == 0),
        transform=lambda e: here(e.data * 10),
    )
    bench.publish(1, 2, 3, 4)
    until(lambda: seen == [20, 40])
    assert names == {"gunj-callbacks"}


def test_once_is_used_up_by_the_first_event_that_the_filter_lets_through(bench: Bench) -> None:
    seen: list[int] = []
    kept = bench.on(lambda e: seen.append(e.data), filter=lambda e: e.data >= 3, once=True)
    bench.publish(1, 2, 3, 4)
    until(lambda: kept.closed)
    every: list[int] = []
    bench.on(lambda e: every.append(e.data))
    bench.publish(5)
    until(lambda: every)
    assert seen == [3]
    assert (kept.stats().called, kept.stats().filtered) == (1, 2)


def test_a_subscription_counts_what_became_of_its_events(bench: Bench) -> None:
    def handler(event: Event) -> None:
        raise ValueError(f"no {event.data}")

    raising = bench.on(handler, filter=lambda e: e.data % 2)
    seen: list[int] = []
    bench.on(lambda e: seen.append(e.data), priority=-1)
    bench.publish(1, 2, 3, 4, 5)
    until(lambda: len(seen) == 5)
    stats = raising.stats()
    assert (stats.called, stats.filtered, stats.errors) == (3, 2, 3)
    assert stats.last_error == "ValueError: no 5"
    assert isinstance(stats.last_exception, ValueError)
    assert (bench.router.stats().errors, bench.router.stats().delivered) == (3, 8)


def test_a_raising_handler_is_counted_and_the_next_event_still_comes(bench: Bench) -> None:
    seen: list[int] = []

    def handler(event: Event) -> None:
        if event.data == 1:
            raise ValueError("no")
        if event.data == 2:
            raise SystemExit(2)  # what exit() does
        seen.append(event.data)

    raising = bench.on(handler)
    bench.publish(1, 2, 3)
    until(lambda: seen)
    assert raising.stats().errors == 2
    assert bench.notes[0] == "ValueError: no"
    assert "SystemExit" in bench.notes[1]


def test_close_holds_for_what_waits(bench: Bench) -> None:
    gate, after = Gate(), threading.Event()
    slow = bench.on(gate, priority=1)
    bench.publish(*range(50))
    assert gate.started.wait(5)
    slow.close()
    gate.go.set()
    bench.on(lambda e: after.set())
    bench.publish(50)
    assert after.wait(5)
    assert gate.seen == [0]
    assert slow.stats().called == 1


@pytest.mark.parametrize(
    ("handler", "options"), [("nope", {}), (print, {"filter": lambda: 0, "priority": float("nan")})]
)
def test_what_the_router_refuses_is_refused(bench: Bench, handler: Any, options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        bench.on(handler, **options)


def test_an_async_filter_is_refused(bench: Bench) -> None:
    async def accepts(_event: Event) -> bool:
        return True

    with pytest.raises(SettingsError, match="plain function"):
        bench.on(print, filter=accepts)


def test_a_slow_handler_loses_only_what_does_not_fit_and_that_is_counted() -> None:
    bench, gate = Bench(10), Gate()
    slow = bench.on(gate)
    bench.publish(0)
    assert gate.started.wait(5)
    bench.publish(*range(1, 16))
    assert bench.router.stats().missed == 5 == slow.stats().missed
    gate.go.set()
    until(lambda: gate.seen == [0, *range(6, 16)])
    assert slow.stats().called == 11
    bench.callbacks.close()


def test_the_past_waits_for_room_however_much_it_is() -> None:
    bench = Bench(10)
    bench.publish(*range(200))
    seen: list[int] = []
    subscription = bench.on(lambda e: seen.append(e.data), replay=True)
    bench.publish(200)
    until(lambda: len(seen) == 201)
    assert seen == list(range(201))
    assert (subscription.stats().missed, bench.router.stats().replayed) == (0, 200)
    bench.callbacks.close()


def test_a_handler_that_asks_for_the_past_does_not_wait_for_itself() -> None:
    bench, seen = Bench(10), list[int]()
    inner: list[Subscription] = []
    bench.publish(*range(20))
    bench.on(lambda e: inner.append(bench.on(lambda e: seen.append(e.data), replay=True)), once=True)
    bench.publish(20)
    until(lambda: inner and len(seen) == 10)
    assert inner[0].stats().missed == 11  # counted: it could not wait
    bench.callbacks.close()


def test_what_a_plain_handler_returns_is_awaited_among_the_coroutines(bench: Bench) -> None:
    seen: list[str] = []

    async def later(event: Event) -> None:
        seen.append(threading.current_thread().name)
        raise ValueError("late")

    subscription = bench.on(lambda e: later(e))  # noqa: PLW0108  a plain function
    bench.publish(1)
    until(lambda: subscription.stats().errors)
    assert seen == ["gunj-coroutines"]
    assert subscription.stats().last_error == "ValueError: late"
    assert (subscription.stats().called, bench.router.stats().delivered) == (1, 1)


class Asks:
    """A handler with state whose call is a coroutine."""

    def __init__(self) -> None:
        self.where: list[str] = []

    async def __call__(self, _event: Event) -> None:
        self.where.append(threading.current_thread().name)


@pytest.mark.parametrize("wrap", [lambda h: h, lambda h: functools.partial(h.__call__), lambda h: h.__call__])
def test_whatever_is_async_runs_with_its_filter_on_the_loop_of_the_coroutines(bench: Bench, wrap: Any) -> None:
    handler = Asks()
    bench.on(wrap(handler), filter=lambda e: handler.where.append(threading.current_thread().name) or True)
    bench.publish(1)
    until(lambda: len(handler.where) == 2)
    assert set(handler.where) == {"gunj-coroutines"}


def test_after_close_nothing_runs_and_what_waited_is_counted(bench: Bench) -> None:
    gate = Gate()
    slow = bench.on(gate)
    bench.publish(1, 2, 3)
    assert gate.started.wait(5)
    worker = bench.callbacks._worker
    assert worker is not None
    bench.callbacks.close()
    bench.publish(4)
    gate.go.set()
    worker.join(5)
    assert gate.seen == [1]
    assert bench.router.stats().missed == 2 == slow.stats().missed


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watchdog that looks soon and often."""
    for name, seconds in {"LOOK": 0.02, "HELD": 0.04, "WATCHDOG": 0.1}.items():
        monkeypatch.setattr(module, name, seconds)


@pytest.mark.usefixtures("hasty")
def test_a_plain_handler_that_does_not_return_is_told_of_with_those_that_wait(bench: Bench) -> None:
    gate = Gate()

    def posts_to_a_server_that_hangs(event: Event) -> None:
        gate(event)

    stuck = bench.on(posts_to_a_server_that_hangs)
    bench.publish(1, 2, 3)
    until(lambda: bench.callbacks.counts["handler_blocked"])
    until(lambda: bench.callbacks.counts["handler_timeouts"])
    held, over = bench.notes
    assert "posts_to_a_server_that_hangs of 'a.b' does not return, in " in held
    assert "2 calls wait behind it" in held
    assert "has not returned for 0.1 s, in " in over
    assert "time limit" in over
    assert bench.callbacks.counts == {"handler_waiting": 2, "handler_timeouts": 1, "handler_blocked": 1}
    assert (stuck.stats().errors, bench.router.stats().errors) == (1, 1)
    gate.go.set()
    until(lambda: gate.seen == [1, 2, 3])
    until(lambda: bench.callbacks.counts["handler_waiting"] == 0)
    assert bench.callbacks.counts["handler_timeouts"] == 1


@pytest.mark.usefixtures("hasty")
def test_a_plain_handler_that_keeps_nobody_waiting_has_its_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCHDOG", 0.3)
    gate = Gate()
    bench.on(gate)
    bench.publish(1)
    until(lambda: bench.callbacks.counts["handler_timeouts"])
    assert bench.callbacks.counts["handler_blocked"] == 0
    assert "0 calls wait behind it" in bench.notes[0]
    gate.go.set()
    until(lambda: gate.seen)


@pytest.mark.usefixtures("hasty")
def test_handlers_that_return_in_time_are_not_told_of_and_the_watch_ends(bench: Bench) -> None:
    seen: list[int] = []
    bench.on(lambda e: seen.append(e.data))
    for number in range(200):
        bench.publish(number)
        until(lambda number=number: number in seen)  # type: ignore[misc]
    assert bench.callbacks.counts == {"handler_waiting": 0, "handler_timeouts": 0, "handler_blocked": 0}
    assert bench.notes == []
    watching = bench.callbacks._watching
    assert watching is not None
    bench.callbacks.close()
    until(watching.done)
