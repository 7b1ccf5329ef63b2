"""Payloads → records: each source's spelling of the same thing gives the same record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import normalise
from gunj_widgets.events.records import (
    AlertState,
    ComponentHealth,
    Health,
    KubeEvent,
    OperationStatus,
    Phase,
    Severity,
)
from tests.events.test_codec import JSON

T = 1_750_000_000.0
AT = "2025-06-15T15:06:40Z"
CONTRACT = Path(__file__).parents[1] / "contract"


@pytest.mark.parametrize(
    "data",
    [
        {
            "id": "p",
            "name": "prod",
            "namespace": "obs",
            "uid": "u",
            "phase": "Ready",
            "message": "all up",
            "updated": T,
        },
        {"name": "prod", "namespace": "obs", "uid": "u", "phase": "READY", "message": "all up", "lastUpdated": AT},
        {
            "metadata": {"name": "prod", "namespace": "obs", "uid": "u"},
            "status": {"phase": "Ready", "message": "all up", "lastReconcileTime": AT},
        },
        {
            "metadata": {"name": "prod", "namespace": "obs", "uid": "u"},
            "status": {"message": "all up", "conditions": [{"type": "Ready", "status": "True"}], "lastReconciled": AT},
        },
    ],
)
def test_a_platform_in_each_shape(data: dict[str, Any]) -> None:
    platform = normalise.platform(data, "p")
    assert (platform.id, platform.name, platform.namespace, platform.uid) == ("p", "prod", "obs", "u")
    assert (platform.phase, platform.message, platform.updated) == (Phase.READY, "all up", T)


def test_the_topics_id_wins_over_the_payloads() -> None:
    assert normalise.platform({"id": "other", "name": "n"}, "p").id == "p"
    assert normalise.platform({"id": "own", "name": "n"}).id == "own"
    assert normalise.platform({"name": "n"}).id == "n"
    assert normalise.platform({}, "p").name == "p"
    assert normalise.operation({"id": "other"}, "op").id == "op"
    assert normalise.alert({"fingerprint": "other", "name": "a"}, "f").fingerprint == "f"


@pytest.mark.parametrize("key", ["components", "componentStatus", "componentStatuses", "componentsStatus"])
@pytest.mark.parametrize(
    "component",
    [
        {"phase": "Ready", "version": "v2", "replicas": 2, "ready": 2, "lastUpdate": AT},
        {"phase": "Ready", "version": "v2", "replicas": 2, "ready": True, "lastUpdateTime": AT},
        {"phase": "Ready", "version": "v2", "replicas": 2, "readyReplicas": 2, "lastUpdateTime": AT},
        {"phase": "READY", "version": "v2", "replicas": {"desired": 2, "ready": 2, "available": 2}, "lastProbe": AT},
        {
            "phase": "Ready",
            "version": "v2",
            "desiredReplicas": 2,
            "availableReplicas": 2,
            "healthy": True,
            "lastChecked": AT,
        },
        {"phase": "Ready", "version": "v2", "replicas": 2, "ready": 2, "health": {"status": "HEALTHY"}, "updated": T},
    ],
)
def test_a_component_in_each_shape(key: str, component: dict[str, Any]) -> None:
    platform = normalise.platform({"name": "p", key: {"loki": component}})
    assert platform.components == {
        "loki": ComponentHealth(
            name="loki", health=Health.HEALTHY, phase=Phase.READY, version="v2", replicas=2, ready=2, updated=T
        )
    }
    assert platform.health is Health.HEALTHY


@pytest.mark.parametrize(
    ("data", "health"),
    [
        ({"status": "degraded"}, Health.DEGRADED),
        ({"healthy": False}, Health.UNHEALTHY),
        ({"ready": False, "replicas": 3}, Health.UNHEALTHY),
        ({"replicas": 3, "readyReplicas": 1}, Health.DEGRADED),
        ({"replicas": 3, "readyReplicas": 0}, Health.UNHEALTHY),
        ({"replicas": 0, "readyReplicas": 0}, Health.UNKNOWN),
        ({"replicas": 3, "readyReplicas": 4}, Health.HEALTHY),
        ({"phase": "Failed"}, Health.UNHEALTHY),
        ({"phase": "Installing"}, Health.UNKNOWN),
        ({"status": "pending"}, Health.UNKNOWN),
        ({}, Health.UNKNOWN),
        ("Healthy", Health.HEALTHY),
        (True, Health.HEALTHY),
        (False, Health.UNHEALTHY),
    ],
)
def test_what_is_said_wins_and_the_rest_is_worked_out(data: object, health: Health) -> None:
    assert normalise.component(data, "loki").health is health


def test_a_component_from_the_operators_own_ui() -> None:
    data = {
        "platformId": "p",
        "component": "loki",
        "status": "unhealthy",
        "lastCheck": AT,
        "details": {"message": "disk full"},
    }
    part = normalise.component(data)
    assert (part.name, part.health, part.message, part.updated) == ("loki", Health.UNHEALTHY, "disk full", T)
    assert normalise.component({"component": "loki", "details": "disk full"}).message == "disk full"


def test_a_list_of_components_and_one_name_for_the_collector() -> None:
    platform = normalise.platform(
        {"name": "p", "components": [{"name": "loki"}, {"component": "opentelemetryCollector"}]}
    )
    assert list(platform.components) == ["loki", "opentelemetry-collector"]


@pytest.mark.parametrize(
    ("said", "parts", "health"),
    [
        ("Healthy", {"a": False}, Health.HEALTHY),
        ({"status": "Degraded"}, {}, Health.DEGRADED),
        ({"overall": "unhealthy"}, {}, Health.UNHEALTHY),
        ({"healthy": True}, {}, Health.HEALTHY),
        (None, {"a": True, "b": True}, Health.HEALTHY),
        (None, {"a": True, "b": False}, Health.DEGRADED),
        (None, {"a": False, "b": False}, Health.UNHEALTHY),
        (None, {"a": "degraded", "b": False}, Health.DEGRADED),
        (None, {"a": True, "b": "unknown"}, Health.HEALTHY),
        (None, {"a": "unknown"}, Health.UNKNOWN),
        (None, {}, Health.UNKNOWN),
    ],
)
def test_the_platforms_health(said: object, parts: dict[str, Any], health: Health) -> None:
    assert normalise.platform({"name": "p", "health": said, "components": parts}).health is health


@pytest.mark.parametrize(
    ("true", "reason", "phase"),
    [
        (["Error", "Ready"], "", Phase.FAILED),
        (["Ready", "Degraded"], "", Phase.DEGRADED),
        (["Ready"], "", Phase.READY),
        (["Progressing"], "ComponentUpgrading", Phase.UPGRADING),
        (["Progressing"], "Installing", Phase.INSTALLING),
        ([], "", Phase.PENDING),
    ],
)
def test_a_phase_from_conditions_alone(true: list[str], reason: str, phase: Phase) -> None:
    conditions = [{"type": kind, "status": "True", "reason": reason} for kind in true] + [
        {"type": "X", "status": "False"}
    ]
    platform = normalise.platform({"name": "p", "conditions": conditions})
    assert platform.phase is phase
    assert platform.conditions[-1].status == "False"


@pytest.mark.parametrize(
    "data",
    [
        {"fingerprint": "f", "status": "firing", "name": "Down", "severity": "critical", "platform": "p", "component": "loki",
         "labels": {}, "annotations": {"summary": "s", "description": "d"}, "startsAt": T, "endsAt": None},
        {"id": "f", "name": "Down", "severity": "critical", "summary": "s", "description": "d", "platformId": "p",
         "component": "loki", "startsAt": AT, "labels": {}},
        {"fingerprint": "f", "status": "ACTIVE", "startsAt": AT, "endsAt": "0001-01-01T00:00:00Z",
         "labels": {"alertname": "Down", "severity": "critical", "platform": "p", "component": "loki"},
         "annotations": {"summary": "s", "message": "d"}},
        {"fingerprint": "f", "status": {"state": "active"}, "startsAt": AT, "endsAt": "2025-06-15T19:06:40Z",
         "labels": {"alertname": "Down", "severity": "critical", "platform": "p", "component": "loki"},
         "annotations": {"summary": "s", "description": "d"}},
        {"alert": "Down", "state": "firing", "activeAt": AT, "fingerprint": "f",
         "labels": {"severity": "critical", "platform": "p", "component": "loki"},
         "annotations": {"summary": "s", "description": "d"}},
    ],
)  # fmt: skip
def test_an_alert_in_each_shape(data: dict[str, Any]) -> None:
    alert = normalise.alert(data)
    assert (alert.fingerprint, alert.name, alert.state, alert.severity) == (
        "f",
        "Down",
        AlertState.FIRING,
        Severity.CRITICAL,
    )
    assert (alert.summary, alert.description, alert.platform, alert.component) == ("s", "d", "p", "loki")
    assert (alert.starts, alert.ends) == (T, None)


def test_an_alert_that_is_over() -> None:
    for data in ({"status": "resolved", "endsAt": AT}, {"endsAt": AT}, {"state": "inactive", "endsAt": AT}):
        alert = normalise.alert({"fingerprint": "f", "name": "x", **data})
        assert (alert.state, alert.ends) == (AlertState.RESOLVED, T)


def test_who_acknowledged_it_and_until_when_it_is_silent() -> None:
    assert normalise.alert({"name": "x", "acknowledgedBy": "kim", "silencedUntil": T}).acknowledged == "kim"
    assert normalise.alert({"name": "x", "acknowledged": True}).acknowledged == "someone"
    assert normalise.alert({"name": "x", "acknowledged": False, "acknowledgedBy": "kim"}).acknowledged == ""
    assert normalise.alert({"name": "x", "silencedUntil": AT}).silenced_until == T


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4), st.text(min_size=1, max_size=5))
def test_without_a_fingerprint_the_same_alert_stays_the_same(labels: dict[str, str], name: str) -> None:
    backwards = dict(reversed(labels.items()))
    one, two = normalise.alert({"name": name, "labels": labels}), normalise.alert({"name": name, "labels": backwards})
    assert one.fingerprint == two.fingerprint
    assert normalise.alert({"name": name, "labels": {**labels, "other": "1"}}).fingerprint != one.fingerprint


@pytest.mark.parametrize(
    ("data", "status", "progress"),
    [
        ({"status": "running", "progress": 0.4}, OperationStatus.RUNNING, 0.4),
        ({"status": "IN_PROGRESS", "progress": 40}, OperationStatus.RUNNING, 0.4),
        ({"status": "InProgress", "percentage": 1}, OperationStatus.RUNNING, 0.01),
        ({"status": "running", "current": 2, "total": 5}, OperationStatus.RUNNING, 0.4),
        ({"phase": "Completed"}, OperationStatus.SUCCEEDED, 1.0),
        ({"success": True}, OperationStatus.SUCCEEDED, 1.0),
        ({"success": False}, OperationStatus.FAILED, 0.0),
        ({"status": "failed", "progress": 250}, OperationStatus.FAILED, 1.0),
        ({"status": "pending", "progress": -1}, OperationStatus.PENDING, 0.0),
        ({"status": "running", "progress": "NaN"}, OperationStatus.RUNNING, 0.0),
    ],
)
def test_an_operation_and_its_progress(data: dict[str, Any], status: OperationStatus, progress: float) -> None:
    operation = normalise.operation({"id": "op", "type": "BACKUP", **data})
    assert (operation.kind, operation.status, operation.progress) == ("backup", status, pytest.approx(progress))


def test_an_operations_stages_and_errors() -> None:
    data = {
        "operation_id": "op",
        "stages": [{"name": "snapshot", "completed": True}, {"name": "upload", "status": "running", "progress": 0.5}],
        "errors": ["disk full", "again"],
        "startTime": AT,
        "completionTime": AT,
    }
    operation = normalise.operation(data)
    assert [(stage.name, stage.status, stage.progress) for stage in operation.stages] == [
        ("snapshot", OperationStatus.SUCCEEDED, 1.0),
        ("upload", OperationStatus.RUNNING, 0.5),
    ]
    assert (operation.error, operation.started, operation.finished) == ("disk full; again", T, T)


@pytest.mark.parametrize(
    "data",
    [
        {"type": "Warning", "reason": "Failed", "message": "m", "component": "loki", "count": 3, "firstTimestamp": T,
         "lastTimestamp": T},
        {"type": "ERROR", "reason": "Failed", "message": "m", "source": {"component": "loki"}, "count": "3",
         "firstTimestamp": AT, "lastTimestamp": AT},
        {"type": "Warning", "reason": "Failed", "note": "m", "source": "loki", "regarding": {"name": "p"}, "eventTime": AT,
         "series": {"count": 3, "lastObservedTime": AT}},
    ],
)  # fmt: skip
def test_a_kubernetes_event_in_each_shape(data: dict[str, Any]) -> None:
    assert normalise.kube_event(data, platform="p") == KubeEvent(
        reason="Failed", message="m", type="Warning", platform="p", component="loki", count=3, first=T, last=T
    )


def test_a_kubernetes_event_is_normal_unless_it_says_more() -> None:
    assert normalise.kube_event({"reason": "Ready", "involvedObject": {"name": "q"}}) == KubeEvent(
        reason="Ready", platform="q"
    )


READERS = [
    normalise.platform,
    normalise.component,
    normalise.alert,
    normalise.operation,
    normalise.kube_event,
    lambda data: normalise.logs(data, arrived=0.0),
    lambda data: normalise.samples(data, arrived=0.0),
]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("data", [None, 7, 1.5, "text" * 100, [7], {"status": [], "name": {}, "series": 5, "items": 3}])
def test_what_makes_no_sense_is_an_error_that_names_it_or_a_record(read: Any, data: object) -> None:
    problem = "a record"
    try:
        read(data)
    except RemoteProtocolError as error:
        problem = error.problem
    assert 0 < len(problem) < 200


@pytest.mark.parametrize("read", READERS)
@given(data=JSON)
def test_no_json_is_a_crash(read: Any, data: object) -> None:
    try:
        read(data)
    except RemoteProtocolError:
        return


@pytest.mark.parametrize(
    ("read", "data", "words"),
    [
        (normalise.platform, {}, "neither id nor name"),
        (normalise.component, {}, "has no name"),
        (normalise.alert, {}, "neither fingerprint, name nor labels"),
        (normalise.operation, {}, "has no id"),
        (normalise.kube_event, {}, "neither reason nor message"),
        (normalise.platform, {"name": "p", "conditions": {}}, "conditions is not an array"),
        (normalise.platform, {"name": "p", "labels": []}, "labels is not an object"),
        (normalise.component, {"name": "c", "replicas": "many"}, "desired is not a number"),
    ],
)
def test_what_is_missing_is_named(read: Any, data: object, words: str) -> None:
    with pytest.raises(RemoteProtocolError, match=words):
        read(data)


def test_a_real_alertmanagers_answer() -> None:
    answer = json.loads((CONTRACT / "alertmanager" / "alerts.json").read_text(encoding="utf-8"))
    alerts = [normalise.alert(item) for item in answer["body"]]
    assert {alert.name for alert in alerts} >= {"TargetDown", "AlwaysOn"}
    assert all(alert.fingerprint and alert.starts and alert.ends is None for alert in alerts)
