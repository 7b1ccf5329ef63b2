"""Slab: the samples of all series in three columns, append-only, so that a view once handed out never changes.

A row is (slot of its series, time, value): 18 bytes. Rows below `count` are never written again. When the slab is full,
the rows worth keeping go into a NEW slab, and whoever still reads the old one reads it undisturbed.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_SLOTS", "MICRO", "SPARE", "Bools", "Indices", "Slab", "Slots", "Times", "Values", "micros"]

Slots: TypeAlias = NDArray[np.uint16]
Times: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

MAX_SLOTS = 1 << 16
MICRO = 1_000_000
"""Times are whole microseconds: exact for milliseconds, half the digits of float64, and what pandas 3 indexes by."""
SPARE = 1.2
"""Capacity over what is kept. 18 bytes x 1.2 = 21.6 a sample, and each row is copied five times in its life."""
SMALL = 16_384
"""Rows up to which a slab doubles instead."""
SMALLEST = 512


class Slab:
    """Columns of `capacity` rows, of which the first `count` are filled. `base` is the number of row 0 since ever."""

    __slots__ = ("base", "capacity", "count", "slots", "slots_out", "times", "times_out", "values", "values_out")

    def __init__(self, capacity: int, base: int = 0) -> None:
        self.capacity = max(SMALLEST, capacity)
        self.base = base
        self.count = 0
        self.slots: Slots = np.empty(self.capacity, np.uint16)
        self.times: Times = np.empty(self.capacity, np.int64)
        self.values: Values = np.empty(self.capacity, np.float64)
        # For single rows: an item is written through a memoryview in half the time it takes through the array.
        self.slots_out: memoryview[int] = self.slots.data
        self.times_out: memoryview[int] = self.times.data
        self.values_out: memoryview[float] = self.values.data  # type: ignore[assignment]

    @property
    def end(self) -> int:
        """The number the next row will have."""
        return self.base + self.count

    @property
    def nbytes(self) -> int:
        return self.slots.nbytes + self.times.nbytes + self.values.nbytes

    def extend(self, slot: int | Slots, times: Times, values: Values) -> None:
        """Add rows, of one series or each with its own; there must be room."""
        start, end = self.count, self.count + len(times)
        self.slots[start:end] = slot
        self.times[start:end] = times
        self.values[start:end] = values
        self.count = end

    def kept(self, rows: Indices | slice, room: int) -> Slab:
        """Return a new slab with the chosen rows and `room` for more. Its `end` is the same: rows keep their number."""
        count = self.count
        slots, times, values = self.slots[:count][rows], self.times[:count][rows], self.values[:count][rows]
        kept = len(slots)
        fresh = Slab(max(int(kept * SPARE), min(2 * kept, SMALL), kept + room), self.end - kept)
        fresh.slots[:kept], fresh.times[:kept], fresh.values[:kept] = slots, times, values
        fresh.count = kept
        return fresh


def micros(times: Values) -> Times:
    """Convert finite epoch seconds, not negative, to whole microseconds."""
    whole: Times = np.floor(times * MICRO + 0.5).astype(np.int64)
    return whole
