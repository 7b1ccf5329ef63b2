"""Records as pandas tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from gunj_widgets.events.shown import Table, stamp
from gunj_widgets.store.slab import MICRO

__all__ = ["nanoseconds", "shown", "table", "utc"]

LAST_NS = 9_223_372_036_854_775_807
NAT = -LAST_NS - 1
"""What numpy takes for no time."""


def utc(times: Iterable[float | None]) -> pd.DatetimeIndex:
    """Epoch seconds as a UTC index, to the microsecond; NaT where there is none."""
    moments = [np.datetime64("NaT", "us") if t is None else np.datetime64(int(t * MICRO + 0.5), "us") for t in times]
    return pd.DatetimeIndex(np.array(moments, "datetime64[us]")).tz_localize("UTC")


def nanoseconds(times: Iterable[tuple[float, int | None]]) -> pd.DatetimeIndex:
    """Epoch seconds, or nanoseconds where they are known, as a UTC index to the nanosecond; NaT outside of 1678 to 2262."""
    moments = [int(time * MICRO + 0.5) * 1_000 if ns is None else ns for time, ns in times]
    known = [ns if -LAST_NS < ns < LAST_NS else NAT for ns in moments]
    return pd.DatetimeIndex(np.array(known, np.int64).view("datetime64[ns]")).tz_localize("UTC")


def table(
    columns: Sequence[str], rows: Sequence[tuple[object, ...]], *, index: str, times: Sequence[str] = ()
) -> pd.DataFrame:
    """Build a frame from rows; the columns named in `times` hold epoch seconds or None and become UTC times."""
    data: dict[str, object] = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    if not rows:  # of no values pandas makes numbers, which have no .str
        data = {name: np.array([], object) for name in columns}
    for name in times:
        data[name] = utc(data[name])  # type: ignore[arg-type]
    return pd.DataFrame(data).set_index(index)


def shown(
    holder: object, columns: Sequence[str], rows: Iterable[tuple[object, ...]], times: Sequence[str] = ()
) -> Table:
    """Return what a cell shows of a holder: the same columns and rows, of which only as many are made as are shown."""
    at = {columns.index(name) for name in times}
    told = (
        [stamp(cell) if place in at and isinstance(cell, int | float) else cell for place, cell in enumerate(row)]
        for row in rows
    )
    return repr(holder)[1:-1], columns, told
