"""Progress: how far work has come, shown to who waits for it once that takes a while."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Protocol, Self, TypeVar

from gunj_widgets.session.doors import bar_in_notebook

__all__ = ["EVERY", "Bar", "Progress", "Share", "TerminalBar", "behind", "unknown", "waited"]

T = TypeVar("T")
Share = Callable[[], float | None]
"""Tells how far something is, from 0 to 1; None where nobody can."""

AFTER = 0.5
"""Seconds until anything is shown: what is over by then needs no bar."""
EVERY = 0.2
"""Seconds between two looks at how far it is."""
WIDTH = 24
"""Characters of a bar in a terminal."""


def unknown() -> float | None:
    """Nobody can tell how far it is."""
    return None


class Bar(Protocol):
    """A place where progress shows. `share` is from 0 to 1, None where nobody can tell."""

    def paint(self, words: str, share: float | None) -> None: ...

    def end(self, words: str) -> None:
        """Take the bar away; where something has to stay in its place it is the words."""


class Progress:
    """Shows how far something is, while it is waited for on the thread of the cell or script; on any other it shows nothing.

    In a notebook a bar, of which one line is left; in a terminal a line that goes away; elsewhere nothing. `to` is cheap.
    """

    def __init__(
        self,
        words: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        place: Callable[[], Bar | None] | None = None,
    ) -> None:
        self._words = words
        self._clock = clock
        self._place = _place if place is None else place
        self._began = clock()
        self._painted = -EVERY
        self._bar: Bar | None = None
        self._quiet = False

    def __enter__(self) -> Self:
        return self

    def to(self, share: float | None = None) -> None:
        """Say how far it is; None where nobody can tell."""
        now = self._clock() - self._began
        if self._quiet or now < AFTER or now - self._painted < EVERY:
            return
        if self._bar is None:
            self._bar = self._place()
            self._quiet = self._bar is None
        if self._bar is not None:
            self._painted = now
            self._bar.paint(self._words, None if share is None else min(1.0, max(0.0, share)))

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.end(f"{self._words}: {self._clock() - self._began:.1f} s")


class TerminalBar:
    """One line on a terminal, written over again and again, and away at the end."""

    def __init__(self, stream: Any = None) -> None:
        self._stream = sys.stderr if stream is None else stream

    def paint(self, words: str, share: float | None) -> None:
        full = round((share or 0.0) * WIDTH)
        told = "" if share is None else f" [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}"
        # A terminal obeys what a name may hold.
        safe = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in words[:60])
        self._write(f"\r{safe}{told}\x1b[K")

    def end(self, _words: str) -> None:
        self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def waited(future: Future[T], words: str, share: Share = unknown, timeout: float | None = None) -> T:
    """Return the future's result, or raise what it raises, and show how far it is meanwhile; TimeoutError after `timeout` seconds."""
    end = None if timeout is None else time.monotonic() + timeout
    with Progress(words) as progress:
        while True:
            left = EVERY if end is None else min(EVERY, end - time.monotonic())
            try:
                return future.result(max(0.0, left))
            except FutureTimeout:
                if future.done() or (end is not None and time.monotonic() >= end):
                    raise
                progress.to(share())


def behind(words: str, work: Callable[[], T]) -> T:
    """Compute something on a thread of its own and return it; meanwhile show that it goes on."""
    result: Future[T] = Future()

    def compute() -> None:
        try:
            result.set_result(work())
        except BaseException as problem:  # whatever it is, it is raised where it is waited for
            result.set_exception(problem)

    threading.Thread(target=compute, name="gunj-compute", daemon=True).start()
    return waited(result, words)


def _place() -> Bar | None:
    """Return where this thread's user looks; None where nobody does."""
    if threading.current_thread() is not threading.main_thread():
        return None
    bar: Bar | None = bar_in_notebook()
    if bar is not None:
        return bar
    return TerminalBar() if sys.stderr is not None and sys.stderr.isatty() else None
