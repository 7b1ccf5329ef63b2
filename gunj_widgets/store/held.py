"""Held: the samples that a frame is to hold instead of its own, as they come out of a recording. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gunj_widgets.store.rows import newest_of_each, tidy_order
from gunj_widgets.store.slab import Indices, Slots, Times, Values

__all__ = ["Held"]


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of one frame in the order they came: a number into `series`, a time in microseconds, a value.

    `series` are (metric, labels, unit), in the order they were first seen, whether they have rows or not; `newest` is the newest
    time ever seen, and `gaps` are from when to when, all in microseconds. There may be rows that a frame keeps no longer.
    """

    series: Sequence[tuple[str, Mapping[str, str], str]]
    numbers: Slots
    times: Times
    values: Values
    newest: int
    gaps: Sequence[tuple[int, int]] = ()

    def kept(self, oldest: int, max_rows: int | None, most: int) -> tuple[Slots, Times, Values]:
        """Return the rows from `oldest` on, each series rising and without duplicates: the newest `max_rows` of each, `most` in all."""
        young = self.times >= oldest
        numbers, times, values = self.numbers[young], self.times[young], self.values[young]
        chosen: Indices | NDArray[np.bool_]
        if not _rising(numbers, times):
            chosen = tidy_order(numbers, times)
            numbers, times, values = numbers[chosen], times[chosen], values[chosen]
        if max_rows is not None:
            chosen = newest_of_each(numbers, max_rows)
            numbers, times, values = numbers[chosen], times[chosen], values[chosen]
        return numbers[-most:], times[-most:], values[-most:]


def _rising(numbers: Slots, times: Times) -> bool:
    """Say whether the times of each series only rise."""
    order = np.argsort(numbers, kind="stable")
    grouped, moments = numbers[order], times[order]
    return bool(((grouped[1:] != grouped[:-1]) | (moments[1:] > moments[:-1])).all())
