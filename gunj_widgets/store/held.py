"""Held: the samples that a frame is to hold instead of its own, as they come out of a recording. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gunj_widgets.store.rows import newest_of_each, tidy_order
from gunj_widgets.store.series import Registry
from gunj_widgets.store.slab import SPARE, Indices, Slab, Slots, Times, Values

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

    def settle(self, registry: Registry, oldest: int, max_rows: int | None, most: int, base: int) -> Slab:
        """Return a new slab with what is kept, whose series are then those of an empty `registry`; `base` is its first number."""
        for metric, labels, _ in self.series:
            registry.meet(metric, labels)
        numbers, times, values = self.kept(oldest, max_rows, most)
        slab = Slab(int(len(times) * SPARE), base)
        places, known = np.zeros(len(self.series), np.uint16), np.zeros(len(self.series), np.bool_)
        for number in np.flatnonzero(np.bincount(numbers)).tolist():
            metric, labels, unit = self.series[number]
            series = registry.add(metric, labels, unit, base)
            if series is not None:  # else it is over a bound
                places[number], known[number] = series.slot, True
        admitted = known[numbers]
        slab.extend(places[numbers[admitted]], times[admitted], values[admitted])
        lasts = np.full(len(registry.by_slot), -1)
        lasts[slab.slots[: slab.count]] = np.arange(slab.count)  # the last written is each series' newest
        for one, row in zip(registry.by_slot, lasts.tolist(), strict=True):
            if one is not None:
                one.last, one.last_value = int(slab.times[row]), float(slab.values[row])
        return slab

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
