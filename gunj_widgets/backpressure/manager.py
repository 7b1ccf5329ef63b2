"""BackpressureManager: an Inbox before a Pacer. What may be shown now, most important first, at a bearable rate."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import msgspec

from gunj_widgets.backpressure.inbox import Admission, Inbox, InboxStats
from gunj_widgets.backpressure.pacer import Pacer, PacerStats
from gunj_widgets.events.shown import Shown, Table

__all__ = ["BackpressureManager", "PressureStats"]


class PressureStats(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot: see InboxStats and PacerStats for what each counter means. `fill` is depth over capacity, 0 to 1."""

    rate: float
    min_rate: float
    max_rate: float
    reason: str
    checks: int
    backoffs: int
    recoveries: int
    capacity: int
    policy: str
    high_water: int
    low_water: int
    depth: int
    fill: float
    slow: bool
    offered: int
    kept: int
    drained: int
    dropped: int
    conflated: int
    expired: int
    pauses: int
    listener_errors: int


class BackpressureManager(Shown):
    """Takes events at any speed and gives them out at a rate the consumer can bear.

    `rate`, `min_rate` and `max_rate` are logical updates a second, `buffer` the events that may wait, `policy` who goes
    when they are too many: "oldest", "newest", "lowest_priority" or "conflate" (see Inbox). `now` is in seconds on one
    steady clock of the caller's; there is none here. Not locked: one thread, or the owner's lock. Raises SettingsError.
    """

    def __init__(
        self,
        rate: float = 100,
        min_rate: float = 50,
        max_rate: float = 200,
        buffer: int = 10_000,
        policy: str = "lowest_priority",
    ) -> None:
        self._pacer = Pacer(rate, min_rate, max_rate)
        self._inbox: Inbox[Any] = Inbox(buffer, policy)

    def offer(self, event: Any, priority: float = 0, *, now: float, key: Hashable = None) -> Admission[Any]:
        """Queue an event. A newer event of the same key replaces the queued one; bigger priority goes first.

        Under the policy "conflate" the key is the event's topic where none is given.
        """
        if key is None and self._inbox.policy == "conflate":
            key = event.topic
        return self._inbox.offer(event, priority, now, key)

    def drain(self, now: float) -> list[Any]:
        """Return the events due now, the most important first, first in first out inside a priority."""
        events = self._inbox.drain(now, self._pacer.budget(now))
        self._pacer.spend(len(events), waiting=self._inbox.depth > 0)
        return events

    def observe(
        self,
        fps: float | None = None,
        paint: float | None = None,
        lag: float | None = None,
        cpu: float | None = None,
        memory: float | None = None,
        unacked: float | None = None,
        *,
        now: float,
    ) -> None:
        """Tell how the consumer fares; None = unknown, which is neither good nor bad.

        `fps` is paints a second, `paint` and `lag` are seconds, `cpu` and `memory` fractions of 1, `unacked` envelopes.
        """
        self._pacer.observe(fps=fps, paint=paint, lag=lag, cpu=cpu, memory=memory, unacked=unacked, now=now)

    def listen(self, callback: Callable[[bool], object]) -> Callable[[], None]:
        """Call `callback(slow)` when the consumer falls behind (True) and has caught up (False); returns the undo."""
        return self._inbox.listen(callback)

    @property
    def rate(self) -> float:
        """Updates a second at present."""
        return self._pacer.rate

    @property
    def depth(self) -> int:
        """Events waiting now."""
        return self._inbox.depth

    @property
    def slow(self) -> bool:
        """Whether the consumer is behind at present."""
        return self._inbox.slow

    def stats(self) -> PressureStats:
        """Return an immutable snapshot of the counters."""
        queue: InboxStats = self._inbox.stats()
        pace: PacerStats = self._pacer.stats()
        return PressureStats(
            fill=queue.depth / queue.capacity, **msgspec.structs.asdict(queue), **msgspec.structs.asdict(pace)
        )

    def _shown(self) -> Table:
        return repr(self)[1:-1], ("count", ""), msgspec.structs.asdict(self.stats()).items()

    def __repr__(self) -> str:
        return (
            f"<BackpressureManager {self.rate:g} updates a second, {self.depth} waiting{', slow' if self.slow else ''}>"
        )
