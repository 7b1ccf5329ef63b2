"""How long to wait before the next attempt. Pure: the generator of seconds, and the counter around it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

__all__ = ["Backoff", "delays"]

GROWTH = 1.6
FALSE_START_DELAY = 6.0
"""Seconds at least, from the third false start in a row: who accepts and hangs up is dialled ≤ 12 times a minute."""
FALSE_START = 5.0
"""Seconds: a connection that was let in and ended sooner is one."""
ADVISED = (0.25, 300.0)
"""Bounds in seconds on what a server may advise (Retry-After, SSE `retry:`)."""


def delays(rng: Random, max_delay: float = 8.0) -> Iterator[float]:
    """Yield the seconds to wait before attempt 1, 2, 3 …: `b/4 + U(0, b)` with `b = min(max_delay, 1.6**n)`.

    The spread keeps 10,000 clients of one operator from coming back in the same instant.
    """
    base = 1.0
    while True:
        base = min(max_delay, base)
        yield base / 4 + rng.uniform(0.0, base)
        base *= GROWTH


class Backoff:
    """Attempts of one transport. It starts anew after `healthy_after` seconds of health or one acknowledged resume."""

    def __init__(self, rng: Random, *, max_delay: float = 8.0, healthy_after: float = 30.0) -> None:
        self.attempt = 0
        """Failures in a row."""
        self._rng = rng
        self._max_delay = max_delay
        self._healthy_after = healthy_after
        self._delays = delays(rng, max_delay)
        self._opened: float | None = None
        self.false_starts = 0
        """Connections in a row that were let in and ended at once."""

    def opened(self, now: float) -> None:
        """Note that we were let in at `now` (monotonic seconds). Health is still to be shown."""
        self._opened = now

    def proven(self) -> None:
        """Note one acknowledged resume: the server is well."""
        self._opened = None
        self.attempt = 0
        self.false_starts = 0
        self._delays = delays(self._rng, self._max_delay)

    def failed(self, now: float, advised: float | None = None) -> float:
        """Note the end of a connection or attempt and return the seconds to wait. Advice is obeyed, ±20 %."""
        if self._opened is not None:
            lived = now - self._opened
            self.false_starts = self.false_starts + 1 if lived < FALSE_START else 0
            if lived >= self._healthy_after:
                self.proven()
        self._opened = None
        self.attempt += 1
        delay = next(self._delays)
        if advised is not None:
            low, high = ADVISED
            return min(high, max(low, advised)) * self._rng.uniform(0.8, 1.2)
        return max(delay, FALSE_START_DELAY) if self.false_starts > 2 else delay
