"""Records: what a platform, component, alert, log line, sample, operation or Kubernetes event is, once understood.

All times are UTC epoch seconds as float. Records are frozen: the store replaces them, nobody edits them.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec

from gunj_widgets.events.shown import MAX_ROWS, Shown, Table, stamp

__all__ = [
    "Alert",
    "AlertState",
    "ComponentHealth",
    "Condition",
    "Health",
    "KubeEvent",
    "LogEntry",
    "Operation",
    "OperationStatus",
    "Phase",
    "Platform",
    "Query",
    "Sample",
    "Severity",
    "Stage",
]


TIMES = frozenset(
    ("time", "since", "updated", "starts", "ends", "silenced_until", "started", "finished", "first", "last")
)
"""Fields that are epoch seconds."""


class Phase(StrEnum):
    """Life cycle of a platform or component. UNKNOWN is ours: the sender said nothing we know."""

    PENDING = "Pending"
    INSTALLING = "Installing"
    READY = "Ready"
    UPGRADING = "Upgrading"
    DEGRADED = "Degraded"
    FAILED = "Failed"
    DELETING = "Deleting"
    UNKNOWN = "Unknown"


class Health(StrEnum):
    """Health of a component or platform. Unknown is not unhealthy."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


class AlertState(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class OperationStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Record(Shown, msgspec.Struct, frozen=True):
    """What every record is in a notebook: a table of what is known of it."""

    def _shown(self) -> Table:
        rows = [(name, _told(name, value)) for name, value in msgspec.structs.asdict(self).items()]
        return type(self).__name__, ("field", "value"), [row for row in rows if row[1]]


def _told(field: str, value: Any) -> str:
    """Return what a field says, in words; nothing where it is not known."""
    if value is None:
        return ""
    if field in TIMES:
        return stamp(value)
    if isinstance(value, ComponentHealth | Condition | Stage):
        return str(value.health if isinstance(value, ComponentHealth) else value.status)
    if isinstance(value, dict):
        return ", ".join(f"{name}={_told('', one)}" for name, one in islice(value.items(), MAX_ROWS))
    if isinstance(value, tuple):
        return ", ".join(f"{one.type if isinstance(one, Condition) else one.name}={_told('', one)}" for one in value)
    return str(value)


class Condition(Record, frozen=True, kw_only=True):
    """A Kubernetes condition; `status` is "True", "False" or "Unknown"."""

    type: str
    status: str = "Unknown"
    reason: str = ""
    message: str = ""
    since: float | None = None


class ComponentHealth(Record, frozen=True, kw_only=True):
    """One component of a platform. `replicas` is desired, `ready` how many of them serve; None where not said."""

    name: str
    health: Health = Health.UNKNOWN
    phase: Phase = Phase.UNKNOWN
    version: str = ""
    replicas: int | None = None
    ready: int | None = None
    message: str = ""
    updated: float | None = None
    version_before: str = ""
    """The version that this one took the place of, and when that was seen."""
    version_since: float | None = None


class Platform(Record, frozen=True, kw_only=True):
    """A platform as last seen. `id` is the server's handle in topics and URLs; identity is (namespace, name) plus uid."""

    id: str
    name: str
    namespace: str = ""
    uid: str = ""
    phase: Phase = Phase.UNKNOWN
    health: Health = Health.UNKNOWN
    message: str = ""
    version: str = ""
    components: dict[str, ComponentHealth] = {}
    conditions: tuple[Condition, ...] = ()
    endpoints: dict[str, str] = {}
    labels: dict[str, str] = {}
    updated: float | None = None


class Alert(Record, frozen=True, kw_only=True):
    """An alert, Alertmanager-like. `fingerprint` is its identity; `ends` is set once resolved."""

    fingerprint: str
    name: str
    state: AlertState = AlertState.FIRING
    severity: Severity = Severity.WARNING
    summary: str = ""
    description: str = ""
    platform: str = ""
    """Id or name of the platform, as it was told; with the namespace it is one platform's, see `store/whose.py`."""
    namespace: str = ""
    component: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    starts: float | None = None
    ends: float | None = None
    acknowledged: str = ""
    """Who acknowledged it; empty while nobody has."""
    silenced_until: float | None = None


class LogEntry(Record, frozen=True, kw_only=True, gc=False):
    """One log line. `level` is trace, debug, info, warn, error, fatal, or "" where unknown. `message` is text, never HTML."""

    time: float
    level: str = ""
    component: str = ""
    message: str = ""
    platform: str = ""
    metadata: dict[str, Any] | None = None
    ns: int | None = None
    """The exact time in nanoseconds, where the source knows it so."""


class Sample(Record, frozen=True, gc=False):
    """One metric sample: `value` at `time` of the series (`metric`, `labels`)."""

    metric: str
    labels: dict[str, str]
    time: float
    value: float


class Stage(Record, frozen=True, kw_only=True):
    """A named step of an operation; `progress` runs from 0 to 1."""

    name: str
    status: OperationStatus = OperationStatus.PENDING
    progress: float = 0.0
    message: str = ""


class Operation(Record, frozen=True, kw_only=True):
    """A backup, restore, upgrade, scale or restart; `progress` runs from 0 to 1."""

    id: str
    kind: str
    platform: str = ""
    status: OperationStatus = OperationStatus.PENDING
    progress: float = 0.0
    stages: tuple[Stage, ...] = ()
    message: str = ""
    error: str = ""
    started: float | None = None
    finished: float | None = None


class KubeEvent(Record, frozen=True, kw_only=True):
    """A Kubernetes event about a platform; `type` is Normal or Warning."""

    reason: str
    message: str = ""
    type: str = "Normal"
    platform: str = ""
    component: str = ""
    count: int = 1
    first: float | None = None
    last: float | None = None


class Query(Record, frozen=True, kw_only=True):
    """A query that somebody follows. `window` and `step` in seconds; `rows`: lines kept, None for one that gives numbers."""

    id: str
    language: str
    """promql or logql."""
    expression: str
    window: float
    step: float | None = None
    rows: int | None = None
