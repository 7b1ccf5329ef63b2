"""The SSE endpoints: the twin of every subscription, resumable by Last-Event-ID."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from gunj_widgets.connection.interest import Interest
from tests.demo.asgi import START, TOKEN, Demo, Events, Socket


def facts(events: Events) -> list[dict[str, str]]:
    return [message for message in events.messages if "event" not in message]


async def ready(events: Events) -> list[dict[str, object]]:
    """Wait for the end of the snapshot; return its envelopes."""

    def whole() -> bool:
        return any(m.get("event") == "snapshot" and json.loads(m["data"])["last"] for m in events.messages)

    await events.until(whole, "the snapshot was whole")
    parts = [json.loads(m["data"]) for m in events.messages if m.get("event") == "snapshot"]
    return [envelope for part in parts for envelope in part["events"]]


PATHS = {
    "/sse/platforms": "platform.production.status",
    "/sse/alerts": "alert.",
    "/sse/events": "platform.production.status",
    "/sse/platforms/production/events": "platform.production.status",
    "/sse/platforms/production/metrics": "platform.production.metrics.cpu_usage",
    "/sse/platforms/production/logs": "platform.production.logs.",
    "/sse/platforms/production/logs/loki": "platform.production.logs.loki",
}


@pytest.mark.parametrize("path", list(PATHS))
async def test_every_path_begins_with_a_snapshot_and_goes_on(path: str) -> None:
    demo = Demo()
    events = Events(demo, path)
    envelopes = await ready(events)
    assert any(str(envelope["type"]).startswith(PATHS[path]) for envelope in envelopes)
    assert events.status == 200
    assert events.headers["x-accel-buffering"] == "no"
    demo.service.act(demo.service.world.start_scenario, "loki-volume-full")
    demo.live(60)
    await events.until(lambda: len(facts(events)) >= 2, "facts came")
    for n, message in enumerate(facts(events), start=1):
        envelope = json.loads(message["data"])
        assert envelope["seq"] == n
        assert message["id"] == f"{envelope['epoch']}:{n}"
    await events.end()


async def test_metrics_and_events_can_be_chosen() -> None:
    demo = Demo()
    metrics = Events(demo, "/sse/platforms/production/metrics", query="metrics=cpu_usage,latency_p95")
    kinds = {str(envelope["type"]).rpartition(".")[2] for envelope in await ready(metrics)}
    assert kinds == {"cpu_usage", "latency_p95"}
    health = Events(demo, "/sse/platforms/production/events", query="events=health")
    assert len(await ready(health)) == 5
    for events in (metrics, health):
        await events.end()


async def test_one_operation() -> None:
    demo = Demo()
    operation = demo.service.act(demo.service.world.start_operation, "production", "restart", {"component": "loki"})
    events = Events(demo, f"/sse/operations/{operation.id}")
    assert len(await ready(events)) == 1
    demo.live(10)
    await events.until(lambda: facts(events), "progress")
    await events.until(lambda: json.loads(facts(events)[-1]["data"])["payload"]["status"] == "succeeded")
    await events.end()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sse/platforms/nope/logs", 404),
        ("/sse/platforms/production/logs/redis", 404),
        ("/sse/operations/nope", 404),
        ("/sse/weather", 404),
        ("/sse/platforms/production/events", 400),
    ],
)
async def test_what_does_not_exist_is_refused_in_words(path: str, status: int) -> None:
    answer = await Demo().request("GET", path, params={"events": "weather"} if status == 400 else None)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_too_many_connections_are_refused() -> None:
    demo = Demo(max_connections=1)
    first = Events(demo, "/sse/alerts")
    await ready(first)
    answer = await demo.request("GET", "/sse/alerts")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    await first.end()


async def test_last_event_id_resumes_with_what_was_missed_and_no_snapshot() -> None:
    demo = Demo()
    first = Events(demo, "/sse/platforms/production/metrics")
    await ready(first)
    demo.live(2)
    await first.until(lambda: len(facts(first)) == 16)
    last = facts(first)[9]["id"]
    first.leave()
    await asyncio.wait_for(first.task, 1)
    assert demo.service.stats()["feeds"] == 0
    demo.live(20)
    second = Events(demo, "/sse/platforms/production/metrics", headers={"Last-Event-ID": last})
    await second.until(lambda: len(facts(second)) == 22 * 8 - 10)
    assert [json.loads(m["data"])["seq"] for m in facts(second)] == list(range(11, 22 * 8 + 1))
    assert "event: snapshot" not in second.body
    await second.end()


async def test_the_snapshot_is_a_position_too() -> None:
    demo = Demo()
    first = Events(demo, "/sse/platforms")
    await ready(first)
    position = next(m["id"] for m in first.messages if m.get("event") == "snapshot")
    await first.end()
    demo.live(16)
    second = Events(demo, "/sse/platforms", headers={"Last-Event-ID": position})
    await second.until(lambda: len(facts(second)) == 2)
    assert "event: snapshot" not in second.body
    await second.end()


@pytest.mark.parametrize("last", ["nonsense", "e:1", "x" * 5000, "ü"])
async def test_a_position_that_means_nothing_gets_a_snapshot(last: str) -> None:
    events = Events(Demo(), "/sse/platforms", headers={"Last-Event-ID": last})
    assert len(await ready(events)) == 2
    await events.end()


async def test_a_websocket_resumes_where_a_stream_was_and_back() -> None:
    demo = Demo()
    interest = Interest("metrics", "production", metrics=("cpu_usage", "memory_usage"))
    path, _, query = interest.sse_path.partition("?")
    stream = Events(demo, path, query=query)
    await ready(stream)
    demo.live(2)
    await stream.until(lambda: len(facts(stream)) == 4)
    position = facts(stream)[-1]["id"]
    await stream.end()
    demo.live(1)
    socket = Socket(demo)
    await socket.greet()
    socket.say(**interest.subscribe_message(position))
    assert (await socket.next("subscribed"))["recovered"] is True
    assert (await socket.next())["seq"] == 5
    await socket.end()


async def test_silence_is_filled_with_comments() -> None:
    events = Events(Demo(heartbeat=0.01), "/sse/platforms")
    await ready(events)
    await events.until(lambda: events.body.count(": keep-alive\n\n") >= 4, "comments")
    assert "retry: 2000\n\n" in events.body
    await events.end()


async def test_it_ends_with_the_token_also_while_there_is_much_to_say() -> None:
    demo = Demo(token_lifetime=10.0)
    access = demo.service.tokens.login(TOKEN, START).access
    events = Events(demo, "/sse/platforms/production/logs", headers={"Authorization": f"Bearer {access}"})
    await ready(events)
    demo.live(9)
    await events.until(lambda: facts(events))
    assert not events.task.done()
    demo.live(2)
    await asyncio.wait_for(events.task, 1)
    assert events.sent[-1]["more_body"] is False


@pytest.mark.parametrize("end", [lambda e: e.leave(), lambda e: e.demo.service.close(), lambda e: e.task.cancel()])
async def test_nothing_stays_behind(end: Callable[[Events], object]) -> None:
    demo = Demo()
    events = Events(demo, "/sse/platforms/production/logs")
    await ready(events)
    assert (demo.service.stats()["event_streams"], demo.service.stats()["feeds"]) == (1, 1)
    end(events)
    await asyncio.wait([events.task], timeout=1)
    assert events.task.done()
    assert (demo.service.stats()["event_streams"], demo.service.stats()["feeds"]) == (0, 0)


async def test_one_who_does_not_read_is_cut_off() -> None:
    demo = Demo(max_lag=50)
    events = Events(demo, "/sse/platforms/production/metrics")
    await ready(events)
    events.unblocked.clear()
    demo.live(30)
    await asyncio.wait_for(events.task, 1)
    assert events.hung_up == [()]
    stats = demo.service.stats()
    assert (stats["slow_consumers"], stats["feeds"], stats["event_streams"]) == (1, 0, 0)


async def test_the_dialect_of_the_ui_has_bare_data_and_nothing_else() -> None:
    demo = Demo()
    demo.live(1)
    logs = Events(demo, "/sse/platforms/production/logs", query="dialect=legacy")
    metrics = Events(demo, "/sse/platforms/production/metrics", query="dialect=legacy")
    await logs.until(lambda: len(logs.messages) == 200, "the last lines")
    assert all(set(message) == {"data"} for message in logs.messages)
    assert set(json.loads(logs.messages[0]["data"])) == {"timestamp", "level", "component", "message", "metadata"}
    await metrics.until(lambda: len(metrics.messages) == 32, "the latest sample of each series")
    demo.live(1)
    await metrics.until(lambda: len(metrics.messages) == 64)
    assert set(json.loads(metrics.messages[-1]["data"])) == {"timestamp", "metric", "value", "labels"}
    assert "id: " not in metrics.body
    for events in (logs, metrics):
        await events.end()
