"""All that a store remembers, told as events again: how a recording that begins in the middle of a session begins."""

from __future__ import annotations

from typing import Any

import msgspec

from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Alert, KubeEvent, LogEntry, Operation, Platform
from gunj_widgets.events.topics import topic
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.notes import Note
from gunj_widgets.store.store import Store

__all__ = ["deleted_fact", "facts", "note_fact", "resolved_fact", "standing"]


def facts(store: Store, now: float) -> list[Event]:
    """Return events from which another store learns what this one shows; `now` in epoch seconds."""
    told: list[tuple[str, Any]] = []
    told += [(topic("platform", e.platform or "-", "events"), _event(e)) for e in store.events]
    for platform, frame in sorted(store.frames().items()):
        told += [(topic("platform", platform, "metrics", one["metric"]), one) for one in _metrics(frame)]
    for platform, buffer in sorted(store.buffers().items()):
        lines = _lines(buffer)
        told += [(topic("platform", platform, "logs"), lines)] if lines else []
    return standing(store, now) + _events(told, now) + [note_fact(note, now) for note in store.notes]


def standing(store: Store, now: float) -> list[Event]:
    """Return those of the facts that tell how things stand: platforms, alerts, operations."""
    told: list[tuple[str, Any]] = []
    told += [(topic("platform", p.id, "status"), _platform(p)) for p in store.platforms]
    told += [(topic("alert", a.fingerprint), _alert(a)) for a in [*store.alerts.active, *store.alerts.resolved]]
    told += [(topic("platform", o.platform or "-", "operation", o.id), _operation(o)) for o in store.operations]
    return _events(told, now)


def resolved_fact(alert: Alert, now: float) -> Event:
    """Return what tells that an alert is over, as of `now`."""
    return _events(
        [(topic("alert", alert.fingerprint, "resolved"), {**_alert(alert), "state": "resolved", "endsAt": now})], now
    )[0]


def deleted_fact(platform: Platform, now: float) -> Event:
    """Return what tells that a platform is gone."""
    return _events([(topic("platform", platform.id, "deleted"), {"id": platform.id})], now)[0]


def _events(told: list[tuple[str, Any]], now: float) -> list[Event]:
    return [Event(topic=name, data=data, time=now, arrived=now, source="snapshot") for name, data in told]


def _platform(platform: Platform) -> dict[str, Any]:
    found = _plain(platform)
    found["conditions"] = [{**one, "lastTransitionTime": one.pop("since")} for one in found["conditions"]]
    return found


def _alert(alert: Alert) -> dict[str, Any]:
    found = _plain(alert)
    found["startsAt"], found["endsAt"] = found.pop("starts"), found.pop("ends")
    found["acknowledgedBy"], found["silencedUntil"] = found.pop("acknowledged"), found.pop("silenced_until")
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    found = _plain(operation)
    found["startedAt"], found["completedAt"] = found.pop("started"), found.pop("finished")
    return found


def _event(event: KubeEvent) -> dict[str, Any]:
    found = _plain(event)
    found["firstTimestamp"], found["lastTimestamp"] = found.pop("first"), found.pop("last")
    return found


def _metrics(frame: MetricFrame) -> list[dict[str, Any]]:
    """Return payloads with series as columns, in the order of the series: neighbours of one metric share one."""
    found: list[dict[str, Any]] = []
    for metric, labels, times, values, unit in frame.batches():
        if not found or (found[-1]["metric"], found[-1]["unit"]) != (metric, unit):
            found.append({"metric": metric, "unit": unit, "series": []})
        found[-1]["series"].append({"labels": dict(labels), "times": times, "values": values})
    return found


def _lines(buffer: LogBuffer) -> list[dict[str, Any]]:
    return [
        {"timestamp": e.time, "level": e.level, "component": e.component, "message": e.message, "metadata": e.metadata}
        for e in buffer.entries
        if type(e) is LogEntry
    ]


def note_fact(note: Note, now: float) -> Event:
    """Return what tells of a note."""
    return Event(topic="note", data=_plain(note), time=note.time, arrived=now, source="notebook")


def _plain(record: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
    return found
