"""Metrics that behave: a day's shape, noise with memory, cpu that follows the load, memory that climbs and is collected.

One step a second. Everything random comes from the generator that was passed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, isnan, nan, pi, sin
from random import Random
from typing import Any

from gunj_widgets.demo.catalogue import ComponentSpec, PlatformSpec

__all__ = ["METRICS", "MetricModel"]

METRICS = {
    "cpu_usage": ("%", 2),
    "memory_usage": ("bytes", 0),
    "request_rate": ("req/s", 2),
    "error_rate": ("%", 3),
    "latency_p95": ("s", 4),
    "ingest_rate": ("items/s", 1),
    "disk_usage": ("%", 2),
    "active_series": ("series", 0),
}
"""Unit and decimals of every metric."""

DAY = 86_400.0
PEAK = 15 / 24
"""Of the day, in UTC, at which most is asked."""

Key = tuple[str, str]


class Drift:
    """A first-order autoregressive walk around zero: noise with a memory."""

    def __init__(self, rng: Random, memory: float, step: float) -> None:
        self._rng, self._memory, self._step = rng, memory, step
        self.value = 0.0

    def next(self) -> float:
        self.value = self._memory * self.value + self._rng.gauss(0.0, self._step)
        return self.value


@dataclass(slots=True)
class Shape:
    """What an incident does to one series: value × factor + add, moved to in a straight line. Times are elapsed seconds."""

    factor: float = 1.0
    add: float = 0.0
    from_factor: float = 1.0
    from_add: float = 0.0
    since: float = 0.0
    over: float = 0.0

    def at(self, elapsed: float) -> tuple[float, float]:
        done = 1.0 if self.over <= 0.0 else min(1.0, max(0.0, (elapsed - self.since) / self.over))
        return (
            self.from_factor + (self.factor - self.from_factor) * done,
            self.from_add + (self.add - self.from_add) * done,
        )


class Gauges:
    """The series of one component."""

    def __init__(self, spec: ComponentSpec, scale: float, rng: Random) -> None:
        self.spec, self._scale, self._rng = spec, scale, rng
        self._load = Drift(rng, 0.9, 0.03)
        self._errors = Drift(rng, 0.8, 0.25)
        self._latency = Drift(rng, 0.7, 0.08)
        self._phase = rng.random()

    def read(self, time: float, load: float) -> dict[str, float]:
        """Return this second's natural values, by metric. `load` is the platform's, 1 on average."""
        spec, noise = self.spec, self._rng.gauss
        load = max(0.05, load * (1.0 + self._load.next()))
        climb = (time / spec.period + self._phase) % 1.0
        values = {
            "request_rate": spec.requests * self._scale * load * (1.0 + noise(0.0, 0.02)),
            "cpu_usage": spec.cpu_idle + spec.cpu_load * load * (1.0 + noise(0.0, 0.04)),
            "memory_usage": self._scale * (spec.memory + spec.swing * climb + 0.03 * spec.memory * (load - 1.0)),
            "error_rate": spec.errors * exp(self._errors.next()),
            "latency_p95": spec.latency * (0.7 + 0.3 * load * load) * exp(self._latency.next()),
        }
        if spec.ingest is not None:
            values["ingest_rate"] = spec.ingest * self._scale * load * (1.0 + noise(0.0, 0.015))
        if spec.disk is not None:
            values["disk_usage"] = spec.disk + 8.0 * ((time / DAY + self._phase) % 1.0)
        if spec.series is not None:
            values["active_series"] = spec.series * self._scale * (1.0 + 0.05 * (load - 1.0))
        return values


class MetricModel:
    """All series of a platform and their recent past: `history` seconds, filled from the start."""

    def __init__(self, platform: PlatformSpec, rng: Random, *, start: float, history: int = 900) -> None:
        self._wave = Drift(rng, 0.995, 0.012)
        self._gauges = [Gauges(spec, platform.scale, rng) for spec in platform.components]
        self._shapes: dict[Key, Shape] = {}
        self._silent: set[str] = set()
        self._times: deque[float] = deque(maxlen=history)
        self._values: dict[Key, deque[float]] = {}
        self._length = history
        for second in range(history, 0, -1):
            self.step(start - second, 0.0)

    @property
    def components(self) -> list[str]:
        return [gauges.spec.name for gauges in self._gauges]

    def step(self, time: float, elapsed: float) -> dict[str, list[tuple[str, float]]]:
        """Return the samples of the second at `time` (epoch): metric → [(component, value)]. Silent ones are missing."""
        load = self._day(time) * (1.0 + self._wave.next())
        samples: dict[str, list[tuple[str, float]]] = {metric: [] for metric in METRICS}
        for gauges in self._gauges:
            component = gauges.spec.name
            for metric, natural in gauges.read(time, load).items():
                value = nan if component in self._silent else self._shaped(component, metric, natural, elapsed)
                self._keep(component, metric, value)
                if not isnan(value):
                    samples[metric].append((component, value))
        self._times.append(time)
        return {metric: found for metric, found in samples.items() if found}

    def shape(
        self, component: str, metric: str, *, elapsed: float, factor: float = 1.0, add: float = 0.0, over: float = 0.0
    ) -> None:
        """Move a series towards value × factor + add within `over` seconds; the defaults bring it back."""
        now = self._shapes.get((component, metric), Shape()).at(elapsed)
        self._shapes[component, metric] = Shape(factor, add, *now, elapsed, over)

    def calm(self, elapsed: float, over: float = 5.0) -> None:
        """Bring every series back within `over` seconds."""
        for component, metric in self._shapes:
            self.shape(component, metric, elapsed=elapsed, over=over)
        self._silent.clear()

    def silence(self, components: Iterable[str]) -> None:
        """Stop sampling these until `speak`: nobody scrapes them."""
        self._silent.update(components)

    def speak(self, components: Iterable[str]) -> None:
        self._silent.difference_update(components)

    def forget(self) -> None:
        """Drop the past: the clock was set back, and times in a series must rise."""
        self._times.clear()
        self._values.clear()

    def columns(self, names: frozenset[str] = frozenset(), since: float | None = None) -> list[dict[str, Any]]:
        """Return the past as columnar payloads, one for each series; `since` in epoch seconds, exclusive."""
        times = list(self._times)
        first = next((i for i, time in enumerate(times) if since is None or time > since), len(times))
        found = []
        for (component, metric), values in self._values.items():
            if names and metric not in names:
                continue
            rows = [(t, v) for t, v in zip(times[first:], list(values)[first:], strict=True) if not isnan(v)]
            if rows:
                series = {
                    "labels": {"component": component},
                    "times": [t for t, _ in rows],
                    "values": [v for _, v in rows],
                }
                found.append({"metric": metric, "unit": METRICS[metric][0], "series": [series]})
        return found

    def _shaped(self, component: str, metric: str, natural: float, elapsed: float) -> float:
        shape = self._shapes.get((component, metric))
        if shape is not None:
            factor, add = shape.at(elapsed)
            natural = natural * factor + add
        unit, digits = METRICS[metric]
        return round(max(0.0, min(natural, 100.0) if unit == "%" else natural), digits)

    def _keep(self, component: str, metric: str, value: float) -> None:
        kept = self._values.get((component, metric))
        if kept is None:
            kept = self._values[component, metric] = deque(maxlen=self._length)
            kept.extend([nan] * len(self._times))
        kept.append(value)

    @staticmethod
    def _day(time: float) -> float:
        return 1.0 + 0.3 * sin(2.0 * pi * (time / DAY - PEAK + 0.25))
