"""Joins: wide frames side by side, their columns by the labels they share and their rows by time, near enough."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError

__all__ = ["joined"]


def joined(mine: pd.DataFrame, theirs: pd.DataFrame | pd.Series[float], tolerance: float) -> pd.DataFrame:
    """Return both on all times of either; a row of theirs up to `tolerance` seconds from one of mine moves to it.

    Columns are metric names, or metric and the labels of both ("" where one has none) once a metric has several series.
    """
    if isinstance(theirs, pd.Series):
        needed(theirs.name, (str, tuple), "a Series is joined under its name", 'Name it: series.rename("cpu").')
        theirs = theirs.to_frame()
    needed(theirs, pd.DataFrame, "a frame is joined with another", "Give a MetricFrame, a DataFrame or a Series.")
    mine, theirs = _labelled(mine), _labelled(theirs)
    labels = sorted({str(name) for frame in (mine, theirs) for name in frame.columns.names} - {"metric"})
    mine.columns, theirs.columns = _levels(mine, labels), _levels(theirs, labels)
    shared = mine.columns.intersection(theirs.columns)
    if len(shared):
        raise SettingsError(
            f"both frames have {_words(shared[0])}", "Select different metrics, or rename columns of .df."
        )
    metrics = [*mine.columns.get_level_values("metric"), *theirs.columns.get_level_values("metric")]
    names: pd.Index = pd.Index(metrics, name="metric")
    if not names.is_unique:
        names = pd.MultiIndex.from_tuples([*mine.columns, *theirs.columns], names=mine.columns.names)
    if tolerance:
        theirs.index = _moved(pd.DatetimeIndex(mine.index), pd.DatetimeIndex(theirs.index), tolerance)
    width = mine.shape[1]
    mine.columns, theirs.columns = pd.RangeIndex(width), pd.RangeIndex(width, len(metrics))
    both = mine.join(theirs, how="outer")
    both.columns = names
    return both


def _labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same data under columns whose first level is the metric."""
    index = frame.index
    if not (isinstance(index, pd.DatetimeIndex) and index.tz is not None and index.is_unique):
        raise SettingsError(
            "the DataFrame has no times to be joined on",
            "Give it a DatetimeIndex with a time zone and each time once: df.index = pd.to_datetime(..., utc=True).",
        )
    frame = frame.copy(deep=False)
    if frame.columns.nlevels == 1:
        frame.columns = pd.MultiIndex.from_arrays([frame.columns.get_level_values(0)], names=["metric"])
    elif "metric" not in frame.columns.names or not all(isinstance(name, str) for name in frame.columns.names):
        raise SettingsError(
            "the DataFrame has columns of several levels, and none is the metric",
            'Name them as .df does: df.columns.names = ["metric", "component"].',
        )
    return frame


def _levels(frame: pd.DataFrame, labels: list[str]) -> pd.MultiIndex:
    """Return a frame's columns by metric and all these labels."""
    names, none = frame.columns.names, np.full(frame.shape[1], "", object)
    levels = [frame.columns.get_level_values(name) if name in names else none for name in ["metric", *labels]]
    return pd.MultiIndex.from_arrays(levels, names=["metric", *labels])


def _words(column: tuple[object, ...]) -> str:
    """A column without the labels it does not have."""
    return ", ".join(repr(part) for part in column if part != "")


def _moved(mine: pd.DatetimeIndex, theirs: pd.DatetimeIndex, tolerance: float) -> pd.DatetimeIndex:
    """Return their times, each that is the nearest to one of mine, and near enough, as that one."""
    if not len(mine) or not len(theirs):
        return theirs
    place = mine.get_indexer(theirs, method="nearest", tolerance=pd.Timedelta(seconds=tolerance))
    near = np.flatnonzero(place >= 0)
    apart = abs((theirs[near] - mine[place[near]]).to_numpy())
    order = np.lexsort((apart, place[near]))
    first = np.diff(place[near][order], prepend=-1) != 0  # of several near one of mine the nearest; the rest stay
    chosen = near[order[first]]
    unit = theirs.unit if theirs.unit == mine.unit else "ns"  # as fine as either
    ours, times = (index.as_unit(unit).tz_convert("UTC").tz_localize(None).to_numpy() for index in (mine, theirs))
    times = times.copy()
    times[chosen] = ours[place[chosen]]
    return pd.DatetimeIndex(times, name=theirs.name).tz_localize("UTC")
