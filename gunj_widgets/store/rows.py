"""Rows: a stable set of samples taken from the slab, and vector arithmetic on it. Nothing here writes to its input."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gunj_widgets.store.series import Series
from gunj_widgets.store.slab import Bools, Indices, Slots, Times, Values

__all__ = ["Rows", "newest_of_each", "tidy_order"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Samples in the order they arrived. `tidy`: within each series, times only rise."""

    slots: Slots
    times: Times
    values: Values
    series: tuple[Series | None, ...]
    tidy: bool

    def __len__(self) -> int:
        return len(self.times)

    def take(self, chosen: Bools | Indices | slice) -> Rows:
        return replace(self, slots=self.slots[chosen], times=self.times[chosen], values=self.values[chosen])

    def since(self, oldest: int) -> Rows:
        """The rows at or after a time. What is dropped mostly lies in front: then nothing is copied."""
        young = self.times >= oldest
        if young.all():
            return self
        first = int(young.argmax()) if young.any() else len(young)
        rest = self.take(slice(first, None))
        return rest if young[first:].all() else rest.take(young[first:])

    def of(self, chosen: Bools | None) -> Rows:
        """The rows of the chosen slots; None = all."""
        return self if chosen is None else self.take(chosen[self.slots])

    def tidied(self) -> Rows:
        """In order of time and without duplicates, where that is not so already."""
        return self if self.tidy else replace(self.take(tidy_order(self.slots, self.times)), tidy=True)

    def newest(self, limit: int | None) -> Rows:
        """The newest `limit` rows of each series; None = all."""
        if limit is None:
            return self
        tidied = self.tidied()
        return tidied.take(newest_of_each(tidied.slots, limit))

    def by_series(self) -> Rows:
        """Grouped by slot, rising in time within each, without duplicates."""
        tidied = self.tidied()
        return tidied.take(np.argsort(tidied.slots, kind="stable"))

    def grouped(self, series: list[Series]) -> tuple[Rows, Indices]:
        """The same in the order of `series`, with each row's position in it."""
        tidied = self.tidied()
        position = tidied.columns_of(series)
        order = np.argsort(position.astype(np.uint16), kind="stable")
        return tidied.take(order), position[order]

    def latest(self, series: list[Series]) -> Values:
        """The newest value of each series, without sorting."""
        tidied = self.tidied()
        numbers = np.full(len(series), np.nan)
        numbers[tidied.columns_of(series)] = tidied.values  # times rise, so the last one written is the newest
        return numbers

    def present(self) -> list[Series]:
        """The series that have rows here, in the order they were first seen."""
        counts = np.bincount(self.slots, minlength=len(self.series))
        found = [series for series, count in zip(self.series, counts, strict=True) if count and series is not None]
        return sorted(found, key=lambda series: series.key)

    def cycle(self) -> int:
        """Return how many series take turns, one row each, always in the same order; 0 where they do not."""
        again = np.flatnonzero(self.slots[1 : len(self.series) + 1] == self.slots[:1])
        size = int(again[0]) + 1 if len(again) else len(self)
        if not size or size > len(self.series) or len(self) % size:
            return 0
        turns = self.slots.reshape(-1, size)
        regular = (turns == turns[0]).all() and len(np.unique(turns[0])) == size
        return size if regular else 0

    def columns_of(self, series: list[Series]) -> Indices:
        """For each row, the position of its series in the list."""
        position = np.zeros(len(self.series), np.intp)
        position[[s.slot for s in series]] = np.arange(len(series))
        return position[self.slots]


def tidy_order(slots: Slots, times: Times) -> Indices:
    """Return the rows in order of time, without those that a later row of the same series and time replaces."""
    order = np.lexsort((times, slots))  # stable: of equal rows the later arrival comes last, and wins
    ordered_slots, ordered_times = slots[order], times[order]
    last = np.ones(len(order), bool)
    last[:-1] = (ordered_slots[1:] != ordered_slots[:-1]) | (ordered_times[1:] != ordered_times[:-1])
    winners: Indices = order[last]
    return winners[np.argsort(times[winners], kind="stable")]


def newest_of_each(slots: Slots, limit: int) -> Bools:
    """Mark the last `limit` rows of each slot."""
    order = np.argsort(slots, kind="stable")
    ordered = slots[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(ordered))
    end_of_row = np.repeat(ends, np.diff(ends, prepend=0))
    marks = np.zeros(len(slots), bool)
    marks[order] = end_of_row - np.arange(len(ordered)) <= limit
    return marks
