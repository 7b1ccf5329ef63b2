"""Durations as people write them, and the arithmetic of forgetting."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from numbers import Real
from typing import TypeAlias

import numpy as np

from gunj_widgets.errors import SettingsError

__all__ = ["MAX_TIME", "Duration", "cutoff", "seconds"]

Duration: TypeAlias = float | str | timedelta | np.timedelta64
"""Seconds, text, or a timedelta, as pandas' Timedelta is one, or numpy's."""
MAX_TIME = 4_102_444_800.0
"""2100-01-01. A later time is a unit mistaken for another (ms for s), and would make everything else look expired."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(ms|min|[smhdw])")
_MAX_TEXT = 32


def seconds(duration: Duration) -> float:
    """Return a duration in seconds: a number, "90", "60s", "10m" (or "10min"), "1h30m", "500ms", "7d", "2w", or a timedelta.

    Raises SettingsError unless it is finite and greater than zero.
    """
    if isinstance(duration, np.timedelta64):  # which numpy takes for a number, of units that it does not tell
        duration = duration.astype("timedelta64[us]").item()
    if isinstance(duration, timedelta):
        duration = duration.total_seconds()
    value: float | None = _parse(duration) if isinstance(duration, str) else _number(duration)
    if value is None or not math.isfinite(value) or value <= 0:
        raise SettingsError(f"{duration!r:.40} is not a duration", 'Give seconds, or text as "60s", "10m" or "1h30m".')
    return value


def cutoff(newest: float | None, max_age: float | None) -> float:
    """Return the epoch second before which things are forgotten; -inf where nothing is ever too old."""
    return -math.inf if newest is None or max_age is None else newest - max_age


def _number(value: object) -> float | None:
    """Read any real number, numpy's included."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    return float(value)


def _parse(text: str) -> float | None:
    text = text.strip().lower()
    if not text or len(text) > _MAX_TEXT:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = _PART.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
