"""`/ws`: a WebSocket in the v1 dialect of docs/wire.md, or in that of the operator's UI."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from gunj_widgets.demo.conversation import GONE, Conversation, End
from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.guard import SUBPROTOCOL, legacy_dialect, refusal
from gunj_widgets.demo.legacy import Legacy
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import SERVER, Service
from gunj_widgets.demo.streams import Feed
from gunj_widgets.demo.subscriptions import asked_filter
from gunj_widgets.events.codec import Control

__all__ = ["websocket"]

CAPABILITIES = ["resume", "snapshot", "commands", "auth", "demo"]
MAX_SUBSCRIPTIONS = 300
MAX_ID = 256


async def websocket(socket: WebSocket) -> None:
    """Serve one WebSocket until it closes, by whichever side."""
    service: Service = socket.app.state.service
    if service.full:
        error = RefusedError("there are too many connections", code="too_many", status=429)
        await socket.send_denial_response(refusal(error))
        return
    legacy = legacy_dialect(socket.scope)
    await socket.accept(subprotocol=None if legacy else SUBPROTOCOL)
    service.open["websocket"] += 1
    try:
        await (Legacy if legacy else Version1)(socket, service).serve()
    finally:
        service.open["websocket"] -= 1


class Version1(Conversation):
    """`v1.gunj.operator`. Each `_on_…` acts on the message of that type."""

    async def greet(self) -> End | None:
        try:
            async with asyncio.timeout(self.service.options.hello_timeout):
                first = await self.receive()
            if not first or first[0].type != "hello":
                raise RefusedError("the first message is hello")
            dialects = first[0].fields.get("dialects")
            if isinstance(dialects, list) and "v1" not in dialects:
                raise RefusedError("only the dialect v1 is spoken here", code="unsupported")
        except TimeoutError:
            return End(4408, "no hello in time", "hello_timeout")
        except RefusedError as error:
            return self.refused(error)
        except WebSocketDisconnect:
            return GONE
        welcome = {
            "session": secrets.token_hex(8),
            "epoch": self.service.epoch,
            "heartbeat": self.service.options.heartbeat,
            "server": SERVER,
            "capabilities": CAPABILITIES,
        }
        self.outlet.say({"type": "welcome", **welcome})
        try:
            for message in first[1:]:
                self.hear(message)
        except RefusedError as error:
            return self.refused(error)
        return None

    def hear(self, message: Control) -> None:
        """Act on a message. What is wrong is told to the request's id; without one it ends the conversation."""
        id = message.fields.get("id")
        try:
            handler = getattr(self, f"_on_{message.type}", None)
            if handler is None:
                raise RefusedError(f"{message.type[:40]!r} is not for a client to say")
            handler(message.fields)
        except RefusedError as error:
            if not isinstance(id, str) or len(id) > MAX_ID:
                raise
            self.outlet.say({"type": "error", "id": id, "code": error.code, "message": str(error)})

    def envelope(self, id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
        return fact.envelope(sub=id, seq=seq, epoch=feed.stream.epoch)

    def _on_subscribe(self, fields: dict[str, Any]) -> None:
        id, since = _id(fields), fields.get("since")
        if len(self.outlet) >= MAX_SUBSCRIPTIONS and id not in self.outlet:
            raise RefusedError(f"at most {MAX_SUBSCRIPTIONS} subscriptions", code="too_many", status=429)
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

        def ended() -> None:
            ok = operation.status == "succeeded"
            result = {"id": id, "ok": ok, "operation": operation.id}
            error = {} if ok else {"error": operation.error or operation.message or operation.status}
            self.outlet.say({"type": "command_result", **result, **error})

        self.service.when_ended(operation, ended)


def _id(fields: dict[str, Any]) -> str:
    id = fields.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= MAX_ID:
        raise RefusedError(f"id is a text of 1 to {MAX_ID} characters")
    return id
