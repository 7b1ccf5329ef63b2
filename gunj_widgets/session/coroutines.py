"""Users' coroutines: on a loop and a thread of their own, behind a Backlog and under a watchdog."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import FrameType
from typing import Any

from gunj_widgets.connection.loop import IOThread
from gunj_widgets.errors import CallbackError
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.session.backlog import Backlog, Call, discard
from gunj_widgets.settings import PressureSettings

__all__ = ["WATCHDOG", "Coroutines", "fate_of", "place_of"]

WATCHDOG = 30.0
"""Seconds a coroutine may take over an event before it is counted and cancelled."""
MAX_TASKS = 1_000
"""Coroutines under way at once; what comes then waits in the backlog."""
BLOCKED = 1.0
"""Seconds without a turn of the loop after which it is told who holds it."""
LOOK = 0.25
"""Seconds between two looks whether the loop turns."""
PATIENCE = 1.0
"""Seconds that the end of a session waits for coroutines that clean up."""


class Coroutines:
    """Runs what async handlers do for one session. The loop begins with the first call, and ends with `close`.

    `limit` is the bytes of payload that may wait, and that coroutines under way may hold; `bounds` is the backlog's. gunj-io
    only looks on: a coroutine that does not await holds up the other coroutines, of which `report` is told, and nobody else.
    """

    def __init__(
        self,
        router: EventRouter,
        report: Callable[[str], None],
        limit: int,
        bounds: PressureSettings,
        io: IOThread,
    ) -> None:
        self.backlog = Backlog(limit, router.lost, report, bounds)
        self.timeouts = 0
        self.blocked = 0
        """How often one coroutine kept all others from running."""
        self._router = router
        self._report = report
        self._limit = limit
        self._io = io
        self._lock = threading.Lock()
        self._loop: IOThread | None = None
        self._watching: Future[None] | None = None
        self._woken = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._held = 0

    @property
    def is_here(self) -> bool:
        """Whether the caller is one of the coroutines."""
        return self._loop is not None and self._loop.is_here

    def offer(self, call: Call, *, patient: bool = False) -> None:
        """Queue a call, from any thread."""
        self.backlog.offer(call, patient=patient)
        with self._lock:
            if self.backlog.closed or self._woken:
                return
            self._woken = True
            if self._loop is None:
                self._loop = IOThread("gunj-coroutines")
                self._watching = self._io.run(self._watch(self._loop))
            self._loop.call(self._take)

    def close(self) -> None:
        """Cancel what is under way, drop what waits, end the loop."""
        self.backlog.close()
        with self._lock:
            if self._loop is None or self._watching is None:
                return
        self._watching.cancel()
        self._loop.stop(0.0 if self._io.is_here else PATIENCE)

    # -- on the loop of the coroutines -----------------------------------------------------------------------

    def _take(self) -> None:
        """Begin what waits, the most important first, as far as there is room."""
        self._woken = False
        while len(self._tasks) < MAX_TASKS and self._held < self._limit:
            call = self.backlog.take(wait=False)
            if call is None:
                return
            self._held += call.size
            task = asyncio.get_running_loop().create_task(self._run(call), name=call.subscription.pattern)
            self._tasks.add(task)
            task.add_done_callback(lambda task, call=call: self._ended(task, call))  # type: ignore[misc]

    def _ended(self, task: asyncio.Task[None], call: Call) -> None:
        self._tasks.discard(task)
        self._held -= call.size
        discard(call)  # of a task that was cancelled before it began
        self._take()

    async def _run(self, call: Call) -> None:
        task: Any = asyncio.current_task()
        alarm = asyncio.get_running_loop().call_later(WATCHDOG, self._over, task, call)
        try:
            pending = call.pending
            if pending is None:
                pending = self._router.deliver(call.subscription, call.event, call.past)
            if pending is not None:
                await pending
        except asyncio.CancelledError as error:
            if not task.cancelling():  # else it was told why
                self._router.failed(call.subscription, call.event, fate_of(error))
        except BaseException as error:  # whatever it is, it must not end the loop of all the others
            self._router.failed(call.subscription, call.event, fate_of(error))
        finally:
            alarm.cancel()

    def _over(self, task: asyncio.Task[None], call: Call) -> None:
        self.timeouts += 1
        problem = f"the coroutine took over {WATCHDOG:g} s and was cancelled"
        error = CallbackError(problem, "Give what it waits for a time limit, or let it start a task of its own.")
        self._router.failed(call.subscription, call.event, error)
        task.cancel()

    # -- on gunj-io ------------------------------------------------------------------------------------------

    async def _watch(self, loop: IOThread) -> None:
        """Tell of a coroutine that blocks, once each time: cancelling it would take the turn that it does not give."""
        told = False
        while True:
            before = time.monotonic()
            await asyncio.sleep(LOOK)
            late = time.monotonic() - before > 2 * LOOK  # so were we: the interpreter was held, or the machine slept
            if loop.stall < BLOCKED:
                told = False
            elif not told and not late:
                told = True
                self.blocked += 1
                task, frame = loop.running
                who = "a coroutine handler" if task is None else f"the coroutine handler of {task.get_name()!r}"
                told_where = f"{who} keeps all others waiting{place_of(frame)}"
                self._report(f"{told_where}: it should await, or use asyncio.to_thread(...)")


def place_of(frame: FrameType | None) -> str:
    """Return where a thread is, to end a sentence with; nothing where it has gone."""
    return "" if frame is None else f", in {frame.f_code.co_qualname}, line {frame.f_lineno}"


def fate_of(error: BaseException) -> Exception:
    """Return what a handler failed with, as an Exception: `exit()` in one, say, is meant for nobody else."""
    if isinstance(error, Exception):
        return error
    return CallbackError(f"the handler ended with {type(error).__name__}", "Raise an Exception, or return.")
