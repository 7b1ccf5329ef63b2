"""Pacer: how many logical updates a second the consumer can take, found out by watching it.

Two parts: a token bucket that hands out the present rate, and a controller that moves the rate. The controller backs
off by a factor under pressure and recovers by a fixed step; a reading is evidence, a missing reading is not.
"""

from __future__ import annotations

import math

import msgspec

from gunj_widgets.errors import SettingsError

__all__ = ["BACK_OFF", "BURST", "MAX_CREDIT", "RECOVERY_CHECKS", "SIGNALS", "Pacer", "PacerStats"]

BACK_OFF = 0.8
"""Factor per check under pressure: from 200 to 50 in 7 checks."""
RECOVERY_CHECKS = 15
"""Healthy checks from min_rate to max_rate."""
BURST = 0.1
"""Seconds of rate that may be saved up while nothing waits (at least one update)."""
MAX_CREDIT = 1.0
"""Seconds of rate that may be saved up while messages wait, so that one who asks rarely still gets the full rate."""
NOISE = 1e-9
"""A reading equal to its limit but for float noise is not over it."""


class Signal(msgspec.Struct, frozen=True):
    """When a reading means pressure, and when health. Between the two it is neither. `sign` -1: low is bad."""

    bad: float
    good: float
    sign: int = 1

    def is_bad(self, value: float) -> bool:
        return self.sign * (value - self.bad) > NOISE

    def is_good(self, value: float) -> bool:
        return self.sign * (value - self.good) < -NOISE


SIGNALS = {
    "fps": Signal(bad=30.0, good=50.0, sign=-1),
    "paint": Signal(bad=1 / 30, good=1 / 60),
    "lag": Signal(bad=0.1, good=0.05),
    "cpu": Signal(bad=0.8, good=0.5),
    "memory": Signal(bad=0.85, good=0.6),
    "unacked": Signal(bad=3, good=2),
}
"""fps in paints a second, paint and lag in seconds, cpu and memory as fractions of 1, unacked in envelopes."""


class PacerStats(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot. `backoffs` and `recoveries` count changes of the rate, `reason` says what the last check saw."""

    rate: float
    min_rate: float
    max_rate: float
    checks: int
    backoffs: int
    recoveries: int
    reason: str


class Pacer:
    """A budget of updates a second between `min_rate` and `max_rate`, starting at `rate`.

    At most once per `interval` seconds the readings since the last check are judged together:
      one of them bad          the rate falls by the factor BACK_OFF, not below `min_rate`;
      all good                 it rises by one step, not above `max_rate`;
      none bad, not all good   it rises by one step, but only up to `rate`: a short trouble leaves no mark;
      none at all              it stays.
    """

    def __init__(self, rate: float = 100, min_rate: float = 50, max_rate: float = 200, interval: float = 1.0) -> None:
        if not (0 < min_rate <= rate <= max_rate < math.inf):
            raise SettingsError(
                f"rate={rate} with min_rate={min_rate} and max_rate={max_rate} is out of order",
                "Give updates a second with 0 < min_rate <= rate <= max_rate.",
            )
        if not 0 < interval < math.inf:
            raise SettingsError(f"interval={interval} is not above 0", "Give the seconds between two checks.")
        self.rate = float(rate)
        """Updates a second at present."""
        self.nominal = float(rate)
        self.min_rate = float(min_rate)
        self.max_rate = float(max_rate)
        self.interval = interval
        self._step = (self.max_rate - self.min_rate) / RECOVERY_CHECKS
        self._tokens = self._burst
        self._filled: float | None = None
        self._waiting = False
        self._checked: float | None = None
        self._bad = ""
        self._seen = False
        self._all_good = True
        self._checks = self._backoffs = self._recoveries = 0
        self._reason = "nothing observed yet"

    # -- the bucket ----------------------------------------------------------------------------------------------

    @property
    def _burst(self) -> float:
        return max(1.0, self.rate * BURST)

    def budget(self, now: float) -> int:
        """Return how many updates may go at `now` (seconds on any steady clock)."""
        self._fill(now)
        return int(self._tokens + NOISE)

    def spend(self, count: int, *, waiting: bool) -> None:
        """Take `count` updates out of the budget; `waiting` says whether more are queued behind them."""
        self._tokens -= count
        self._waiting = waiting

    def _fill(self, now: float) -> None:
        """Add what the rate earned since the last time. A clock that steps back earns nothing and is followed."""
        elapsed = 0.0 if self._filled is None else max(0.0, now - self._filled)
        self._filled = now
        most = max(self._burst, self.rate * MAX_CREDIT) if self._waiting else self._burst
        self._tokens = min(self._tokens + elapsed * self.rate, most)

    # -- the controller ------------------------------------------------------------------------------------------

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
        """Take readings; None, NaN and negative ones are unknown. A change of the rate takes effect at once."""
        readings = {"fps": fps, "paint": paint, "lag": lag, "cpu": cpu, "memory": memory, "unacked": unacked}
        for name, value in readings.items():
            if value is not None and value >= 0:
                self._take(name, value)
        due = self._checked is None or not self._checked <= now < self._checked + self.interval
        if due and self._seen:
            self._checked = now
            self._fill(now)  # what was earned until now was earned at the old rate
            self._check()

    def _take(self, name: str, value: float) -> None:
        signal = SIGNALS[name]
        self._seen = True
        if signal.is_bad(value):
            self._bad = f"{name} {value:.3g} is past {signal.bad:.3g}"
        self._all_good = self._all_good and signal.is_good(value)

    def _check(self) -> None:
        self._checks += 1
        if self._bad:
            target, self._reason = max(self.min_rate, self.rate * BACK_OFF), self._bad
        elif self._all_good:
            target, self._reason = min(self.max_rate, self.rate + self._step), "all readings are healthy"
        else:
            target, self._reason = min(max(self.nominal, self.rate), self.rate + self._step), "no pressure"
        self._backoffs += target < self.rate
        self._recoveries += target > self.rate
        self.rate = target
        self._bad, self._seen, self._all_good = "", False, True

    def stats(self) -> PacerStats:
        """Return an immutable snapshot."""
        return PacerStats(
            rate=self.rate,
            min_rate=self.min_rate,
            max_rate=self.max_rate,
            checks=self._checks,
            backoffs=self._backoffs,
            recoveries=self._recoveries,
            reason=self._reason,
        )
