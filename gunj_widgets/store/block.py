"""Many columns of samples as one block: converted and looked at together, since each look costs as much for 10 as for 1,000."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from gunj_widgets.store.slab import MICRO, Times, Values

__all__ = ["Numbers", "block"]

Numbers: TypeAlias = "list[float] | array[float]"


def block(columns: Sequence[tuple[Numbers, Numbers]]) -> tuple[Times, Values, list[int]] | None:
    """Return the microseconds and the values of all columns, one after the other, and each column's length.

    None where anything is not as it usually is: a column empty or uneven, an item no number, times that do not rise.
    """
    lengths = [len(times) for times, _ in columns]
    if not all(lengths) or lengths != [len(values) for _, values in columns]:
        return None
    try:
        seconds = np.frombuffer(b"".join([_packed(times) for times, _ in columns]))
        numbers = np.frombuffer(b"".join([_packed(values) for _, values in columns]))
    except struct.error:
        return None
    with np.errstate(invalid="ignore"):  # an infinite time becomes one that does not rise
        moments: Times = (seconds * MICRO + 0.5).astype(np.int64)
    rising = moments[1:] > moments[:-1]
    if len(lengths) > 1:
        rising[np.cumsum(lengths[:-1]) - 1] = True  # from one column to the next
    return (moments, numbers, lengths) if rising.all() else None


def _packed(numbers: Numbers) -> array[float] | bytes:
    """Return floats side by side; a list is packed three times as fast as an array is made of it."""
    return struct.pack(f"{len(numbers)}d", *numbers) if isinstance(numbers, list) else numbers
