"""A store told as events: another one that hears them shows the same."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gunj_widgets.events.event import Event
from gunj_widgets.events.records import KubeEvent, Operation
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.facts import facts
from gunj_widgets.store.notes import Note
from gunj_widgets.store.store import Store

NOW = 1_764_000_000.0
COMPONENTS = {
    "loki": {
        "health": "degraded",
        "phase": "Degraded",
        "version": "2.9.4",
        "replicas": 3,
        "ready": 1,
        "message": "2 lack",
    }
}
CONDITION = {"type": "Ready", "status": "False", "reason": "X", "message": "m", "lastTransitionTime": NOW - 50}
TOLD: list[tuple[str, Any]] = [
    (
        "platform.p1.status",
        {
            "name": "production",
            "namespace": "o",
            "uid": "u",
            "phase": "Degraded",
            "components": COMPONENTS,
            "conditions": [CONDITION],
        },
    ),
    (
        "alert.f1",
        {
            "name": "Down",
            "state": "firing",
            "severity": "critical",
            "startsAt": NOW - 9,
            "labels": {"a": "b"},
            "acknowledgedBy": "x",
        },
    ),
    ("alert.f2", {"name": "Was", "state": "resolved", "startsAt": NOW - 90, "endsAt": NOW - 5}),
    (
        "platform.p1.operation.o1",
        {
            "type": "upgrade",
            "status": "running",
            "progress": 0.5,
            "startedAt": NOW - 3,
            "stages": [{"name": "a", "status": "succeeded"}],
        },
    ),
    (
        "platform.p1.events",
        {
            "reason": "BackOff",
            "message": "m",
            "type": "Warning",
            "count": 3,
            "firstTimestamp": NOW - 7,
            "lastTimestamp": NOW - 1,
        },
    ),
    (
        "platform.p1.metrics.cpu",
        {
            "metric": "cpu",
            "unit": "%",
            "samples": [{"labels": {"pod": p}, "time": NOW - t, "value": t / 3} for t in (3, 2, 1) for p in "ab"],
        },
    ),
    (
        "platform.p1.logs",
        {"timestamp": NOW - 2, "level": "error", "component": "loki", "message": "boom", "metadata": {"k": 1}},
    ),
]


def store(told: list[Event]) -> Store:
    made = Store(RetentionSettings())
    assert made.apply_many(told, NOW) == []
    return made


def shown(one: Store) -> dict[str, pd.DataFrame]:
    return {
        "platforms": one.platforms.df,
        "components": one.platforms.components("p1"),
        "alerts": one.alerts.df,
        "operations": one.operations.df,
        "events": one.events.df,
        "metrics": one.frame("p1").df,
        "logs": one.logs("p1").df,
        "notes": one.notes.df,
    }


def test_what_is_told_of_a_store_makes_another_like_it() -> None:
    first = store([Event(topic=name, data=data, time=NOW, arrived=NOW) for name, data in TOLD])
    first.notes.add(Note(time=NOW - 4, text="rolled back", author="me", platform="production"))
    second = store(facts(first, NOW))
    for name, frame in shown(first).items():
        assert len(frame), name
        pd.testing.assert_frame_equal(frame, shown(second)[name], obj=name)
    assert first.platforms.by_id("p1") == second.platforms.by_id("p1")
    assert first.alerts.active == second.alerts.active
    assert list(first.operations) == list(second.operations)


def test_an_empty_one_has_nothing_to_tell() -> None:
    assert facts(Store(RetentionSettings()), NOW) == []


def test_clear_leaves_the_same_holders_empty() -> None:
    one = store([Event(topic=name, data=data, time=NOW, arrived=NOW) for name, data in TOLD])
    frame, lines = one.frame("p1"), one.logs("p1")
    one.clear()
    assert facts(one, NOW) == []
    assert one.frame("p1") is frame
    assert one.logs("p1") is lines


def test_what_is_of_no_known_platform_is_told_so() -> None:
    store, again = Store(RetentionSettings()), Store(RetentionSettings())
    store.operations.put(Operation(id="o", kind="backup"))
    store.events.append(KubeEvent(reason="BackOff", last=NOW))
    again.take(facts(store, NOW))
    assert [o.platform for o in again.operations] == [""]
    assert [e.platform for e in again.events] == [""]


def test_an_alert_keeps_the_namespace_it_was_told_with() -> None:
    store, again = Store(RetentionSettings()), Store(RetentionSettings())
    store.apply(Event(topic="alert.a.firing", data={"name": "A", "namespace": "b", "platform": "p"}, arrived=NOW), NOW)
    again.take(facts(store, NOW))
    assert [(a.platform, a.namespace) for a in again.alerts] == [("p", "b")]
