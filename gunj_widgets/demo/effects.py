"""What a step of an incident does, as data. Each effect knows how to apply itself to a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gunj_widgets.demo.log_lines import Template

if TYPE_CHECKING:
    from gunj_widgets.demo.cluster import Cluster

__all__ = ["Alert", "Ask", "Chatter", "Effect", "Finish", "Health", "Kube", "Move", "Quiet", "Say", "Shape", "Storage"]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Something visible. `speed` divides every duration."""

    def apply(self, cluster: Cluster, speed: float) -> None:
        raise NotImplementedError


class Health(Effect, frozen=True, kw_only=True):
    """A component becomes healthy, degraded or unhealthy; `ready` replicas (None: as before), `phase` likewise."""

    component: str
    health: str
    message: str = ""
    phase: str = "Ready"
    ready: int | None = None

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.set_component(
            self.component,
            health=self.health,
            message=self.message,
            phase=self.phase,
            ready=self.ready,
        )


class Shape(Effect, frozen=True, kw_only=True):
    """A series goes to value × factor + add within `over` seconds; the defaults bring it back."""

    component: str
    metric: str
    factor: float = 1.0
    add: float = 0.0
    over: float = 5.0

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.metrics.shape(
            self.component,
            self.metric,
            elapsed=cluster.elapsed,
            factor=self.factor,
            add=self.add,
            over=self.over / speed,
        )


class Chatter(Effect, frozen=True, kw_only=True):
    """A component logs these lines, `rate` a second, for `lasts` seconds."""

    component: str
    templates: tuple[Template, ...]
    rate: float
    lasts: float

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.logs.chatter(
            self.component, self.templates, self.rate, elapsed=cluster.elapsed, lasts=self.lasts / speed
        )


class Say(Effect, frozen=True, kw_only=True):
    """A component logs one line."""

    component: str
    level: str
    text: str

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.say(self.component, self.level, self.text)


class Quiet(Effect, frozen=True, kw_only=True):
    """Components stop (or, `on=False`, begin again) to log; with `scraped`, nobody samples these while it lasts."""

    logs: tuple[str, ...] = ()
    scraped: tuple[str, ...] = ()
    on: bool = True

    def apply(self, cluster: Cluster, speed: float) -> None:
        for component in self.logs:
            (cluster.logs.quiet if self.on else cluster.logs.resume)(component)
        (cluster.metrics.silence if self.on else cluster.metrics.speak)(self.scraped)


class Kube(Effect, frozen=True, kw_only=True):
    """A Kubernetes event."""

    reason: str
    message: str
    component: str = ""
    type: str = "Warning"
    count: int = 1

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.kube(self.type, self.reason, self.message, self.component, self.count)


class Alert(Effect, frozen=True, kw_only=True):
    """An alert becomes pending, firing or resolved."""

    name: str
    component: str
    status: str
    severity: str = "warning"
    summary: str = ""
    description: str = ""

    def apply(self, cluster: Cluster, speed: float) -> None:
        if self.status == "resolved":
            cluster.resolve_alert(self.name, self.component)
        else:
            cluster.raise_alert(
                self.name,
                self.component,
                status=self.status,
                severity=self.severity,
                summary=self.summary,
                description=self.description,
            )


class Storage(Effect, frozen=True, kw_only=True):
    """The condition StorageReady is false for this reason; empty: true again."""

    problem: str = ""

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.set_storage(self.problem)


class Ask(Effect, frozen=True, kw_only=True):
    """An operation begins that the incident itself moves on."""

    kind: str
    component: str
    version: str

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.start_scripted(self.kind, {self.component: self.version})


class Move(Effect, frozen=True, kw_only=True):
    """The incident's operation enters a stage, or has come to `progress` within the one it is in."""

    stage: str = ""
    progress: float = 0.0
    message: str = ""

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.move_scripted(self.stage, self.progress, self.message)


class Finish(Effect, frozen=True, kw_only=True):
    """The incident's operation ends as succeeded, failed or cancelled."""

    status: str
    message: str = ""

    def apply(self, cluster: Cluster, speed: float) -> None:
        cluster.finish_scripted(self.status, self.message)
