"""SessionRange: the one clock that a session's charts follow, and the way back through what was looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.shown import Table, stamp
from gunj_widgets.session.moments import When, epoch_when
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.retention import seconds
from gunj_widgets.store.time_range import TimeRange, epoch_of, zone_named

__all__ = ["SessionRange"]

LOCAL, UTC = "local", "UTC"
MAX_STEPS = 100
"""Ranges kept on either side of the present one; older ones are forgotten."""


class SessionRange(Holder):
    """`rt.range`: what time the session's charts show. Until it is set, each follows now with a window of its own.

    Used from any thread; `hand_over` runs the listeners where they belong (the session: on gunj-io).
    """

    def __init__(
        self, hand_over: Callable[[Callable[[], None]], object], clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self._hand_over = hand_over
        self._clock = clock
        self._current: TimeRange | None = None
        self._zone = self._named = LOCAL
        self._back: list[TimeRange | None] = []
        self._forward: list[TimeRange | None] = []

    @property
    def current(self) -> TimeRange | None:
        """The range; None = every chart follows now with a window of its own."""
        return self._current

    @property
    def zone(self) -> str:
        """The zone in which all views of the session write times, and `set` reads them: "local", "UTC" or "Europe/Zurich".

        Local is where the browser is, and for what is read here where the kernel is. SettingsError for a zone there is not.
        """
        return self._zone

    @zone.setter
    def zone(self, zone: str) -> None:
        zone_named(zone)
        with self._lock:
            if zone == self._zone:
                return
            self._zone = zone
            if zone not in (LOCAL, UTC):
                self._named = zone
            self._version += 1
        self._hand_over(self._listeners.tell)

    def next_zone(self) -> None:
        """Go on from local time to UTC, to the zone that was set by name if there was one, and to local time again."""
        zones = list(dict.fromkeys((LOCAL, UTC, self._named)))
        here = zones.index(self._zone) if self._zone in zones else 0
        self.zone = zones[(here + 1) % len(zones)]

    @property
    def is_live(self) -> bool:
        """Whether the charts follow now."""
        current = self._current
        return current is None or current.live

    def bounds(self, now: float) -> tuple[float, float] | None:
        """Start and end in epoch seconds as of `now`; None where there is no range, or none yet (`now/d to now-1h` at midnight)."""
        current = self._current
        try:
            return None if current is None else current.at(now)
        except SettingsError:
            return None

    def set(self, wanted: str | TimeRange, zone: str | None = None) -> TimeRange:
        """Show `now-15m`, `now/d`, `2026-03-01T10:00Z ± 10m` …, read in `zone` (None = `rt.range.zone`).

        SettingsError where it has no meaning.
        """
        needed(wanted, (str, TimeRange), "a range is text", 'As in "now-15m"; rt.range.clear() shows all there is.')
        chosen = TimeRange.parse(wanted, zone or self._zone) if isinstance(wanted, str) else wanted
        start, end = chosen.at(self._clock())
        if not chosen.live:  # a start that moved towards a fixed end would pass it one day
            chosen = TimeRange.absolute(start, end, chosen.zone)
        self._go(chosen)
        return chosen

    def zoom(self, start: float | datetime, end: float | datetime) -> TimeRange:
        """Show a fixed stretch, in epoch seconds or aware datetimes: what a brush in any chart does."""
        return self.set(TimeRange.absolute(epoch_of(start), epoch_of(end), self._zone))

    def around(self, when: When, margin: float | str = "10m") -> TimeRange:
        """Show `margin` (seconds, or "10m") before and after a time or what happened then: an alert, an event, a note."""
        middle, width = epoch_when(when), seconds(margin)
        return self.zoom(middle - width, middle + width)

    def live(self) -> None:
        """Follow now again, as before the zoom."""
        if not self.is_live:
            self._go(next((past for past in reversed(self._back) if past is None or past.live), None))

    def clear(self) -> None:
        """Show all there is again: every chart follows now with a window of its own."""
        self._go(None)

    def act(self, args: dict[str, Any]) -> None:
        """What a widget asks: `{fromMs, toMs}` shows that stretch, `{back}` and `{forward}` step, `{all}` clears, `{}` follows now.

        `{zone: true}` goes on to the next zone.
        """
        start, end = args.get("fromMs"), args.get("toMs")
        if args.get("zone"):
            self.next_zone()
        elif args.get("back"):
            self.back()
        elif args.get("forward"):
            self.forward()
        elif args.get("all"):
            self.clear()
        elif isinstance(start, int | float) and isinstance(end, int | float):
            self.zoom(start / 1000, end / 1000)
        else:
            self.live()

    @property
    def steps(self) -> tuple[int, int]:
        """How many times `back` and `forward` lead somewhere."""
        return len(self._back), len(self._forward)

    def back(self) -> TimeRange | None:
        """Return to the range before; at the first one nothing changes."""
        return self._step(back=True)

    def forward(self) -> TimeRange | None:
        """Undo `back`; at the newest range nothing changes."""
        return self._step(back=False)

    def _go(self, chosen: TimeRange | None) -> None:
        with self._lock:
            if chosen == self._current:
                return
            self._back = [*self._back[1 - MAX_STEPS :], self._current]
            self._forward = []
            self._current = chosen
            self._version += 1
        self._hand_over(self._listeners.tell)

    def _step(self, *, back: bool) -> TimeRange | None:
        with self._lock:
            source, other = (self._back, self._forward) if back else (self._forward, self._back)
            if not source:
                return self._current
            other.append(self._current)
            self._current = source.pop()
            self._version += 1
        self._hand_over(self._listeners.tell)
        return self._current

    def _shown(self) -> Table:
        start, end = self.bounds(self._clock()) or (None, None)
        back, forward = self.steps
        row = (
            self._current or "live, each widget with its own window",
            stamp(start),
            stamp(end),
            self._zone,
            back,
            forward,
        )
        return "The time that is shown", ("range", "from", "to", "zone", "back", "forward"), [row]

    def __repr__(self) -> str:
        return f"<SessionRange {self._current if self._current else 'live, each widget with its own window'}>"
