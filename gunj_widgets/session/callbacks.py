"""Where users' handlers run, never blocking gunj-io: plain functions on a worker thread, behind a bounded Inbox."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from typing import Any

from gunj_widgets.backpressure.inbox import Inbox
from gunj_widgets.events.event import Event

__all__ = ["Callbacks", "Handler"]

Handler = Callable[[Any], Any]

CAPACITY = 10_000
"""Calls that may wait for a slow handler; past it the least important is dropped and counted."""
WATCHDOG = 30.0
"""Seconds a coroutine may hold an event before it is cancelled and counted."""
MAX_TASKS = 1_000


class Callbacks:
    """Runs handlers for one session and counts what they fail at and what they lose.

    `wrap()` turns a user's handler, filter and transform into one function that the router may call on gunj-io.
    """

    def __init__(self, report: Callable[[str], None]) -> None:
        self._inbox: Inbox[tuple[Callable[[Event], Any], Event]] = Inbox(capacity=CAPACITY, policy="lowest_priority")
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
        return self._inbox.stats().dropped

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
            self._inbox.offer((call, event), priority=priority, now=time.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="gunj-callbacks", daemon=True)
                self._thread.start()
            self._ready.notify()

    def _work(self) -> None:
        while True:
            with self._ready:
                self._ready.wait_for(lambda: self._closed or self._inbox.depth)
                if self._closed:
                    return
                due = self._inbox.drain(now=time.monotonic(), limit=1)
            for call, event in due:
                try:
                    call(event)
                except (
                    Exception
                ) as error:  # a user's handler may raise anything; it is counted and told, and the next one runs
                    self._failed(call, error)

    def _spawn(self, call: Callable[[Event], Any], event: Event) -> None:
        if self._closed or len(self._tasks) >= MAX_TASKS:
            self.timeouts += 1
            return
        task = asyncio.get_running_loop().create_task(self._guard(call, event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
