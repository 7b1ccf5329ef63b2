"""Where users' handlers run, never on gunj-io: plain functions on a worker thread, coroutines on a loop of their own."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gunj_widgets.connection.loop import IOThread
from gunj_widgets.errors import CallbackError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Defer, Subscription
from gunj_widgets.session.backlog import Backlog, Call
from gunj_widgets.session.coroutines import WATCHDOG, Coroutines, fate_of, place_of
from gunj_widgets.settings import PressureSettings

__all__ = ["Callbacks"]

HELD = 5.0
"""Seconds a plain handler may keep others waiting before it is told who does."""
LOOK = 1.0
"""Seconds between two looks at what the worker is doing."""


class Callbacks:
    """Runs the handlers of one session, each kind behind a Backlog of its own.

    A Subscription made with `defer_for(handler)` keeps its own counts as though the router had called it. What a plain
    handler returns is awaited among the coroutines. gunj-io looks on: of a plain handler that does not return it is told and
    counted as of a coroutine, but nobody can end it. `limit` is the bytes of payload that may wait for each kind, `bounds`
    how many calls, and which goes when they are more.
    """

    def __init__(
        self,
        router: EventRouter,
        report: Callable[[str], None],
        limit: int,
        bounds: PressureSettings,
        io: IOThread,
    ) -> None:
        self._router = router
        self._io = io
        self._report = report
        self._backlog = Backlog(limit, router.lost, report, bounds)
        self._coroutines = Coroutines(router, report, limit, bounds, io)
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._watching: Future[None] | None = None
        self._running: Call | None = None
        self._timeouts = self._blocked = 0

    @property
    def counts(self) -> dict[str, int]:
        """What the watchdogs count, beside what the router does, and how many calls wait."""
        return {
            "handler_waiting": self._backlog.depth + self._coroutines.backlog.depth,
            "handler_timeouts": self._timeouts + self._coroutines.timeouts,
            "handler_blocked": self._blocked + self._coroutines.blocked,
        }

    def defer_for(self, handler: Callable[[Any], Any]) -> Defer:
        """Return what takes the events of a handler to where it runs."""
        its_call = getattr(handler, "__call__", None)  # noqa: B004  of an object with an async __call__
        is_async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(its_call)
        return self._await if is_async else self._call

    def close(self) -> None:
        """Stop after the call under way; coroutines are cancelled, and what still waits is dropped and counted."""
        self._backlog.close()
        self._coroutines.close()
        with self._lock:
            if self._watching is not None:
                self._watching.cancel()

    def _call(self, subscription: Subscription, event: Event, past: bool) -> None:
        self._backlog.offer(Call(subscription, event, past, event.size), patient=past and self._may_wait())
        with self._lock:
            if self._worker is None and not self._backlog.closed:
                self._worker = threading.Thread(target=self._work, name="gunj-callbacks", daemon=True)
                self._worker.start()
                self._watching = self._io.run(self._watch(self._worker))

    def _await(self, subscription: Subscription, event: Event, past: bool) -> None:
        self._coroutines.offer(Call(subscription, event, past, event.size), patient=past and self._may_wait())

    def _may_wait(self) -> bool:
        """Past events wait for room in the caller's thread, as long as it is not one that makes room."""
        return not (self._io.is_here or self._coroutines.is_here or threading.current_thread() is self._worker)

    def _work(self) -> None:
        while (call := self._backlog.take(wait=True)) is not None:
            self._running = call
            try:
                pending = self._router.deliver(call.subscription, call.event, call.past)
            except BaseException as error:  # whatever it is, it must not end the thread of all the others
                self._router.failed(call.subscription, call.event, fate_of(error))
                continue
            finally:
                self._running = None
            if pending is not None:
                self._coroutines.offer(call._replace(pending=pending))

    # -- on gunj-io ------------------------------------------------------------------------------------------

    async def _watch(self, worker: threading.Thread) -> None:
        """Tell of a handler that keeps others waiting, and of one that takes too long, once each time."""
        call, looks, told = None, 0, False
        while True:
            before = time.monotonic()
            await asyncio.sleep(LOOK)
            if time.monotonic() - before > 2 * LOOK:
                continue  # so were we: the interpreter was held, or the machine slept
            if call is None or self._running is not call:
                call, looks, told = self._running, 0, False
                continue
            looks += 1
            waiting, where = self._backlog.depth, place_of(sys._current_frames().get(worker.ident or 0))
            behind = f"{waiting:,} calls wait behind it" if waiting != 1 else "1 call waits behind it"
            if looks * LOOK >= HELD and waiting and not told:
                told = True
                self._blocked += 1
                handler = call.subscription.handler
                who = getattr(handler, "__qualname__", type(handler).__name__)
                self._report(f"the handler {who} of {call.subscription.pattern!r} does not return{where}: {behind}")
            if looks == round(WATCHDOG / LOOK):
                self._timeouts += 1
                problem = f"the handler has not returned for {WATCHDOG:g} s{where}: {behind}"
                remedy = "Nobody can end it: give what it waits for a time limit, or let it start a thread of its own."
                self._router.failed(call.subscription, call.event, CallbackError(problem, remedy))
