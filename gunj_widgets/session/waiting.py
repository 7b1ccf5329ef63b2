"""Waiting in a cell for something that a book tells: the one loop of `alerts.next`, `alerts.until` and `wait_for`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from gunj_widgets.errors import GunjError
from gunj_widgets.session.life import Life
from gunj_widgets.store.holder import together
from gunj_widgets.store.retention import Duration, seconds

__all__ = ["awaited", "patience"]

T = TypeVar("T")


def patience(timeout: Duration | None) -> float | None:
    """Return in seconds for how long somebody waits: None = for ever, 0 = not at all. SettingsError for what is no duration."""
    return None if timeout is None else 0.0 if timeout == 0 else seconds(timeout)


async def awaited(
    listen: Callable[[Callable[..., object]], Callable[[], None]],
    look: Callable[[], T | None],
    timeout: float | None,
    late: Callable[[], GunjError],
    life: Life,
    *,
    every: float = 0.0,
) -> T:
    """Return the first thing that `look()` finds: now, or after a change of what `listen` listens to, on the caller's loop.

    At most one look in `every` seconds; after `timeout` seconds (None = never) it raises what `late()` says, and once `life`
    is over and a last look found nothing, SessionClosedError: nothing comes any more.
    """
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    changed.set()

    def wake(*_news: Any) -> None:
        loop.call_soon_threadsafe(changed.set)

    undo = together(listen(wake), life.listen(wake))
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            while True:
                await changed.wait()
                changed.clear()
                over = life.over
                if (found := look()) is not None:
                    return found
                if over:
                    life.check()
                await asyncio.sleep(every)
    except TimeoutError:
        if not limit.expired():  # it is what looking itself ran into
            raise
        raise late() from None
    finally:
        undo()
