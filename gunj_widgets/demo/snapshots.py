"""Snapshots: the present state of what a subscription is about, as envelopes, in parts that fit into a message. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from gunj_widgets.demo.cluster import Cluster
from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.world import World
from gunj_widgets.events import codec
from gunj_widgets.events.topics import topic

__all__ = ["LINES", "PART_SIZE", "parts", "snapshot"]

PART_SIZE = 256 * 1024
"""Bytes of one part, at most."""
LINES = 200
"""Log lines in a snapshot, at most."""
EVENTS = 50
OPERATIONS = 20

Envelope = dict[str, Any]


def snapshot(world: World, filter: Filter) -> list[Envelope]:
    """Return the state that the filter's facts will go on from.

    Lines and Kubernetes events carry their ids, for they add up; a state has none, for taking it twice changes nothing.
    """
    clusters = [c for name, c in world.clusters.items() if filter.platform in (None, name)]
    found: list[Envelope] = []
    for kind, make in _MAKERS:
        if kind in filter.kinds:
            for cluster in clusters:
                found += make(cluster, filter)
    return found


def parts(position: str, envelopes: list[Envelope], size: int = PART_SIZE) -> list[dict[str, Any]]:
    """Return the parts of a snapshot message, without `type` and `id`; there is always one, and the last says so."""
    found = [
        {"position": position, "events": events, "last": False}
        for events in _chunks((msgspec.Raw(codec.encode(envelope).encode()) for envelope in envelopes), size - 1024)
    ]
    found = found or [{"position": position, "events": [], "last": False}]
    found[-1]["last"] = True
    return found


def _chunks(items: Iterable[msgspec.Raw], size: int) -> Iterator[list[msgspec.Raw]]:
    chunk: list[msgspec.Raw] = []
    filled = 0
    for item in items:
        length = len(memoryview(item)) + 1
        if chunk and filled + length > size:
            yield chunk
            chunk, filled = [], 0
        chunk.append(item)
        filled += length
    if chunk:
        yield chunk


def _state(where: str, payload: dict[str, Any], time: float) -> Envelope:
    return {"type": where, "payload": payload, "timestamp": time}


def _status(cluster: Cluster, filter: Filter) -> list[Envelope]:
    state = cluster.state
    return [_state(topic("platform", state.id, "status"), state.payload(), state.updated)]


def _health(cluster: Cluster, filter: Filter) -> list[Envelope]:
    name = cluster.spec.name
    return [
        _state(topic("platform", name, "component", part.name, "health"), part.payload(), part.updated)
        for part in cluster.state.components.values()
    ]


def _events(cluster: Cluster, filter: Filter) -> list[Envelope]:
    return _facts(cluster.events, filter, EVENTS)


def _operations(cluster: Cluster, filter: Filter) -> list[Envelope]:
    return [
        _state(
            topic("platform", cluster.spec.name, "operation", o.id, "progress"), o.payload(), o.reported or o.started
        )
        for o in [o for o in cluster.operations.all if not filter.names or o.id in filter.names][-OPERATIONS:]
    ]


def _metrics(cluster: Cluster, filter: Filter) -> list[Envelope]:
    return [
        _state(topic("platform", cluster.spec.name, "metrics", payload["metric"]), payload, cluster.time)
        for payload in cluster.metrics.columns(filter.names)
    ]


def _lines(cluster: Cluster, filter: Filter) -> list[Envelope]:
    return _facts(cluster.lines, filter, LINES)


def _alerts(cluster: Cluster, filter: Filter) -> list[Envelope]:
    return [
        _state(topic("alert", alert.fingerprint, alert.status), alert.payload(), alert.starts)
        for alert in cluster.alerts.active
    ]


def _facts(facts: Iterable[Fact], filter: Filter, limit: int) -> list[Envelope]:
    return [fact.envelope() for fact in [fact for fact in facts if filter.wants(fact)][-limit:]]


_MAKERS: tuple[tuple[str, Callable[[Cluster, Filter], list[Envelope]]], ...] = (
    ("status", _status),
    ("health", _health),
    ("events", _events),
    ("operation", _operations),
    ("metrics", _metrics),
    ("logs", _lines),
    ("alert", _alerts),
)
