"""One WebSocket's conversation, whatever the dialect: reading, writing, beating, and the ways it can end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, NamedTuple

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.outlet import Outlet
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import Service
from gunj_widgets.demo.streams import Feed
from gunj_widgets.errors import ProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.codec import Control

__all__ = ["GONE", "Conversation", "End"]

CLOSE_IN = 1.0
"""Seconds a close may wait for a peer that does not read."""
EXPIRY_CHECK = 0.25


class End(NamedTuple):
    """How a conversation ends: the close code and, where the client is to blame, the code of the `error` before it."""

    code: int
    reason: str
    error: str = ""


GONE = End(0, "the client has left")


class Conversation:
    """Subclasses say how a dialect greets, what it makes of a message and how it puts a fact."""

    def __init__(self, socket: WebSocket, service: Service) -> None:
        self.socket, self.service = socket, service
        self.grant = socket.scope["state"]["grant"]
        self.outlet = Outlet(service, self.send, self.envelope)

    async def serve(self) -> None:
        """Talk until one side ends it."""
        end = await self.greet()
        if end is None:
            end = await self._talk()
        await self._close(end)

    async def greet(self) -> End | None:
        """Begin; an End where that failed."""
        raise NotImplementedError

    def hear(self, message: Control) -> None:
        """Act on a message. RefusedError ends the conversation."""
        raise NotImplementedError

    def envelope(self, id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
        raise NotImplementedError

    async def receive(self) -> list[Control]:
        """Return the messages of the next frame; RefusedError says what is wrong with it."""
        try:
            text = await self.socket.receive_text()
        except KeyError:
            raise RefusedError("messages are JSON objects in text frames") from None
        try:
            heard = codec.decode(text, arrived=self.service.clock(), source="client")
        except ProtocolError as error:
            raise RefusedError(error.problem) from None
        facts = [message.topic for message in heard if not isinstance(message, Control)]
        if facts:
            raise RefusedError(f"{facts[0][:60]!r} is not for a client to say")
        return [message for message in heard if isinstance(message, Control)]

    async def send(self, text: str) -> None:
        await self.socket.send_text(text)

    async def _talk(self) -> End:
        """Do everything at once; the first thing to end decides. A fault in one of them is raised here."""
        works = (self._read(), self._write(), self._overflow(), self._closing(), self._expiry(), self._beat())
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.outlet.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return next(task for task in tasks if task in done).result()

    async def _read(self) -> End:
        try:
            while True:
                for message in await self.receive():
                    self.hear(message)
        except RefusedError as error:
            return self.refused(error)
        except WebSocketDisconnect:
            return GONE

    def refused(self, error: RefusedError) -> End:
        """Return how a conversation ends whose client said something wrong."""
        self.service.counts["bad_messages"] += 1
        code = {401: 4401, 403: 4403, 429: 4429}.get(error.status, 4400)
        return End(code, str(error)[:100], error.code)

    async def _write(self) -> End:
        with suppress(WebSocketDisconnect):
            await self.outlet.run()
        return GONE

    async def _overflow(self) -> End:
        await self.outlet.overflow.wait()
        self.service.counts["slow_consumers"] += 1
        return End(1013, "too slow: it would have to miss messages")

    async def _closing(self) -> End:
        await self.service.closing.wait()
        return End(1012, "the operator restarts")

    async def _expiry(self) -> End:
        while self.grant.expires is None or self.grant.expires > self.service.clock():  # noqa: ASYNC110  the clock decides
            await asyncio.sleep(EXPIRY_CHECK)
        return End(4401, "the token has expired", "unauthorized")

    async def _beat(self) -> End:
        while True:
            await asyncio.sleep(self.service.options.heartbeat)
            self.outlet.say({"type": "heartbeat", "payload": {"time": self.service.clock()}})

    async def _close(self, end: End) -> None:
        """Say why, and close; past CLOSE_IN, or where the client is slow anyway, hang up."""
        if end is GONE or self.socket.client_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(0.0 if end.code == 1013 else CLOSE_IN):
                if end.error:
                    await self.send(codec.encode({"type": "error", "code": end.error, "message": end.reason}))
                await self.socket.close(end.code, end.reason)
        except TimeoutError:
            self.service.counts["hung_up"] += 1
            hang_up = self.socket.scope["state"].get("hang_up")
            if hang_up is not None:
                hang_up(end.code, end.reason)
        except (WebSocketDisconnect, RuntimeError):
            self.service.counts["unclean_closes"] += 1
