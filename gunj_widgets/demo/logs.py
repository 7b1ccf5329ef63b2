"""The log lines of a platform: steady sources, and the chatter that an incident adds. Times come by chance, from one generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from gunj_widgets.demo.catalogue import PlatformSpec
from gunj_widgets.demo.log_lines import STEADY, Template

__all__ = ["Line", "LogModel"]

POOLS = ("node-exporter", "kube-state-metrics", "cadvisor", "gunj-operator", "kubernetes-pods")
USERS = ("amara", "bo", "chiara", "dmitri", "eun-ji", "svc-dashboards")
TENANTS = ("checkout", "payments", "search", "platform", "mobile-api")
APPS = ("cart", "ledger", "ranker", "gateway", "sync-worker")
ALERTS = ("Watchdog", "KubePodNotReady", "NodeClockSkewDetected", "CPUThrottlingHigh")


class Line(NamedTuple):
    """One line at `elapsed` seconds of the simulation."""

    elapsed: float
    component: str
    level: str
    message: str


class Words(dict[str, str]):
    """The words of one line, made up on first use."""

    def __init__(self, rng: Random, time: float) -> None:
        super().__init__()
        self._rng, self._time = rng, time

    def __missing__(self, word: str) -> str:
        return _WORDS[word](self._rng, self._time)


def _hex(rng: Random, digits: int) -> str:
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


_WORDS: dict[str, Callable[[Random, float], str]] = {
    "ms": lambda rng, _: str(int(rng.lognormvariate(2.8, 0.8)) + 1),
    "secs": lambda rng, _: f"{rng.uniform(0.2, 9):.3f}",
    "n": lambda rng, _: str(rng.randint(1, 60)),
    "samples": lambda rng, _: str(rng.randint(180, 5200)),
    "size": lambda rng, _: str(rng.randint(400, 96_000)),
    "segment": lambda rng, time: str(int(time // 900) % 100_000 + rng.randint(0, 3)),
    "unix": lambda rng, time: str(int(time // 7200) * 7200),
    "iso": lambda rng, time: datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds"),
    "day": lambda rng, time: str(int(time // 86_400)),
    "hex": lambda rng, _: _hex(rng, 16),
    "HEX": lambda rng, _: _hex(rng, 24).upper(),
    "uuid": lambda rng, _: "-".join(_hex(rng, size) for size in (8, 4, 4, 4, 12)),
    "ip": lambda rng, _: f"10.{rng.randint(32, 35)}.{rng.randint(0, 7)}.{rng.randint(2, 250)}",
    "pool": lambda rng, _: rng.choice(POOLS),
    "user": lambda rng, _: rng.choice(USERS),
    "tenant": lambda rng, _: rng.choice(TENANTS),
    "app": lambda rng, _: rng.choice(APPS),
    "alert": lambda rng, _: rng.choice(ALERTS),
}


class Source:
    """One stream of lines at `rate` a second, with exponential gaps; `until` in elapsed seconds."""

    def __init__(
        self,
        component: str,
        templates: Sequence[Template],
        rate: float,
        rng: Random,
        *,
        since: float,
        until: float = float("inf"),
    ) -> None:
        self.component, self.until = component, until
        self._templates, self._rate, self._rng = templates, rate, rng
        self._weights = [weight for weight, _, _ in templates]
        self._next = since + rng.expovariate(rate)

    def lines(self, elapsed: float, origin: float) -> list[Line]:
        """Return the lines up to `elapsed`; `origin` is epoch seconds at zero."""
        found = []
        while self._next <= min(elapsed, self.until):
            _, level, text = self._rng.choices(self._templates, self._weights)[0]
            message = text.format_map(Words(self._rng, origin + self._next))
            found.append(Line(self._next, self.component, level, message))
            self._next += self._rng.expovariate(self._rate)
        return found


class LogModel:
    """All sources of a platform. Steady ones are never disturbed by an incident's: each has its own generator."""

    def __init__(self, platform: PlatformSpec, rng: Random, *, since: float = 0.0) -> None:
        self._rng = rng
        self._quiet: set[str] = set()
        self._steady = [
            Source(spec.name, STEADY[spec.name], spec.lines * platform.scale**0.5, self._fork(), since=since)
            for spec in platform.components
        ]
        self._chatter: list[Source] = []

    def step(self, elapsed: float, origin: float) -> list[Line]:
        """Return the lines since the last step, by time."""
        self._chatter = [source for source in self._chatter if source.until > elapsed - 60.0]
        lines = [line for source in self._steady for line in source.lines(elapsed, origin)]
        lines = [line for line in lines if line.component not in self._quiet]
        lines += [line for source in self._chatter for line in source.lines(elapsed, origin)]
        return sorted(lines)

    def chatter(
        self, component: str, templates: Sequence[Template], rate: float, *, elapsed: float, lasts: float
    ) -> None:
        """Add a source of `rate` lines a second for `lasts` seconds."""
        self._chatter.append(Source(component, templates, rate, self._fork(), since=elapsed, until=elapsed + lasts))

    def quiet(self, component: str) -> None:
        """Hold a component's steady lines back: it does not run."""
        self._quiet.add(component)

    def resume(self, component: str) -> None:
        self._quiet.discard(component)

    def calm(self) -> None:
        """End all chatter and let every component speak."""
        self._chatter.clear()
        self._quiet.clear()

    def _fork(self) -> Random:
        return Random(self._rng.getrandbits(64))
