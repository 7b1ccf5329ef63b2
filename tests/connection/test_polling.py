"""Polling: the same facts by REST, and what has ended is told."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.polling import fetch
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.testing import MemoryOperator, MemoryReply
from tests.connection.rig import Rig


def serving(**answers: Any) -> MemoryOperator:
    """An operator without streams whose REST answers these, by the path's end."""
    operator = MemoryOperator()
    paths = {"platform": "platforms/p", "events": "platforms/p/events", "metrics": "platforms/p/metrics"}
    paths |= {"logs": "platforms/p/logs", "alerts": "alerts/active"}
    operator.answers = {f"GET /api/v1/{paths[name]}": MemoryReply(200, body) for name, body in answers.items()}
    return operator


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
    for way in ("websocket", "stream"):
        operator.refuse(way, Refused("status", "answered 404", status=404))
    r = await Rig(operator=operator).open(Interest("alerts"))
    operator.answers["GET /api/v1/alerts/active"] = MemoryReply(200, {"items": [{"fingerprint": "g", "name": "y"}]})
    await r.clock.advance(25.0)
    ended = [event for event in r.events if event.topic.endswith("resolved")]
    assert [(e.topic, e.data["status"], e.data["name"]) for e in ended] == [("alert.f.resolved", "resolved", "x")]
    await r.close()


async def test_a_server_that_fails_meanwhile_is_asked_again() -> None:
    operator = serving(alerts={"items": []})
    for way in ("websocket", "stream"):
        operator.refuse(way, Refused("status", "answered 404", status=404))
    r = await Rig(operator=operator).open(Interest("alerts"))
    assert r.state == "open"
    operator.refuse("request", Refused("status", "answered 503", status=503))
    await r.clock.advance(10.1)
    assert r.state == "waiting"
    await r.clock.advance(2.0)
    assert r.state == "open"
    await r.close()
