"""Uvicorn, set up for a notebook kernel: no signals, no access log, and connections that can be cut.

ASGI has no way to end a connection whose peer does not read: even a close waits for the peer. So the two protocols leave
a way in `scope["state"]`: `abort()` for HTTP, `hang_up(code, reason)` for WebSockets.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

__all__ = ["Server"]

MAX_MESSAGE = 1 << 20
"""Bytes of one WebSocket message from a client."""
LINGER = 2.0
"""Seconds in which a peer that was hung up on may still read why."""


class Http(H11Protocol):
    """HTTP/1.1, with `abort`."""

    def handle_events(self) -> None:
        super().handle_events()
        if self.scope is not None:
            self.scope["state"]["abort"] = self.transport.abort


class WebSocket(WebSocketsSansIOProtocol):
    """WebSocket, with `hang_up`."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"]["hang_up"] = self.hang_up

    def hang_up(self, code: int, reason: str) -> None:
        """Send the close behind what the peer has not read yet, and drop all of it if it does not read soon."""
        self.stop_keepalive()
        if not self.close_sent and not self.transport.is_closing():
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self.transport.close()
        self.loop.call_later(LINGER, self.transport.abort)


class Server(uvicorn.Server):
    """Serves `app` on a socket that is bound already; calls `ready` once it answers."""

    def __init__(self, app: ASGIApp, *, heartbeat: float, ready: Callable[[], None]) -> None:
        # Below WARNING uvicorn logs the URLs of WebSockets and the headers of requests, a token among them.
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        config = uvicorn.Config(
            app,
            http=Http,
            ws=WebSocket,
            ws_max_size=MAX_MESSAGE,
            ws_ping_interval=heartbeat,
            ws_ping_timeout=heartbeat,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def run_on(self, listener: socket.socket) -> None:
        """Serve until `should_exit`; afterwards no connection is left, whatever its peer does."""
        try:
            await self.serve([listener])
        finally:
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)
