"""Where users' handlers run, never on gunj-io: plain functions on a worker thread, coroutines on a loop of their own."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

from gunj_widgets.connection.loop import IOThread
from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Defer, Subscription
from gunj_widgets.session.backlog import Backlog, Call
from gunj_widgets.session.coroutines import Coroutines, fate_of
from gunj_widgets.settings import PressureSettings

__all__ = ["Callbacks"]


class Callbacks:
    """Runs the handlers of one session, each kind behind a Backlog of its own.

    A Subscription made with `defer_for(handler)` keeps its own counts as though the router had called it. What a plain
    handler returns is awaited among the coroutines. `limit` is the bytes of payload that may wait for each kind, `bounds`
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
        self._backlog = Backlog(limit, router.lost, report, bounds)
        self._coroutines = Coroutines(router, report, limit, bounds, io)
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    @property
    def counts(self) -> dict[str, int]:
        """What the watchdog counts, beside what the router does."""
        return {"handler_timeouts": self._coroutines.timeouts, "handler_blocked": self._coroutines.blocked}

    def defer_for(self, handler: Callable[[Any], Any]) -> Defer:
        """Return what takes the events of a handler to where it runs."""
        its_call = getattr(handler, "__call__", None)  # noqa: B004  of an object with an async __call__
        is_async = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(its_call)
        return self._await if is_async else self._call

    def close(self) -> None:
        """Stop after the call under way; coroutines are cancelled, and what still waits is dropped and counted."""
        self._backlog.close()
        self._coroutines.close()

    def _call(self, subscription: Subscription, event: Event, past: bool) -> None:
        self._backlog.offer(Call(subscription, event, past, event.size), patient=past and self._may_wait())
        with self._lock:
            if self._worker is None and not self._backlog.closed:
                self._worker = threading.Thread(target=self._work, name="gunj-callbacks", daemon=True)
                self._worker.start()

    def _await(self, subscription: Subscription, event: Event, past: bool) -> None:
        self._coroutines.offer(Call(subscription, event, past, event.size), patient=past and self._may_wait())

    def _may_wait(self) -> bool:
        """Past events wait for room in the caller's thread, as long as it is not one that makes room."""
        return not (self._io.is_here or self._coroutines.is_here or threading.current_thread() is self._worker)

    def _work(self) -> None:
        while (call := self._backlog.take(wait=True)) is not None:
            try:
                pending = self._router.deliver(call.subscription, call.event, call.past)
            except BaseException as error:  # whatever it is, it must not end the thread of all the others
                self._router.failed(call.subscription, call.event, fate_of(error))
                continue
            if pending is not None:
                self._coroutines.offer(call._replace(pending=pending))
