"""SlowSignal: tells listeners when a consumer falls behind and when it has caught up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

__all__ = ["SlowSignal"]


class SlowSignal:
    """A two-state signal. Each listener hears alternating values, even where a listener causes the next change."""

    def __init__(self) -> None:
        self.slow = False
        self.pauses = 0
        self.errors = 0
        """Failures of listeners; a listener cannot stop the stream it listens to."""
        self._listeners: dict[object, Callable[[bool], object]] = {}
        self._waiting: deque[bool] = deque()
        self._telling = False

    def listen(self, callback: Callable[[bool], object]) -> Callable[[], None]:
        """Call `callback(slow)` at each change from now on; returns the undo, which may be called repeatedly."""
        token = object()
        self._listeners[token] = callback

        def undo() -> None:
            self._listeners.pop(token, None)

        return undo

    def set(self, slow: bool) -> None:
        """Change the state and tell the listeners; a change made by a listener is told after this one."""
        if slow == self.slow:
            return
        self.slow = slow
        self.pauses += slow
        self._waiting.append(slow)
        if self._telling:
            return
        self._telling = True
        try:
            while self._waiting:
                self._tell(self._waiting.popleft())
        finally:
            self._telling = False

    def _tell(self, slow: bool) -> None:
        for callback in list(self._listeners.values()):
            try:
                callback(slow)
            except Exception:  # counted, shown in stats(): the message that caused the change is safely queued
                self.errors += 1
