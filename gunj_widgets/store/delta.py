"""FrameDelta: what a reader of a frame has not seen yet, ready to be sent to a browser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gunj_widgets.store.rows import Rows
from gunj_widgets.store.samples import Snapshot
from gunj_widgets.store.series import Series, SeriesInfo
from gunj_widgets.store.slab import MICRO, Bools, Values
from gunj_widgets.store.staleness import ends

__all__ = ["FrameDelta", "infos", "since"]


@dataclass(frozen=True, slots=True)
class FrameDelta:
    """Rows grouped by series (`keys`) and rising in time within each; `x` in epoch seconds, NaN in `y` is a gap.

    `reset`: this replaces all that was read before. `series`: all the view's series on a reset, else the new ones.
    `cursor`: give it to the next `rows_since`. `lost`: rows of the table that came after the last cursor and were
    forgotten before this read, as an upper bound; only a reset can lose any.
    """

    reset: bool
    series: list[SeriesInfo]
    keys: NDArray[np.int32]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    cursor: int
    lost: int


def since(cursor: int | None, snapshot: Snapshot, chosen: Bools | None, oldest: int) -> FrameDelta:
    """Return what the table holds from `oldest` (microseconds) on and the reader at `cursor` has not got."""
    end = snapshot.base + len(snapshot.rows)
    begin = -1 if cursor is None else cursor
    reset = not snapshot.rewritten <= begin <= end
    if reset:
        rows = snapshot.rows.of(chosen).newest(snapshot.max_rows).since(oldest).by_series()
        series = _chosen(snapshot, chosen)
        rows = _with_gaps(rows, [(a, b) for a, b in snapshot.gaps if b > oldest])
    else:
        fresh = snapshot.rows.take(slice(begin - snapshot.base, None)).of(chosen)
        rows = fresh.since(oldest).by_series()
        series = [s for s in fresh.present() if s.born >= begin]
    return FrameDelta(
        reset=reset,
        series=infos(rows, series, snapshot),
        keys=snapshot.keys[rows.slots],
        x=rows.times / MICRO,
        y=rows.values,
        cursor=end,
        lost=max(0, snapshot.gone - begin) if begin >= 0 else 0,
    )


def infos(rows: Rows, series: list[Series], snapshot: Snapshot) -> list[SeriesInfo]:
    """Describe series, with the number and the last of their rows; `rows` are grouped by series and rising."""
    if not series:
        return []
    newest = snapshot.newest
    stale = newest > ends(snapshot.rows)
    counts = np.bincount(rows.slots, minlength=len(rows.series))
    final = np.cumsum(counts) - 1
    found = []
    for one in series:
        count = int(counts[one.slot])
        last = int(final[one.slot])
        found.append(
            SeriesInfo(
                key=one.key,
                metric=one.metric,
                labels=dict(one.labels),
                unit=one.unit,
                name=one.name,
                count=count,
                last_time=int(rows.times[last]) / MICRO if count else None,
                last_value=float(rows.values[last]) if count else None,
                age=(newest - int(rows.times[last])) / MICRO if count else None,
                stale=bool(count and stale[one.slot]),
            )
        )
    return found


def _chosen(snapshot: Snapshot, chosen: Bools | None) -> list[Series]:
    found = [s for s in snapshot.rows.series if s is not None and (chosen is None or chosen[s.slot])]
    return sorted(found, key=lambda s: s.key)


def _with_gaps(rows: Rows, gaps: list[tuple[int, int]]) -> Rows:
    """Add a NaN to each series in each gap that follows its samples and that none of them fills."""
    slots, times, values = [rows.slots], [rows.times], [rows.values]
    for start, end in gaps:
        before = np.unique(rows.slots[rows.times <= start])
        filled = np.unique(rows.slots[(rows.times > start) & (rows.times < end)])
        broken = np.setdiff1d(before, filled)
        slots.append(broken)
        times.append(np.full(len(broken), (start + end) // 2, np.int64))
        values.append(np.full(len(broken), np.nan))
    if len(slots) == 1:
        return rows
    columns: tuple[NDArray[np.uint16], NDArray[np.int64], Values] = (
        np.concatenate(slots),
        np.concatenate(times),
        np.concatenate(values),
    )
    return Rows(*columns, series=rows.series, tidy=False).tidied().by_series()
