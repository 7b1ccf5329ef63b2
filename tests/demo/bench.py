"""A cluster on the workbench: its facts are collected, its time is moved by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

from gunj_widgets.demo.catalogue import PLATFORMS
from gunj_widgets.demo.cluster import Cluster
from gunj_widgets.demo.facts import Fact

START = 1_750_000_000.0


class Bench:
    """One cluster, ticked four times a second."""

    def __init__(self, seed: int = 1) -> None:
        self.facts: list[Fact] = []
        self._numbers = itertools.count(1)
        self._ticks = 0
        new_id: Callable[[str], str] = lambda kind: f"{kind}-{next(self._numbers)}"  # noqa: E731
        self.cluster = Cluster(PLATFORMS[0], Random(seed), emit=self._emit, new_id=new_id, time=START)

    def _emit(self, kind: str, platform: str, name: str, topic: str, payload: dict[str, Any], time: float) -> Fact:
        fact = Fact(
            id=f"f{next(self._numbers)}",
            kind=kind,
            topic=topic,
            payload=payload,
            time=time,
            platform=platform,
            name=name,
        )
        self.facts.append(fact)
        return fact

    def live(self, seconds: float) -> list[Fact]:
        """Live for so long; return what happened meanwhile."""
        first = len(self.facts)
        for _ in range(round(seconds * 4)):
            self._ticks += 1
            elapsed = self._ticks * 0.25
            self.cluster.tick(START + elapsed, elapsed, sample=self._ticks % 4 == 0)
        return self.facts[first:]

    def of(self, kind: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.kind == kind]
