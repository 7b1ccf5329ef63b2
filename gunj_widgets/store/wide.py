"""Wide and long: samples as pandas shows them. Everything handed out is a copy: the table cannot be written by it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gunj_widgets.errors import LimitError
from gunj_widgets.store.aggregates import aggregate
from gunj_widgets.store.rows import Rows
from gunj_widgets.store.series import Series
from gunj_widgets.store.slab import Indices, Times, Values

__all__ = ["MAX_CELLS", "columns", "label_names", "labelled", "long", "resampled", "time_index", "wide"]

MAX_CELLS = 25_000_000
"""Cells of a wide frame, 200 MB. Series that share no timestamps need a row a sample: the size grows as its square."""
RESERVED = frozenset({"time", "metric", "value", "unit"})
"""Column names of the long form; a label of that name is shown as `label_<name>`."""


def wide(rows: Rows, series: list[Series], names: pd.Index, gaps: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Times x series. `names` are the columns: first those of `series`, then columns that stay empty."""
    size = rows.cycle()
    ticks = rows.times.reshape(-1, size) if size else None
    if ticks is not None and (ticks == ticks[:, :1]).all() and (ticks[1:, 0] > ticks[:-1, 0]).all():
        moments, cells = _from_ticks(rows, ticks[:, 0], rows.take(slice(size)).columns_of(series), len(names))
    else:
        moments, cells = _from_rows(rows, rows.columns_of(series), len(names))
    moments, cells = _broken(moments, cells, gaps)
    return pd.DataFrame(cells.T, index=time_index(moments), columns=names, copy=False)


def _from_ticks(rows: Rows, moments: Times, position: Indices, width: int) -> tuple[Times, Values]:
    """The fast path: all series were sampled together, so the rows are the matrix already, lying on its side."""
    _check_size(len(moments), width)
    cells = np.full((width, len(moments)), np.nan)
    cells[position] = rows.values.reshape(len(moments), -1).T
    return moments, cells


def _from_rows(rows: Rows, position: Indices, width: int) -> tuple[Times, Values]:
    """Rows come in the order they arrived, so that where two share a cell the later one stays."""
    moments, row = _grid(rows.times)
    _check_size(len(moments), width)
    cells = np.full(width * len(moments), np.nan)
    cells[position * len(moments) + row] = rows.values
    return moments, cells.reshape(width, len(moments))


def resampled(rows: Rows, series: list[Series], names: pd.Index, step: int, agg: str) -> pd.DataFrame:
    """Bins of `step` microseconds, aligned to the epoch and named by their start, from the first to the last sample."""
    rows, position = rows.grouped(series)
    bins = rows.times // step
    first = int(bins.min()) if len(bins) else 0
    count = int(bins.max()) - first + 1 if len(bins) else 0
    _check_size(count, len(names))
    cells = aggregate(agg, rows.times, rows.values, position * count + (bins - first), count * len(names), position)
    moments = (np.arange(count, dtype=np.int64) + first) * step
    return pd.DataFrame(cells.reshape(len(names), count).T, index=time_index(moments), columns=names, copy=False)


def long(rows: Rows, series: list[Series]) -> pd.DataFrame:
    """One row a sample, by time: time, metric, a column for each label, value, unit. Text columns are categorical."""
    tidied = rows.tidied()
    tidied = tidied.take(np.argsort(tidied.times, kind="stable"))
    position = tidied.columns_of(series)
    data: dict[str, object] = {
        "time": time_index(tidied.times),
        "metric": _spread([s.metric for s in series], position),
    }
    for label in label_names(series):
        data[_shown(label)] = _spread([s.labels.get(label, "") for s in series], position)
    data["value"] = tidied.values.copy()
    data["unit"] = _spread([s.unit for s in series], position)
    return pd.DataFrame(data)


def columns(series: Sequence[Series], empty: Sequence[str] = ()) -> pd.Index:
    """Name the columns: by metric where each is one series, else by metric and labels ("" where a label is missing).

    `empty` are metrics without a series, which follow.
    """
    metrics = [*(s.metric for s in series), *empty]
    if len(set(metrics)) == len(metrics):
        return pd.Index(metrics, name="metric", dtype="str")
    return labelled(series, empty)


def labelled(series: Sequence[Series], empty: Sequence[str] = ()) -> pd.MultiIndex:
    """Name the columns by metric and labels, "" where a label is missing."""
    metrics, labels = [*(s.metric for s in series), *empty], label_names(series)
    levels = [[*(s.labels.get(label, "") for s in series), *("" for _ in empty)] for label in labels]
    return pd.MultiIndex.from_arrays([metrics, *levels], names=["metric", *map(_shown, labels)])


def label_names(series: Sequence[Series]) -> list[str]:
    return sorted({label for s in series for label in s.labels})


def time_index(moments: Times) -> pd.DatetimeIndex:
    """Microseconds as a UTC index."""
    return pd.DatetimeIndex(moments.astype("datetime64[us]"), name="time").tz_localize("UTC")


def _shown(label: str) -> str:
    return f"label_{label}" if label in RESERVED else label


def _spread(texts: list[str], position: Indices) -> pd.Categorical:
    codes, categories = pd.factorize(np.array(texts, object), sort=True)
    return pd.Categorical.from_codes(codes[position], categories=pd.Index(categories, dtype="str"))


def _grid(times: Times) -> tuple[Times, Indices]:
    """Return the distinct times, rising, and for each row which of them is its own."""
    if len(times) and (times[1:] >= times[:-1]).all():
        new = np.empty(len(times), bool)
        new[0] = True
        np.not_equal(times[1:], times[:-1], out=new[1:])
        starts = np.flatnonzero(new)
        return times[starts], np.repeat(np.arange(len(starts)), np.diff(starts, append=len(times)))
    moments, row = np.unique(times, return_inverse=True)
    return moments, row


def _broken(moments: Times, cells: Values, gaps: Sequence[tuple[int, int]]) -> tuple[Times, Values]:
    """Put an empty row into each gap that lies between two samples and that no sample has filled."""
    middles: dict[int, int] = {}
    for start, end in gaps:
        before = int(np.searchsorted(moments, start, side="right"))
        if 0 < before < len(moments) and before == np.searchsorted(moments, end, side="left"):
            middles[before] = (start + end) // 2
    if not middles:
        return moments, cells
    places = list(middles)
    return np.insert(moments, places, list(middles.values())), np.insert(cells, places, np.nan, axis=1)


def _check_size(rows: int, series: int) -> None:
    if rows * series > MAX_CELLS:
        raise LimitError(
            f"a wide frame of {rows:,} times x {series:,} series has over {MAX_CELLS:,} cells",
            'Use .resample("10s"), .select(...) or .long.',
            limit="MAX_CELLS",
            value=MAX_CELLS,
        )
