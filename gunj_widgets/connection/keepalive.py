"""Is the peer still there? Pure: it is told the time, and says when to ping and when to give up."""

from __future__ import annotations

from enum import Enum

__all__ = ["Beat", "Heart"]

TICK = 1.0
"""Seconds between two calls of `Heart.tick`."""
STALL = 1.0
"""A tick that is later than this means that we stood still, not the peer."""
PROBE = 3.0
"""Seconds within which a probe must be answered."""


class Beat(Enum):
    NOTHING = 0
    PING = 1
    DEAD = 2


class Heart:
    """One connection's sign of life. Any byte counts; a silent peer is found within `interval + timeout` seconds.

    With pings one is sent every `interval`, and its answer, or anything else, is awaited for `timeout`. Without (a stream)
    silence of `interval + timeout` is death. All times are monotonic seconds.
    """

    def __init__(self, interval: float, timeout: float, now: float, *, pings: bool) -> None:
        self._interval = interval
        self._timeout = timeout
        self._pings = pings
        self._last = now
        self._ticked = now
        self._next_ping = now
        self._waiting: float | None = None
        self._patience = timeout
        self._heard = False
        self.silent = False
        """Whether nothing was heard for longer than from a peer that is well, as of the last tick: a reader is to know.

        A ping has gone unanswered for half the time that it has, or a stream has said nothing for three quarters of its time.
        """

    def heard(self) -> None:
        """Note that something arrived; cheap, for every message."""
        self._heard = True

    def probe(self, now: float) -> None:
        """Doubt the connection, as after a sleep: ping at the next tick and wait only PROBE seconds.

        What was heard before does not count: it came before the sleep.
        """
        self._heard = False
        self._last = min(self._last, now - self._interval - self._timeout + PROBE)
        self._next_ping = now
        self._waiting = None
        self._patience = min(PROBE, self._timeout)

    def tick(self, now: float) -> Beat:
        """Say what to do now; to be called every TICK seconds."""
        late = now - self._ticked - TICK
        before, self._ticked = self._ticked, now
        if self._heard:
            self._heard = False
            self._last = max(before, now - TICK)  # it came at some time since the last look
            self._waiting = None
            self._patience = self._timeout
        elif late > STALL:
            # What arrived meanwhile lies unread: one full read pass and a new ping before anyone is declared dead.
            self._last = max(self._last, now - self._interval)
            self._next_ping = now
            self._waiting = None
        if self._pings:
            self.silent = self._waiting is not None and now - self._waiting > self._patience / 2
        else:
            self.silent = now - self._last > 0.75 * (self._interval + self._timeout)
        soon = now + TICK  # the next look would be too late
        if not self._pings:
            return Beat.DEAD if soon - self._last > self._interval + self._timeout else Beat.NOTHING
        if self._waiting is not None:
            return Beat.DEAD if soon - self._waiting > self._patience else Beat.NOTHING
        if soon > self._next_ping:
            self._next_ping = now + self._interval
            self._waiting = now
            return Beat.PING
        return Beat.NOTHING
