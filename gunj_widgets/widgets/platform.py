"""PlatformCard: one platform at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.events.records import ComponentHealth, Operation, OperationStatus
from gunj_widgets.session.handles import PlatformHandle
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, Channel, WholeChannel, ms
from gunj_widgets.widgets.chart import metrics_channel
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.logs import logs_channel
from gunj_widgets.widgets.status import asked_of, status_channel
from gunj_widgets.widgets.still import Still

__all__ = ["PlatformCard", "PlatformChannel", "platform_channel"]

RECENT_EVENTS = 5
USAGE = 600.0
"""Seconds of CPU and memory that a card shows."""
UNFINISHED = (OperationStatus.PENDING, OperationStatus.RUNNING)


class PlatformChannel(WholeChannel):
    """All that the card shows of one platform, whole each time it changes."""

    kind = "platform"
    priority = 6

    def __init__(self, channel_id: str, feed: Feed, handle: PlatformHandle) -> None:
        super().__init__(channel_id, feed)
        self.handle = handle

    def listen(self) -> list[Callable[[], None]]:
        store = self.handle.session.store
        holders = (store.platforms, store.alerts, store.operations, store.events)
        return [holder.listen(self.changed) for holder in holders]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        platform = self.handle.record
        if platform is None:
            return {"found": False, "name": self.handle.name, "namespace": self.handle.namespace}
        return {
            "found": True,
            "id": platform.id,
            "namespace": platform.namespace,
            "name": platform.name,
            "uid": platform.uid,
            "phase": platform.phase,
            "health": platform.health,
            "message": platform.message,
            "version": platform.version,
            "updatedMs": ms(platform.updated),
            "components": [_component(c) for c in platform.components.values()],
            "conditions": [
                {"type": c.type, "status": c.status, "reason": c.reason, "message": c.message, "sinceMs": ms(c.since)}
                for c in platform.conditions
            ],
            "endpoints": platform.endpoints,
            "operations": [_operation(o) for o in self.handle.operations if o.status in UNFINISHED],
            "alerts": self._alerts(),
            "events": [
                {"tMs": ms(e.last), "type": e.type, "reason": e.reason, "message": e.message, "component": e.component}
                for e in self.handle.events[-RECENT_EVENTS:]
            ],
        }

    def _alerts(self) -> dict[str, int]:
        mine = Counter(str(a.severity) for a in self.handle.alerts)
        return {severity: mine[severity] for severity in ("critical", "warning", "info")}


def platform_channel(handle: PlatformHandle) -> tuple[str, Callable[[str, Feed], Channel]]:
    """Return the id and the maker of a platform's channel."""
    return (
        f"platform:{handle.session.number}:{handle.id}",
        lambda channel_id, feed: PlatformChannel(channel_id, feed, handle),
    )


def _component(component: ComponentHealth) -> dict[str, Any]:
    return {
        "name": component.name,
        "health": component.health,
        "phase": component.phase,
        "version": component.version,
        "replicas": component.replicas,
        "ready": component.ready,
        "message": component.message,
        "updatedMs": ms(component.updated),
    }


def _operation(operation: Operation) -> dict[str, Any]:
    stage = next((s.name for s in operation.stages if s.status in UNFINISHED), "")
    return {
        "id": operation.id,
        "kind": operation.kind,
        "status": operation.status,
        "progress": operation.progress,
        "stage": stage,
        "message": operation.message,
    }


class PlatformCard(LiveWidget):
    """Shows a platform: phase, health of each component, replicas, versions, conditions, cpu, memory, alerts, logs.

    `PlatformCard(rt, "production", namespace=None)`; it is also what `rt.platform("production")` displays.
    """

    kind: ClassVar[str] = "platform"

    def __init__(
        self, session: Session, platform: str, *, namespace: str | None = None, title: str | None = None, **kwargs: Any
    ) -> None:
        self.platform = handle = session.platform(platform, namespace=namespace)
        usage = session.follow_metrics(handle, ("cpu_usage", "memory_usage"), USAGE)
        super().__init__(
            session,
            {
                "status": status_channel(session),
                "platform": platform_channel(handle),
                "metrics": metrics_channel(usage),
                "logs": logs_channel(session.follow_logs(handle)),
            },
            {"title": title},
            recipe={**asked_of(handle), "title": title},
            **kwargs,
        )

    def still(self) -> Still:
        rows = [
            (c.name, c.health, c.phase, c.version, f"{_known(c.ready)}/{_known(c.replicas)}", c.message)
            for c in self.platform.components.values()
        ]
        columns = ("component", "health", "phase", "version", "ready", "message")
        return Still(self.platform.name, self.summary(), columns, rows)

    def summary(self) -> str:
        platform = self.platform.record
        if platform is None:
            return f"{self.platform.name}: waiting for its first status"
        healthy = sum(c.health == "healthy" for c in platform.components.values())
        total = len(platform.components)
        return f"{platform.namespace}/{platform.name} {platform.phase}, {healthy}/{total} components healthy"


def _known(number: int | None) -> str:
    return "?" if number is None else str(number)
