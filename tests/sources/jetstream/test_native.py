"""The operator's own bus, as its public code defines it: PlatformEvent and ComponentEvent."""

from __future__ import annotations

import json

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.sources.jetstream.native import decode
from gunj_widgets.store.store import Store

AT = "2026-03-01T10:00:00Z"


def told(subject: str, **fields: object) -> list[Event]:
    return decode(subject, json.dumps(fields).encode(), "GUNJ_EVENTS:7", {("o11y", "known"): "k1"}, 9.0, "nats")


def test_a_platforms_event_is_its_phase_and_what_happened() -> None:
    store = Store(RetentionSettings())
    fields = {"type": "updated", "name": "prod", "namespace": "o11y", "phase": "Degraded", "message": "loki is full"}
    store.take(told("platform.o11y.prod.events", **fields, metadata={"a": "b"}, timestamp=AT))
    (platform,) = store.platforms
    assert (platform.id, platform.name, platform.namespace, platform.phase) == ("o11y/prod", "prod", "o11y", "Degraded")
    (event,) = store.events
    assert (event.reason, event.type, event.message, event.last) == (
        "PlatformUpdated",
        "Warning",
        "loki is full",
        1772359200.0,
    )
    store.take(told("platform.o11y.prod.events", type="platform.deleted", timestamp=AT))
    assert len(store.platforms) == 0
    assert [event.reason for event in store.events] == ["PlatformUpdated", "PlatformDeleted"]


@pytest.mark.parametrize(
    ("state", "ready", "health"),
    [
        ("Ready", True, "healthy"),
        ("Failed", False, "unhealthy"),
        ("Deploying", False, "degraded"),
        ("Ready", None, "healthy"),
    ],
)
def test_a_components_state(state: str, ready: bool | None, health: str) -> None:
    store = Store(RetentionSettings())
    store.take(
        told("component.o11y.prod.loki.state", component="loki", state=state, ready=ready, message="m", timestamp=AT)
    )
    (platform,) = store.platforms
    assert (platform.components["loki"].health, platform.components["loki"].message) == (health, "m")


def test_a_platform_that_relays_tell_of_is_the_same_one() -> None:
    (status, _) = told("platform.o11y.known.events", type="scaled", phase="Ready")
    assert (status.topic, status.id) == ("platform.k1.status", "GUNJ_EVENTS:7:0")
    (event,) = told("platform.o11y.known.events", type="backup", message="done")
    assert event.data["reason"] == "PlatformBackup"
    assert event.time is None


@pytest.mark.parametrize(
    ("subject", "data"),
    [
        ("platform.a.b.events", b"no"),
        ("platform.a.b.events", b'{"phase": 5}'),
        ("jobs.queue.a", b"{}"),
        ("platform.a.b.c", b"{}"),
    ],
)
def test_what_makes_no_sense_is_an_error(subject: str, data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode(subject, data, "1", {}, 9.0, "nats")
