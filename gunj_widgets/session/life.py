"""Life: whether a session, or what was asked of it, is still fed; who waits for more is told when it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock

from gunj_widgets.errors import SessionClosedError
from gunj_widgets.store.holder import Listeners, together

__all__ = ["Life"]


class Life:
    """Goes on until `end()`, or until that which it is within ends; not in a forked child, whose parent is fed. Any thread may
    call anything."""

    def __init__(self, problem: str, remedy: str, within: Life | None = None) -> None:
        self._said = problem, remedy
        self._within = within
        self._lock = Lock()
        self._ended = False
        self._pid = os.getpid()
        self._listeners = Listeners()

    @property
    def over(self) -> bool:
        return self._here_over or (self._within is not None and self._within.over)

    @property
    def _here_over(self) -> bool:
        return self._ended or self._pid != os.getpid()

    def end(self) -> bool:
        """End it, and tell who listens; False where that was done before."""
        with self._lock:
            first, self._ended = not self._ended, True
        if first:
            self._listeners.tell()
        return first

    def check(self) -> None:
        """Raise SessionClosedError once it is over: of what it was within, where that ended, too."""
        if self._within is not None:
            self._within.check()
        if self._here_over:
            raise SessionClosedError(*self._said)

    def listen(self, callback: Callable[..., object]) -> Callable[[], None]:
        """Call `callback` when it ends, on whichever thread ends it: it must be quick. Returns its undo."""
        own = self._listeners.add(callback, self)
        return own if self._within is None else together(own, self._within.listen(callback))
