"""ConnectionManager: the promises of docs/wire.md, kept over cuts, restarts, refusals and sleep; see test_reconnecting.py too."""

from __future__ import annotations

import asyncio
import gc
from random import Random
from types import CoroutineType

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import AuthError, ConnectError, SessionClosedError
from gunj_widgets.settings import ConnectionSettings, Settings
from gunj_widgets.testing import MemoryLink, MemoryOperator, MemoryReply, settle
from tests.connection.rig import LOGS, METRICS, PLATFORMS, MakeRig, Rig, refused
from tests.events.test_shown import bare

# -- nothing lost, nothing twice --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_or_doubled_over_a_hundred_cuts(rig: MakeRig, seed: int) -> None:
    random = Random(seed)
    r = await rig(METRICS, LOGS, seed=seed)
    for _ in range(100):
        r.publish(random.randrange(4))
        await settle(random.randrange(6))
        r.operator.cut(random.choice([1001, 1006, 1011, 1012]))
        r.publish(random.randrange(3))
        await r.clock.advance(random.uniform(0.0, 4.0))
    await r.clock.advance(30.0)
    wanted = list(range(1, r.sent + 1))
    assert r.numbers("metrics") == wanted
    assert r.numbers("logs") == wanted
    assert (r.count("reset"), r.count("gap")) == (0, 0)
    assert r.count("reconnects") > 50


@pytest.mark.parametrize("seed", range(4))
async def test_a_gap_is_never_silent(rig: MakeRig, seed: int) -> None:
    """Restarts and forgotten history: what is missing lies within a reset's bounds, and what came is in order and once."""
    random = Random(seed)
    r = await rig(METRICS, LOGS, seed=seed)
    for n in range(40):
        r.publish(random.randrange(1, 4))
        await settle()
        if random.random() < 0.5:
            r.operator.cut()
            r.publish(2)
            r.operator.forget()
        else:
            r.operator.restart(f"r{n}")
        await r.clock.advance(15.0)
    for kind in ("metrics", "logs"):
        numbers = r.numbers(kind)
        assert numbers == sorted(set(numbers))
        assert len([x for x in r.resets() if x["interest"].startswith(kind)]) == 40
    assert all(x["from"] and x["to"] and x["gap"][0] < x["gap"][1] for x in r.resets())
    assert r.count("reset") == len(r.resets())


async def test_the_reset_comes_before_the_new_snapshot(rig: MakeRig) -> None:
    r = await rig(PLATFORMS)
    r.operator.platform("p", phase="Ready")
    await r.clock.advance(1.0)
    r.operator.restart("e2")
    r.operator.platform("p", phase="Failed")
    await r.clock.advance(5.0)
    topics = [event.topic for event in r.events]
    assert topics == ["platform.p.status", "connection.reset", "platform.p.status"]
    reset = r.resets()[0]
    assert (reset["interest"], reset["platform"], reset["from"], reset["to"]) == ("platforms", None, "e1:1", "e2:0")


async def test_a_hole_in_a_live_stream_is_asked_for_again(rig: MakeRig) -> None:
    r = await rig(METRICS, LOGS)
    r.publish(2)
    await settle()
    r.link.deaf = r.operator.streams[0].deaf = True
    r.publish(2)
    r.link.deaf = r.operator.streams[0].deaf = False
    r.publish(2)
    await r.clock.advance(5.0)
    assert r.numbers("metrics") == r.numbers("logs") == [1, 2, 3, 4, 5, 6]
    assert r.count("gap") == 2
    assert len(r.operator.links) == 1  # on the same socket


async def test_a_message_that_cannot_be_read_is_skipped_after_three_tries_and_told(rig: MakeRig) -> None:
    r = await rig(METRICS, LOGS)
    r.publish(1)
    for log in r.operator._logs.values():
        seq, fact = log[-1]
        log.append((seq + 1, {**fact, "metadata": "poison"}))
        r.operator._send(next(k for k, v in r.operator._logs.items() if v is log), *log[-1])
    r.sent += 1
    r.publish(2)
    await r.clock.advance(60.0)
    assert r.numbers("metrics") == r.numbers("logs") == [1, 3, 4]
    assert {x["interest"] for x in r.resets()} == {METRICS.id, LOGS.id}
    assert r.count("malformed") >= 2
    assert r.state == "open"


async def test_one_fact_from_two_subscriptions_is_one(rig: MakeRig) -> None:
    r = await rig(PLATFORMS, Interest("platform", "p"))
    r.operator.platform("p", phase="Ready")
    await settle()
    assert [event.topic for event in r.events] == ["platform.p.status"]
    assert r.count("duplicate") == 1


async def test_a_hundred_thousand_missed_events_come_whole(rig: MakeRig) -> None:
    r = await rig(METRICS, operator=MemoryOperator(history=200_000))
    r.operator.cut()
    for n in range(100_000):
        r.operator.publish("platform.p.metrics.cpu", {"n": n}, keep=False)
    await r.clock.advance(3.0)
    for _ in range(2000):
        await settle(5)
        if r.count("delivered") >= 100_000:
            break
    assert r.numbers("metrics") == list(range(100_000))


# -- ways -------------------------------------------------------------------------------------------------------------


async def test_logs_go_by_stream_and_the_rest_by_one_socket(rig: MakeRig) -> None:
    r = await rig(PLATFORMS, METRICS, LOGS, Interest("alerts"), Interest("platform", "p"))
    assert r.operator.dials == ["websocket", "/sse/platforms/p/logs"]
    assert [t.name for t in r.manager.status().transports] == ["WebSocket", "SSE logs/p"]


async def test_where_no_socket_passes_streams_do_and_back_again(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.refuse("websocket", refused(426))
    r = await rig(METRICS, operator=operator)
    await r.clock.advance(1.0)
    assert r.state == "open"
    assert operator.dials == ["websocket", "/sse/platforms/p/metrics"]
    r.publish(3)
    await r.clock.advance(70.0)
    assert operator.dials[-1] == "websocket"
    assert [t.name for t in r.manager.status().transports] == ["WebSocket"]
    assert not operator.streams[0].is_open
    r.publish(3)
    await r.clock.advance(1.0)
    assert r.numbers("metrics") == [1, 2, 3, 4, 5, 6]
    assert (r.count("reset"), r.count("duplicate")) == (0, 0)


async def test_where_no_stream_passes_either_it_is_polled(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.platform("p", phase="Ready")
    operator.refuse("websocket", refused(404))
    operator.refuse("stream", Refused("content", "text/html came"))
    r = await rig(PLATFORMS, operator=operator)
    await r.clock.advance(1.0)
    assert r.state == "polling"
    assert operator.dials == ["websocket", "/sse/platforms", "GET /api/v1/platforms"]
    operator.platform("p", phase="Failed")
    await r.clock.advance(28.0)
    assert [event.data["phase"] for event in r.events] == ["Ready"]
    await r.clock.advance(2.0)
    assert [event.data["phase"] for event in r.events] == ["Ready", "Failed"]


async def test_where_nothing_passes_it_has_failed(rig: MakeRig) -> None:
    operator = MemoryOperator()
    for way in ("websocket", "stream", "request"):
        operator.refuse(way, refused(404))
    r = await rig(PLATFORMS, operator=operator)
    await r.clock.advance(1.0)
    assert r.state == "failed"
    assert "API server" in r.manager.status().remedy


async def test_a_log_that_does_not_exist_is_no_fault_of_the_connection(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.refuse("stream", refused(403))
    r = await rig(PLATFORMS, LOGS, operator=operator)
    await r.clock.advance(1.0)
    assert r.state == "open"
    assert [str(t.state) for t in r.manager.status().transports] == ["open", "failed"]


async def test_a_legacy_server_is_spoken_to_in_its_own_words(rig: MakeRig) -> None:
    operator = MemoryOperator(legacy=True)
    operator.platform("p", phase="Ready")
    r = await rig(PLATFORMS, Interest("platform", "p"), METRICS, operator=operator)
    assert [m["target"] for m in r.link.sent if m["type"] == "subscribe"] == ["platform", "metrics"]
    assert "hello" not in {m["type"] for m in r.link.sent}
    assert [event.data["phase"] for event in r.events if "phase" in event.data] == ["Ready"]
    assert [t.name for t in r.manager.status().transports] == ["WebSocket", f"SSE {METRICS.id}"]
    r.publish(2)
    await settle()
    assert r.numbers("metrics") == [1, 2]  # by the stream: the UI's dialect has metrics there
    r.link.push(
        {"type": "platform.p.update", "payload": {"type": "status", "payload": {"name": "p", "phase": "Failed"}}}
    )
    await settle()
    assert (r.events[-1].topic, r.events[-1].data["phase"]) == ("platform.p.status", "Failed")
    operator.cut()
    await r.clock.advance(5.0)
    assert "platforms" in {x["interest"] for x in r.resets()}  # what was missed cannot be had, and is not hidden


# -- the token --------------------------------------------------------------------------------------------------------


async def test_a_refused_token_is_renewed_once_then_it_has_failed(rig: MakeRig) -> None:
    calls: list[int] = []

    def token() -> str:
        calls.append(1)
        return f"token-{len(calls)}"

    operator = MemoryOperator()
    operator.refuse("websocket", refused(401), refused(401))
    r = await rig(operator=operator, auth=token)
    for _ in range(100):
        await asyncio.sleep(0.01)  # the token function runs on a thread
        if r.state == "failed":
            break
    assert (r.state, len(calls)) == ("failed", 2)
    assert [h.get("Authorization") for h in operator.headers] == ["Bearer token-1", "Bearer token-2"]
    with pytest.raises(AuthError, match="does not accept the token"):
        await r.manager.wait_open()


async def test_a_token_that_cannot_be_renewed_fails_at_once(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.refuse("websocket", refused(401))
    r = await rig(operator=operator, auth="canary")
    assert r.state == "failed"
    assert operator.dials.count("websocket") == 1
    assert "canary" not in str(r.manager.status())


async def test_no_token_in_clear_text_to_another_machine() -> None:
    from gunj_widgets.connection.manager import ConnectionManager

    with pytest.raises(ConnectError, match="clear text"):
        ConnectionManager("http://gunj.example.com", deliver=lambda events: None, auth="canary")
    for url, auth in (("http://gunj.example.com", None), ("https://gunj.example.com", "t"), ("http://localhost", "t")):
        ConnectionManager(url, deliver=lambda events: None, auth=auth)
    insecure = Settings(connection=ConnectionSettings(allow_insecure=True))
    ConnectionManager("http://gunj.example.com", deliver=lambda events: None, auth="t", settings=insecure)


# -- watching ---------------------------------------------------------------------------------------------------------


async def test_the_same_interest_twice_is_one_subscription(rig: MakeRig) -> None:
    r = await rig()
    first, second = r.manager.watch(METRICS), r.manager.watch(Interest("metrics", "p"))
    await settle()
    assert [m["type"] for m in r.link.sent] == ["hello", "subscribe"]
    first()
    first()  # a release counts once
    await settle()
    assert r.manager.interests() == [METRICS]
    second()
    await settle()
    assert [m["type"] for m in r.link.sent][2:] == ["unsubscribe"]
    r.publish(1)
    await settle()
    assert r.numbers("metrics") == []


async def test_a_log_stream_is_closed_with_its_last_holder(rig: MakeRig) -> None:
    r = await rig()
    release = r.manager.watch(LOGS)
    await settle()
    assert r.operator.streams[0].is_open
    release()
    await settle()
    assert not r.operator.streams[0].is_open
    assert len(r.manager.status().transports) == 1


async def test_opened_and_closed_a_hundred_times_leaves_nothing(rig: MakeRig) -> None:
    r = await rig()
    tasks = len(asyncio.all_tasks())
    for _ in range(100):
        releases = [r.manager.watch(interest) for interest in (METRICS, LOGS, PLATFORMS)]
        await settle(3)
        for release in releases:
            release()
        await settle(3)
    await settle()
    assert len(asyncio.all_tasks()) == tasks
    assert r.manager._intake.tracks == {}
    assert r.manager._websocket is not None
    assert r.manager._websocket._wanted == {}


async def test_two_hundred_subscriptions_are_resumed_in_one_round_trip(rig: MakeRig) -> None:
    r = await rig(*(Interest("metrics", f"p{n}") for n in range(200)))
    r.operator.cut()
    await r.clock.advance(3.0)
    sent = [m for m in r.link.sent if m["type"] == "subscribe"]
    assert len(sent) == 200
    assert all("since" in m for m in sent)


async def test_what_the_server_will_not_serve_is_told_to_who_waits_for_it(rig: MakeRig) -> None:
    r = await rig(METRICS)
    nowhere = Interest("metrics", "nowhere")
    r.operator.hear = lambda link, message: link.push(  # type: ignore[method-assign]
        {"type": "error", "id": nowhere.id, "code": "PLATFORM_NOT_FOUND", "message": "no such platform"}
    )
    r.manager.watch(nowhere)
    with pytest.raises(ConnectError, match="no such platform"):
        await r.manager.wait_synced(nowhere)
    await r.manager.wait_synced(METRICS)
    assert r.state == "open"


# -- beginning and end ------------------------------------------------------------------------------------------------


async def test_close_is_final(rig: MakeRig) -> None:
    r = await rig(METRICS, LOGS)
    link, stream = r.link, r.operator.streams[0]
    r.manager.close()
    r.manager.close()
    await settle()
    assert (r.state, link.is_open, stream.is_open) == ("closed", False, False)
    await r.clock.advance(60.0)
    r.manager.reconnect()
    await r.clock.advance(10.0)
    assert (r.state, len(r.operator.links)) == ("closed", 1)
    with pytest.raises(SessionClosedError):
        r.manager.watch(METRICS)
    with pytest.raises(SessionClosedError):
        await r.manager.wait_open()


@pytest.mark.parametrize("down", [True, False])
async def test_close_while_waiting_or_connecting(rig: MakeRig, down: bool) -> None:
    operator = MemoryOperator()
    operator.down = down
    r = Rig(operator=operator)
    r.manager.start()
    await settle(3 if not down else 25)
    await r.close()
    await r.clock.advance(60.0)
    assert r.state == "closed"
    assert operator.dials.count("websocket") <= 1
    assert not [link for link in operator.links if link.is_open]


async def test_the_first_answer(rig: MakeRig) -> None:
    await (await rig()).manager.first_answer(5.0)
    operator = MemoryOperator()
    operator.down = True
    r = await rig(operator=operator)
    with pytest.raises(ConnectError, match="connection refused"):
        await r.manager.first_answer(5.0)
    operator = MemoryOperator()
    operator.refuse("websocket", refused(403))
    r = await rig(operator=operator)
    with pytest.raises(AuthError, match="may not"):
        await r.manager.first_answer(5.0)
    r = Rig()
    with pytest.raises(ConnectError, match="did not answer"):
        await r.manager.first_answer(0.01)


async def test_every_change_is_told_once_and_in_order(rig: MakeRig) -> None:
    r = await rig(PLATFORMS)
    r.operator.cut()
    await r.clock.advance(5.0)
    await r.close()
    states = [str(status.state) for status in r.states]
    assert states == ["connecting", "open", "waiting", "connecting", "open", "closing", "closed", "closed"]


async def test_status_tells_latency_heartbeat_and_who_serves(rig: MakeRig) -> None:
    r = await rig(PLATFORMS)
    await r.clock.advance(2.0)
    r.link.push({"type": "heartbeat", "payload": {"time": 1.0}})
    await settle()
    status = r.manager.status()
    assert (status.latency, status.last_heartbeat, status.server) == (0.001, r.clock.time(), "gunj-operator/memory")
    assert status.transports[0].last_byte == r.clock.time()


async def test_a_receiver_that_fails_costs_its_batch_and_no_connection(rig: MakeRig) -> None:
    r = await rig(METRICS)
    failing = [True]

    def deliver(events: list[object]) -> None:
        if failing.pop():
            raise ValueError("a fault downstream")

    r.manager._intake._deliver = deliver  # type: ignore[assignment]
    failing.append(True)
    failing.reverse()
    r.publish(1)
    await settle()
    assert (r.count("errors"), r.state) == (1, "open")
    assert "a fault downstream" in r.manager.stats().last_problem


async def test_a_proxy_that_holds_the_stream_back_is_found_and_gone_around(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.answers["GET /api/v1/platforms/p/logs"] = MemoryReply(200, {"items": [{"message": "polled", "n": 0}]})
    begin, operator._begin_stream = operator._begin_stream, lambda *args: None  # type: ignore[method-assign,assignment]
    r = await rig(LOGS, operator=operator)
    await r.clock.advance(25.0)
    assert [t.name for t in r.manager.status().transports] == ["WebSocket", "poll logs/p"]
    assert r.numbers("logs")
    operator._begin_stream = begin  # type: ignore[method-assign]
    await r.clock.advance(300.0)
    assert [t.name for t in r.manager.status().transports] == ["WebSocket", "SSE logs/p"]
    r.events.clear()
    r.publish(2)
    await r.clock.advance(1.0)
    assert r.numbers("logs") == [1, 2]


async def test_a_message_over_the_bound_is_given_up_after_three_tries_and_told(rig: MakeRig) -> None:
    """websockets ends the connection with 1009 each time it meets the message."""
    r = await rig(METRICS)
    r.publish(1)
    await settle()
    hear = r.operator.hear

    def with_poison(link: MemoryLink, message: dict[str, object]) -> None:
        if message.get("since") == "e1:1":
            link.drop(1009)
        else:
            hear(link, message)

    r.operator.hear = with_poison  # type: ignore[method-assign]
    r.operator.cut(1009)
    r.publish(1)  # the one that is too big: number 2
    await r.clock.advance(60.0)
    assert r.state == "open"
    assert r.count("oversize") == 3
    assert [(x["interest"], x["from"]) for x in r.resets()] == [(METRICS.id, "e1:1")]
    r.publish(1)
    await settle()
    assert r.numbers("metrics") == [1, 3]


async def test_it_shows_where_it_is_connected_and_no_credential(rig: MakeRig) -> None:
    r = await rig(PLATFORMS)
    assert repr(r.manager) == f"<ConnectionManager {r.manager.url} open>"
    assert "<td>WebSocket</td><td>open</td>" in bare(r.manager._repr_html_())


async def test_an_open_connection_that_says_nothing_is_told_to_be_silent_until_it_is_heard_or_dead(
    rig: MakeRig,
) -> None:
    r = await rig(PLATFORMS)
    await r.clock.advance(60.0)
    told = len(r.states)
    assert r.manager.status().silent_since is None, "it is pinged, and answers"
    r.link.deaf = True
    for _ in range(17):
        await r.clock.advance(1.0)
        if r.manager.status().silent_since is not None:
            break
    assert (r.state, r.manager.status().silent_since) == ("open", r.manager.status().transports[0].last_byte)
    assert len(r.states) == told + 1, "who listens is told, once"
    assert r.states[-1].silent_since == r.manager.status().silent_since
    r.link.deaf = False
    r.link.push({"type": "heartbeat", "payload": {}})
    await r.clock.advance(1.5)
    assert (r.state, r.manager.status().silent_since, len(r.states)) == ("open", None, told + 2)
    r.link.deaf = True
    await r.clock.advance(21.0)
    assert [str(status.state) for status in r.states[told + 2 :]][:2] == ["open", "waiting"]
    assert r.states[told + 2].silent_since is not None
    assert r.manager.status().silent_since is None, "that it is gone is what it says now"


async def test_an_interest_that_cannot_be_told_is_not_held(rig: MakeRig) -> None:
    r = await rig(METRICS)
    with pytest.raises(UnicodeEncodeError):
        r.manager.watch(Interest(target="logs", platform="\ud800"))
    assert r.manager.interests() == [METRICS]


async def test_a_quiet_hour_leaves_nothing_behind(rig: MakeRig) -> None:
    r = await rig(METRICS)

    async def tasks_after(seconds: float) -> int:
        await r.clock.advance(seconds)
        gc.collect()
        return sum(isinstance(one, asyncio.Task | CoroutineType) for one in gc.get_objects())

    before = await tasks_after(300.0)
    after = await tasks_after(3600.0)
    assert len(r.operator.links) == 1
    assert abs(after - before) < 20, "of some thousand ticks and hundreds of pings"
