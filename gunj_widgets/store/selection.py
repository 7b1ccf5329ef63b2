"""Selection: which series of a table, and how far back, a view shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gunj_widgets.arguments import named, needed
from gunj_widgets.store.retention import Duration, seconds
from gunj_widgets.store.series import Series
from gunj_widgets.store.slab import Bools
from gunj_widgets.store.unusable import LABELS

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """`metrics` in the order asked for, `labels` as name → allowed values, `window` in seconds; None = all."""

    metrics: tuple[str, ...] | None = None
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    window: float | None = None

    def narrowed(
        self,
        metrics: str | Iterable[str] | None,
        labels: Mapping[str, str | Iterable[str]] | None,
        window: Duration | None,
    ) -> Selection:
        """Return the selection within this one; a window given replaces ours."""
        names = self.metrics
        if metrics is not None:
            asked = dict.fromkeys(named(metrics, "metrics are names", 'As in "cpu", or ["cpu", "mem"].'))
            names = tuple(name for name in asked if names is None or name in names)
        allowed = dict(self.labels)
        needed(labels or {}, Mapping, "labels are a dict", LABELS)
        for label, wanted in (labels or {}).items():
            needed(label, str, "a label is named by text", LABELS)
            values = frozenset(named(wanted, f"the values of the label {label!r:.40} are text", LABELS))
            allowed[label] = allowed[label] & values if label in allowed else values
        return Selection(names, allowed, self.window if window is None else seconds(window))

    @property
    def everything(self) -> bool:
        return self.metrics is None and not self.labels

    def takes(self, series: Series) -> bool:
        if self.metrics is not None and series.metric not in self.metrics:
            return False
        return all(series.labels.get(label, "") in values for label, values in self.labels.items())

    def mask(self, by_slot: tuple[Series | None, ...]) -> Bools | None:
        """Mark the slots of the chosen series; None = all of them."""
        if self.everything:
            return None
        return np.array([series is not None and self.takes(series) for series in by_slot], bool)

    def __str__(self) -> str:
        if self.metrics == ():
            return "none"
        parts = [*(self.metrics or ())]
        parts += [f"{label}={'|'.join(sorted(values))}" for label, values in self.labels.items()]
        return ", ".join(parts) or "all"
