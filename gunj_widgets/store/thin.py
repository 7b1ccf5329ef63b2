"""Thinning: of more points than can be drawn, those that bound what was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from tsdownsample import NaNMinMaxDownsampler

from gunj_widgets.store.delta import FrameDelta

__all__ = ["bounding", "thin", "within"]

FEWEST = 4
_minmax: Any = NaNMinMaxDownsampler()  # type: ignore[no-untyped-call]


def bounding(x: Any, y: Any, most: int) -> Any:
    """Return the places, at most `most`, of the lowest and the highest value of each stretch of `x`; of a gap's, the gap."""
    if len(x) <= most:
        return np.arange(len(x))
    return _minmax.downsample(x, y, n_out=most).astype(np.intp)


def thin(rows: FrameDelta, most: int) -> tuple[FrameDelta, int]:
    """Return at most `most` rows of each series, and how many were left out.

    Of each stretch of time the lowest and the highest value stay, and a gap stays a gap.
    """
    most = max(FEWEST, most - most % 2)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(rows.keys)) + 1]) if len(rows.keys) else np.empty(0, np.intp)
    ends = np.append(starts[1:], len(rows.keys))
    if not len(starts) or (ends - starts).max() <= most:
        return rows, 0
    kept = np.concatenate(
        [
            start + bounding(rows.x[start:end], rows.y[start:end], most)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
    )
    return replace(rows, keys=rows.keys[kept], x=rows.x[kept], y=rows.y[kept]), len(rows.keys) - len(kept)


def within(rows: FrameDelta, start: float, end: float) -> FrameDelta:
    """Return the rows between two epoch seconds, both included."""
    inside = (rows.x >= start) & (rows.x <= end)
    return replace(rows, keys=rows.keys[inside], x=rows.x[inside], y=rows.y[inside])
