"""All that a store holds, put away and held again: nothing is added and nothing lost, also of what only the future shows."""

from __future__ import annotations

import msgspec
import numpy as np

from gunj_widgets.events.event import Event
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.books import Books, books, restore
from gunj_widgets.store.held import Held
from gunj_widgets.store.store import Store

HELD = Held(
    [("cpu", {}, "%"), ("mem", {}, "")],
    np.array([0, 0], np.uint16),
    np.array([1_000_000, 2_000_000]),
    np.array([1.0, 2.0]),
    2_000_000,
)


def told() -> Store:
    store = Store(RetentionSettings())
    facts = [
        ("platform.p.status", {"name": "p", "phase": "Ready"}),
        ("alert.a", {"name": "A", "status": "firing", "startsAt": 5}),
        ("alert.b", {"name": "B", "status": "resolved", "endsAt": 6}),
        ("platform.p.operation.o", {"type": "backup", "status": "running"}),
        ("platform.p.events", {"reason": "R", "message": "m", "lastTimestamp": 7}),
        ("note", {"time": 8.0, "text": "here"}),
        ("platform.p.logs.loki", {"timestamp": 9, "level": "warn", "message": "line", "metadata": {"a": [1]}}),
    ]
    store.take([Event(topic=topic, data=data, arrived=10.0) for topic, data in facts])
    store.reset("p", "logs", (9.0, 9.5))
    return store


def test_it_comes_back_as_it_was() -> None:
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(books(told())), type=Books)
    other = Store(RetentionSettings())
    other.frame("old").append("cpu", {}, 1.0, 1.0)
    other.logs("old").mark_gap(1.0, 2.0)
    other.take([Event(topic="alert.z", data={"name": "Z"}, arrived=10.0)])
    restore(other, saved, {"p": HELD})
    assert msgspec.json.encode(books(other).platforms) == msgspec.json.encode(saved.platforms)
    assert [alert.fingerprint for alert in other.alerts] == ["a", "b"]
    assert (len(other.operations), len(other.events), len(other.notes), len(other.gaps)) == (1, 1, 1, 1)
    lines = other.logs("p").select(level="error").entries
    assert [line.message[:3] for line in lines] == ["···"]  # the gap is still a line of ours: it passes every filter
    assert other.logs("p").entries[0].metadata == {"a": [1]}
    assert other.frame("p").value("last", metric="cpu") == 2.0
    assert len(other.frame("old").df) == len(other.logs("old").entries) == 0
    assert other.pruned == 0


def test_readers_begin_anew() -> None:
    store = Store(RetentionSettings())
    store.take([Event(topic="platform.p.logs", data={"timestamp": 1, "message": "x"}, arrived=1.0)])
    frame = store.frame("p")
    frame.append("cpu", {}, 1.0, 5.0)
    cursor = frame.rows_since(None).cursor
    seen = store.logs("p").epoch
    restore(store, books(told()), {"p": HELD})
    delta = frame.rows_since(cursor)
    assert (delta.reset, delta.y.tolist()) == (True, [1.0, 2.0])
    assert store.logs("p").epoch > seen
