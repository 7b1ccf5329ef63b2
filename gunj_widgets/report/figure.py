"""A figure as SVG: lines over time, gaps as gaps, ticks that people read. No script, no font, nothing fetched."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from html import escape
from itertools import pairwise

from gunj_widgets.report.words import clean, number
from gunj_widgets.store.evidence import Pin, Series

__all__ = ["COLOURS", "stroke", "svg", "ticks", "time_ticks"]

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 28
COLOURS = ("#0b62c4", "#b5461a", "#1c7a3e", "#7b3fb0", "#8a6d00", "#a3194f", "#00757f", "#5a5a5a")
"""Each at least 4.5:1 on white; after the eighth, dashes tell them apart."""
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
SMALLEST = 1e-290
"""Of what can be told apart."""
GAP = 5.0
"""Times the usual distance of two points, over which they are not joined."""


def svg(pin: Pin) -> str:
    """Return a figure pin as one `<svg>` element."""
    times = [t for one in pin.series for t in one.times]
    values = [v for one in pin.series for v in one.values if v is not None]
    if not times or not values:
        return '<p class="empty">no data</p>'
    first, last = min(times), max(*times, min(times) + 1)
    marks = ticks(min(values), max(values))
    low, high = min(marks[0], *values), max(marks[-1], *values)

    def x(time: float) -> float:
        return LEFT + (time - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    name = escape(clean(pin.title), quote=True)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" xmlns="http://www.w3.org/2000/svg"'
    parts = [f'<svg {size} role="img" aria-label="{name}">']
    for mark in marks:
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{escape(number(mark))}</text>'
        )
    for time, label in time_ticks(first, last):
        parts.append(f'<text x="{x(time):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{label}</text>')
    for n, one in enumerate(pin.series):
        for path in _paths(one):
            d = "M" + "L".join(f"{x(t):.1f} {y(v):.1f}" for t, v in path)
            parts.append(f'<path d="{d}" fill="none" {stroke(n)}/>')
    return "".join([*parts, "</svg>"])


def stroke(n: int) -> str:
    """Return what the n-th line looks like, in the figure and in its legend."""
    dash = f' stroke-dasharray="{4 + 3 * (n // len(COLOURS))} 3"' if n >= len(COLOURS) else ""
    return f'stroke="{COLOURS[n % len(COLOURS)]}" stroke-width="1.6"{dash}'


def ticks(low: float, high: float) -> list[float]:
    """Return three to six round values that hold `low` and `high` between them."""
    span = max((high - low) or abs(high) or 1.0, max(abs(low), abs(high)) * 1e-9, SMALLEST)
    step = 10.0 ** math.floor(math.log10(span / 4))
    step *= next((factor for factor in (1, 2, 5, 10) if span / (step * factor) <= 4.5), 10)
    first = math.floor(low / step)
    last = max(math.ceil(high / step), first + 1)
    return [n * step for n in range(first, last + 1)]


def time_ticks(first: float, last: float) -> list[tuple[float, str]]:
    """Return three to eight round times (UTC) between two, with what to write there."""
    step = next((step for step in STEPS if (last - first) / step <= 7), 86400 * math.ceil((last - first) / 86400 / 7))
    form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%m-%d"
    start = math.ceil(first / step)
    found = [n * step for n in range(start, int(last // step) + 1)]
    return [(float(time), f"{datetime.fromtimestamp(time, UTC):{form}}") for time in found]


def _paths(series: Series) -> list[list[tuple[float, float]]]:
    """Cut a line where a value is missing, or where far more time passes than usual."""
    distances = sorted(b - a for a, b in pairwise(series.times))
    usual = distances[len(distances) // 2] if distances else 0.0
    paths: list[list[tuple[float, float]]] = [[]]
    before: float | None = None
    for time, value in zip(series.times, series.values, strict=True):
        if value is None or (before is not None and usual and time - before > usual * GAP):
            paths.append([])
        if value is not None:
            paths[-1].append((time, value))
        before = time
    return [path if len(path) > 1 else path * 2 for path in paths if path]
