"""Aggregates: many samples to one number, for all groups at once."""

from __future__ import annotations

import re

import numpy as np

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.slab import Indices, Times, Values

__all__ = ["aggregate", "check_aggregate", "increases"]

_NAMES = ("avg", "sum", "min", "max", "last", "count", "rate", "increase")
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,9})?|100)")


def check_aggregate(agg: str) -> str:
    """Return how `aggregate` calls it: what pandas calls mean is avg. SettingsError where there is none of that name."""
    name = "avg" if agg == "mean" else agg
    if name not in _NAMES and not _QUANTILE.fullmatch(str(name)):
        raise SettingsError(f"there is no aggregate {agg!r:.40}", f"Take one of {', '.join(_NAMES)}, mean, p0 to p100.")
    return name


def aggregate(
    agg: str, times: Times, values: Values, groups: Indices, size: int, series: Indices | None = None
) -> Values:
    """Return one number for each of `size` groups, from rows sorted by group and then by time.

    NaN samples are passed over, except by `last`, which says what came last. A group without numbers is NaN (its count
    0). `increase` is a counter's growth up to each of the group's samples from the one before it, `rate` that by the
    seconds between them. The one before is of the same `series` where groups are parts of these, else of the group.
    """
    if agg == "last":
        return _at_ends(values, groups, size)
    valid = ~np.isnan(values)
    if not valid.all():
        times, values, groups = times[valid], values[valid], groups[valid]
        series = None if series is None else series[valid]
    counts = np.bincount(groups, minlength=size)
    if agg == "count":
        return counts.astype(np.float64)
    if quantile := _QUANTILE.fullmatch(agg):
        return _quantile(float(quantile[1]) / 100, values, groups, counts)
    if agg in ("rate", "increase"):
        whole = groups if series is None else series
        taken = np.bincount(groups, _spans(times, whole), minlength=size)
        taken = np.where(taken > 0, taken, np.nan)  # 0: nothing here has one before it
        grown = np.bincount(groups, increases(values, whole), minlength=size)
        return np.where(taken > 0, grown, np.nan) if agg == "increase" else grown / taken
    if agg in ("min", "max"):
        return _extreme(agg, values, groups, size)
    sums: Values = np.where(counts > 0, np.bincount(groups, values, minlength=size), np.nan)
    return sums / np.maximum(counts, 1) if agg == "avg" else sums


def increases(values: Values, groups: Indices) -> Values:
    """Return a counter's growth over the row before it in its group. A value that falls is a restart from zero."""
    grown = np.diff(values, prepend=values[:1])
    np.copyto(grown, values, where=grown < 0)
    grown[_starts(groups)] = 0.0
    return grown


def _starts(groups: Indices) -> Indices:
    return np.flatnonzero(np.diff(groups, prepend=-1))


def _ends(groups: Indices) -> Indices:
    return np.flatnonzero(np.diff(groups, append=-1))


def _at_ends(values: Values, groups: Indices, size: int) -> Values:
    result = np.full(size, np.nan)
    ends = _ends(groups)
    result[groups[ends]] = values[ends]
    return result


def _extreme(agg: str, values: Values, groups: Indices, size: int) -> Values:
    result = np.full(size, np.nan)
    starts = _starts(groups)
    if len(starts):
        reduce = np.minimum if agg == "min" else np.maximum
        result[groups[starts]] = reduce.reduceat(values, starts)
    return result


def _spans(times: Times, groups: Indices) -> Values:
    """Seconds since the row before in its group; 0 for the first."""
    spans = np.diff(times, prepend=times[:1]) / 1e6
    spans[_starts(groups)] = 0.0
    return spans


def _quantile(share: float, values: Values, groups: Indices, counts: Indices) -> Values:
    """Interpolate linearly between the two nearest values, as numpy and pandas do."""
    if not len(values):
        return np.full(len(counts), np.nan)
    ordered = values[np.lexsort((values, groups))]
    filled = counts > 0
    position = (np.cumsum(counts) - counts)[filled] + (counts[filled] - 1) * share
    below, above = np.floor(position).astype(np.intp), np.ceil(position).astype(np.intp)
    low, high = ordered[below], ordered[above]
    result = np.full(len(counts), np.nan)
    with np.errstate(invalid="ignore"):
        result[filled] = np.where(low == high, low, low + (high - low) * (position - below))
    return result
