"""A conversation's ends: who closes, with which code, and that everything is given back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gunj_widgets.demo import conversation as module
from tests.demo.asgi import TOKEN, Demo, Socket


async def opened(demo: Demo) -> Socket:
    socket = Socket(demo)
    await socket.greet()
    await socket.subscribe(target="platforms")
    return socket


def code(socket: Socket) -> int | None:
    return socket.closed["code"] if socket.closed else None


async def test_a_client_that_leaves_leaves_nothing_behind() -> None:
    demo = Demo()
    socket = await opened(demo)
    assert (demo.service.stats()["websockets"], demo.service.stats()["feeds"]) == (1, 1)
    socket.push({"type": "websocket.disconnect", "code": 1001})
    await asyncio.wait_for(socket.task, 1)
    assert (demo.service.stats()["websockets"], demo.service.stats()["feeds"]) == (0, 0)
    assert socket.closed is None


async def test_an_operator_that_stops_closes_with_1012() -> None:
    demo = Demo()
    socket = await opened(demo)
    demo.service.close()
    await asyncio.wait_for(socket.task, 1)
    assert code(socket) == 1012


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "7",
        '"subscribe"',
        "{}",
        '{"type": 7}',
        '{"type": "nonsense"}',
        '{"type": "welcome"}',
        '{"type": "platform.x.status", "payload": {}}',
        '{"type": "subscribe", "target": "platforms"}',
        '{"type": "ping", "t": ' + "[" * 80 + "]" * 80 + "}",
        "[{}]",
    ],
)
async def test_what_cannot_be_understood_ends_it_with_4400(text: str) -> None:
    demo = Demo()
    socket = await opened(demo)
    socket.text(text)
    await asyncio.wait_for(socket.task, 1)
    assert code(socket) == 4400
    assert socket.heard[-1]["type"] == "error"
    assert "id" not in socket.heard[-1]
    assert demo.service.stats()["bad_messages"] == 1


async def test_binary_frames_are_not_understood() -> None:
    socket = await opened(Demo())
    socket.push({"type": "websocket.receive", "bytes": b"{}"})
    await asyncio.wait_for(socket.task, 1)
    assert code(socket) == 4400


async def test_it_beats() -> None:
    demo = Demo(heartbeat=0.01)
    socket = await opened(demo)
    first, second = await socket.next("heartbeat"), await socket.next("heartbeat")
    assert first["payload"]["time"] == second["payload"]["time"] == demo.clock.now
    await socket.end()


async def test_it_ends_with_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXPIRY_CHECK", 0.001)
    demo = Demo(token_lifetime=10.0)
    access = demo.service.tokens.login(TOKEN, demo.clock.now).access
    socket = Socket(demo, headers={"Authorization": f"Bearer {access}"})
    await socket.greet()
    demo.clock.now += 9.0
    await asyncio.sleep(0.01)
    assert not socket.closed
    demo.clock.now += 1.0
    await asyncio.wait_for(socket.task, 1)
    assert code(socket) == 4401
    assert socket.heard[-1]["code"] == "unauthorized"


async def test_one_who_does_not_read_is_hung_up_on_with_1013() -> None:
    demo = Demo(max_lag=20)
    socket = await opened(demo)
    await socket.subscribe("m", target="metrics", platform="production")
    socket.unblocked.clear()
    demo.live(10)
    await asyncio.wait_for(socket.task, 1)
    assert socket.hung_up == [(1013, "too slow: it would have to miss messages")]
    stats = demo.service.stats()
    assert (stats["slow_consumers"], stats["feeds"], stats["websockets"]) == (1, 0, 0)


async def test_one_who_reads_again_is_closed_properly_with_1013() -> None:
    demo = Demo(max_lag=20)
    socket = await opened(demo)
    socket.demo.service.streams.size = 10
    await socket.subscribe("m", target="metrics", platform="production")
    demo.live(10)
    await asyncio.wait_for(socket.task, 1)
    assert code(socket) == 1013
    assert socket.hung_up == []


async def test_stopping_does_not_wait_for_one_who_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOSE_IN", 0.01)
    demo = Demo()
    socket = await opened(demo)
    socket.unblocked.clear()
    demo.service.close()
    await asyncio.wait_for(socket.task, 1)
    assert socket.hung_up
    assert socket.hung_up[0][0] == 1012


async def test_a_fault_of_ours_is_raised_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Demo()
    socket = await opened(demo)

    def broken(*_args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(demo.service.world, "start_operation", broken)
    socket.say(type="command", id="c", platform="production", name="backup")
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(socket.task, 1)
    assert demo.service.stats()["websockets"] == 0
