"""The timeline: every book's facts in one order, with what they mean and whether they go on."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.events.event import Event
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.facts import facts
from gunj_widgets.store.notes import Note
from gunj_widgets.store.store import Store

T0 = 1_700_000_000.0


def apply(store: Store, topic: str, **data: Any) -> None:
    assert store.apply(Event(topic=topic, data=data, arrived=T0), T0)


@pytest.fixture
def store() -> Store:
    made = Store(RetentionSettings())
    alert = {"fingerprint": "a", "name": "LokiDown", "severity": "critical", "platform": "production"}
    apply(made, "alert.a.firing", **alert, status="firing", startsAt=T0 + 5, annotations={"summary": "no replica"})
    ended = {**alert, "fingerprint": "b", "name": "Slow", "severity": "warning", "platform": "staging"}
    apply(made, "alert.b.resolved", **ended, status="resolved", startsAt=T0 + 1, endsAt=T0 + 3)
    apply(made, "platform.p1.operation.o1", id="o1", type="backup", platform="p1", status="running", startedAt=T0 + 2)
    apply(made, "platform.p1.operation.o2", id="o2", type="scale", platform="p1", status="failed", startedAt=T0 + 4,
          completedAt=T0 + 6, error="no quota")  # fmt: skip
    apply(made, "platform.p1.events.x", reason="BackOff", message="restarting", type="Warning", count=3,
          firstTimestamp=T0, lastTimestamp=T0 + 9)  # fmt: skip
    made.notes.add(Note(time=T0 + 7, text="rolled back", author="ada"))
    made.reset("p1", "metrics", (T0 + 8, T0 + 10))
    return made


def test_everything_in_one_order_with_what_it_means(store: Store) -> None:
    seen = [
        (m.time - T0, None if m.end is None else m.end - T0, m.kind, m.tone, m.title, m.lasting) for m in store.timeline
    ]
    assert seen == [
        (0.0, 9.0, "event", "warn", "BackOff ×3", False),
        (1.0, 3.0, "alert", "warn", "Slow resolved", False),
        (2.0, None, "operation", "busy", "backup running", True),
        (4.0, 6.0, "operation", "bad", "scale failed", False),
        (5.0, None, "alert", "bad", "LokiDown firing", True),
        (7.0, None, "note", "busy", "rolled back", False),
        (8.0, 10.0, "gap", "warn", "nothing heard of metrics", False),
    ]
    assert store.timeline.df["detail"].tolist()[4] == "no replica"
    assert "2 alerts, 2 operations, 1 events, 1 notes, 1 gaps" in repr(store.timeline)


def test_of_one_platform_of_some_kinds_and_from_a_moment_on(store: Store) -> None:
    titles = [m.title for m in store.timeline.moments(("p1", "production"))]
    assert "Slow resolved" not in titles
    assert {"LokiDown firing", "backup running", "rolled back"} <= set(titles)
    assert [m.kind for m in store.timeline.moments(kinds=["note", "gap"])] == ["note", "gap"]
    assert [m.title for m in store.timeline.moments(start=T0 + 6.5)] == [
        "BackOff ×3", "backup running", "LokiDown firing", "rolled back", "nothing heard of metrics",
    ]  # fmt: skip


def test_it_tells_of_every_book_it_is_made_of(store: Store) -> None:
    heard: list[object] = []
    undo = store.timeline.listen(heard.append)
    store.notes.add(Note(time=T0, text="x"))
    apply(store, "alert.c.firing", fingerprint="c", name="C", status="firing", startsAt=T0)
    assert len(heard) == 2
    undo()
    store.notes.add(Note(time=T0, text="y"))
    assert len(heard) == 2


def test_a_deploy_is_what_begins_it_and_its_steps_are_events(store: Store) -> None:
    scaled = "Scaled up replica set loki-7d9c to"
    for n, (name, at) in enumerate((("p1", 30), ("p1", 20), ("p2", 25))):
        apply(store, f"platform.{name}.events.r{n}", reason="ScalingReplicaSet", message=f"{scaled} {n + 1}", type="Normal",
              lastTimestamp=T0 + at)  # fmt: skip
    apply(store, "platform.p1.events.d", reason="ScalingReplicaSet", message="Scaled down replica set loki-5b8f to 0",
          type="Normal", lastTimestamp=T0 + 40)  # fmt: skip
    apply(store, "platform.p1.events.b", reason="PlatformRolledBack", message="", type="Normal", lastTimestamp=T0 + 50)
    apply(
        store, "platform.p1.operation.o3", id="o3", type="upgrade", platform="p1", status="running", startedAt=T0 + 60
    )
    assert [(m.time - T0, m.platform, m.title) for m in store.timeline.moments(kinds=["deploy"])] == [
        (20.0, "p1", "rollout of loki-7d9c"),
        (25.0, "p2", "rollout of loki-7d9c"),
        (50.0, "p1", "PlatformRolledBack"),
        (60.0, "p1", "upgrade running"),
    ]
    steps = [m.time - T0 for m in store.timeline.moments(kinds=["event"], start=T0 + 10)]
    assert steps == [30.0, 40.0]


def test_another_version_of_a_component_is_a_deploy(store: Store) -> None:
    heard: list[object] = []
    undo = store.timeline.listen(heard.append)

    def version(value: str, at: float, name: str = "loki") -> None:
        apply(
            store, f"platform.p3.component.{name}", component=name, health="healthy", version=value, lastUpdate=T0 + at
        )

    version("2.9.1", 10)
    version("2.9.1", 20)
    assert (store.timeline.moments(kinds=["deploy"]), heard) == ([], []), "what ran all along was not deployed"
    version("3.0.0", 30)
    version("3.0.0", 40)
    apply(store, "platform.p3.status", id="p3", name="third", phase="Ready", lastUpdated=T0 + 50,
          components={"loki": {"health": "healthy", "version": "3.0.1"}, "tempo": {"health": "healthy"}})  # fmt: skip
    assert len(heard) == 2
    (deploy,) = store.timeline.moments(("p3", "third"), kinds=["deploy"])
    assert (deploy.time, deploy.title, deploy.platform) == (T0 + 50, "loki 3.0.0 → 3.0.1", "third")
    other = Store(RetentionSettings())
    assert other.take(facts(store, T0 + 60)) == []
    assert other.timeline.moments(kinds=["deploy"]) == [deploy], "who hears of it later knows it too"
    undo()
