"""All that a store remembers, told as events again: how a recording that begins in the middle of a session begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np

from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Alert, KubeEvent, LogEntry, Operation, Platform, Query
from gunj_widgets.events.topics import RESET_TOPIC, topic
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.notes import Note
from gunj_widgets.store.samples import Batch
from gunj_widgets.store.store import UNNAMED, Store

__all__ = [
    "deleted_fact",
    "facts",
    "gap_fact",
    "line_facts",
    "note_fact",
    "query_fact",
    "resolved_fact",
    "sample_facts",
    "standing",
]

AT_ONCE = 2_000
"""Samples or lines of one fact, at most: it must fit into a message."""


def facts(store: Store, now: float) -> list[Event]:
    """Return events from which another store learns what this one shows; `now` in epoch seconds."""
    told: list[tuple[str, Any]] = []
    told += [(topic("platform", e.platform or UNNAMED, "events"), _event(e)) for e in store.events]
    for platform, frame in sorted(store.frames().items()):
        told += [(topic("platform", platform, "metrics", one["metric"]), one) for one in _metrics(frame)]
    for platform, buffer in sorted(store.buffers().items()):
        lines = [_line(entry) for entry in buffer.entries if type(entry) is LogEntry]
        told += [(topic("platform", platform, "logs"), lines)] if lines else []
    return standing(store, now) + _events(told, now) + [note_fact(note, now) for note in store.notes]


def standing(store: Store, now: float) -> list[Event]:
    """Return those of the facts that tell how things stand: queries, platforms, alerts, operations."""
    told: list[tuple[str, Any]] = [(topic("query", query.id), _plain(query)) for query in store.queries]
    told += [(topic("platform", p.id, "status"), _platform(p)) for p in store.platforms]
    told += [(topic("alert", a.fingerprint), _alert(a)) for a in [*store.alerts.active, *store.alerts.resolved]]
    told += [(topic("platform", o.platform or UNNAMED, "operation", o.id), _operation(o)) for o in store.operations]
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


def _line(e: LogEntry) -> dict[str, Any]:
    line = {
        "timestamp": e.time,
        "level": e.level,
        "component": e.component,
        "message": e.message,
        "metadata": e.metadata,
    }
    return line if e.ns is None else {**line, "ns": e.ns}


def query_fact(query: Query, now: float) -> Event:
    """Return what tells that a query is followed."""
    return _events([(topic("query", query.id), _plain(query))], now)[0]


def sample_facts(id: str, batches: Iterable[Batch], now: float) -> list[Event]:
    """Return what tells of samples that were fetched, as if a platform of that id had told them."""
    told = []
    for metric, labels, times, values, unit in batches:
        moments, numbers = np.asarray(times, np.float64).tolist(), np.asarray(values, np.float64).tolist()
        for at in range(0, len(moments), AT_ONCE):
            column = {"labels": dict(labels), "times": moments[at : at + AT_ONCE], "values": numbers[at : at + AT_ONCE]}
            told.append(
                (topic("platform", id, "metrics", metric), {"metric": metric, "unit": unit, "series": [column]})
            )
    return _events(told, now)


def line_facts(id: str, entries: Sequence[LogEntry], now: float) -> list[Event]:
    """Return what tells of log lines that were fetched, likewise: each for itself, since two who fetch it tell the same."""
    return _events([(topic("platform", id, "logs"), _line(entry)) for entry in entries], now)


def gap_fact(kind: str, id: str | None, start: float, end: float, now: float) -> Event:
    """Return what tells that what is of a kind (metrics, logs, …) is missing between two epoch seconds; id None = of all."""
    data = {"interest": f"{kind}/{id}" if id else kind, "platform": id, "from": None, "to": None, "gap": [start, end]}
    return _events([(RESET_TOPIC, data)], now)[0]


def note_fact(note: Note, now: float) -> Event:
    """Return what tells of a note."""
    return Event(topic="note", data=_plain(note), time=note.time, arrived=now, source="notebook")


def _plain(record: msgspec.Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
    return found
