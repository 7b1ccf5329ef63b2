"""Slab: the samples of all series in three columns, append-only, so that a view once handed out never changes.

A row is (slot of its series, time, value): 18 bytes. Rows below `count` are not written again while anybody has a view.
When the slab is full and somebody has, the rows worth keeping go into a NEW slab, and the old one is read undisturbed;
where nobody has, they move to the front of the same memory, which the system need not provide and clear again.
"""

from __future__ import annotations

from sys import getrefcount
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["FILLING", "MAX_SLOTS", "MICRO", "SPARE", "Bools", "Indices", "Slab", "Slots", "Times", "Values", "micros"]

Slots: TypeAlias = NDArray[np.uint16]
Times: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.intp]

MAX_SLOTS = 1 << 16
MICRO = 1_000_000
"""Times are whole microseconds: exact for milliseconds, half the digits of float64, and what pandas 3 indexes by."""
SPARE = 1.15
"""Capacity over what is kept. 18 bytes x 1.15 = 20.7 a sample, and each row is moved seven times in its life."""
TOLERANCE = 1.05
"""How far from that it may be and still be used again."""
FILLING = 16
"""How many times what it keeps it may have while old rows do not yet go: each copy on the way costs as much as the rows."""
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

    def kept(self, rows: Indices | slice, room: int, likely: int) -> Slab:
        """Return a slab with the chosen rows and `room` for more. Its `end` is the same: rows keep their number.

        `likely` is how many rows there will be once old ones go as fast as new ones come.

        It is this one where the rows are its newest, nobody has a view and the size is right; else it is a new one, and
        this is left as it is.
        """
        count = self.count
        if isinstance(rows, slice) and rows.stop is None and self._moved(rows.start or 0, room):
            return self
        slots, times, values = self.slots[:count][rows], self.times[:count][rows], self.values[:count][rows]
        kept = len(slots)
        # While it still fills it may have much more than it needs: what was never written to costs no memory, a copy does.
        filling = min(FILLING * kept, int(likely * SPARE)) if kept == count else 0
        fresh = Slab(max(filling, _size(kept, room)), self.end - kept)
        fresh.slots[:kept], fresh.times[:kept], fresh.values[:kept] = slots, times, values
        fresh.count = kept
        return fresh

    def _moved(self, first: int, room: int) -> bool:
        """Drop the rows before `first` in place, if that can be done."""
        count, kept = self.count, self.count - first
        size = _size(kept, room)
        if not first or not kept + room <= self.capacity <= size * TOLERANCE or self.capacity * TOLERANCE < size:
            return False
        if self._references() != _ALONE:
            return False
        for column in (self.slots, self.times, self.values):
            column[:kept] = column[first:count]
        self.base += first
        self.count = kept
        return True

    def _references(self) -> tuple[int, int, int]:
        """Count who refers to the columns: every view of one does."""
        return getrefcount(self.slots), getrefcount(self.times), getrefcount(self.values)


def _size(kept: int, room: int) -> int:
    return max(SMALLEST, int(kept * SPARE), min(2 * kept, SMALL), kept + room)


_ALONE = Slab(0)._references()
"""What a slab counts that nobody has a view of; an interpreter may count its own temporary references or not."""


def micros(times: Values) -> Times:
    """Convert finite epoch seconds, not negative, to whole microseconds."""
    whole: Times = np.floor(times * MICRO + 0.5).astype(np.int64)
    return whole
