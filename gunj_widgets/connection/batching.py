"""How long to leave a busy socket alone: at real rates the wake-up costs more than the message. Pure.

This is no way of pushing back: the pause is so short that what comes meanwhile fits into the kernel's buffer.
"""

from __future__ import annotations

from math import exp

__all__ = ["BUSY", "FULL", "LONGEST", "Batching"]

BUSY = 200.0
"""Messages a second above which waiting saves anything."""
LONGEST = 0.016
"""Seconds: one frame of a browser."""
SHORTEST = 0.001
"""Seconds that a timer is worth."""
FULL = 65_536
"""Bytes of a read after which there is more to be had at once."""
PILE = 32_768
"""Bytes that may pile up during a pause; receive buffers begin at four times that."""
_MEMORY = 0.1  # seconds over which the rates are averaged: until they are known each message costs a wake-up


class Batching:
    """One socket's reads. Both rates are averages that forget exponentially, so a lone burst is no busy socket."""

    def __init__(self) -> None:
        self._messages = 0.0
        self._bytes = 0.0
        self._last = 0.0

    def pause(self, messages: int, size: int, now: float) -> float:
        """Note a read of `size` bytes at `now` (monotonic seconds); return the seconds to wait before the next, or 0."""
        gap = max(now - self._last, 1e-6)
        kept = exp(-gap / _MEMORY)
        self._last = now
        self._messages = self._messages * kept + messages
        self._bytes = self._bytes * kept + size
        if self._messages <= BUSY * _MEMORY or size >= FULL:
            return 0.0
        rate = max(self._bytes / _MEMORY, size / gap)  # the average does not know yet of what has just begun
        pause = min(LONGEST, PILE / rate)
        return pause if pause >= SHORTEST else 0.0
