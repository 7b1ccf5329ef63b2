"""The WebSocket conversation: what is said, in which order, and what is made of bad answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from gunj_widgets import __version__
from gunj_widgets.connection.auth import Auth
from gunj_widgets.events import codec
from gunj_widgets.testing import MemoryLink, MemoryOperator, settle
from tests.connection.rig import METRICS, Rig


@pytest.fixture
async def r() -> AsyncIterator[Rig]:
    rig = await Rig().open(METRICS)
    yield rig
    await rig.close()


async def test_hello_comes_first_then_the_subscriptions(r: Rig) -> None:
    hello, subscribe = r.link.sent
    assert hello == {"type": "hello", "client": "gunj-widgets", "version": __version__, "dialects": ["v1"]}
    assert subscribe == METRICS.subscribe_message()


async def test_after_a_cut_it_goes_on_from_where_it_was(r: Rig) -> None:
    r.publish(3)
    await settle()
    r.operator.cut()
    await r.clock.advance(3.0)
    assert r.link.sent[1] == METRICS.subscribe_message("e1:3")


async def test_a_peer_that_sends_and_answers_no_ping_is_alive_and_asked_once(
    r: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[asyncio.Future[float]] = []

    async def unanswered() -> Awaitable[float]:
        asked.append(asyncio.get_running_loop().create_future())
        return asked[-1]

    monkeypatch.setattr(r.link, "ping", unanswered)

    async def lively(seconds: int) -> None:
        for _ in range(seconds):
            r.publish()
            await r.clock.advance(1.0)

    await lively(100)
    assert (r.state, len(asked)) == ("open", 1)
    asked[0].set_result(0.25)
    await lively(30)
    assert (r.state, r.manager.status().latency, len(asked)) == ("open", 0.25, 2)


async def test_a_server_that_never_welcomes_is_left() -> None:
    operator = MemoryOperator()
    operator.hear = lambda link, message: None  # type: ignore[method-assign]
    from gunj_widgets.settings import ConnectionSettings, Settings

    r = await Rig(operator=operator, settings=Settings(connection=ConnectionSettings(open_timeout=0.05))).open()
    for _ in range(200):
        await asyncio.sleep(0.005)
        if r.state == "waiting":
            break
    assert (r.state, r.manager.status().reason) == ("waiting", "the server did not answer our hello in time")
    assert not operator.links[0].is_open
    await r.close()


async def test_facts_beside_the_welcome_are_counted() -> None:
    operator = MemoryOperator()
    hear = operator.hear
    fact = {"type": "platform.p.status", "sub": METRICS.id, "seq": 1, "epoch": "e1", "payload": {}}

    def early(link: MemoryLink, message: dict[str, Any]) -> None:
        if message.get("type") == "hello":
            link.push(fact)
            link.push(codec.encode([{"type": "welcome", "server": "s"}, fact]))
        else:
            hear(link, message)

    operator.hear = early  # type: ignore[method-assign]
    r = await Rig(operator=operator).open(METRICS)
    assert r.state == "open"
    assert r.manager.stats().counts["unasked"] == 2
    assert r.manager.stats().unaccounted == 0
    await r.close()


BAD: list[Any] = [
    b"",
    b"\xff\xfe",
    b"[",
    b"{}",
    b"5",
    b"[" * 100_000,
    {"type": "subscribed", "id": METRICS.id, "position": 5},
    {"type": "subscribed", "id": METRICS.id, "position": "nonsense"},
    {"type": "subscribed"},
    {"type": "snapshot", "id": METRICS.id},
    {"type": "snapshot", "id": METRICS.id, "position": ":"},
    {"type": "snapshot"},
    {"type": "auth_ok", "expires": "soon"},
    {"type": "error"},
    {"type": "error", "id": METRICS.id, "message": {"a": 1}},
    {"type": "welcome", "server": []},
    {"type": "pong"},
    {"type": "command_result", "id": 5},
    {"type": "a.b", "sub": METRICS.id, "seq": -5, "epoch": "e1", "payload": 1},
    {"type": "a.b", "sub": "nobody's", "seq": 1, "payload": 1},
    {"type": "a..b", "payload": 1},
]


@pytest.mark.parametrize("frame", BAD, ids=str)
async def test_a_bad_frame_costs_nothing_but_itself(r: Rig, frame: Any) -> None:
    r.link.push(frame)
    await settle()
    r.publish(2)
    await r.clock.advance(1.0)
    assert r.state == "open"
    assert r.count("reconnects") == 0
    numbers = r.numbers("metrics")
    assert numbers == [1, 2] or frame in BAD[6:12]  # what was said about the subscription itself may stop it


async def test_ten_thousand_mutated_frames_cost_no_connection(r: Rig) -> None:
    random = Random(5)
    whole = codec.encode(
        {"type": "platform.p.metrics.cpu", "payload": {"n": 1}, "id": "x", "seq": 1, "epoch": "e1"}
    ).encode()
    for _ in range(10_000):
        frame = bytearray(whole)
        for _ in range(random.randrange(1, 4)):
            frame[random.randrange(len(frame))] = random.randrange(256)
        r.link.push(bytes(frame[: random.randrange(1, len(frame) + 1)]))
    await settle(300)
    assert r.state == "open"
    assert r.count("received") > 10_000
    assert r.count("malformed") > 5_000
    assert len(r.manager.stats().last_problem) <= 200


async def test_what_nobody_asked_for_is_counted_and_dropped(r: Rig) -> None:
    r.link.push({"type": "a.b", "sub": "other", "seq": 1, "payload": 1}, {"type": "subscribed", "id": "other"})
    await settle()
    assert (r.count("unasked"), r.events) == (2, [])


async def test_a_fact_without_a_subscription_is_delivered(r: Rig) -> None:
    r.link.push({"type": "platform.p.status", "payload": {"name": "p"}})
    await settle()
    assert [event.topic for event in r.events] == ["platform.p.status"]


async def test_an_error_before_the_close_is_the_reason(r: Rig) -> None:
    r.link.push({"type": "error", "code": "X", "message": "the licence\nran out"})
    r.link.drop(1008)
    await settle()
    assert r.manager.status().reason == "the licence ran out"


async def test_the_live_socket_gets_a_new_token_before_the_old_one_ends() -> None:
    calls: list[float] = []

    async def source() -> str:
        calls.append(rig.clock.time())
        return f"token-{len(calls)}"

    auth = Auth(source, now=lambda: rig.clock.time())  # noqa: PLW0108  the rig comes later
    rig = Rig(auth=auth)
    hear = rig.operator.hear

    def answer(link: MemoryLink, message: dict[str, Any]) -> None:
        if message["type"] in ("hello", "auth"):
            link.push({"type": "auth_ok", "expires": rig.clock.time() + 100.0})
        hear(link, message)

    rig.operator.hear = answer  # type: ignore[method-assign]
    await rig.open(METRICS)
    await rig.clock.advance(500.0)
    renewed = [m["token"] for m in rig.link.sent if m["type"] == "auth"]
    assert renewed == [f"token-{n}" for n in range(2, len(calls) + 1)]
    assert 5 <= len(renewed) <= 7
    assert all(b - a <= 100.0 for a, b in pairwise(calls))  # always while the old one still worked
    assert len(rig.operator.links) == 1
    assert rig.state == "open"
    await rig.close()


async def test_the_end_of_the_tokens_life_comes_from_the_server(r: Rig) -> None:
    r.link.push({"type": "auth_ok", "expires": r.clock.time() + 50.0})
    await settle()
    assert r.manager._auth._expires == r.clock.time() + 50.0
