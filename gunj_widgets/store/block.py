"""Many columns of samples as one block: converted and looked at together, since each look costs as much for 10 as for 1,000."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from gunj_widgets.store.slab import MICRO, Indices, Times, Values

__all__ = ["Numbers", "block"]

ITEM = 8
"""Bytes of a float64."""

Numbers: TypeAlias = "list[float] | array[float] | bytes"


def block(times: Sequence[Numbers], values: Sequence[Numbers]) -> tuple[Times, Values, Indices] | None:
    """Return the microseconds and the values of all columns, one after the other, and where each column ends.

    None where anything is not as it usually is: a column empty or uneven, an item no number, times that do not rise.
    """
    try:
        stamps = [column if isinstance(column, bytes) else _packed(column) for column in times]
        numbers = [column if isinstance(column, bytes) else _packed(column) for column in values]
    except struct.error:
        return None
    sizes = [len(column) for column in stamps]
    if not all(sizes) or sizes != [len(column) for column in numbers]:
        return None
    ends, torn = np.divmod(np.array(sizes).cumsum(), ITEM)
    if torn.any():
        return None  # bytes that are not whole numbers; two such columns in a row could pass for others
    moments = _micros(np.frombuffer(b"".join(stamps)))
    rising = moments[1:] > moments[:-1]
    rising[ends[:-1] - 1] = True  # from one column to the next
    return (moments, np.frombuffer(b"".join(numbers)), ends) if rising.all() else None


def _micros(seconds: Values) -> Times:
    """Convert any numbers; what is none, or infinite, becomes negative."""
    scaled = seconds * MICRO
    scaled += 0.5
    with np.errstate(invalid="ignore"):
        return scaled.astype(np.int64)


def _packed(numbers: list[float] | array[float]) -> bytes:
    """Return floats side by side; a list is packed three times as fast as an array is made of it."""
    return struct.pack(f"{len(numbers)}d", *numbers) if isinstance(numbers, list) else numbers.tobytes()
