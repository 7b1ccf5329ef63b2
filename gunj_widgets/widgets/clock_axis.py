"""The time axis of a bqplot figure: ticks that are round on a zone's clock, and what its label says. Pure.

bqplot itself writes times in UTC only. All times are epoch seconds; a zone of None is the local time of this machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

__all__ = ["MOST", "axis_label", "ticks"]

MOST = 6
"""Ticks at most."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
STEPS = (
    *(n / 100 for n in (1, 2, 5, 10, 20, 50)),
    *(float(n) for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 28, 91, 182, 364)),
)
SECONDS = 300.0
"""Below so many seconds a time tells its second, and from a day on its day."""


def ticks(start: float, end: float, zone: tzinfo | None) -> list[tuple[float, str]]:
    """Return at most `MOST` times from start to end, each with how it is written, also where the clock is put back between."""
    step = next((step for step in STEPS if (end - start) / step < MOST), end - start)
    form = _form(end - start, step)
    found: list[tuple[float, str]] = []
    at = _round(start, step, zone, _up)
    while at <= end and len(found) < MOST:
        written = datetime.fromtimestamp(at, zone).strftime(form)
        found.append((at, written[:-4] if step < 1 else written))  # hundredths of what %f has
        at = max(_round(at + step, step, zone, round), at + step / 2)
    return found


def axis_label(start: float, end: float, zone: tzinfo | None) -> str:
    """Return whose clock it is, and how far that is from UTC: twice where it is put forward or back between the two."""
    if zone is not None and str(zone) == "UTC":
        return "time (UTC)"
    name = "kernel's clock" if zone is None else str(zone)
    offsets = dict.fromkeys(_written_offset(_offset(at, zone)) for at in (start, end))
    return f"time ({name}, {' → '.join(offsets)})"


def _form(span: float, step: float) -> str:
    if step < 1:
        return "%H:%M:%S.%f"
    if span < SECONDS:
        return "%H:%M:%S"
    return "%H:%M" if span < DAY else "%d %b %H:%M" if step < DAY else "%d %b"


def _round(at: float, step: float, zone: tzinfo | None, to: Callable[[float], int]) -> float:
    """Return the time next to `at` at which the zone's clock shows a multiple of the step."""
    wall = at + _offset(at, zone)
    return at + to(wall / step) * step - wall


def _up(steps: float) -> int:
    return math.ceil(steps - 1e-6)


def _offset(at: float, zone: tzinfo | None) -> float:
    """Seconds that a zone's clock is ahead of UTC at a time."""
    moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
    offset = moment.utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


def _written_offset(offset: float) -> str:
    hours, minutes = divmod(round(abs(offset) / 60), 60)
    return f"UTC{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
