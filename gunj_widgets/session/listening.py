"""Listening: what a user's code is told of as it happens, and of what happened before."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

from gunj_widgets.connection.status import ConnectionStatus
from gunj_widgets.errors import SettingsError, UnknownPlatformError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Filter, Handler, Subscription, Transform
from gunj_widgets.session.callbacks import Callbacks
from gunj_widgets.session.handles import LiveLogs, LiveMetrics, PlatformHandle
from gunj_widgets.session.moments import Since, epoch_since
from gunj_widgets.store.store import Store

__all__ = ["Listening"]


class Listening:
    """The part of a Session that calls handlers."""

    store: Store
    router: EventRouter
    _callbacks: Callbacks
    _listeners: list[Callable[[ConnectionStatus], None]]

    def now(self) -> float:
        raise NotImplementedError

    def platform(self, name: str, namespace: str | None = None) -> PlatformHandle:
        raise NotImplementedError

    def metrics(self, platform: str, *, namespace: str | None = None) -> LiveMetrics:
        raise NotImplementedError

    def logs(self, platform: str, *, namespace: str | None = None) -> LiveLogs:
        raise NotImplementedError

    def _need_open(self) -> None:
        raise NotImplementedError

    def _need_ready(self) -> None:
        raise NotImplementedError

    def on(
        self,
        pattern: str,
        handler: Handler,
        *,
        priority: float = 0,
        filter: Filter | None = None,
        transform: Transform | None = None,
        once: bool = False,
        replay: bool = False,
    ) -> Subscription:
        """Call `handler(event)` for every event whose topic matches; the Subscription closes it, and counts.

        Plain functions run on the session's worker thread, coroutine functions on a loop of their own, at most 30 s for one
        event, after which a plain one is counted and told of in `stats()`; neither holds up the connection, the feed or the other
        kind. `filter`, `transform` and `once` are looked at
        there. `replay` begins with the events that are remembered: none is left out or seen twice. A platform's metrics and
        logs flow once something asks for them: `rt.metrics(...)`, `rt.logs(...)`, or a pattern that names the platform.
        SessionClosedError where nothing will come any more.
        """
        self._need_open()
        subscription = self.router.subscribe(
            pattern,
            handler,
            priority=priority,
            filter=filter,
            transform=transform,
            once=once,
            replay=replay,
            defer=self._callbacks.defer_for(handler),
        )
        try:
            self._watch_for(pattern)
        except BaseException:  # nobody will ever hold this subscription, so it must not stay
            subscription.close()
            raise
        return subscription

    def on_state(self, callback: Callable[[ConnectionStatus], Any], *, here: bool = False) -> Callable[[], None]:
        """Call `callback(status)` at each change of the connection; return how to stop.

        It runs where `on` runs its handlers, until the session is closed; `here=True` runs it on gunj-io, for callers that only
        set a flag, as a widget does that also shows what is closed.
        """
        if here:
            self._listeners.append(callback)
            return lambda: self._listeners.remove(callback) if callback in self._listeners else None
        self._need_open()
        told = Subscription(Pattern("connection.state"), callback, transform=lambda event: event.data)
        defer = self._callbacks.defer_for(callback)

        def call(status: ConnectionStatus) -> None:
            defer(told, Event(topic="connection.state", data=status, arrived=time.time()), False)

        def stop() -> None:
            told.close()
            if call in self._listeners:
                self._listeners.remove(call)

        self._listeners.append(call)
        return stop

    def history(self, pattern: str = "**", *, since: Since | None = None, limit: int | None = None) -> list[Event]:
        """Return remembered events, oldest first; with `limit` the newest that many.

        `since`: how long ago ("5m", a timedelta), epoch seconds, an aware datetime, or what happened then: a note, an event,
        an alert. Raises PatternError, or SettingsError for any other `since` and for a `limit` that is no count.
        """
        return self.router.history(pattern, since=epoch_since(since, self.now()), limit=limit)

    def replay(self, pattern: str, handler: Handler, *, since: Since | None = None, limit: int | None = None) -> int:
        """Call a plain `handler` with each event that `history` returns, on this thread; return how often it was called.

        One that raises is counted and told in `stats()`, and gets the next event. For coroutines, and to go on with what comes
        then, there is `on(..., replay=True)`.
        """
        if inspect.iscoroutinefunction(handler):
            raise SettingsError(
                "replay() calls its handler on this thread, where a coroutine does not run",
                "Write rt.on(pattern, handler, replay=True), which goes on with what comes then.",
            )
        return self.router.replay(pattern, handler, since=epoch_since(since, self.now()), limit=limit)

    def _watch_for(self, pattern: str) -> None:
        """Ask the server for what a pattern names: `platform.production.metrics.*` needs that platform's metrics."""
        parts = pattern.split(".")
        if len(parts) < 2 or parts[0] != "platform" or "*" in parts[1]:
            return
        self._need_ready()
        platform = self.store.platforms.by_id(parts[1])
        if platform is None:
            known = ", ".join(p.id for p in self.store.platforms)
            raise UnknownPlatformError(f"no platform has the id {parts[1]!r}", f"There are: {known}.")
        kind = parts[2] if len(parts) > 2 else "**"
        if kind in ("metrics", "**"):
            self.metrics(platform.name, namespace=platform.namespace)
        if kind in ("logs", "**"):
            self.logs(platform.name, namespace=platform.namespace)
        self.platform(platform.name, namespace=platform.namespace)
