"""A response that does not end: server-sent events, with a comment while there is nothing to say.

Our own few lines rather than sse-starlette: importing that patches uvicorn for the whole process, and here the process is
somebody's notebook kernel.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

__all__ = ["EventStream", "message"]

COMMENT = b": keep-alive\n\n"


def message(data: str, *, id: str | None = None, event: str | None = None) -> bytes:
    """Return one message in the wire format. `data` is JSON, which has no line breaks; an id of ours neither."""
    head = (f"event: {event}\n" if event else "") + (f"id: {id}\n" if id else "")
    return f"{head}data: {data}\n\n".encode()


class EventStream(Response):
    """Sends the chunks of `body` until it ends, the client leaves or one of `ends` is set. Then `after` is called.

    A client that does not read would hold up the end, too: `lost` says so, and the connection is cut.
    """

    media_type = "text/event-stream"

    def __init__(
        self, body: AsyncIterator[bytes], *, closing: asyncio.Event, lost: asyncio.Event, after: Callable[[], None]
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._body, self._closing, self._lost, self._after = body, closing, lost, after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ends: list[asyncio.Task[None]] = []
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            works = (self._pump(send), _disconnect(receive), _set(self._closing), _set(self._lost))
            ends += [asyncio.ensure_future(work) for work in works]
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._after()
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
        for task in done:
            task.result()
        if self._lost.is_set() and "abort" in scope.get("state", {}):
            scope["state"]["abort"]()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pump(self, send: Send) -> None:
        async for chunk in self._body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _set(event: asyncio.Event) -> None:
    await event.wait()
