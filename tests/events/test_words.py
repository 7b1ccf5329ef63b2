"""Spellings: every word of the operator's code and documents, in whatever case."""

from __future__ import annotations

import pytest

from gunj_widgets.events import words
from gunj_widgets.events.records import AlertState, Health, OperationStatus, Phase, Severity


@pytest.mark.parametrize(
    ("word", "phase"),
    [(p.value, p) for p in Phase]
    + [
        ("READY", Phase.READY),
        ("TERMINATING", Phase.DELETING),
        ("Deploying", Phase.INSTALLING),
        ("Creating", Phase.INSTALLING),
        ("Running", Phase.READY),
        ("error", Phase.FAILED),
        ("RollingBack", Phase.UPGRADING),
        ("Hibernating", Phase.UNKNOWN),
        ("", Phase.UNKNOWN),
        (None, Phase.UNKNOWN),
        (3, Phase.UNKNOWN),
        ([], Phase.UNKNOWN),
    ],
)
def test_phases(word: object, phase: Phase) -> None:
    assert words.phase(word) is phase


@pytest.mark.parametrize(
    ("word", "health"),
    [
        ("Healthy", Health.HEALTHY),
        ("HEALTHY", Health.HEALTHY),
        ("running", Health.HEALTHY),
        (True, Health.HEALTHY),
        ("Degraded", Health.DEGRADED),
        ("critical", Health.UNHEALTHY),
        ("failed", Health.UNHEALTHY),
        ("stopped", Health.UNHEALTHY),
        (False, Health.UNHEALTHY),
        ("Unknown", Health.UNKNOWN),
        ("pending", Health.UNKNOWN),
        ("installing", Health.UNKNOWN),
        (None, Health.UNKNOWN),
    ],
)
def test_health_and_unknown_is_not_unhealthy(word: object, health: Health) -> None:
    assert words.health(word) is health


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", Severity.CRITICAL),
        ("page", Severity.CRITICAL),
        ("warn", Severity.WARNING),
        ("none", Severity.INFO),
        ("debug", Severity.DEBUG),
        ("purple", Severity.WARNING),
        (None, Severity.WARNING),
    ],
)
def test_severities(word: object, severity: Severity) -> None:
    assert words.severity(word) is severity


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Firing", AlertState.FIRING),
        ("active", AlertState.FIRING),
        ("suppressed", AlertState.FIRING),
        ("PENDING", AlertState.PENDING),
        ("inactive", AlertState.RESOLVED),
        ("resolved", AlertState.RESOLVED),
        ("sleeping", None),
        (None, None),
    ],
)
def test_alert_states(word: object, state: AlertState | None) -> None:
    assert words.alert_state(word) is state


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("IN_PROGRESS", OperationStatus.RUNNING),
        ("InProgress", OperationStatus.RUNNING),
        ("in-progress", OperationStatus.RUNNING),
        ("Validating", OperationStatus.RUNNING),
        ("COMPLETED", OperationStatus.SUCCEEDED),
        ("succeeded", OperationStatus.SUCCEEDED),
        (True, OperationStatus.SUCCEEDED),
        (False, OperationStatus.FAILED),
        ("CANCELED", OperationStatus.CANCELLED),
        ("", OperationStatus.PENDING),
    ],
)
def test_operations(word: object, status: OperationStatus) -> None:
    assert words.operation_status(word) is status


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("WARNING", "warn"),
        ("ERR", "error"),
        ("Info", "info"),
        ("notice", "info"),
        ("CRITICAL", "fatal"),
        ("trace", "trace"),
        ("panic", "fatal"),
        ("dbug", "debug"),
        ("loud", ""),
        (None, ""),
        (30, ""),
    ],
)
def test_levels(word: object, level: str) -> None:
    assert words.level(word) == level


def test_components() -> None:
    assert words.component("opentelemetryCollector") == "opentelemetry-collector"
    assert words.component("otel-collector") == "opentelemetry-collector"
    assert words.component("my_thing") == "my_thing"
