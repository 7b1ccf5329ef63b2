"""Times ahead: how far a sample may lie in the future of the one who takes it in, and what is said of one that lies further."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from gunj_widgets.events.event import Event
from gunj_widgets.store.retention import MAX_TIME

__all__ = ["FEW", "MAX_AHEAD", "Lead", "Tell", "ceiling", "problem", "untold"]

Tell: TypeAlias = Callable[[str], object]
"""Is told of times that are refused, under a lock: it must only keep what it is told."""

MAX_AHEAD = 120.0
"""Seconds a sample may lie ahead of the time the writer tells: clocks are wrong by a minute or two, and no forecast is told.

Age counts from the newest sample, so this is how much of a frame one wrong clock can expire, and it stays below `STALE_AFTER`:
beside it the other series still say something. One bound for every retention, since a recording is told again with any.
"""
MAX_LEAD = 86_400.0
"""Seconds a sender's own clock is believed to be ahead of ours."""
HEARD, FEW = 15, 3
"""Events whose times tell a sender's clock, and below how many it is taken to be ours."""


class Lead:
    """How far the clock of those who send is ahead of ours, as what most of the last events say of themselves.

    A kernel whose clock is slow loses nothing by that, and one host among others whose clock is wrong moves nothing.
    """

    def __init__(self) -> None:
        self._heard: deque[float] = deque(maxlen=HEARD)

    def hear(self, events: Iterable[Event]) -> float:
        """Take in when events happened and when they arrived; return the lead in seconds, 0 where it is behind or not known."""
        self._heard.extend(event.time - event.arrived for event in events if event.time is not None)
        if len(self._heard) < FEW:
            return 0.0
        return min(max(sorted(self._heard)[len(self._heard) // 2], 0.0), MAX_LEAD)


def ceiling(now: float | None) -> float:
    """Return the time (epoch seconds) from which on samples are refused. `now` = None: whoever tells them knows the times."""
    return MAX_TIME if now is None else min(now + MAX_AHEAD, MAX_TIME)


def untold(_problem: str) -> None:
    """The Tell of those whom nobody asks."""


def problem(metric: str, labels: Mapping[str, str], time: float, ceiling: float) -> str:
    """Say which sample was refused for its time, and what may be wrong."""
    name = f"{metric} {dict(labels)}" if labels else metric
    if ceiling <= time < MAX_TIME:
        late = time - ceiling + MAX_AHEAD
        return (
            f"a sample is refused, {late:,.0f} s ahead of our clock: {name:.200}. Its host's clock is wrong, or ours."
        )
    return f"a sample is refused, its time is {time!r:.40}: {name:.200}. Times are epoch seconds."
