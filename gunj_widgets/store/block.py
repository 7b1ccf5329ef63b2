"""Many columns of samples as one block: converted and looked at together, since each look costs as much for 10 as for 1,000."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from gunj_widgets.store.slab import MICRO, Times, Values

__all__ = ["Numbers", "block"]

Numbers: TypeAlias = "list[float] | array[float] | bytes"


def block(columns: Sequence[tuple[Numbers, Numbers]]) -> tuple[Times, Values, list[int]] | None:
    """Return the microseconds and the values of all columns, one after the other, and each column's length.

    None where anything is not as it usually is: a column empty or uneven, an item no number, times that do not rise.
    """
    try:
        times = [_packed(column[0]) for column in columns]
        values = [_packed(column[1]) for column in columns]
    except struct.error:
        return None
    lengths = [len(packed) // 8 for packed in times]
    if not all(lengths) or [len(packed) for packed in times] != [len(packed) for packed in values]:
        return None
    moments, numbers = _micros(np.frombuffer(b"".join(times))), np.frombuffer(b"".join(values))
    rising = moments[1:] > moments[:-1]
    if len(lengths) > 1:
        rising[np.cumsum(lengths[:-1]) - 1] = True  # from one column to the next
    return (moments, numbers, lengths) if rising.all() else None


def _micros(seconds: Values) -> Times:
    """Convert any numbers; what is none, or infinite, becomes negative."""
    scaled = seconds * MICRO
    scaled += 0.5
    with np.errstate(invalid="ignore"):
        return scaled.astype(np.int64)


def _packed(numbers: Numbers) -> bytes:
    """Return floats side by side; a list is packed three times as fast as an array is made of it."""
    if isinstance(numbers, bytes):
        return numbers
    return struct.pack(f"{len(numbers)}d", *numbers) if isinstance(numbers, list) else numbers.tobytes()
