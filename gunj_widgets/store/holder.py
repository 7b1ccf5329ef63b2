"""Holder: what every store shares. A lock, a version that rises with changes, listeners that cannot break a write."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from threading import Lock
from typing import Any

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.alive import Alive
from gunj_widgets.events.shown import Shown

__all__ = ["Holder", "Listeners", "check_callback", "together"]


class Listeners:
    """Callbacks told about changes, in the order they came. One that raises is counted and the others still run."""

    __slots__ = ("_lock", "entries", "failed", "last_error")

    def __init__(self) -> None:
        self._lock = Lock()
        self.entries: tuple[tuple[Callable[..., object], Any], ...] = ()
        self.failed = 0
        """Calls that raised, ever."""
        self.last_error = ""
        """The newest of them, as text; the exception itself would keep its frames alive."""

    def add(self, callback: Callable[..., object], holder: Any) -> Callable[[], None]:
        """Call `callback(holder)` from now on, with the news where some are told. The returned function ends that; it may be
        called twice. SettingsError for what cannot be called, or would have to be awaited, which nobody does here."""
        check_callback(callback)
        if inspect.iscoroutinefunction(callback):
            raise SettingsError(f"the callback {callback!r:.80} is not a plain function", "Nobody would await it here.")
        entry = (callback, holder)
        with self._lock:
            self.entries = (*self.entries, entry)

        def undo() -> None:
            with self._lock:
                self.entries = tuple(e for e in self.entries if e is not entry)

        return undo

    def tell(self, *news: Any) -> None:
        for callback, holder in self.entries:
            try:
                callback(holder, *news)
            except Exception as error:  # a listener's fault is its own: the write it heard of has already happened
                self.failed += 1
                self.last_error = f"{type(error).__name__}: {error}"


class Holder(Shown, Alive):
    """Base of the books and feeds: written on one thread, read from any; a cell shows one as a small table.

    Write under `self._lock`, raise `self._version` in the same breath, and call `self._listeners.tell()` after the lock
    is released: a listener may read the holder.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = 0
        self._listeners = Listeners()

    @property
    def version(self) -> int:
        """Rises with each change; equal versions mean equal content."""
        return self._version

    @property
    def listener_errors(self) -> int:
        """Calls of listeners that raised."""
        return self._listeners.failed

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call `callback(holder)` after each change, on the writer's thread: it must be quick. Returns its undo."""
        return self._listeners.add(callback, self)


def check_callback(callback: object) -> None:
    """Raise SettingsError for what cannot be called: it would be found out at the first news, where nobody looks."""
    if not callable(callback):
        raise SettingsError(
            f"the callback {callback!r:.80} cannot be called", "Pass a function that takes what changed."
        )


def together(*undo: Callable[[], None]) -> Callable[[], None]:
    """Return one undo for several."""

    def end() -> None:
        for each in undo:
            each()

    return end
