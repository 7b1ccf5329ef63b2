"""ConnectionManager: when it dials again, how often, and when it gives up."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.transport import Refused
from gunj_widgets.settings import ConnectionSettings, Settings
from gunj_widgets.testing import FakeClock, MemoryOperator, settle
from tests.connection.rig import LOGS, METRICS, PLATFORMS, MakeRig, refused


async def test_waiting_shows_the_countdown_and_the_reason(rig: MakeRig) -> None:
    r = await rig(PLATFORMS)
    r.operator.down = True
    r.operator.cut(1012)
    await r.clock.advance(0.01)
    status = r.manager.status()
    assert (status.state, status.reason) == ("waiting", "the server restarts")
    assert status.retry_at is not None
    assert 0 < status.retry_at - r.clock.time() <= 10
    await r.clock.advance(120.0)
    status = r.manager.status()
    assert (status.state, status.attempt > 5) == ("waiting", True)
    assert "refused" in status.reason
    assert status.remedy
    r.operator.down = False
    await r.clock.advance(10.1)
    assert r.state == "open"
    assert r.manager.status().reason == ""


async def test_reconnect_cuts_the_wait_short(rig: MakeRig) -> None:
    r = await rig(PLATFORMS)
    r.operator.down = True
    r.operator.cut()
    await r.clock.advance(60.0)
    r.operator.down = False
    r.manager.reconnect()
    await r.clock.advance(0.0)
    assert r.state == "open"


async def test_accept_then_close_is_no_hot_loop(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.hear = lambda link, message: link.drop(1013)  # type: ignore[method-assign]
    r = await rig(PLATFORMS, operator=operator)
    for _ in range(600):
        for stream in operator.streams:
            stream.drop()
        await r.clock.advance(0.1)
    assert r.operator.dials.count("websocket") <= 12
    assert r.operator.dials.count("/sse/platforms") <= 12


async def test_a_connection_that_is_cut_again_and_again_goes_another_way(rig: MakeRig) -> None:
    """A proxy lets the handshake pass and then kills every WebSocket."""
    operator = MemoryOperator()
    operator.hear = lambda link, message: link.drop()  # type: ignore[method-assign]
    r = await rig(PLATFORMS, operator=operator)
    await r.clock.advance(20.0)
    assert "/sse/platforms" in r.operator.dials
    assert r.state == "open"


async def test_a_black_hole_is_found_within_twenty_seconds(rig: MakeRig) -> None:
    r = await rig(METRICS, LOGS)
    r.link.deaf = r.operator.streams[0].deaf = True
    silent = r.link
    await r.clock.advance(20.1)
    assert not silent.is_open
    assert not r.operator.streams[0].is_open
    r.publish(1)
    await r.clock.advance(10.0)
    assert r.numbers("metrics") == r.numbers("logs") == [1]


async def test_a_machine_that_slept_notices_at_once(rig: MakeRig) -> None:
    r = await rig(METRICS)
    r.link.deaf = True
    await r.clock.advance(5.0)
    r.clock.jump(3600.0)
    await r.clock.advance(5.0)
    assert len(r.operator.links) == 2
    r.operator.down = True
    r.operator.cut()
    await r.clock.advance(60.0)
    r.operator.down = False
    r.clock.jump(3600.0)
    await r.clock.advance(1.1)
    assert r.state == "open"


@pytest.mark.parametrize("slept", [10.0, 600.0, 8 * 3600.0, -60.0])
@pytest.mark.parametrize("seed", range(5))
async def test_asleep_and_awake_the_link_is_doubted_at_once(rig: MakeRig, slept: float, seed: int) -> None:
    """A jump is probed within 1 s, a link that died meanwhile is replaced within 5 s, one that lives is kept."""
    r = await rig(METRICS, seed=seed)
    await r.clock.advance(3.0 + Random(seed).random())
    alive = r.link
    alive.pings = 0
    r.clock.jump(slept)
    await r.clock.advance(1.0)
    assert alive.pings == 1
    await r.clock.advance(10.0)
    assert r.link is alive
    assert r.count("reconnects") == 0
    r.publish(1)  # heard just before the next sleep: that must not vouch for the link after it
    await settle()
    alive.deaf = True
    r.clock.jump(slept)
    await r.clock.advance(5.0)
    assert r.link is not alive
    assert r.state == "open"
    assert r.resets() == []


async def test_asleep_past_its_end_the_token_is_renewed_at_once(rig: MakeRig) -> None:
    calls: list[float] = []

    async def token() -> tuple[str, float]:
        calls.append(0.0)
        return f"token-{len(calls)}", 600.0

    clock = FakeClock()
    r = await rig(METRICS, clock=clock, auth=Auth(token, now=clock.time))
    assert len(calls) == 1
    r.clock.jump(3600.0)
    await r.clock.advance(1.0)
    assert len(calls) == 2
    assert {"type": "auth", "token": "token-2"} in r.link.sent  # told to the live socket


HTML = {"content-type": "text/html"}
EVIL = {
    "instant EOF": Refused("protocol", "hung up without an answer"),
    "200 text/html": Refused("status", "answered 200", status=200, headers=HTML),
}


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("seed", range(5))
async def test_evil_servers_are_dialled_twelve_times_in_the_first_minute_at_most(
    rig: MakeRig, evil: str, seed: int
) -> None:
    """By each way: WebSocket, stream, request."""
    operator = MemoryOperator()
    for way in ("websocket", "stream", "request"):
        operator.refuse(way, *[EVIL[evil]] * 1000)
    r = await rig(PLATFORMS, operator=operator, seed=seed)
    await r.clock.advance(59.9)
    dials = Counter(operator.dials)
    assert max(dials.values()) <= 12, dials
    assert dials["websocket"] >= 1
    assert r.state in ("waiting", "failed")


async def test_a_server_that_asks_for_patience_gets_it(rig: MakeRig) -> None:
    operator = MemoryOperator()
    operator.refuse("websocket", refused(429, **{"Retry-After": "60"}))
    r = await rig(operator=operator)
    assert r.state == "waiting"
    await r.clock.advance(47.0)
    assert operator.dials.count("websocket") == 1
    await r.clock.advance(26.0)
    assert r.state == "open"


async def test_it_gives_up_only_where_it_was_told_to(rig: MakeRig) -> None:
    settings = Settings(connection=ConnectionSettings(max_attempts=3))
    operator = MemoryOperator()
    operator.down = True
    r = await rig(operator=operator, settings=settings)
    await r.clock.advance(60.0)
    assert r.state == "failed"
    assert "gave up after 3 attempts" in r.manager.status().reason
    assert operator.dials.count("websocket") == 3
    operator.down = False
    r.manager.reconnect()
    await r.clock.advance(0.0)
    assert r.state == "open"
