"""Tape: what a frame would take in, in columns, on its way into the snapshots of a recording."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from gunj_widgets.errors import LimitError
from gunj_widgets.store.ahead import ceiling
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.samples import Batch
from gunj_widgets.store.series import Registry
from gunj_widgets.store.slab import MAX_SLOTS, Slots, Times, Values, micros

__all__ = ["Tape"]


class Tape(MetricFrame):
    """Stands where a store would have a frame. It keeps every sample until `cut`, whatever its age, and every series for ever."""

    def __init__(self) -> None:
        super().__init__()
        self._registry = Registry(MAX_SLOTS - 1)
        self._numbers, self._times, self._values = array("H"), array("d"), array("d")
        self.names: list[tuple[str, dict[str, str], str]] = []
        """Metric, labels and unit of each series, in the order they were first seen."""

    def extend_many(self, batches: Iterable[Batch], now: float | None = None) -> None:
        """Take in what a frame would; LimitError where there are more series than can be numbered."""
        end = ceiling(now)
        aliases = self._registry.aliases
        for metric, labels, times, values, unit in batches:
            series = aliases.get((metric, *labels.items()))
            number = self._number(metric, labels, unit) if series is None else series.slot
            if number is None:
                continue
            for time, value in zip(_floats(times), _floats(values), strict=True):
                if 0.0 <= time < end:
                    self._numbers.append(number)
                    self._times.append(time)
                    self._values.append(value)

    def cut(self) -> tuple[Slots, Times, Values]:
        """Return number of series, microseconds and value of each sample since the last cut, as they came."""
        numbers, times, values = self._numbers, self._times, self._values
        self._numbers, self._times, self._values = array("H"), array("d"), array("d")
        return np.array(numbers, np.uint16), micros(np.array(times)), np.array(values)

    def _number(self, metric: str, labels: Mapping[str, str], unit: str) -> int | None:
        """Find or register a series; None where it is over a bound of its own."""
        registry = self._registry
        series = registry.find(metric, labels)
        if series is None:
            if registry.full:
                raise LimitError(
                    "a recording has too many series for snapshots", limit="MAX_SLOTS", value=MAX_SLOTS - 1
                )
            series = registry.add(metric, labels, unit, 0)
            if series is None:
                return None
            self.names.append((metric, series.labels, unit))
        return series.slot


def _floats(numbers: ArrayLike) -> Iterable[float]:
    if isinstance(numbers, bytes):  # a column as it came, packed
        return memoryview(numbers).cast("d")
    return numbers if isinstance(numbers, list | array) else np.asarray(numbers, np.float64).ravel().tolist()
