"""The operator in memory behind servers that others wrote: websockets' own, and Starlette on uvicorn as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gunj_widgets.connection.loop import IOThread
from gunj_widgets.connection.transport import Lost
from gunj_widgets.connection.websocket import SUBPROTOCOL
from gunj_widgets.testing import MemoryLink, MemoryOperator, MemoryStream


class Peer:
    """A server on a thread of its own. `do` runs something on that thread, where the operator lives."""

    def __init__(self) -> None:
        self.operator = MemoryOperator(history=100_000)
        self.cuts: list[Callable[[], None]] = []
        """Break one open connection each."""
        self._io = IOThread("peer")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._io.run(self._open()).result(10)

    def do(self, function: Callable[..., Any], *args: Any) -> None:
        async def run() -> None:
            function(*args)

        self._io.run(run()).result(10)

    def publish(self, first: int, last: int) -> None:
        """Publish the numbers from `first` to `last` as samples and as lines."""
        for n in range(first, last + 1):
            self.do(self.operator.publish, "platform.production.metrics.cpu", {"metric": "cpu", "n": n})
            self.do(self.operator.publish, "platform.production.logs.loki", {"message": "m", "n": n})

    def cut(self) -> None:
        """Break every connection, without a goodbye."""
        cuts, self.cuts = self.cuts, []
        for one in cuts:
            self.do(one)

    def close(self) -> None:
        self.do(self.operator.cut)
        self._io.run(self._shut()).result(10)
        self._io.stop()
        self._listener.close()

    async def _open(self) -> None:
        raise NotImplementedError

    async def _shut(self) -> None:
        raise NotImplementedError


class WebsocketsPeer(Peer):
    """`websockets.serve`."""

    _server: Server

    async def _open(self) -> None:
        self._server = await serve(self._converse, sock=self._listener, subprotocols=[Subprotocol(SUBPROTOCOL)])

    async def _shut(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _converse(self, connection: ServerConnection) -> None:
        self.cuts.append(connection.transport.abort)
        link = await self.operator.websocket("/ws", {}, str(connection.subprotocol))
        with told(link, connection.send, connection.close), contextlib.suppress(ConnectionClosed):
            async for message in connection:
                await link.send(str(message))


class StarlettePeer(Peer):
    """Starlette on uvicorn, with WebSocket and SSE."""

    async def _open(self) -> None:
        routes = [
            WebSocketRoute("/ws", self._converse),
            Route("/health", lambda _: JSONResponse({"status": "ok", "server": "gunj-operator/starlette"})),
            Route("/{path:path}", self._stream),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.ensure_future(self._server._serve([self._listener]))  # without its signal handlers

    async def _shut(self) -> None:
        self._server.should_exit = True
        await self._serving

    async def _converse(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol=SUBPROTOCOL)
        link = await self.operator.websocket("/ws", {}, SUBPROTOCOL)
        self.cuts.append(link.drop)
        with told(link, socket.send_text, socket.close), contextlib.suppress(WebSocketDisconnect):
            while True:
                await link.send(await socket.receive_text())

    async def _stream(self, request: Request) -> Response:
        if not request.url.path.startswith("/sse/"):
            return Response(status_code=404)
        names = {"last-event-id": "Last-Event-ID"}
        headers = {names.get(name, name): value for name, value in request.headers.items()}
        stream = await self.operator.stream(request.url.path, headers)
        self.cuts.append(stream.drop)
        return StreamingResponse(chunks(stream), media_type="text/event-stream")


async def chunks(stream: MemoryStream) -> AsyncIterator[bytes]:
    with contextlib.suppress(Lost):
        async for chunk in stream.chunks():
            yield chunk


@contextlib.contextmanager
def told(link: MemoryLink, send: Callable[[str], Awaitable[None]], close: Callable[[], Awaitable[None]]) -> Any:
    """Meanwhile pass on what the operator says; where it hangs up, so does the server."""

    async def pump() -> None:
        try:
            while True:
                for message in await link.recv():
                    await send(message.decode())
        except (Lost, ConnectionClosed, WebSocketDisconnect):
            with contextlib.suppress(RuntimeError):  # it is closed already
                await close()

    task = asyncio.ensure_future(pump())
    try:
        yield
    except Lost:
        pass
    finally:
        task.cancel()
        link.drop()
