"""Threads with a loop. `gunj-io` is the one of the kernel, for all its sessions; users' coroutines have one a session.

A cell that sleeps or computes does not stop it; C code that holds the interpreter lock does, which is why `lag` is
measured and why nobody here mistakes their own stall for a dead peer.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from types import FrameType
from typing import Any, TypeVar

from gunj_widgets.errors import SessionClosedError

__all__ = ["IOThread", "get_io"]

T = TypeVar("T")

FORKED = "this is a forked process; its parent holds the connection"
TICK = 0.25
"""Seconds between two looks at the loop's own punctuality."""


class IOThread:
    """A daemon thread with an asyncio loop. After a fork the child gets a fresh one: see `get_io()`."""

    def __init__(self, name: str = "gunj-io") -> None:
        self.lag = 0.0
        """Seconds by which the loop was late when it last looked, four times a second."""
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._watch: asyncio.Task[None] | None = None
        self._looked = time.monotonic()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)
        self._thread.start()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    @property
    def is_alive(self) -> bool:
        """Whether this thread runs in this very process."""
        return self.pid == os.getpid() and self._thread.is_alive() and not self._loop.is_closed()

    @property
    def stall(self) -> float:
        """Seconds by which the loop is late at this moment, as another thread sees it: what it runs does not come back."""
        return max(0.0, time.monotonic() - self._looked - TICK)

    @property
    def running(self) -> tuple[asyncio.Task[Any] | None, FrameType | None]:
        """The task that the loop runs at this moment, and where it is; from any thread."""
        return asyncio.current_task(self._loop), sys._current_frames().get(self._thread.ident or 0)

    @property
    def problem(self) -> str:
        """Why it is not alive."""
        return FORKED if self.pid != os.getpid() else "its thread has ended"

    @property
    def is_here(self) -> bool:
        """Whether the caller is on this thread."""
        return threading.current_thread() is self._thread

    def run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the loop, from any thread; the Future carries its result back."""
        if self.pid != os.getpid():
            work.close()
            raise SessionClosedError(FORKED, "Connect again here.")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def finish(self, work: Callable[[], Coroutine[Any, Any, None]], timeout: float) -> None:
        """Run what ends something; wait up to `timeout` seconds for it, except on this thread. After a fork: not at all.

        What is left of it then belongs to the process we were forked from.
        """
        if not self.is_alive:
            return
        ending = self.run(work())
        if not self.is_here:
            try:
                ending.result(timeout)
            except FutureTimeout:
                ending.cancel()

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Call a function on the loop soon, from any thread, in order. After `stop()` or a fork: not at all."""
        if self.pid != os.getpid():
            return
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def stop(self, timeout: float = 5.0) -> None:
        """Cancel what runs and stop the loop; wait up to `timeout` seconds for the thread to end, except on it."""
        if not self.is_alive:
            return
        self.call(self._loop.stop)
        if not self.is_here:
            self._thread.join(timeout)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._watch = self._loop.create_task(self._punctuality(), name="gunj-lag")
        try:
            self._loop.run_forever()
        finally:
            self._cancel_all()
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    async def _punctuality(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK)
            self._looked = time.monotonic()
            self.lag = max(0.0, self._looked - before - TICK)


_lock = threading.Lock()
_io: IOThread | None = None
_inherited: list[IOThread] = []
"""Of a parent process. Kept for ever: a transport that is collected closes its socket, and this one is not ours."""


def get_io() -> IOThread:
    """Return the kernel's I/O thread, started on first use. A forked child gets its own, with sockets of its own."""
    global _io  # noqa: PLW0603  one thread per process is the point
    with _lock:
        if _io is None or not _io.is_alive:
            _io = IOThread()
        return _io


def _after_fork() -> None:
    global _io, _lock  # noqa: PLW0603  the parent's thread does not exist here, and its lock may be held for ever
    _lock = threading.Lock()
    if _io is not None:
        _inherited.append(_io)
    _io = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
