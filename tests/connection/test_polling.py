"""Polling: the same facts by REST, and what has ended is told."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.polling import Known, fetch
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.testing import MemoryOperator, MemoryReply
from tests.connection.rig import LOGS, METRICS, PLATFORMS, Rig


def serving(**answers: Any) -> MemoryOperator:
    """An operator without streams whose REST answers these, by the path's end."""
    operator = MemoryOperator()
    paths = {"platform": "platforms/p", "events": "platforms/p/events", "metrics": "platforms/p/metrics"}
    paths |= {"logs": "platforms/p/logs", "alerts": "alerts/active"}
    operator.answers = {f"GET /api/v1/{paths[name]}": MemoryReply(200, body) for name, body in answers.items()}
    return operator


def refuse_streams(operator: MemoryOperator, interests: int = 1) -> None:
    """Let the WebSocket and the first stream of each interest be refused."""
    for way in ("websocket", *["stream"] * interests):
        operator.refuse(way, Refused("status", "answered 404", status=404))


async def ask(operator: MemoryOperator, interest: Interest, since: float | None = None) -> list[tuple[str, Any]]:
    return [(e.topic, e.data) for e in await fetch(operator, {}, interest, since=since, now=5.0)]


async def test_each_target() -> None:
    operator = serving(
        platform={"id": "p", "phase": "Ready"},
        events={"items": [{"reason": "Ready"}]},
        metrics={"items": [{"metric": "cpu", "series": []}]},
        logs={"items": [{"message": "m", "component": "loki"}, {"message": "n"}]},
        alerts={"items": [{"fingerprint": "f.1", "name": "x"}]},
    )
    operator.platform("p.1", phase="Ready")
    assert await ask(operator, Interest("platforms")) == [
        ("platform.p%2E1.status", {"id": "p.1", "name": "p.1", "phase": "Ready"})
    ]
    assert [topic for topic, _ in await ask(operator, Interest("platform", "p"))] == [
        "platform.p.status",
        "platform.p.events",
    ]
    assert await ask(operator, Interest("metrics", "p")) == [
        ("platform.p.metrics.cpu", {"metric": "cpu", "series": []})
    ]
    assert [topic for topic, _ in await ask(operator, Interest("logs", "p"))] == [
        "platform.p.logs.loki",
        "platform.p.logs.platform",
    ]
    assert [topic for topic, _ in await ask(operator, Interest("alerts"))] == ["alert.f%2E1.firing"]


async def test_what_is_asked_for() -> None:
    operator = serving(metrics={"items": []}, logs={"items": []})
    await ask(operator, Interest("metrics", "p", metrics=("cpu", "a&b")), since=7.5)
    await ask(operator, Interest("logs", "p", component="loki"))
    assert operator.dials == [
        "GET /api/v1/platforms/p/metrics?names=a%26b%2Ccpu&since=7.5",
        "GET /api/v1/platforms/p/logs?limit=500&component=loki",
    ]


@pytest.mark.parametrize(
    "body", [{"items": [{"fingerprint": "f"}]}, {"data": {"items": [{"fingerprint": "f"}]}}, [{"fingerprint": "f"}]]
)
async def test_each_kind_of_list(body: object) -> None:
    assert await ask(serving(alerts=body), Interest("alerts")) == [("alert.f.firing", {"fingerprint": "f"})]


@pytest.mark.parametrize("body", [{"items": 5}, {"items": [5]}, {"items": [{}]}])
async def test_what_is_no_list(body: object) -> None:
    with pytest.raises(RemoteProtocolError):
        await ask(serving(alerts=body), Interest("alerts"))


async def test_refusals() -> None:
    with pytest.raises(Refused) as caught:
        await ask(MemoryOperator(), Interest("alerts"))
    assert caught.value.status == 404
    operator = MemoryOperator()
    operator.answers["GET /api/v1/alerts/active"] = MemoryReply(200, b"<html>", {"content-type": "text/html"})
    with pytest.raises(Refused) as caught:
        await ask(operator, Interest("alerts"))
    assert caught.value.kind == "content"


async def test_an_alert_that_is_gone_is_resolved() -> None:
    operator = serving(alerts={"items": [{"fingerprint": "f", "name": "x"}, {"fingerprint": "g", "name": "y"}]})
    refuse_streams(operator)
    r = await Rig(operator=operator).open(Interest("alerts"))
    operator.answers["GET /api/v1/alerts/active"] = MemoryReply(200, {"items": [{"fingerprint": "g", "name": "y"}]})
    await r.clock.advance(65.0)
    ended = [event for event in r.events if event.topic.endswith("resolved")]
    assert [(e.topic, e.data["status"], e.data["name"]) for e in ended] == [("alert.f.resolved", "resolved", "x")]
    await r.close()


async def test_a_server_that_fails_meanwhile_is_asked_again() -> None:
    operator = serving(alerts={"items": []})
    refuse_streams(operator)
    r = await Rig(operator=operator).open(Interest("alerts"))
    assert r.state == "polling"
    operator.refuse("request", Refused("status", "answered 503", status=503))
    await r.clock.advance(30.1)
    assert r.state == "waiting"
    await r.clock.advance(2.0)
    assert r.state == "polling"
    await r.close()


async def test_what_has_not_changed_is_not_sent_again_and_ends_nothing() -> None:
    operator = serving()
    body = {"items": [{"fingerprint": "f", "name": "x"}]}
    operator.answers["GET /api/v1/alerts/active"] = MemoryReply(200, body, {"etag": '"1"'})
    refuse_streams(operator)
    operator.refuse("websocket", *(Refused("status", "answered 404", status=404) for _ in range(3)))
    r = await Rig(operator=operator).open(Interest("alerts"))
    await r.clock.advance(95.0)
    asked = [h for d, h in zip(operator.dials, operator.headers, strict=True) if d == "GET /api/v1/alerts/active"]
    assert [h.get("If-None-Match") for h in asked] == [None, '"1"', '"1"', '"1"']
    assert [event.topic for event in r.events] == ["alert.f.firing"]
    operator.answers["GET /api/v1/alerts/active"] = MemoryReply(200, {"items": []}, {"etag": '"2"'})
    await r.clock.advance(30.0)
    assert [event.topic for event in r.events] == ["alert.f.firing", "alert.f.resolved"]
    await r.close()


@pytest.mark.parametrize("tag", ['"a\r\nX: y"', "unquoted", '"' + "x" * 300 + '"', '"\0"', ""])
async def test_only_an_entity_tag_is_sent_back(tag: str) -> None:
    operator, known = serving(), Known()
    operator.answers["GET /api/v1/alerts/active"] = MemoryReply(200, {"items": []}, {"etag": tag})
    await fetch(operator, {}, Interest("alerts"), since=None, now=5.0, known=known)
    assert known.tags == {}


async def test_the_next_look_begins_where_the_server_s_clock_was() -> None:
    line = {"message": "m", "component": "loki", "timestamp": 1000.5}
    series = {"metric": "cpu", "series": [{"labels": {}, "times": [900.0, 950.0], "values": [1, 2]}]}
    operator = serving(logs={"items": [line]}, metrics={"items": [series]})
    refuse_streams(operator, 2)
    r = await Rig(operator=operator).open(LOGS, METRICS)  # its own clock says 2025
    await r.clock.advance(31.0)
    asked = {dial.partition("?")[2] for dial in operator.dials if "?" in dial}
    assert {query for query in asked if "since" in query} == {"since=1000.5&limit=500", "since=950.0"}
    await r.close()


async def test_a_platform_without_an_id_is_known_by_its_name() -> None:
    """The public operator lists Kubernetes objects."""
    operator = serving()
    operator.state["x.status"] = {"payload": {"metadata": {"name": "prod"}, "status": {"phase": "Ready"}}}
    assert [topic for topic, _ in await ask(operator, PLATFORMS)] == ["platform.prod.status"]
    operator.state["x.status"] = {"payload": {"metadata": 5}}
    with pytest.raises(RemoteProtocolError, match="no name"):
        await ask(operator, PLATFORMS)


async def test_it_ends_at_once_when_the_socket_returns() -> None:
    operator = serving()
    operator.platform("p", phase="Ready")
    refuse_streams(operator)
    r = await Rig(operator=operator).open(PLATFORMS)
    assert r.state == "polling"
    await r.clock.advance(61.0)
    assert r.state == "open"
    assert [t.name for t in r.manager.status().transports] == ["WebSocket"]
    asked = operator.dials.count("GET /api/v1/platforms")
    await r.clock.advance(120.0)
    assert operator.dials.count("GET /api/v1/platforms") == asked
    await r.close()


async def test_what_is_polled_is_streamed_again_when_someone_asks() -> None:
    operator = serving(logs={"items": []})
    operator.refuse("stream", Refused("content", "a page"))
    r = await Rig(operator=operator).open(PLATFORMS, LOGS)
    assert r.state == "polling"
    r.manager.reconnect()
    await r.clock.advance(1.0)
    assert r.state == "open"
    assert [t.name for t in r.manager.status().transports] == ["WebSocket", "SSE logs/p"]
    await r.close()


async def test_a_stream_that_has_passed_before_is_looked_for_soon() -> None:
    operator = serving(logs={"items": []})
    r = await Rig(operator=operator).open(LOGS)
    for _ in range(3):  # let in, and cut at once: false starts
        operator.streams[-1].drop()
        await r.clock.advance(2.0)
    assert r.state == "polling"
    operator.refuse("stream", Refused("held", "nothing came"))
    await r.clock.advance(35.0)
    assert r.state == "polling"
    await r.clock.advance(35.0)
    assert r.state == "open"
    await r.close()


async def test_when_the_socket_returns_polled_logs_are_streamed_again_too() -> None:
    operator = serving(logs={"items": []})
    refuse_streams(operator, 2)
    r = await Rig(operator=operator).open(PLATFORMS, LOGS)
    assert [t.state for t in r.manager.status().transports if t.name.startswith("poll")] == ["polling", "polling"]
    await r.clock.advance(61.0)
    assert [t.name for t in r.manager.status().transports] == ["WebSocket", "SSE logs/p"]
    assert r.state == "open"
    await r.close()
