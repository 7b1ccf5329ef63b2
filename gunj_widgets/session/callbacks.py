"""Where users' handlers run, never blocking gunj-io: plain functions on a worker thread, behind a bounded Inbox."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from gunj_widgets.backpressure.inbox import Inbox
from gunj_widgets.events.event import Event

__all__ = ["Callbacks", "Handler"]

Handler = Callable[[Any], Any]

CAPACITY = 10_000
"""Calls that may wait for a slow handler; past it the least important is dropped and counted."""
WATCHDOG = 30.0
"""Seconds a coroutine may hold an event before it is cancelled and counted."""
MAX_TASKS = 1_000


class _Call(NamedTuple):
    call: Callable[[Event], Any]
    event: Event
    size: int


class Callbacks:
    """Runs handlers for one session and counts what they fail at and what they lose.

    `wrap()` turns a user's handler, filter and transform into one function that the router may call on gunj-io.
    `backlog` is the bytes of payload that may wait for plain handlers, and as many again that coroutines may hold: a
    peer chooses how large they are. One event alone is taken whatever its size; of several handlers each counts it.
    """

    def __init__(self, report: Callable[[str], None], backlog: int) -> None:
        self._inbox: Inbox[_Call] = Inbox(capacity=CAPACITY, policy="lowest_priority")
        self._backlog = backlog
        self._waiting = self._held = 0  # bytes, before the worker and in coroutines
        self._refused = 0
        self._ready = threading.Condition()
        self._report = report
        self._thread: threading.Thread | None = None
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self.errors = 0
        self.timeouts = 0
        self.last_error = ""

    @property
    def dropped(self) -> int:
        """Calls that never began: there was no room for them to wait or run in."""
        return self._inbox.stats().dropped + self._refused

    def wrap(
        self,
        handler: Handler,
        priority: int,
        filter: Callable[[Event], Any] | None,
        transform: Callable[[Event], Any] | None,
    ) -> Callable[[Event], None]:
        call = _compose(handler, filter, transform)
        if inspect.iscoroutinefunction(handler):
            return lambda event: self._spawn(call, event)
        return lambda event: self._enqueue(call, event, priority)

    def close(self) -> None:
        """Stop after the call under way; what still waits is dropped."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
        for task in list(self._tasks):
            task.get_loop().call_soon_threadsafe(task.cancel)

    def _enqueue(self, call: Callable[[Event], Any], event: Event, priority: int) -> None:
        with self._ready:
            if self._closed:
                return
            if not self._admit(_Call(call, event, event.size), priority):
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="gunj-callbacks", daemon=True)
                self._thread.start()
            self._ready.notify()

    def _admit(self, newcomer: _Call, priority: int) -> bool:
        """Queue a call, for which less important ones may have to go."""
        while self._inbox.depth and self._waiting + newcomer.size > self._backlog:
            admission = self._inbox.make_way(newcomer, priority)
            if not admission.kept or admission.dropped is None:
                return False
            self._waiting -= admission.dropped.size
        admission = self._inbox.offer(newcomer, priority=priority, now=time.monotonic())
        self._waiting += newcomer.size
        if admission.dropped is not None:
            self._waiting -= admission.dropped.size
        return admission.kept

    def _work(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._closed or self._inbox.depth)
                if self._closed:
                    return
                due = self._inbox.drain(now=time.monotonic(), limit=1)
                self._waiting -= sum(each.size for each in due)
            for call, event, _ in due:
                try:
                    call(event)
                except (
                    Exception
                ) as error:  # a user's handler may raise anything; it is counted and told, and the next one runs
                    self._failed(call, error)

    def _spawn(self, call: Callable[[Event], Any], event: Event) -> None:
        size = event.size
        if self._closed:
            return
        if len(self._tasks) >= MAX_TASKS or (self._tasks and self._held + size > self._backlog):
            self._refused += 1
            return
        task = asyncio.get_running_loop().create_task(self._guard(call, event))
        self._tasks.add(task)
        self._held += size
        task.add_done_callback(lambda task: self._ended(task, size))

    def _ended(self, task: asyncio.Task[Any], size: int) -> None:
        self._tasks.discard(task)
        self._held -= size

    async def _guard(self, call: Callable[[Event], Any], event: Event) -> None:
        try:
            async with asyncio.timeout(WATCHDOG):
                pending = call(event)
                if pending is not None:
                    await pending
        except TimeoutError:
            self.timeouts += 1
            self._report(f"a coroutine handler took over {WATCHDOG:g} s and was cancelled")
        except Exception as error:  # as above
            self._failed(call, error)

    def _failed(self, call: Callable[[Event], Any], error: Exception) -> None:
        self.errors += 1
        self.last_error = f"{type(error).__name__}: {error}"[:500]
        self._report(f"a handler raised {self.last_error}")


def _compose(
    handler: Handler, filter: Callable[[Event], Any] | None, transform: Callable[[Event], Any] | None
) -> Callable[[Event], Any]:
    if filter is None and transform is None:
        return handler

    def call(event: Event) -> Any:
        if filter is not None and not filter(event):
            return None
        return handler(event if transform is None else transform(event))

    return call
