"""Updates: a user's callback that is told when a live thing has news, off gunj-io and never more often than it can take."""

from __future__ import annotations

import inspect
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern
from gunj_widgets.routing.subscription import Subscription
from gunj_widgets.session.life import Life
from gunj_widgets.store.holder import check_callback

if TYPE_CHECKING:
    from gunj_widgets.session.session import Session

__all__ = ["on_update"]


class Listenable(Protocol):
    @property
    def life(self) -> Life: ...

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]: ...


H = TypeVar("H", bound=Listenable)


def on_update(session: Session, holder: H, callback: Callable[[H], object]) -> Callable[[], None]:
    """Call `callback(holder)` after its changes, where the session runs handlers; return what ends that.

    SettingsError for what cannot be called, SessionClosedError where the holder or the session is closed.
    """
    check_callback(callback)
    holder.life.check()
    updates = Updates(session, holder, callback)
    undo = holder.listen(updates.news)

    def stop() -> None:
        undo()
        updates.stop()

    return stop


class News:
    """Lives as long as one call waits: where the session drops the call for lack of room, the next change makes another."""


class Updates:
    """At most one call waits and one runs; all that changes meanwhile is in the frame that the next call sees."""

    def __init__(self, session: Session, holder: Any, callback: Callable[[Any], Any]) -> None:
        self.stopped = False
        self._holder = holder
        self._callback = callback
        self._lock = threading.Lock()
        self._waiting: weakref.ref[News] | None = None
        self._running = self._again = False
        run = self._run_async if inspect.iscoroutinefunction(callback) else self._run
        self._told = Subscription(Pattern("update"), run)
        self._defer = session._callbacks.defer_for(run)

    def news(self, _holder: Any = None) -> None:
        """Have the callback called, unless a call waits that will see this, too."""
        with self._lock:
            if self.stopped or (self._waiting is not None and self._waiting() is not None):
                return
            if self._running:
                self._again = True
                return
            news = News()
            self._waiting = weakref.ref(news)
        self._defer(self._told, Event(topic="update", data=news, arrived=time.time()), False)

    def stop(self) -> None:
        """Call it no more, not even for what waits."""
        self.stopped = True
        self._told.close()

    def _begin(self) -> bool:
        with self._lock:
            self._waiting, self._running = None, not self.stopped
            return self._running

    def _end(self) -> None:
        with self._lock:
            self._running, again, self._again = False, self._again, False
        if again:
            self.news()

    def _run(self, _event: Event) -> Any:
        if not self._begin():
            return None
        try:
            return self._callback(self._holder)  # a coroutine, if it returns one, is awaited by the session
        finally:
            self._end()

    async def _run_async(self, _event: Event) -> None:
        if self._begin():
            try:
                await self._callback(self._holder)
            finally:
                self._end()
