"""When to look next: on the grid, a little off it, less often when the server is slow or away. Pure."""

from __future__ import annotations

from math import floor
from random import Random

__all__ = ["Pace"]

MIN_EVERY, MAX_EVERY = 1.0, 60.0
"""Seconds between two looks, at least and at most."""
BUSY = 0.5
"""Share of the time between looks that a look may take; above it looks become rarer."""
MAX_WAIT = 30.0
"""Seconds between attempts at a server that is away, at most."""


class Pace:
    """One query's rhythm. `phase` is drawn once: many notebooks that start on the minute must not ask in step."""

    def __init__(self, rng: Random, every: float | None = None) -> None:
        self._fixed = every
        self._rng = rng
        self._phase = rng.random()
        self._slow = 1.0
        self.failures = 0
        self.every = max(MIN_EVERY, every or MIN_EVERY)

    def looked(self, interval: float | None, took: float) -> None:
        """Note a look that went well: how far samples are apart, and how long the answer took (seconds)."""
        self.failures = 0
        base = min(MAX_EVERY, max(MIN_EVERY, self._fixed or interval or MIN_EVERY))
        if took > BUSY * self.every:
            self._slow = min(self._slow * 2, MAX_EVERY / base)
        elif self._slow > 1.0 and took < BUSY * self.every / 4:
            self._slow = max(1.0, self._slow / 2)
        self.every = min(MAX_EVERY, base * self._slow)

    def wait(self, now: float) -> float:
        """Return the seconds from `now` (epoch) to the next look, on the grid of `every` seconds shifted by the phase."""
        offset = self._phase * self.every
        due = (floor((now - offset) / self.every) + 1) * self.every + offset
        return due - now

    def failed(self) -> float:
        """Note a look that failed; return the seconds to the next, doubling up to half a minute, ±25 %."""
        self.failures += 1
        return min(MAX_WAIT, self.every * 2.0 ** min(self.failures - 1, 8)) * self._rng.uniform(0.75, 1.25)
