"""Spellings: what the operator, Kubernetes, Alertmanager and log libraries call a phase, a health, a severity, a level.

A word nobody knows is "unknown", never an error: a new phase in a new operator must not cost the status it came with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from gunj_widgets.events.records import AlertState, Health, OperationStatus, Phase, Severity

__all__ = ["alert_state", "component", "health", "level", "operation_status", "phase", "severity"]

T = TypeVar("T")


def _table(entries: Iterable[tuple[T, str]]) -> dict[str, T]:
    return {spelling: word for word, spellings in entries for spelling in spellings.split()}


_PHASES = _table(
    [
        (Phase.PENDING, "pending waiting queued"),
        (Phase.INSTALLING, "installing deploying creating progressing provisioning initializing starting"),
        (Phase.READY, "ready running active available installed healthy"),
        (Phase.UPGRADING, "upgrading updating scaling configuring rollingback migrating"),
        (Phase.DEGRADED, "degraded"),
        (Phase.FAILED, "failed error failure crashloopbackoff"),
        (Phase.DELETING, "deleting terminating deleted"),
    ]
)
_HEALTHS = _table(
    [
        (Health.HEALTHY, "healthy ok up ready running available true passing"),
        (Health.DEGRADED, "degraded warning partial"),
        (Health.UNHEALTHY, "unhealthy critical failed down error stopped false failing"),
    ]
)
_SEVERITIES = _table(
    [
        (Severity.CRITICAL, "critical crit page fatal emergency error high major"),
        (Severity.WARNING, "warning warn medium minor"),
        (Severity.INFO, "info information informational notice low none"),
        (Severity.DEBUG, "debug"),
    ]
)
_ALERT_STATES = _table(
    [
        (AlertState.PENDING, "pending"),
        (AlertState.FIRING, "firing active unprocessed suppressed silenced acknowledged alerting"),
        (AlertState.RESOLVED, "resolved inactive ok normal expired"),
    ]
)
_OPERATIONS = _table(
    [
        (OperationStatus.PENDING, "pending queued waiting accepted scheduled"),
        (
            OperationStatus.RUNNING,
            "running inprogress progressing started active initializing validating migrating verifying rollingback",
        ),
        (OperationStatus.SUCCEEDED, "succeeded success completed complete done finished true"),
        (OperationStatus.FAILED, "failed failure error false"),
        (OperationStatus.CANCELLED, "cancelled canceled aborted deleting"),
    ]
)
_LEVELS = _table(
    [
        ("trace", "trace verbose finest"),
        ("debug", "debug dbg dbug fine"),
        ("info", "info information informational notice inf"),
        ("warn", "warn warning wrn"),
        ("error", "error err eror severe"),
        ("fatal", "fatal critical crit panic emerg emergency alert ftl"),
    ]
)
_COMPONENTS = {
    "opentelemetrycollector": "opentelemetry-collector",
    "otelcollector": "opentelemetry-collector",
    "otel": "opentelemetry-collector",
}


def _plain(word: object) -> str:
    """Fold case, `-`, `_` and spaces: IN_PROGRESS, InProgress and in-progress are one word."""
    if not isinstance(word, str | bool):
        return ""
    return str(word).lower().replace("_", "").replace("-", "").replace(" ", "")


def phase(word: object) -> Phase:
    return _PHASES.get(_plain(word), Phase.UNKNOWN)


def health(word: object) -> Health:
    """`word` may be true or false, too."""
    return _HEALTHS.get(_plain(word), Health.UNKNOWN)


def severity(word: object) -> Severity:
    """A severity nobody knows is a warning: it must be seen, and must not wake anyone."""
    return _SEVERITIES.get(_plain(word), Severity.WARNING)


def alert_state(word: object) -> AlertState | None:
    return _ALERT_STATES.get(_plain(word))


def operation_status(word: object) -> OperationStatus:
    """`word` may be true (succeeded) or false (failed), too."""
    return _OPERATIONS.get(_plain(word), OperationStatus.PENDING)


def level(word: object) -> str:
    """Return trace, debug, info, warn, error, fatal, or "" for a level nobody knows."""
    return _LEVELS.get(word, "") if isinstance(word, str) and word in _LEVELS else _LEVELS.get(_plain(word), "")


def component(name: str) -> str:
    """Return the kind's usual name where a spelling of it is known, else the name as it is."""
    return _COMPONENTS.get(_plain(name), name)
