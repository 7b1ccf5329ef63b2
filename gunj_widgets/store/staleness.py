"""Staleness: how long what a series said last holds. Beside series that go on, one that fell silent says nothing any more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gunj_widgets.store.rows import Rows
from gunj_widgets.store.slab import MICRO, Times

__all__ = ["STALE_AFTER", "ended", "ends"]

STALE_AFTER = 300.0
"""Seconds without a sample after which a series is stale, as in Prometheus; more for one that is sampled rarely."""
MISSED = 3
"""Samples that have to stay out, by the interval a series had so far: one of each 10 minutes is no dead one."""


def ends(rows: Rows) -> Times:
    """Return when each slot's series is stale, in microseconds, unless another sample comes; 0 where it has none here."""
    tidied = rows.tidied()  # times rise in each, so that of rows written in order the last one stays
    last = np.zeros(len(rows.series), np.int64)
    first = last.copy()
    last[tidied.slots] = tidied.times
    first[tidied.slots[::-1]] = tidied.times[::-1]
    counts = np.bincount(tidied.slots, minlength=len(rows.series))
    interval = (last - first) // np.maximum(counts - 1, 1)
    return np.where(counts > 0, last + np.maximum(round(STALE_AFTER * MICRO), MISSED * interval), 0)


def ended(rows: Rows, newest: int, held: Rows) -> Rows:
    """Return rows with a NaN where the last of their series became stale, if all of them are at `newest` (microseconds).

    `held` are all the rows there are, which tell how often a series is sampled even where few of them are looked at.
    """
    if not len(rows) or newest - int(rows.times.max()) <= STALE_AFTER * MICRO:
        return rows
    here = np.unique(rows.slots)
    end = ends(held)[here]
    last = int(end.argmax())
    if newest <= end[last]:
        return rows
    return replace(
        rows,
        slots=np.append(rows.slots, here[last]),
        times=np.append(rows.times, end[last]),
        values=np.append(rows.values, np.nan),
    )
