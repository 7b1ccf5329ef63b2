"""Uvicorn as the demo runs it: it says when it answers, hides what it logs, and can cut a peer that does not read."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Receive, Scope, Send

from gunj_widgets.demo.server import Server

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[tuple[Server, int]]:
    """Serve on a loopback socket; afterwards the server must end, whatever its peers do."""
    listener = socket.create_server(("127.0.0.1", 0))
    ready = asyncio.Event()
    server = Server(app, heartbeat=10.0, ready=ready.set)
    task = asyncio.ensure_future(server.run_on(listener))
    async with asyncio.timeout(10):
        await ready.wait()
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task
            listener.close()


class App:
    """Takes whoever comes, says how it could be cut, and waits."""

    def __init__(self) -> None:
        self.came = asyncio.Event()
        self.state: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.state = scope["state"]
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        self.came.set()
        while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
            pass


async def test_http_can_be_aborted_by_the_application() -> None:
    app = App()
    async with served(app) as (_server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await app.came.wait()
        app.state["abort"]()
        rest = await reader.read()
        assert b"200 OK" in rest
        assert b"server:" not in rest.lower()
        assert not rest.endswith(b"0\r\n\r\n")
        writer.close()


async def test_a_websocket_is_hung_up_on_with_a_close_it_can_read() -> None:
    app = App()
    async with served(app) as (_server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE)
        await app.came.wait()
        app.state["hang_up"](1013, "too slow")
        rest = await reader.read()
        assert rest.endswith(b"\x88\x0a" + (1013).to_bytes(2, "big") + b"too slow")
        writer.close()


async def test_nobody_keeps_it_from_ending() -> None:
    app = App()
    async with served(app) as (server, port):
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        await app.came.wait()
    assert not server.server_state.connections
    writer.close()


async def test_it_logs_nothing_below_a_warning(caplog: Any) -> None:
    app = App()
    with caplog.at_level(logging.DEBUG):
        async with served(app) as (_server, port):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(UPGRADE.replace(b"/ws ", b"/ws?token=canary "))
            await app.came.wait()
            writer.close()
    assert "canary" not in caplog.text
