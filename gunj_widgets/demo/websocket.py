"""`/ws`: the v1 dialect, and the one that the operator's UI speaks."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.guard import SUBPROTOCOL, legacy_dialect
from gunj_widgets.demo.legacy import legacy_envelope, legacy_filter
from gunj_widgets.demo.outlet import Outlet
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import Service
from gunj_widgets.demo.streams import Feed
from gunj_widgets.demo.subscriptions import asked_filter
from gunj_widgets.errors import ProtocolError, TopicError
from gunj_widgets.events import codec
from gunj_widgets.events.codec import Control

__all__ = ["SERVER", "websocket"]

SERVER = "gunj-demo/0.1"
CAPABILITIES = ["resume", "snapshot", "commands", "auth", "demo"]
MAX_SUBSCRIPTIONS = 300
MAX_ID = 256


async def websocket(socket: WebSocket) -> None:
    """Serve one WebSocket until it closes, by whichever side."""
    service: Service = socket.app.state.service
    legacy = legacy_dialect(socket.scope)
    if service.full:
        await socket.close(4429, "too many connections")
        return
    await socket.accept(subprotocol=None if legacy else SUBPROTOCOL)
    service.open["websocket"] += 1
    try:
        await (Legacy if legacy else Version1)(socket, service).serve()
    finally:
        service.open["websocket"] -= 1


class Conversation:
    """What both dialects share: reading, writing, and the ways it can end."""

    def __init__(self, socket: WebSocket, service: Service) -> None:
        self.socket, self.service = socket, service
        self.outlet = Outlet(service, self._send)
        self.grant = socket.scope["state"]["grant"]

    async def serve(self) -> None:
        if not await self.greet():
            return
        names = ("reads", "writes", "beats", "closing", "expiry")
        works = (
            self._read(),
            self.outlet.run(self.envelope),
            self._beat(),
            self.service.closing.wait(),
            self._expiry(),
        )
        tasks = {name: asyncio.ensure_future(work) for name, work in zip(names, works, strict=True)}
        try:
            await asyncio.wait(tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.outlet.close()
            done = {name for name, task in tasks.items() if task.done()}
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        await self._end(done)

    async def _end(self, done: set[str]) -> None:
        if "closing" in done:
            await self._close(1012, "the operator restarts")
        elif "writes" in done and self.outlet.lost:
            self.service.counts["slow_consumers"] += 1
            await self._close(1013, "too slow: messages would have to be dropped")
        elif "expiry" in done:
            await self._close(4401, "the token has expired")

    async def greet(self) -> bool:
        """Begin; False where it ended at once."""
        return True

    def hear(self, message: Control) -> None:
        raise NotImplementedError

    def envelope(self, id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
        raise NotImplementedError

    async def receive(self) -> list[Control]:
        """Return the control messages of the next frame; RefusedError says what is wrong with it."""
        try:
            text = await self.socket.receive_text()
        except KeyError:
            raise RefusedError("messages are JSON objects in text frames") from None
        try:
            heard = codec.decode(text, arrived=self.service.clock(), source="client")
        except (ProtocolError, TopicError) as error:
            raise RefusedError(error.problem) from None
        return [message for message in heard if isinstance(message, Control)]

    async def _read(self) -> None:
        while True:
            try:
                for message in await self.receive():
                    self.hear(message)
            except RefusedError as error:
                self.service.counts["bad_messages"] += 1
                await self._close(4400, str(error)[:120])
                return
            except WebSocketDisconnect:
                return

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.service.options.heartbeat)
            self.outlet.say({"type": "heartbeat", "payload": {"time": self.service.clock()}})

    async def _expiry(self) -> None:
        while self.grant.expires is None or self.grant.expires > self.service.clock():  # noqa: ASYNC110  the clock decides
            await asyncio.sleep(1.0)

    async def _send(self, text: str) -> None:
        await self.socket.send_text(text)

    async def _close(self, code: int, reason: str) -> None:
        if self.socket.client_state is WebSocketState.CONNECTED:
            try:
                await asyncio.wait_for(self.socket.close(code, reason), 1.0)
            except (RuntimeError, OSError, TimeoutError):
                self.service.counts["unclean_closes"] += 1


class Version1(Conversation):
    """`v1.gunj.operator`, as in docs/wire.md."""

    async def greet(self) -> bool:
        try:
            async with asyncio.timeout(self.service.options.hello_timeout):
                first = await self.receive()
        except TimeoutError:
            await self._close(4408, "no hello in time")
            return False
        except RefusedError as error:
            await self._close(4400, str(error)[:120])
            return False
        except WebSocketDisconnect:
            return False
        if not first or first[0].type != "hello":
            await self._close(4400, "the first message is hello")
            return False
        welcome = {
            "session": secrets.token_hex(8),
            "epoch": self.service.epoch,
            "heartbeat": self.service.options.heartbeat,
            "server": SERVER,
            "capabilities": CAPABILITIES,
        }
        await self._send(codec.encode({"type": "welcome", **welcome}))
        for message in first[1:]:
            self.hear(message)
        return True

    def hear(self, message: Control) -> None:
        handler = getattr(self, f"_on_{message.type}", None)
        id = message.fields.get("id")
        about = {"id": id} if isinstance(id, str) else {}
        try:
            if handler is None:
                raise RefusedError(f"there is no message {message.type[:40]!r}")
            handler(message.fields)
        except RefusedError as error:
            self.outlet.say({"type": "error", "code": error.code, "message": str(error), **about})

    def envelope(self, id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
        return fact.envelope(sub=id, seq=seq, epoch=feed.stream.epoch)

    def _on_subscribe(self, fields: dict[str, Any]) -> None:
        id, since = _id(fields), fields.get("since")
        if len(self.outlet) >= MAX_SUBSCRIPTIONS and id not in self.outlet:
            raise RefusedError(f"at most {MAX_SUBSCRIPTIONS} subscriptions", code="too_many")
        filter = asked_filter(self.service.world, fields)
        joined = self.outlet.subscribe(id, filter, since if isinstance(since, str) else None)
        self.outlet.say({"type": "subscribed", "id": id, "position": joined.position, "recovered": joined.recovered})
        for part in joined.parts:
            self.outlet.say({"type": "snapshot", "id": id, **part})

    def _on_unsubscribe(self, fields: dict[str, Any]) -> None:
        id = _id(fields)
        self.outlet.unsubscribe(id)
        self.outlet.say({"type": "unsubscribed", "id": id})

    def _on_ping(self, fields: dict[str, Any]) -> None:
        self.outlet.say({"type": "pong", "t": fields.get("t")})

    def _on_ack(self, fields: dict[str, Any]) -> None:
        """A client says how far it is; nothing depends on it."""

    def _on_auth(self, fields: dict[str, Any]) -> None:
        token = fields.get("token")
        grant = self.service.tokens.check(token, self.service.clock()) if isinstance(token, str) else None
        if grant is None:
            raise RefusedError("the token is not valid", code="unauthorized", status=401)
        self.grant = grant
        self.outlet.say({"type": "auth_ok", "expires": grant.expires})

    def _on_command(self, fields: dict[str, Any]) -> None:
        id = _id(fields)
        deadline, args, key = fields.get("deadline"), fields.get("args") or {}, fields.get("idempotency_key")
        if isinstance(deadline, int | float) and deadline < self.service.clock():
            raise RefusedError("the deadline is over", code="expired")
        if not isinstance(args, dict):
            raise RefusedError("args is not an object")
        operation = self.service.act(
            self.service.world.start_operation,
            str(fields.get("platform", "")),
            str(fields.get("name", "")),
            args,
            key if isinstance(key, str) else None,
        )
        self.outlet.say({"type": "command_ack", "id": id, "operation": operation.id})
        task = asyncio.ensure_future(self._follow(id, operation.id))
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow(self, id: str, operation_id: str) -> None:
        """Tell the result once there is one."""
        changed = asyncio.Event()
        feed = self.service.subscribe(Filter.of("operation", None, [operation_id]), None, changed.set).feed
        try:
            while (operation := self.service.world.operation(operation_id)).running:
                await changed.wait()
                changed.clear()
                feed.take(BURST_OF_PROGRESS)
        finally:
            self.service.leave(feed)
        result = {"id": id, "ok": operation.status == "succeeded", "operation": operation.id}
        self.outlet.say({"type": "command_result", **result, "error": operation.error or None})

    def __init__(self, socket: WebSocket, service: Service) -> None:
        super().__init__(socket, service)
        self._following: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        try:
            await super().serve()
        finally:
            for task in self._following:
                task.cancel()


BURST_OF_PROGRESS = 1_000


class Legacy(Conversation):
    """What the operator's UI sends and expects: no answers, no numbering, double nesting."""

    def hear(self, message: Control) -> None:
        asked = legacy_filter(self.service.world, message.fields)
        if asked is None:
            return
        id, filter = asked
        if message.type == "subscribe":
            joined = self.outlet.subscribe(id, filter, None)
            for part in joined.parts:
                for envelope in part["events"]:
                    told = legacy_envelope(envelope)
                    if told is not None:
                        self.outlet.say(told)
        elif message.type == "unsubscribe":
            self.outlet.unsubscribe(id)

    async def greet(self) -> bool:
        self.outlet.subscribe("alerts", Filter.of("alerts"), None)
        self.outlet.say({"type": "heartbeat", "payload": {"time": self.service.clock()}})
        return True

    def envelope(self, id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
        return legacy_envelope(fact.envelope())


def _id(fields: dict[str, Any]) -> str:
    id = fields.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= MAX_ID:
        raise RefusedError(f"id is a text of 1 to {MAX_ID} characters")
    return id
