"""Time ranges as Prometheus takes them: aligned to the step, and in pieces that it answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from gunj_widgets.errors import SettingsError

__all__ = ["MAX_POINTS", "SAMPLES", "Piece", "aligned", "auto_step", "pieces"]

MAX_POINTS = 11_000
"""Steps of one range query: the server refuses one more."""
SAMPLES = 250_000
"""Samples in one answer, about 8 MB of JSON: what bounds the memory of a long range over many series."""
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
POINTS = 600
"""Points a chart's width can show without asking for more: what an automatic step aims at."""

Piece = tuple[float, float]
"""Start and end of one request, both included, in epoch seconds."""


def auto_step(window: float) -> float:
    """Return a step in seconds, a round number, that gives at most about 600 points over `window` seconds."""
    return float(next((step for step in STEPS if window / step <= POINTS), STEPS[-1]))


def aligned(start: float, end: float, step: float) -> Piece:
    """Return the grid points just at or after `start` and just at or before `end`, so that two looks see the same points."""
    return ceil(round(start / step, 6)) * step, floor(round(end / step, 6)) * step


def pieces(start: float, end: float, step: float, series: int = 1) -> Iterator[Piece]:
    """Split a range, oldest piece first; no grid point twice, none missing. `series` is how many are expected."""
    if not step > 0:
        raise SettingsError(f"a step of {step:g} s", "Give step= in seconds, above 0.")
    points = max(1, min(MAX_POINTS, SAMPLES // max(1, series)))
    total = floor(round((end - start) / step, 6)) + 1
    for first in range(0, max(0, total), points):
        last = min(first + points, total) - 1
        yield start + first * step, start + last * step
