"""Payloads → records: platforms, components, alerts, operations, Kubernetes events. Lines and samples are next door.

Every spelling of the operator's code and documents is understood; a name from the topic wins over one in the payload.
All raise RemoteProtocolError, naming the field, where a payload makes no sense.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import words
from gunj_widgets.events.observations import Batch, logs, plain_samples, samples
from gunj_widgets.events.records import (
    Alert,
    AlertState,
    ComponentHealth,
    Condition,
    Health,
    KubeEvent,
    Operation,
    OperationStatus,
    Phase,
    Platform,
    Stage,
)
from gunj_widgets.events.values import first, integer, mapping, moment, number, sequence, strings, text

__all__ = ["Batch", "alert", "component", "kube_event", "logs", "operation", "plain_samples", "platform", "samples"]


def platform(data: object, id: str = "") -> Platform:
    """Read a platform: a status payload, flat, or a Kubernetes object with `metadata` and `status`."""
    fields = _flat(mapping(data, "a platform"))
    name = text(fields, "name", "platform", "platformName")
    key = id or text(fields, "id", "platformId") or name
    if not key:
        raise RemoteProtocolError("a platform has neither id nor name")
    components = _components(first(fields, "components", "componentStatus", "componentStatuses", "componentsStatus"))
    conditions = tuple(_condition(item) for item in sequence(fields.get("conditions"), "conditions"))
    phase = words.phase(first(fields, "phase", "new_status", "status"))
    return Platform(
        id=key,
        name=name or key,
        namespace=text(fields, "namespace"),
        uid=text(fields, "uid"),
        phase=phase if phase is not Phase.UNKNOWN else _phase_of(conditions),
        health=_health_of(fields.get("health"), components),
        message=text(fields, "message", "reason"),
        version=text(fields, "version"),
        components=components,
        conditions=conditions,
        endpoints=strings(fields.get("endpoints"), "endpoints"),
        labels=strings(fields.get("labels"), "labels"),
        updated=moment(
            first(fields, "updated", "lastUpdated", "lastReconcileTime", "lastReconciled", "timestamp"), "updated"
        ),
    )


def component(data: object, name: str = "") -> ComponentHealth:
    """Read a component; `data` may also be just its health, as a word or as true or false."""
    fields = {"status": data} if isinstance(data, str | bool) else mapping(data, "a component")
    name = words.component(name or text(fields, "component", "name"))
    if not name:
        raise RemoteProtocolError("a component has no name")
    details = fields.get("details")
    replicas, ready = _replicas(fields)
    phase = words.phase(first(fields, "phase", "status", "state"))
    return ComponentHealth(
        name=name,
        health=_component_health(fields, phase, replicas, ready),
        phase=phase,
        version=text(fields, "version"),
        replicas=replicas,
        ready=ready,
        message=text(fields, "message") or text(details if isinstance(details, dict) else fields, "message", "details"),
        updated=moment(
            first(
                fields, "updated", "lastUpdate", "lastUpdateTime", "lastCheck", "lastChecked", "lastProbe", "timestamp"
            ),
            "updated",
        ),
        version_before=text(fields, "version_before"),
        version_since=moment(fields.get("version_since"), "version_since"),
    )


def alert(data: object, fingerprint: str = "") -> Alert:
    """Read an alert: ours, the operator UI's, Alertmanager's, Prometheus' or one of an AlertingRule's status.

    Where no fingerprint is given, one is made from name and labels, so that the same alert stays the same alert.
    """
    fields = mapping(data, "an alert")
    labels = strings(fields.get("labels"), "labels")
    annotations = strings(fields.get("annotations"), "annotations")
    name = text(fields, "name", "alert", "alertname") or labels.get("alertname", "")
    ends = moment(fields.get("endsAt"), "endsAt")
    state = _alert_state(fields, ends)
    return Alert(
        fingerprint=fingerprint or text(fields, "fingerprint", "id") or _fingerprint(name, labels),
        name=name or fingerprint or "alert",
        state=state,
        severity=words.severity(first(fields, "severity") or labels.get("severity")),
        summary=text(fields, "summary") or annotations.get("summary", ""),
        description=text(fields, "description") or annotations.get("description", annotations.get("message", "")),
        platform=text(fields, "platform", "platformId") or labels.get("platform", ""),
        namespace=text(fields, "namespace") or labels.get("namespace", ""),
        component=words.component(text(fields, "component") or labels.get("component", "")),
        labels=labels,
        annotations=annotations,
        starts=moment(first(fields, "startsAt", "activeAt", "timestamp"), "startsAt"),
        ends=ends if state is AlertState.RESOLVED else None,
        acknowledged=_acknowledged(fields),
        silenced_until=moment(fields.get("silencedUntil"), "silencedUntil"),
    )


def operation(data: object, id: str = "") -> Operation:
    """Read an operation; progress comes as 0..1, as a percentage or as current and total."""
    fields = mapping(data, "an operation")
    key = id or text(fields, "id", "operation_id", "operationId")
    if not key:
        raise RemoteProtocolError("an operation has no id")
    status = words.operation_status(first(fields, "status", "phase", "success"))
    errors = fields.get("errors")
    stages = first(fields, "stages", "subTasks", "subtasks", "tasks")
    return Operation(
        id=key,
        kind=text(fields, "type", "kind", "operation").lower(),
        platform=text(fields, "platform", "platformId"),
        status=status,
        progress=_progress(fields, done=status is OperationStatus.SUCCEEDED),
        stages=tuple(_stage(item) for item in sequence(stages, "stages")),
        message=text(fields, "message"),
        error=text(fields, "error") or "; ".join(map(str, errors if isinstance(errors, list) else ())),
        started=moment(first(fields, "startedAt", "startTime", "created_at"), "startedAt"),
        finished=moment(first(fields, "completedAt", "completionTime", "finishedAt"), "completedAt"),
    )


def kube_event(data: object, *, platform: str = "") -> KubeEvent:
    """Read a Kubernetes event, of either API group. A type that is not Normal is Warning."""
    fields = mapping(data, "an event")
    reason, message = text(fields, "reason"), text(fields, "message", "note")
    if not reason and not message:
        raise RemoteProtocolError("an event has neither reason nor message")
    source = fields.get("source")
    series = fields.get("series")
    about = first(fields, "involvedObject", "regarding")
    last = first(fields, "lastTimestamp", "eventTime", "timestamp")
    if isinstance(series, dict):
        last = series.get("lastObservedTime", last)
    return KubeEvent(
        reason=reason,
        message=message,
        type="Normal" if text(fields, "type").lower() in ("", "normal") else "Warning",
        platform=platform or text(fields, "platform") or (text(about, "name") if isinstance(about, dict) else ""),
        component=text(fields, "component")
        or (text(source, "component") if isinstance(source, dict) else source or ""),
        count=integer(fields, "count") or (integer(series, "count") if isinstance(series, dict) else None) or 1,
        first=moment(first(fields, "firstTimestamp", "eventTime", "timestamp"), "firstTimestamp"),
        last=moment(last, "lastTimestamp"),
    )


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """Bring `metadata` and `status` of a Kubernetes object up to one level."""
    metadata, status = data.get("metadata"), data.get("status")
    if not isinstance(metadata, dict) and not isinstance(status, dict):
        return data
    named = metadata if isinstance(metadata, dict) else {}
    names = {key: named[key] for key in ("name", "namespace", "uid", "labels") if key in named}
    return {**data, **names, **status} if isinstance(status, dict) else {**data, **names}


def _components(data: object) -> dict[str, ComponentHealth]:
    """Read the component map, or a list of components that name themselves."""
    if isinstance(data, list):
        return {found.name: found for found in map(component, data)}
    if data is None:
        return {}
    read = (component(value, name) for name, value in mapping(data, "components").items())
    return {found.name: found for found in read}


def _replicas(fields: dict[str, Any]) -> tuple[int | None, int | None]:
    """Return desired and ready replicas; `ready: true` means all of them, `ready: false` not how many."""
    counts = fields.get("replicas")
    if not isinstance(counts, dict):
        counts = {"desired": counts}
    desired = integer({**fields, **counts}, "desired", "desiredReplicas", "desired_replicas")
    ready = first(counts, "ready", "available")
    if ready is None:
        ready = first(fields, "readyReplicas", "availableReplicas", "ready_replicas", "ready")
    if isinstance(ready, bool):
        return desired, desired if ready else None
    return desired, integer({"ready": ready}, "ready")


def _component_health(fields: dict[str, Any], phase: Phase, replicas: int | None, ready: int | None) -> Health:
    """Take the health that was said; else what readiness, replicas or the phase amount to."""
    said = first(fields, "health", "status", "healthy", "state")
    if isinstance(said, dict):
        said = first(said, "status", "healthy")
    found = words.health(said)
    if found is not Health.UNKNOWN:
        return found
    if isinstance(fields.get("ready"), bool):
        return Health.HEALTHY if fields["ready"] else Health.UNHEALTHY
    if replicas and ready is not None:
        return Health.HEALTHY if ready >= replicas else Health.DEGRADED if ready > 0 else Health.UNHEALTHY
    return words.health(phase.value)


def _health_of(said: object, components: dict[str, ComponentHealth]) -> Health:
    """Take the platform's health that was said; else all healthy, none healthy, or something between."""
    if isinstance(said, dict):
        said = first(said, "status", "overall", "healthy")
    found = words.health(said)
    known = [part.health for part in components.values() if part.health is not Health.UNKNOWN]
    if found is not Health.UNKNOWN or not known:
        return found
    healthy = known.count(Health.HEALTHY)
    if healthy == len(known):
        return Health.HEALTHY
    return Health.DEGRADED if healthy or Health.DEGRADED in known else Health.UNHEALTHY


def _condition(data: object) -> Condition:
    fields = mapping(data, "a condition")
    return Condition(
        type=text(fields, "type"),
        status=text(fields, "status").capitalize() or "Unknown",
        reason=text(fields, "reason"),
        message=text(fields, "message"),
        since=moment(fields.get("lastTransitionTime"), "lastTransitionTime"),
    )


def _phase_of(conditions: tuple[Condition, ...]) -> Phase:
    """Follow the controllers' own rule, for a status that has conditions and no phase."""
    true = {condition.type: condition for condition in conditions if condition.status == "True"}
    if "Error" in true:
        return Phase.FAILED
    if "Ready" in true:
        return Phase.DEGRADED if "Degraded" in true else Phase.READY
    if "Progressing" in true:
        return Phase.UPGRADING if true["Progressing"].reason == "ComponentUpgrading" else Phase.INSTALLING
    return Phase.PENDING if conditions else Phase.UNKNOWN


def _alert_state(fields: dict[str, Any], ends: float | None) -> AlertState:
    said = first(fields, "status", "state")
    if isinstance(said, dict):
        said = said.get("state")
    return words.alert_state(said) or (AlertState.FIRING if ends is None or said else AlertState.RESOLVED)


def _acknowledged(fields: dict[str, Any]) -> str:
    if fields.get("acknowledged") is False:
        return ""
    return text(fields, "acknowledgedBy", "acknowledged_by") or ("someone" if fields.get("acknowledged") else "")


def _fingerprint(name: str, labels: dict[str, str]) -> str:
    if not name and not labels:
        raise RemoteProtocolError("an alert has neither fingerprint, name nor labels")
    pairs = "\0".join(f"{key}\0{value}" for key, value in sorted(labels.items()))
    return blake2b(f"{name}\0{pairs}".encode(errors="replace"), digest_size=8).hexdigest()


def _progress(fields: dict[str, Any], *, done: bool) -> float:
    """Return 0..1. A bare `progress` over 1 is a percentage; between 0 and 1 it is a share, as v1 has it."""
    percent = first(fields, "percentage", "percent")
    if percent is not None:
        share = number(percent, "percentage") / 100
    elif fields.get("progress") is not None:
        progress = number(fields["progress"], "progress")
        share = progress / 100 if progress > 1 else progress
    elif fields.get("total"):
        share = number(fields.get("current", 0), "current") / number(fields["total"], "total")
    else:
        share = 1.0 if done else 0.0
    return min(1.0, max(0.0, share)) if share == share else 0.0


def _stage(data: object) -> Stage:
    fields = mapping(data, "a stage")
    status = words.operation_status(first(fields, "status", "completed"))
    return Stage(
        name=text(fields, "name"),
        status=status,
        progress=_progress(fields, done=status is OperationStatus.SUCCEEDED),
        message=text(fields, "message"),
    )
