"""The v1 dialect, as docs/wire.md has it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gunj_widgets.demo import websocket as module
from gunj_widgets.events import codec
from gunj_widgets.events.codec import Control
from tests.demo.asgi import TOKEN, V1, Demo, Socket


async def opened(demo: Demo) -> Socket:
    socket = Socket(demo)
    await socket.greet()
    return socket


# -- hello ------------------------------------------------------------------------------------------------------------


async def test_hello_and_welcome() -> None:
    demo = Demo()
    socket = Socket(demo)
    welcome = await socket.greet()
    assert next(m for m in socket.sent if m["type"] == "websocket.accept")["subprotocol"] == V1
    assert welcome["epoch"] == demo.service.epoch
    assert welcome["heartbeat"] == 10.0
    assert "demo" in welcome["server"]
    assert "resume" in welcome["capabilities"]
    assert welcome["session"]
    await socket.end()


@pytest.mark.parametrize("first", ['{"type": "ping"}', "nonsense", '{"type": "hello", "dialects": ["v9"]}', "[]"])
async def test_something_else_than_hello_ends_it(first: str) -> None:
    socket = Socket(Demo())
    socket.text(first)
    await asyncio.wait_for(socket.task, 1)
    assert socket.closed
    assert socket.closed["code"] == 4400
    assert socket.heard[-1]["type"] == "error"


async def test_no_hello_in_time_ends_it_with_4408() -> None:
    socket = Socket(Demo(hello_timeout=0.01))
    await asyncio.wait_for(socket.task, 1)
    assert socket.closed
    assert socket.closed["code"] == 4408


async def test_leaving_before_hello() -> None:
    demo = Demo()
    socket = Socket(demo)
    socket.push({"type": "websocket.disconnect", "code": 1006})
    await asyncio.wait_for(socket.task, 1)
    assert demo.service.stats()["websockets"] == 0


async def test_hello_may_come_in_one_batch_with_what_follows() -> None:
    socket = Socket(Demo())
    socket.text(json.dumps([{"type": "hello", "dialects": ["v1"]}, {"type": "ping", "t": 1}]))
    assert (await socket.next())["type"] == "welcome"
    assert await socket.next() == {"type": "pong", "t": 1}
    await socket.end()


async def test_too_many_connections_are_refused_before_the_upgrade() -> None:
    demo = Demo(max_connections=1)
    first = await opened(demo)
    async with Socket(demo) as second:
        assert await second.until(lambda: second.status) == 429
    await first.end()
    third = await opened(demo)
    await third.end()


# -- subscriptions ----------------------------------------------------------------------------------------------------


async def test_subscribed_then_snapshot_then_live_without_a_gap() -> None:
    demo = Demo()
    socket = await opened(demo)
    demo.live(3)
    answer, events = await socket.subscribe("logs", target="logs", platform="production")
    assert answer["recovered"] is False
    epoch, _, seq = answer["position"].rpartition(":")
    demo.live(3)
    ids = [event["id"] for event in events]
    for n in range(1, 16):
        fact = await socket.next()
        assert (fact["sub"], fact["epoch"], fact["seq"]) == ("logs", epoch, int(seq) + n)
        ids.append(fact["id"])
    every = [fact.id for fact in demo.service.world.cluster("production").lines]
    start = every.index(ids[0])
    assert ids == every[start : start + len(ids)]
    await socket.end()


@pytest.mark.parametrize(
    ("fields", "topic"),
    [
        ({"target": "platforms"}, "platform.production.status"),
        ({"target": "platform", "platform": "staging"}, "platform.staging.status"),
        ({"target": "platform", "platform": "staging", "events": ["health"]}, "platform.staging.component"),
        ({"target": "metrics", "platform": "staging", "metrics": ["cpu_usage"]}, "platform.staging.metrics.cpu_usage"),
        ({"target": "logs", "platform": "staging", "component": "loki"}, "platform.staging.logs.loki"),
        ({"target": "alerts"}, "alert."),
    ],
)
async def test_every_target(fields: dict[str, Any], topic: str) -> None:
    demo = Demo()
    socket = await opened(demo)
    _, events = await socket.subscribe(**fields)
    assert all(event["type"].startswith(topic.split(".")[0]) for event in events)
    assert any(event["type"].startswith(topic) for event in events)
    demo.service.act(demo.service.world.start_scenario, "loki-volume-full", "staging")
    demo.live(20)
    fact = await socket.next()
    assert fact["type"].startswith(topic.split("staging")[0].split("production")[0])
    assert fact["seq"] == 1
    await socket.end()


async def test_resuming_by_position_brings_what_was_missed_once() -> None:
    demo = Demo()
    first = await opened(demo)
    await first.subscribe("m", target="metrics", platform="production")
    demo.live(2)
    seen = [await first.next() for _ in range(10)]
    await first.end()
    demo.live(30)
    second = await opened(demo)
    position = f"{seen[-1]['epoch']}:{seen[-1]['seq']}"
    answer, _ = await second.subscribe("other-name", target="metrics", platform="production", since=position)
    assert (answer["recovered"], answer["position"]) == (True, position)
    missed = [await second.next() for _ in range(32 * 8 - 10)]
    assert [fact["seq"] for fact in missed] == list(range(11, 32 * 8 + 1))
    await second.end()


@pytest.mark.parametrize("since", ["nonsense", "other:1", "", 7, None])
async def test_a_position_that_means_nothing_here_gets_a_snapshot(since: Any) -> None:
    socket = await opened(Demo())
    answer, events = await socket.subscribe(target="platforms", since=since)
    assert answer["recovered"] is False
    assert len(events) == 2
    await socket.end()


async def test_a_history_that_was_cut_short_gets_a_snapshot() -> None:
    demo = Demo(ring=50)
    socket = await opened(demo)
    answer, _ = await socket.subscribe("m", target="metrics", platform="production")
    socket.say(type="unsubscribe", id="m")
    await socket.next("unsubscribed")
    demo.live(30)
    again, events = await socket.subscribe("m", target="metrics", platform="production", since=answer["position"])
    assert again["recovered"] is False
    assert events
    await socket.end()


async def test_overlapping_subscriptions_bring_the_same_fact_with_the_same_id() -> None:
    demo = Demo()
    socket = await opened(demo)
    await socket.subscribe("all", target="platforms")
    await socket.subscribe("one", target="platform", platform="production", events=["status"])
    demo.service.act(demo.service.world.start_scenario, "loki-volume-full")
    demo.live(3)
    first, second = await socket.next("platform.production.status"), await socket.next("platform.production.status")
    assert {first["sub"], second["sub"]} == {"all", "one"}
    assert first["id"] == second["id"]
    await socket.end()


async def test_what_is_wrong_with_one_request_is_told_to_its_id_only() -> None:
    demo = Demo()
    socket = await opened(demo)
    socket.say(type="subscribe", id="x", target="metrics", platform="nope")
    error = await socket.next("error")
    assert (error["id"], error["code"]) == ("x", "platform_not_found")
    assert "production" in error["message"]
    socket.say(type="ping", t="still here")
    assert await socket.next() == {"type": "pong", "t": "still here"}
    await socket.end()


async def test_subscriptions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SUBSCRIPTIONS", 2)
    socket = await opened(Demo())
    await socket.subscribe("a", target="platforms")
    await socket.subscribe("b", target="alerts")
    socket.say(type="subscribe", id="c", target="platforms")
    assert (await socket.next("error"))["code"] == "too_many"
    await socket.subscribe("b", target="platforms")
    await socket.end()


async def test_unsubscribing_ends_the_facts() -> None:
    demo = Demo()
    socket = await opened(demo)
    await socket.subscribe("m", target="metrics", platform="production")
    socket.say(type="unsubscribe", id="m")
    await socket.next("unsubscribed")
    demo.live(3)
    await socket.settle()
    assert socket.heard[-1] == {"type": "unsubscribed", "id": "m"}
    assert demo.service.stats()["feeds"] == 0
    socket.say(type="unsubscribe", id="never-there")
    assert await socket.next() == {"type": "unsubscribed", "id": "never-there"}
    await socket.end()


# -- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("t", [None, 7, "x", {"a": [1]}])
async def test_ping_is_echoed(t: Any) -> None:
    socket = await opened(Demo())
    socket.say(type="ping", t=t)
    assert await socket.next() == {"type": "pong", "t": t}
    socket.say(type="ack", id="s", position="e:1")
    socket.say(type="ping", t=1)
    assert await socket.next() == {"type": "pong", "t": 1}
    await socket.end()


async def test_a_new_token_on_the_same_socket() -> None:
    demo = Demo(token_lifetime=10.0)
    socket = await opened(demo)
    pair = demo.service.tokens.login(TOKEN, demo.clock.now)
    socket.say(type="auth", token=pair.access)
    assert await socket.next() == {"type": "auth_ok", "expires": demo.clock.now + 10.0}
    socket.say(type="auth", token=TOKEN)
    assert await socket.next() == {"type": "auth_ok", "expires": None}
    await socket.end()


@pytest.mark.parametrize("token", ["wrong", None, 7])
async def test_a_wrong_token_on_the_same_socket_ends_it(token: Any) -> None:
    socket = await opened(Demo())
    socket.say(type="auth", token=token)
    await asyncio.wait_for(socket.task, 1)
    assert socket.closed
    assert socket.closed["code"] == 4401
    assert "wrong" not in json.dumps(socket.heard)


async def test_a_command_is_acknowledged_followed_and_answered() -> None:
    demo = Demo()
    socket = await opened(demo)
    await socket.subscribe("p", target="platform", platform="production", events=["operation"])
    socket.say(type="command", id="c1", platform="production", name="restart", args={"component": "loki"})
    ack = await socket.next("command_ack")
    assert ack["id"] == "c1"
    demo.live(10)
    result = await socket.next("command_result")
    assert result == {"type": "command_result", "id": "c1", "ok": True, "operation": ack["operation"]}
    progress = [m for m in socket.heard if m["type"] == f"platform.production.operation.{ack['operation']}.progress"]
    assert progress[-1]["payload"]["status"] == "succeeded"
    await socket.end()


async def test_a_command_that_fails_says_why() -> None:
    demo = Demo()
    demo.service.world.cluster("production").set_component("loki", health="unhealthy", message="no space left")
    socket = await opened(demo)
    socket.say(type="command", id="c1", platform="production", name="backup", args={})
    await socket.next("command_ack")
    demo.live(1)
    result = await socket.next("command_result")
    assert result["ok"] is False
    assert "no space left" in result["error"]
    await socket.end()


async def test_the_same_key_is_the_same_operation() -> None:
    demo = Demo()
    socket = await opened(demo)
    for id in ("c1", "c2"):
        socket.say(type="command", id=id, platform="production", name="backup", idempotency_key="k")
    first, second = await socket.next("command_ack"), await socket.next("command_ack")
    assert first["operation"] == second["operation"]
    demo.live(20)
    assert {(await socket.next("command_result"))["id"] for _ in range(2)} == {"c1", "c2"}
    await socket.end()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "explode"}, "unknown_operation"),
        ({"name": "scale", "args": {"component": "loki", "replicas": -1}}, "validation_error"),
        ({"name": "backup", "args": [1]}, "bad_request"),
        ({"name": "backup", "deadline": 1.0}, "expired"),
        ({"name": "backup", "platform": "nope"}, "platform_not_found"),
    ],
)
async def test_a_command_that_makes_no_sense_is_refused(fields: dict[str, Any], code: str) -> None:
    demo = Demo()
    socket = await opened(demo)
    socket.say(**{"type": "command", "id": "c", "platform": "production", **fields})
    error = await socket.next("error")
    assert (error["id"], error["code"]) == ("c", code)
    assert demo.service.world.cluster("production").operations.all == []
    await socket.end()


async def test_everything_sent_is_read_by_the_client_codec() -> None:
    demo = Demo(heartbeat=0.01)
    socket = await opened(demo)
    await socket.subscribe("p", target="platform", platform="production")
    await socket.subscribe("m", target="metrics", platform="production")
    demo.service.act(demo.service.world.start_scenario, "prometheus-cardinality")
    demo.live(30)
    socket.say(type="command", id="c", platform="production", name="restart", args={"component": "loki"})
    await socket.next("command_ack")
    await socket.next("heartbeat")
    for message in socket.sent:
        if message["type"] == "websocket.send":
            (read,) = codec.decode(message["text"], arrived=demo.clock.now, source="test")
            assert not isinstance(read, Control) or read.type != "malformed"
    await socket.end()
