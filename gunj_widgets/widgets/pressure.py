"""BackpressureMonitor: how much comes in, how much is shown, what slows it down, and what was left out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, WholeChannel
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import status_channel
from gunj_widgets.widgets.still import Still

__all__ = ["BackpressureMonitor", "PressureChannel"]

EVERY = 1.0
"""Seconds between two looks."""
HISTORY = 120
"""Looks that are remembered: the last two minutes."""
COUNTS = (
    "received",
    "stored",
    "duplicate",
    "malformed",
    "gap",
    "reset",
    "refused",
    "handler_dropped",
    "handler_errors",
    "handler_timeouts",
    "handler_blocked",
    "conflated",
    "dropped",
    "expired",
    "envelopes",
    "envelopes_lost",
    "feed_errors",
    "slow_pages",
)
"""Of the session's counts, those that say what became of messages and of updates."""


class PressureChannel(WholeChannel):
    """The feed's pace, what it was set by, and every count of what did not get through; once a second while looked at."""

    kind = "pressure"
    priority = 1

    def __init__(self, channel_id: str, feed: Feed, session: Session) -> None:
        super().__init__(channel_id, feed)
        self.session = session
        self.source = feed
        self._history: deque[tuple[float, float, float | None, float | None, int]] = deque(maxlen=HISTORY)
        self._received = 0
        self._looked = 0.0

    def listen(self) -> list[Callable[[], None]]:
        ticking = asyncio.get_running_loop().create_task(self._tick(), name="gunj-pressure")

        def stop() -> None:
            ticking.cancel()

        return [stop]

    async def _tick(self) -> None:
        while True:
            self.changed()
            await asyncio.sleep(EVERY)

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        pressure, counts = self.source.pressure.stats(), self.session.stats().counts
        elapsed = now - self._looked
        incoming = (counts["received"] - self._received) / elapsed if self._looked and elapsed > 0 else 0.0
        self._received, self._looked = counts["received"], now
        readings = self.source.readings
        self._history.append((now, pressure.rate, readings.get("fps"), readings.get("lag"), pressure.depth))
        times, rates, fps, lags, depths = zip(*self._history, strict=True)
        return {
            "incoming": incoming,
            "rate": pressure.rate,
            "minRate": pressure.min_rate,
            "maxRate": pressure.max_rate,
            "reason": pressure.reason,
            "backoffs": pressure.backoffs,
            "recoveries": pressure.recoveries,
            "depth": pressure.depth,
            "capacity": pressure.capacity,
            "policy": pressure.policy,
            "slow": self.source.slow,
            "readings": readings,
            "counts": {name: counts.get(name, 0) for name in COUNTS},
            "history": {
                "atMs": [round(time * 1000) for time in times],
                "rate": rates,
                "fps": fps,
                "lagMs": [None if lag is None else lag * 1000 for lag in lags],
                "depth": depths,
            },
        }


class BackpressureMonitor(LiveWidget):
    """Shows how fast the session takes in, how fast it shows, what sets the pace, and what was dropped or merged.

    `BackpressureMonitor(rt)`. Remembering is never slowed down: a low rate means fewer repaints, not lost data.
    """

    kind: ClassVar[str] = "pressure"

    def __init__(self, session: Session, *, title: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            session,
            {
                "status": status_channel(session),
                "pressure": (
                    f"pressure:{session.number}",
                    lambda channel_id, feed: PressureChannel(channel_id, feed, session),
                ),
            },
            {"title": title},
            recipe={"title": title},
            **kwargs,
        )

    def still(self) -> Still:
        counts = self.session.stats().counts
        return Still("Backpressure", self.summary(), ("count", "so far"), [(n, c) for n, c in counts.items() if c])

    def summary(self) -> str:
        stats = self.session.stats()
        came = f"{stats['received']:,} received, {stats['stored']:,} stored, {stats['malformed']:,} malformed"
        shown = f"{stats['envelopes']:,} envelopes sent, {stats['conflated']:,} updates conflated, {stats['dropped']:,} dropped"
        return f"{came}; {shown}" + ("" if stats.rate is None else f", at {stats.rate:g} updates a second")
