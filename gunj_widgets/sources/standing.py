"""Standing: what every manager of sources does alike: begin and end once, run tasks that never end unseen, let others wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gunj_widgets.connection.clock import Clock, SystemClock
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.loop import IOThread, get_io
from gunj_widgets.connection.samples import Samples
from gunj_widgets.connection.status import ConnectionStatus, Counters

__all__ = ["Standing"]


class Standing:
    """The part of a manager that does not depend on whom it asks. Plain methods may be called from any thread."""

    def __init__(
        self, *, on_state: Callable[[ConnectionStatus], None], clock: Clock | None, io: IOThread | None
    ) -> None:
        self._on_state = on_state
        self._clock = clock if clock is not None else SystemClock()
        self._io = io if io is not None else get_io()
        self._counters = Counters()
        self.samples = Samples()
        """The newest messages that could not be used."""
        self._closed = False
        self._pulse = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin, and stay connected."""
        self._io.call(self._start)

    def close(self, timeout: float = 2.0) -> None:
        """Close everything; final. Waits up to `timeout` seconds for a clean end, except on gunj-io itself."""
        if not self._closed:
            self._closed = True
            self._io.finish(self._close, timeout)

    def status(self) -> ConnectionStatus:
        """How it stands; in a forked child: closed, because the connections are the parent's."""
        now = self._clock.time()
        if not self._io.is_alive:
            return ConnectionStatus(
                state=State.CLOSED, reason=self._io.problem, remedy="Connect again here.", since=now
            )
        return ConnectionStatus(state=State.CLOSED, since=now) if self._closed else self._stands()

    # -- what each says for itself, on gunj-io ------------------------------------------------------------------------

    def _start(self) -> None:
        raise NotImplementedError

    def _stands(self) -> ConnectionStatus:
        """How it stands while it is open."""
        raise NotImplementedError

    async def _release(self) -> None:
        """Give back what is held beside tasks."""

    # -- on gunj-io ---------------------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something until it ends or we are closed."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:  # a bug of ours: it must not end unseen
            self._counters.errors += 1
            self._counters.problem(f"{task.get_name()}: {type(task.exception()).__name__}: {task.exception()}")

    async def _close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._release()
        self._tell()

    def _tell(self) -> None:
        """Let those who wait look again, and tell how it stands."""
        self._progress()
        self._on_state(self.status())

    def _progress(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._pulse.wait()
