"""TimeRange: a stretch of time as people write it (`now-15m`, `now/d`, `origin ± 10m`), and what it means at a given now.

Pure: `now` is an argument. Seconds, minutes and hours are elapsed time; days, weeks, months and years are steps of the
zone's calendar, so that `now-1d` is yesterday at the same time of day even when a clock change lies between.
"""

from __future__ import annotations

import calendar
import math
import re
from datetime import datetime, timedelta, tzinfo
from numbers import Real
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError
from gunj_widgets.store.retention import MAX_TIME, seconds

__all__ = ["TimeRange", "epoch_of", "moment", "zone_named"]

_MAX_TEXT = 100
_ELAPSED = {"s": 1.0, "m": 60.0, "h": 3600.0}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"M": 1, "y": 12}
_STEP = re.compile(r"([+-])(\d{1,6})([smhdwMy])|/([smhdwMy])")
_REMEDY = 'Write "now-15m", "now/d", "now-2h to now-1h", "2026-03-01T10:00Z ± 10m" or two times.'

ZONES = 'Write "UTC", "local" or "Europe/Zurich".'


def epoch_of(when: float | datetime) -> float:
    """Return epoch seconds, of an aware datetime or as they are; SettingsError for anything else, or without a zone."""
    if not isinstance(when, datetime):
        value: object = when
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise SettingsError(f"{when!r:.40} is not a time", "Give epoch seconds, or an aware datetime.")
        return float(value)
    if when.tzinfo is None:
        raise SettingsError(
            f"{when} has no time zone", "Give an aware datetime, as pandas has in .df, or epoch seconds."
        )
    return when.timestamp()


class TimeRange(msgspec.Struct, frozen=True):
    """From `start` to `end`, each an expression (`now-15m`) or a time (ISO 8601, or epoch seconds as text), read in `zone`."""

    start: str
    end: str = "now"
    zone: str = "UTC"

    @classmethod
    def parse(cls, text: str, zone: str = "UTC") -> Self:
        """Read one range; a single expression ends now. SettingsError where it has no meaning; the order is checked by `at`."""
        zone_named(zone)
        words = text.strip()
        if len(words) > _MAX_TEXT:
            raise _unreadable(words)
        origin, around, margin = words.replace("+-", "±").partition("±")
        if around:
            width = seconds(margin.strip())
            middle = moment(origin, now=0.0, zone=zone) if not _relative(origin) else None
            if middle is None:
                raise SettingsError(f"{words!r:.80} moves with now", "Give a fixed time before the ±.")
            return cls.absolute(middle - width, middle + width, zone)
        start, to, end = words.partition(" to ")
        made = cls(start.strip(), end.strip() if to else "now", zone)
        for side in (made.start, made.end):
            moment(side, now=0.0, zone=zone)
        return made

    @classmethod
    def absolute(cls, start: float, end: float, zone: str = "UTC") -> Self:
        """Fix both ends, in epoch seconds to the microsecond; SettingsError unless 0 <= start < end <= 2100."""
        if not 0 <= start < start + 1e-6 <= end <= MAX_TIME:
            raise SettingsError(
                f"{start!r} to {end!r} is not a range of time", "Give epoch seconds, the earlier first."
            )
        return cls(f"{start:.6f}", f"{end:.6f}", zone)

    @property
    def live(self) -> bool:
        """Whether its end moves with now."""
        return _relative(self.end)

    def at(self, now: float) -> tuple[float, float]:
        """Return start and end in epoch seconds as of `now`; SettingsError unless the start is earlier."""
        start = moment(self.start, now=now, zone=self.zone)
        end = moment(self.end, now=now, zone=self.zone)
        if not start < end:
            raise SettingsError(f"{self} ends before it begins", "Put the earlier time first.")
        return start, end

    def __str__(self) -> str:
        return self.start if self.end == "now" else f"{self.start} to {self.end}"


def moment(text: str, *, now: float, zone: str = "UTC") -> float:
    """Return the epoch second that one expression or time stands for; SettingsError where it has no meaning."""
    words = text.strip()
    clock = zone_named(zone)
    try:
        if _relative(words):
            return _walk(words[3:], now, clock)
        if re.fullmatch(r"(?!\d{8}\Z)\d+(\.\d+)?", words, re.ASCII):  # eight digits are a date: 20260301
            value = float(words)
        else:
            read = datetime.fromisoformat(words)
            value = (read if read.tzinfo is not None else read.replace(tzinfo=clock)).timestamp()
    except (ValueError, OverflowError):
        raise _unreadable(words) from None
    if not 0 <= value <= MAX_TIME:
        raise _unreadable(words)
    return value


def zone_named(zone: str) -> tzinfo | None:
    """Return the zone of an IANA name; None (Python's local time) for "local". SettingsError where there is none such."""
    needed(zone, str, "a time zone is named by text", ZONES)
    if zone == "local":
        return None
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"there is no time zone {zone!r:.40}", ZONES) from None


def _relative(text: str) -> bool:
    return text.strip().startswith("now")


def _unreadable(words: str) -> SettingsError:
    return SettingsError(f"{words!r:.80} is not a time", _REMEDY)


def _walk(steps: str, now: float, zone: tzinfo | None) -> float:
    """Apply `-1d/d` to `now`, step by step."""
    at, done = now, 0
    for step in _STEP.finditer(steps):
        if step.start() != done:
            break
        done = step.end()
        sign, count, unit, rounded = step.groups()
        at = _floor(at, rounded, zone) if rounded else _shift(at, int(count) * (-1 if sign == "-" else 1), unit, zone)
    if done != len(steps):
        raise ValueError(steps)
    return at


def _shift(at: float, count: int, unit: str, zone: tzinfo | None) -> float:
    if unit in _ELAPSED:
        return at + count * _ELAPSED[unit]
    day = datetime.fromtimestamp(at, zone)
    if unit in _DAYS:
        moved = day + timedelta(days=count * _DAYS[unit])
    else:
        months = day.year * 12 + day.month - 1 + count * _MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        moved = day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    # A time that a clock change skips becomes the one an hour on; of one that comes twice, the first is taken.
    return moved.replace(fold=0).timestamp()


def _floor(at: float, unit: str, zone: tzinfo | None) -> float:
    """Return the begin of the unit that `at` lies in."""
    if unit in ("s", "m"):
        return at - at % _ELAPSED[unit]
    day = datetime.fromtimestamp(at, zone)
    if unit == "h":  # by what passed since the full hour, so that a doubled hour keeps its own half
        return at - (day.minute * 60 + day.second + day.microsecond / 1e6)
    start = day.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "w":
        start -= timedelta(days=start.weekday())
    elif unit == "M":
        start = start.replace(day=1)
    elif unit == "y":
        start = start.replace(month=1, day=1)
    return start.timestamp()
