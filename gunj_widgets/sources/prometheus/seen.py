"""Which samples were handed on already: overlapping looks at the same series give each sample once. Pure."""

from __future__ import annotations

from collections import deque
from statistics import median

import numpy as np

from gunj_widgets.sources.prometheus.replies import Column

__all__ = ["Fresh", "Seen"]

REMEMBERED = 64
"""Intervals between samples from which the scrape interval is told."""

Key = tuple[tuple[str, str], ...]
Fresh = tuple[dict[str, str], list[float], list[float]]
"""Labels, times and values of what is new in one series."""


class _Series:
    def __init__(self) -> None:
        self.known: dict[float, float] = {}
        self.newest = -1.0
        self.ended = False


class Seen:
    """Remembers, for each series, the samples of the last `overlap` seconds. A value that changed counts as new."""

    def __init__(self) -> None:
        self._series: dict[Key, _Series] = {}
        self._gaps: deque[float] = deque(maxlen=REMEMBERED)
        self.repeated = 0
        """Samples that were there before: what the overlap costs."""

    def __len__(self) -> int:
        return len(self._series)

    @property
    def interval(self) -> float | None:
        """Seconds between two samples of a series, as seen; None before the first two."""
        return median(self._gaps) if self._gaps else None

    def fresh(self, columns: list[Column], oldest: float) -> list[Fresh]:
        """Return what is new in `columns`; samples before `oldest` are forgotten, as no later look will show them."""
        found = [(column.labels, *self._new(column, oldest)) for column in columns]
        return [one for one in found if one[1]]

    def ended(self, columns: list[Column], now: float, patience: float) -> list[Fresh]:
        """Return a NaN for each series that has just ended: it is not among `columns` and its last sample is over `patience` old."""
        present = {_key(column.labels) for column in columns}
        out: list[Fresh] = []
        for key, series in self._series.items():
            if key in present or series.ended or now - series.newest <= patience:
                continue
            series.ended = True
            out.append((dict(key), [series.newest + (self.interval or 1.0)], [float("nan")]))
        return out

    def forget(self, before: float) -> None:
        """Let go of series that ended before a time."""
        self._series = {key: series for key, series in self._series.items() if series.newest >= before}

    def _new(self, column: Column, oldest: float) -> tuple[list[float], list[float]]:
        series = self._series.setdefault(_key(column.labels), _Series())
        series.ended = False
        if not len(column.times):
            return [], []
        times: list[float] = column.times.tolist()
        values: list[float] = column.values.tolist()
        if times[0] <= series.newest:
            newest = series.newest
            new = [
                (t, v)
                for t, v in zip(times, values, strict=True)
                if t > newest or (t >= oldest and not _same(series.known.get(t), v))
            ]
            self.repeated += len(times) - len(new)
            times, values = [t for t, _ in new], [v for _, v in new]
        if not times:
            return [], []
        if len(times) > 1 or series.newest > 0:
            self._gaps.extend(self._steps(times, series.newest))
        series.newest = max(series.newest, times[-1])
        series.known = {t: v for t, v in series.known.items() if t >= oldest}
        series.known.update((t, v) for t, v in zip(times, values, strict=True) if t >= oldest)
        return times, values

    @staticmethod
    def _steps(times: list[float], newest: float) -> list[float]:
        known = np.asarray([newest, *times] if newest > 0 else times)[-REMEMBERED:]
        return [step for step in np.diff(known).tolist() if step > 0]


def _same(known: float | None, value: float) -> bool:
    return known is not None and (known == value or (known != known and value != value))


def _key(labels: dict[str, str]) -> Key:
    return tuple(sorted(labels.items()))
