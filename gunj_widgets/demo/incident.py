"""An incident under way: which step of its scenario is due. Pure: it is told the elapsed seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from gunj_widgets.demo.effects import Alert, Effect

__all__ = ["Incident", "Scenario", "Step"]


class Step(NamedTuple):
    """At so many seconds after the start, this happens."""

    at: float
    effect: Effect


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as data: its true cause, what it affects, how it comes and how it goes.

    `lasts`: seconds after which the recovery begins by itself. Steps of `recovery` count from there.
    """

    name: str
    title: str
    cause: str
    components: tuple[str, ...]
    steps: tuple[Step, ...]
    recovery: tuple[Step, ...]
    lasts: float = 150.0

    @property
    def alerts(self) -> tuple[str, ...]:
        """The names of the alerts it raises, in order of appearance."""
        return tuple(dict.fromkeys(effect.name for _, effect in self.steps if isinstance(effect, Alert)))


class Incident:
    """One run of a scenario: `cascade`, then `recovery`, then `over`."""

    def __init__(self, scenario: Scenario, *, elapsed: float, speed: float) -> None:
        self.scenario, self.speed = scenario, speed
        self.phase = "cascade"
        self._since = elapsed
        self._left = _in_order(scenario.steps)

    def due(self, elapsed: float) -> list[Effect]:
        """Return the effects whose time has come, in order, and move on."""
        effects = self._take(elapsed)
        if self.phase == "cascade" and (elapsed - self._since) * self.speed >= self.scenario.lasts:
            self.recover(elapsed)
            effects += self._take(elapsed)
        if self.phase == "recovery" and not self._left:
            self.phase = "over"
        return effects

    def recover(self, elapsed: float) -> None:
        """Begin the recovery, whatever has not happened yet; nothing if it has begun."""
        if self.phase == "cascade":
            self.phase = "recovery"
            self._since = elapsed
            self._left = _in_order(self.scenario.recovery)

    def _take(self, elapsed: float) -> list[Effect]:
        effects = []
        while self._left and self._left[-1].at <= (elapsed - self._since) * self.speed:
            effects.append(self._left.pop().effect)
        return effects


def _in_order(steps: Iterable[Step]) -> list[Step]:
    """Return the steps, the first one last; those of one moment stay in the order they were written in."""
    return sorted(steps, key=lambda step: step.at)[::-1]
