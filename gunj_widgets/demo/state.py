"""What a platform is at this moment, what follows from it (health, phase, conditions), and how the wire says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gunj_widgets.demo.catalogue import PlatformSpec

__all__ = ["ComponentState", "PlatformState"]


@dataclass(slots=True)
class ComponentState:
    """One component. `health`: healthy, degraded, unhealthy; `updated`: epoch seconds of the last check."""

    name: str
    version: str
    replicas: int
    ready: int
    health: str = "healthy"
    phase: str = "Ready"
    message: str = ""
    updated: float = 0.0

    def payload(self) -> dict[str, Any]:
        return {
            "component": self.name,
            "status": self.health,
            "phase": self.phase,
            "version": self.version,
            "replicas": self.replicas,
            "readyReplicas": self.ready,
            "message": self.message,
            "updated": self.updated,
        }


@dataclass(slots=True)
class PlatformState:
    """One platform. Health, phase, message and conditions are derived by `settle`, never set."""

    spec: PlatformSpec
    components: dict[str, ComponentState]
    storage: str = ""
    """What is wrong with the storage; empty: nothing."""
    busy: str = ""
    """The kind of operation under way; empty: none."""
    health: str = "healthy"
    phase: str = "Ready"
    message: str = ""
    updated: float = 0.0
    conditions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def fresh(cls, spec: PlatformSpec, time: float) -> PlatformState:
        """Return the platform as it is when all is well."""
        parts = {
            part.name: ComponentState(part.name, part.version, part.replicas, part.replicas, updated=time)
            for part in spec.components
        }
        state = cls(spec, parts)
        state.settle(time)
        return state

    @property
    def id(self) -> str:
        return self.spec.name

    def settle(self, time: float) -> None:
        """Bring what follows from the components up to date."""
        parts = list(self.components.values())
        ill = [part for part in parts if part.health != "healthy"]
        worst = next((part for part in ill if part.health == "unhealthy"), ill[0] if ill else None)
        serving = [part for part in parts if part.health != "unhealthy"]
        self.health = "healthy" if not ill else "degraded" if serving else "unhealthy"
        self.phase = {"healthy": "Ready", "degraded": "Degraded", "unhealthy": "Failed"}[self.health]
        if self.busy == "upgrade":
            self.phase = "Upgrading"
        healthy = f"all {len(parts)} components are healthy"
        self.message = healthy if worst is None else f"{worst.name}: {worst.message or worst.health}"
        self.updated = time
        self._conditions(time, ill, bool(serving))

    def payload(self) -> dict[str, Any]:
        spec = self.spec
        return {
            "id": self.id,
            "name": spec.name,
            "namespace": spec.namespace,
            "uid": spec.uid,
            "phase": self.phase,
            "message": self.message,
            "version": spec.version,
            "health": self.health,
            "components": {name: part.payload() for name, part in self.components.items()},
            "conditions": [dict(condition) for condition in self.conditions.values()],
            "endpoints": spec.endpoints,
            "labels": {"environment": spec.environment, "app.kubernetes.io/managed-by": "gunj-operator"},
            "updated": self.updated,
        }

    def _conditions(self, time: float, ill: list[ComponentState], serving: bool) -> None:
        names = ", ".join(part.name for part in ill)
        self._condition(time, "Ready", serving, "Ready" if serving else "Failed", self.message)
        self._condition(time, "Available", serving, "Ready" if serving else "Failed", "")
        reason = {"upgrade": "ComponentUpgrading", "scale": "ComponentScaling"}.get(self.busy, "Progressing")
        self._condition(time, "Progressing", bool(self.busy), reason if self.busy else "Ready", self.busy)
        self._condition(time, "Degraded", bool(ill), "Degraded" if ill else "Ready", names)
        self._condition(
            time, "StorageReady", not self.storage, "StorageUnavailable" if self.storage else "Ready", self.storage
        )
        for name in ("prometheus", "grafana", "loki", "tempo"):
            part = self.components[name]
            well = part.health != "unhealthy"
            self._condition(
                time, f"{name.capitalize()}Ready", well, "ComponentReady" if well else "ComponentFailed", part.message
            )

    def _condition(self, time: float, kind: str, true: bool, reason: str, message: str) -> None:
        status = "True" if true else "False"
        before = self.conditions.get(kind)
        since = before["lastTransitionTime"] if before is not None and before["status"] == status else time
        self.conditions[kind] = {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": since,
        }
