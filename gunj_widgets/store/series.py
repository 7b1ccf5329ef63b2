"""Series: one metric with one set of labels, and the registry that finds it from what a sample carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from gunj_widgets.store.slab import Bools

__all__ = ["MAX_LABELS", "MAX_TEXT", "Registry", "Series", "SeriesInfo"]

MAX_LABELS = 64
"""Labels of one series; Prometheus servers refuse more as well."""
MAX_TEXT = 2048
"""Characters in the metric name and all labels of one series together."""


class SeriesInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A series as it stood when asked for; `last_time` in epoch seconds.

    `key` is never used for another series, and again for one that comes back. `age` is the seconds from its last sample to
    the newest of all series of the table, not to the wall clock. `stale`: that is over 5 minutes, and over three of its own
    intervals so far.
    """

    key: int
    metric: str
    labels: dict[str, str]
    unit: str
    name: str
    count: int
    last_time: float | None
    last_value: float | None
    age: float | None
    stale: bool


class Series:
    """The table's own record of a series. `last` is in microseconds and -1 before the first sample.

    `identity` is metric and sorted labels, empty ones left out. `last` and `last_value` are the writer's; a reader takes both from its
    snapshot instead.
    """

    __slots__ = ("born", "identity", "key", "labels", "last", "last_value", "metric", "slot", "unit")

    def __init__(self, *, key: int, slot: int, metric: str, labels: dict[str, str], unit: str, born: int) -> None:
        self.key = key
        self.slot = slot
        self.metric = metric
        self.labels = labels
        self.identity = _identity(metric, labels)
        self.unit = unit
        self.born = born
        self.last = -1
        self.last_value = 0.0

    @property
    def name(self) -> str:
        """As Prometheus writes it: `cpu{component="loki"}`."""
        inside = ", ".join(f'{name}="{value}"' for name, value in self.labels.items())
        return f"{self.metric}{{{inside}}}" if inside else self.metric


class Registry:
    """The series of one table. A slot is used again once its series has no rows left; a key never is, but for the same series.

    Keys rise in the order in which series were first seen, whatever retention has taken since: what is shown in that order does
    not depend on when room was made.
    """

    def __init__(self, max_series: int) -> None:
        self.max_series = max_series
        self.version = 0
        """Rises whenever a series comes or goes."""
        self.aliases: dict[tuple[object, ...], Series] = {}
        """(metric, *label pairs as they came) → series. What the fast path of `append` looks up."""
        self._series: dict[tuple[object, ...], Series] = {}  # by the alias whose labels are sorted
        self.slots: list[Series | None] = []
        """The series by slot: always the same list. Read it under the table's lock."""
        self._free: list[int] = []
        self._keys: dict[tuple[object, ...], int] = {}  # of the series there are and were, by their identity
        self._next_key = 0
        self._frozen: tuple[Series | None, ...] | None = None
        self._frozen_keys: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self._series)

    @property
    def full(self) -> bool:
        return len(self._series) >= self.max_series

    @property
    def keys(self) -> NDArray[np.int32]:
        """The key of each slot; of a free slot, any number."""
        if self._frozen_keys is None:
            self._frozen_keys = np.array([series.key if series else 0 for series in self.slots], np.int32)
        return self._frozen_keys

    @property
    def by_slot(self) -> tuple[Series | None, ...]:
        """The series by slot, as a tuple that will not change."""
        if self._frozen is None:
            self._frozen = tuple(self.slots)
        return self._frozen

    def find(self, metric: str, labels: Mapping[str, str]) -> Series | None:
        """Return the series in whatever order its labels came, and remember that order."""
        identity = _identity(metric, labels)
        series = self._series.get(identity)
        if series is not None:
            if len(self.aliases) >= 4 * self.max_series:  # a sender that shuffles its labels must not fill the memory
                self.aliases.clear()
            alias = (metric, *labels.items())
            self.aliases[series.identity if alias == identity else alias] = series
        return series

    def add(self, metric: str, labels: Mapping[str, str], unit: str, born: int) -> Series | None:
        """Register a series whose first row will have the number `born`; None where it is over a bound."""
        _, *pairs = _identity(metric, labels)
        texts: dict[str, str] = dict(pairs)
        size = len(metric) + sum(len(name) + len(value) for name, value in texts.items())
        if self.full or not metric or len(texts) > MAX_LABELS or size > MAX_TEXT:
            return None
        slot = self._free.pop() if self._free else len(self.slots)
        if slot == len(self.slots):
            self.slots.append(None)
        series = Series(key=self.meet(metric, texts), slot=slot, metric=metric, labels=texts, unit=unit, born=born)
        self.slots[slot] = series
        self._series[series.identity] = series
        self._touch()
        return self.find(metric, labels)

    def meet(self, metric: str, labels: Mapping[str, str]) -> int:
        """Return the key of a series, whether it has rows or not."""
        identity = _identity(metric, labels)
        key = self._keys.get(identity)
        if key is None:
            if len(self._keys) >= 4 * self.max_series:  # series that come and go must not fill the memory
                self._keys = {one.identity: one.key for one in self._series.values()}
            key = self._keys[identity] = self._next_key
            self._next_key += 1
        return key

    def retire(self, alive: Bools) -> None:
        """Forget the series whose slot is not alive."""
        gone = {series.key for series in self.slots if series is not None and not alive[series.slot]}
        if not gone:
            return
        self._series = {identity: s for identity, s in self._series.items() if s.key not in gone}
        self.aliases = {alias: s for alias, s in self.aliases.items() if s.key not in gone}
        for slot, series in enumerate(self.slots):
            if series is not None and series.key in gone:
                self.slots[slot] = None
                self._free.append(slot)
        self._touch()

    def _touch(self) -> None:
        self.version += 1
        self._frozen = self._frozen_keys = None


def _identity(metric: str, labels: Mapping[str, str]) -> tuple[Any, ...]:
    """Metric and sorted labels; as in Prometheus, a label that is empty is none."""
    return metric, *sorted((str(name), str(value)) for name, value in labels.items() if value != "")
