"""The operator UI's dialect: what it sends is understood, what it gets is what it expects."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.legacy import legacy_envelope, legacy_lines
from gunj_widgets.events import codec, legacy, normalise
from gunj_widgets.events.event import Event
from tests.demo.asgi import Demo, Socket

RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
SUBSCRIBE = {"type": "subscribe", "target": "platform", "id": "production", "events": ["status", "health"]}


async def opened(demo: Demo) -> Socket:
    socket = Socket(demo, subprotocol="")
    await socket.next("heartbeat")
    return socket


async def test_no_subprotocol_no_hello_alerts_unasked() -> None:
    demo = Demo()
    socket = await opened(demo)
    assert next(m for m in socket.sent if m["type"] == "websocket.accept")["subprotocol"] is None
    standing = await socket.next()
    assert re.match(r"^alert\.[0-9a-f]{16}\.firing$", standing["type"])
    assert RFC3339.match(standing["payload"]["startsAt"])
    demo.service.act(demo.service.world.start_scenario, "loki-volume-full")
    fresh = await socket.next()
    assert fresh["payload"]["name"] == "LokiDiskAlmostFull"
    assert RFC3339.match(fresh["timestamp"])
    await socket.end()


async def test_a_platform_comes_doubly_nested_now_and_at_every_change() -> None:
    demo = Demo()
    socket = await opened(demo)
    socket.say(**SUBSCRIBE)
    status = await socket.next("platform.production.status")
    assert status["payload"]["type"] == "status"
    inner = status["payload"]["payload"]
    assert (inner["name"], inner["namespace"], inner["phase"]) == ("production", "observability", "Ready")
    for part in ("prometheus", "grafana", "loki", "tempo", "alertmanager"):
        health = await socket.next()
        assert health["payload"]["type"] == "health"
        assert (health["payload"]["payload"]["component"], health["payload"]["payload"]["status"]) == (part, "healthy")
    demo.service.act(demo.service.world.start_scenario, "loki-volume-full")
    demo.live(3)
    change = await socket.next("platform.production.component.loki.health")
    assert change["payload"]["payload"]["status"] == "degraded"
    assert "95 %" in change["payload"]["payload"]["details"]["message"]
    assert not {"seq", "sub", "epoch"} & set(change)
    assert RFC3339.match(change["timestamp"])
    await socket.end()


async def test_unsubscribing_ends_it_and_only_it() -> None:
    demo = Demo()
    socket = await opened(demo)
    socket.say(**SUBSCRIBE)
    await socket.next("platform.production.status")
    socket.say(type="unsubscribe", target="platform", id="production")
    await socket.until(lambda: demo.service.stats()["feeds"] == 1)
    await socket.settle()
    before = len(socket.heard)
    demo.live(30)
    await socket.settle()
    assert len(socket.heard) == before
    await socket.end()


@pytest.mark.parametrize(
    "message",
    [
        {"type": "ping"},
        {"type": "subscribe", "target": "metrics", "platformId": "production", "metrics": ["cpu_usage"]},
        {"type": "unsubscribe", "target": "metrics", "platformId": "production"},
        {"type": "subscribe", "target": "platform", "id": "nope"},
        {"type": "subscribe", "target": "platform", "id": "production", "events": ["weather"]},
        {"type": "subscribe", "target": "platform", "id": 7},
        {"type": "subscribe"},
    ],
)
async def test_what_has_no_answer_gets_none(message: dict[str, Any]) -> None:
    demo = Demo()
    socket = await opened(demo)
    await socket.next()
    socket.say(**message)
    await socket.settle()
    assert len(socket.heard) == 2
    assert demo.service.stats()["feeds"] == 1
    assert not socket.closed
    await socket.end()


async def test_what_our_client_sends_in_this_dialect_is_understood() -> None:
    demo = Demo()
    socket = await opened(demo)
    message = Interest("platform", "production").legacy_message("subscribe")
    assert message
    socket.say(**message)
    await socket.next("platform.production.status")
    await socket.end()


def fact(kind: str, topic: str, payload: dict[str, Any]) -> Fact:
    return Fact(id="f", kind=kind, topic=topic, payload=payload, time=1_750_000_000.5, platform="production")


def test_our_client_reads_the_nesting() -> None:
    payload = {"component": "loki", "status": "degraded", "message": "full", "updated": 1_750_000_000.0}
    told = legacy_envelope(fact("health", "platform.production.component.loki.health", payload))
    (event,) = codec.decode(codec.encode(told), arrived=0.0, source="test")
    assert isinstance(event, Event)
    assert event.topic == "platform.production.component.loki.health"
    assert event.time == 1_750_000_000.5
    read = normalise.component(event.data, "loki")
    assert (read.health, read.message, read.updated) == ("degraded", "full", 1_750_000_000.0)


def test_streams_carry_one_sample_or_line_at_a_time() -> None:
    samples = {
        "metric": "cpu_usage",
        "unit": "%",
        "samples": [
            {"labels": {"component": "loki"}, "time": 1_750_000_000.0, "value": 1.5},
            {"labels": {"component": "tempo"}, "time": 1_750_000_000.0, "value": 2.5},
        ],
    }
    first, second = legacy_lines(samples)
    assert first == {
        "timestamp": "2025-06-15T15:06:40.000Z",
        "metric": "cpu_usage",
        "value": 1.5,
        "labels": {"component": "loki"},
    }
    assert second["labels"] == {"component": "tempo"}
    line = {"timestamp": 1_750_000_000.0, "level": "warn", "component": "loki", "message": "full", "metadata": {}}
    (told,) = legacy_lines(line)
    assert told == {**line, "timestamp": "2025-06-15T15:06:40.000Z"}
    assert legacy.bare_topic("logs", "production", told) == "platform.production.logs.loki"


def test_of_a_column_the_last_sample_is_enough() -> None:
    column = {"metric": "m", "unit": "", "series": [{"labels": {"a": "b"}, "times": [1.0, 2.0], "values": [5.0, 6.0]}]}
    (only,) = legacy_lines(column)
    assert (only["value"], only["labels"]) == (6.0, {"a": "b"})
