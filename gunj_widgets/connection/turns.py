"""Turns at the interpreter: how long a cell that computes may keep it before `gunj-io` and the buttons have theirs.

Python's own 5 ms are asked anew at every step of a message's way (socket, loop, comm, ZeroMQ), so that while a cell computes each
is late by several of them. A turn of 1 ms makes data three times as punctual, and costs the cell nothing that could be measured.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

__all__ = ["shorten"]

_lock = threading.Lock()
_asked: list[float] = []
_before = 0.0  # what held before anybody asked
_ours = 0.0  # what we set


def shorten(seconds: float | None) -> Callable[[], None]:
    """Let no thread keep the interpreter for longer than `seconds` while another waits; None = leave it as it is.

    Returns its undo, which may be called more than once. Of all that is asked for at one time the shortest holds, and only where
    it is shorter than what was set before; whoever sets another meanwhile, by `sys.setswitchinterval`, has the last word.
    """
    if seconds is None:
        return _nothing
    global _before  # noqa: PLW0603  the interpreter has one, for all threads
    with _lock:
        if not _asked:
            _before = sys.getswitchinterval()
        elif not _is_ours():
            return _nothing
        _asked.append(seconds)
        _set()
    done = threading.Event()

    def undo() -> None:
        with _lock:
            if not done.is_set():
                done.set()
                _asked.remove(seconds)
                if _is_ours():
                    _set()

    return undo


def _set() -> None:
    global _ours  # noqa: PLW0603
    sys.setswitchinterval(min([_before, *_asked]))
    _ours = sys.getswitchinterval()  # whole microseconds


def _is_ours() -> bool:
    return sys.getswitchinterval() == _ours


def _nothing() -> None:
    pass
