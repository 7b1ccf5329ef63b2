"""Timeline: everything that happened, from all books, in one order: what a chart marks and a postmortem begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from gunj_widgets.events.alive import Alive
from gunj_widgets.events.records import (
    Alert,
    AlertState,
    ComponentHealth,
    KubeEvent,
    Operation,
    OperationStatus,
    Platform,
    Severity,
)
from gunj_widgets.store.deploys import deployed_by, is_deploy
from gunj_widgets.store.gaps import Gap
from gunj_widgets.store.holder import together
from gunj_widgets.store.notes import Note
from gunj_widgets.store.tables import table

if TYPE_CHECKING:
    from gunj_widgets.store.store import Store

__all__ = ["KINDS", "Moment", "Timeline"]

KINDS = ("alert", "deploy", "operation", "event", "note", "gap")
"""What a moment is of, in the order in which they are shown."""

_SEVERITY_TONE = {Severity.CRITICAL: "bad", Severity.WARNING: "warn", Severity.INFO: "quiet"}
_OPERATION_TONE = {
    OperationStatus.SUCCEEDED: "good",
    OperationStatus.FAILED: "bad",
    OperationStatus.CANCELLED: "warn",
}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened. `time` and `end` in epoch seconds; `end` None = it lasts, or lasted no time."""

    time: float
    end: float | None = None
    kind: str
    tone: str
    """good, busy, warn, bad or quiet: what it means for the platform."""
    title: str
    detail: str = ""
    platform: str = ""
    component: str = ""
    lasting: bool = False
    """Whether it goes on: an alert that fires, an operation under way."""


class Timeline(Alive):
    """`rt.timeline`: alerts, deploys, operations, Kubernetes events, notes and gaps of a session, in order. Live; it keeps nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def moments(
        self, platform: tuple[str, str] | None = None, kinds: Iterable[str] = KINDS, start: float | None = None
    ) -> list[Moment]:
        """Return what happened, by time; of a platform by its id and name (and what concerns all), of some kinds, not over before
        `start`."""
        store, wanted = self._store, set(kinds)
        whose = store.platforms.whose()

        def concerned(said: str, namespace: str = "") -> bool:
            return platform is None or not said or whose.owns(*platform, said, namespace)

        found: list[Moment] = []
        if "alert" in wanted:
            alerts = (a for a in (*store.alerts.active, *store.alerts.resolved) if a.starts is not None)
            found += [_of_alert(a) for a in alerts if concerned(a.platform, a.namespace)]
        found += [_of_operation(o) for o in store.operations if o.started is not None and concerned(o.platform)]
        found += [m for m in self._deployed() if concerned(m.platform)]
        found += _of_events(e for e in store.events if e.last is not None and concerned(e.platform))
        if "note" in wanted:
            found += [_of_note(n) for n in store.notes if concerned(n.platform)]
        if "gap" in wanted:
            found += [_of_gap(g) for g in store.gaps if concerned(g.platform)]
        if start is not None:
            found = [m for m in found if m.lasting or (m.end or m.time) >= start]
        found = [msgspec.structs.replace(m, platform=whose.called(m.platform)) for m in found if m.kind in wanted]
        return sorted(found, key=lambda m: m.time)

    def _deployed(self) -> list[Moment]:
        """The versions that came in the place of others, the last of each component."""
        return [
            _of_version(platform, one)
            for platform in self._store.platforms
            for one in platform.components.values()
            if one.version_since is not None
        ]

    @property
    def df(self) -> pd.DataFrame:
        """One row per moment, by time (UTC): end, kind, tone, title, detail, platform, component, lasting."""
        columns = ["time", "end", "kind", "tone", "title", "detail", "platform", "component", "lasting"]
        rows = [tuple(getattr(m, name) for name in columns) for m in self]
        return table(columns, rows, index="time", times=["time", "end"])

    def listen(self, callback: Callable[[object], object]) -> Callable[[], None]:
        """Call `callback(book)` after each change of what it is made of; returns its undo. A gap changes no book."""
        books = (self._store.alerts, self._store.operations, self._store.events, self._store.notes)
        seen = self._deployed()

        def platforms(book: object) -> None:  # of all that they tell, and often, only versions are of interest
            nonlocal seen
            deployed = self._deployed()
            if deployed != seen:
                seen = deployed
                callback(book)

        return together(*(book.listen(callback) for book in books), self._store.platforms.listen(platforms))

    def __iter__(self) -> Iterator[Moment]:
        return iter(self.moments())

    def __len__(self) -> int:
        return len(self.moments())

    def __repr__(self) -> str:
        moments = self.moments()
        counts = ", ".join(f"{n} {kind}s" for kind in KINDS if (n := sum(m.kind == kind for m in moments)))
        return f"<Timeline {counts or 'nothing happened yet'}>"


def _of_alert(alert: Alert) -> Moment:
    lasting = alert.state is not AlertState.RESOLVED
    return Moment(
        time=alert.starts or 0.0,
        end=alert.ends,
        kind="alert",
        tone="quiet" if alert.state is AlertState.PENDING else _SEVERITY_TONE.get(alert.severity, "warn"),
        title=f"{alert.name} {alert.state}",
        detail=alert.summary or alert.description,
        platform=alert.platform,
        component=alert.component,
        lasting=lasting,
    )


def _of_operation(operation: Operation) -> Moment:
    done = operation.status in _OPERATION_TONE
    return Moment(
        time=operation.started or 0.0,
        end=operation.finished,
        kind="deploy" if is_deploy(operation) else "operation",
        tone=_OPERATION_TONE.get(operation.status, "busy"),
        title=f"{operation.kind} {operation.status}",
        detail=operation.error or operation.message,
        platform=operation.platform,
        lasting=not done,
    )


def _of_events(events: Iterable[KubeEvent]) -> list[Moment]:
    """Return a moment for each; of those that tell of one deploy the first is it, the others are steps on its way."""
    found: list[Moment] = []
    told: set[tuple[str, str]] = set()
    for event in sorted(events, key=lambda e: e.first or e.last or 0.0):
        moment, deployed = _of_event(event), deployed_by(event)
        if deployed is not None and event.reason == deployed:
            moment = msgspec.structs.replace(moment, kind="deploy")
        elif deployed is not None and (event.platform, deployed) not in told:
            told.add((event.platform, deployed))
            moment = msgspec.structs.replace(moment, kind="deploy", title=f"rollout of {deployed}")
        found.append(moment)
    return found


def _of_event(event: KubeEvent) -> Moment:
    repeated = event.first is not None and event.last is not None and event.first < event.last
    return Moment(
        time=event.first if repeated and event.first is not None else event.last or 0.0,
        end=event.last if repeated else None,
        kind="event",
        tone="quiet" if event.type == "Normal" else "warn",
        title=f"{event.reason} ×{event.count}" if event.count > 1 else event.reason,
        detail=event.message,
        platform=event.platform,
        component=event.component,
    )


def _of_version(platform: Platform, component: ComponentHealth) -> Moment:
    return Moment(
        time=component.version_since or 0.0,
        kind="deploy",
        tone="quiet",
        title=f"{component.name} {component.version_before} → {component.version}",
        platform=platform.id,
        component=component.name,
    )


def _of_note(note: Note) -> Moment:
    detail = f"by {note.author}" if note.author else ""
    return Moment(
        time=note.time, end=note.until, kind="note", tone="busy", title=note.text, detail=detail, platform=note.platform
    )


def _of_gap(gap: Gap) -> Moment:
    return Moment(
        time=gap.from_time,
        end=gap.to_time,
        kind="gap",
        tone="warn",
        title=f"nothing heard of {gap.kind}",
        detail="the operator could not send again what happened here",
        platform=gap.platform,
    )
