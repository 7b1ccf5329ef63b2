"""Waiting: for a while, or until woken."""

from __future__ import annotations

import asyncio

from gunj_widgets.connection.clock import SystemClock, pause
from gunj_widgets.testing import FakeClock, settle


async def test_a_pause_ends_in_time_or_when_woken() -> None:
    clock, wake = FakeClock(), asyncio.Event()
    waiting = asyncio.ensure_future(pause(clock, 10.0, wake))
    await clock.advance(9.0)
    assert not waiting.done()
    await clock.advance(1.0)
    assert await waiting is False
    waiting = asyncio.ensure_future(pause(clock, 10.0, wake))
    await settle()
    wake.set()
    assert await waiting is True
    assert not wake.is_set()


async def test_a_wake_before_the_pause_counts() -> None:
    wake = asyncio.Event()
    wake.set()
    assert await pause(FakeClock(), 10.0, wake) is True


async def test_a_pause_leaves_nothing_behind() -> None:
    clock, wake = FakeClock(), asyncio.Event()
    before = len(asyncio.all_tasks())
    waiting = asyncio.ensure_future(pause(clock, 10.0, wake))
    await settle()
    waiting.cancel()
    await settle()
    assert len(asyncio.all_tasks()) == before


async def test_the_machines_clock() -> None:
    clock = SystemClock()
    assert clock.time() > 1.7e9
    before = clock.monotonic()
    await clock.sleep(0.0)
    assert clock.monotonic() >= before
