"""Time as the connection sees it: one object that tests replace (`gunj_widgets.testing.FakeClock`)."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock", "pause"]


class Clock(Protocol):
    """Wall time, steady time, and waiting. All in seconds."""

    def time(self) -> float:
        """UTC epoch seconds; jumps when the machine slept or was set."""

    def monotonic(self) -> float:
        """Seconds that only ever go on; stands still while the machine sleeps."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def pause(clock: Clock, seconds: float, wake: asyncio.Event) -> bool:
    """Wait `seconds`, or less if `wake` is set meanwhile; say whether it was. `wake` is cleared."""
    tasks = {asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(wake.wait())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    woken = wake.is_set()
    wake.clear()
    return woken
