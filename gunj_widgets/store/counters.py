"""Counters over time: how fast a value that only rises, and restarts from zero, rose in a trailing window."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gunj_widgets.store.aggregates import increases
from gunj_widgets.store.rows import Rows
from gunj_widgets.store.slab import MICRO, Indices, Values

__all__ = ["rolling_increase"]


def rolling_increase(rows: Rows, window: int, *, per_second: bool) -> Rows:
    """Replace each value by its series' increase within the `window` microseconds that end there.

    `rows` are grouped by series and rising. Nothing is extrapolated beyond the samples there are; the first
    sample of a window has no increase and is NaN, and NaN samples are left out.
    """
    rows = rows.take(~np.isnan(rows.values))
    result = np.full(len(rows), np.nan)
    grown = increases(rows.values, rows.slots.astype(np.intp))
    edges = np.append(np.flatnonzero(np.diff(rows.slots.astype(np.intp), prepend=-1)), len(rows))
    for start, end in pairwise(edges):
        result[start:end] = _increase(rows.times[start:end], grown[start:end], window, per_second)
    return Rows(rows.slots, rows.times, result, rows.series, rows.tidy)


def _increase(times: Indices, grown: Values, window: int, per_second: bool) -> Values:
    """The same for one series, from the growth of each sample over the one before."""
    total = np.cumsum(grown)
    first = np.searchsorted(times, times - window, side="left")
    increase = total - total[first]
    spans = (times - times[first]) / MICRO
    increase[spans == 0] = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        return increase / spans if per_second else increase
