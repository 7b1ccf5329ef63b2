"""A naive model of a MetricFrame: a dict of dicts. Slow, obvious, and what the real one is compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class Model:
    max_age: float | None
    max_rows: int | None
    samples: dict[Key, dict[int, float]] = field(default_factory=dict)
    newest: int | None = None
    taken: int = 0

    def append(self, metric: str, labels: Mapping[str, str], time: float, value: float) -> None:
        moment = round(time * 1e6)
        self.newest = moment if self.newest is None else max(moment, self.newest)
        if moment >= self.oldest():
            self.samples.setdefault((metric, tuple(sorted(labels.items()))), {})[moment] = value

    def oldest(self) -> float:
        if self.newest is None or self.max_age is None:
            return -math.inf
        return self.newest - self.max_age * 1e6

    def kept(self, window: float | None = None) -> dict[Key, dict[int, float]]:
        oldest = self.oldest()
        if window is not None and self.newest is not None:
            oldest = max(oldest, self.newest - window * 1e6)
        result = {}
        for key, values in self.samples.items():
            newest = sorted(values)[-self.max_rows :] if self.max_rows else sorted(values)
            rows = {moment: values[moment] for moment in newest if moment >= oldest}
            if rows:
                result[key] = rows
        return result


def seen(frame: pd.DataFrame) -> dict[Key, dict[int, float]]:
    """Read a wide frame back into the model's form. NaN cells say nothing, so NaN samples are left out."""
    result: dict[Key, dict[int, float]] = {}
    for name in frame.columns:
        if isinstance(name, tuple):
            labels = zip(frame.columns.names[1:], name[1:], strict=True)
            key: Key = (name[0], tuple((str(label), value) for label, value in labels if value))
        else:
            key = (name, ())
        column = frame[name].dropna()
        result[key] = dict(zip(column.index.as_unit("us").asi8.tolist(), column.tolist(), strict=True))
    return result


def without_nan(samples: dict[Key, dict[int, float]], *, labels: bool = True) -> dict[Key, dict[int, float]]:
    """What a wide frame can tell of the model: no NaN samples, and no labels where each metric is one series."""
    return {
        (metric, pairs if labels else ()): {t: v for t, v in rows.items() if v == v}
        for (metric, pairs), rows in samples.items()
    }
