"""The operator's application without a network: a WebSocket, a stream or a request as ASGI messages. The world stands still
until a test steps it."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

import httpx

from gunj_widgets.demo.app import create_app
from gunj_widgets.demo.service import Service, ServiceOptions

TOKEN = "t" * 43
START = 1_750_000_000.0
BEARER = {"Authorization": f"Bearer {TOKEN}"}
V1 = "v1.gunj.operator"


class Clock:
    """Epoch seconds that only a test moves."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Demo:
    """A service, its application and its clock."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.service = Service(TOKEN, ServiceOptions(**options), clock=self.clock)
        self.app = create_app(self.service)

    def live(self, seconds: float) -> None:
        """Let the world live for so long, in steps of a second."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + 1.0)
            self.service.step()

    async def request(self, method: str, path: str, *, headers: dict[str, str] | None = None, **kwargs: Any) -> Any:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
            return await client.request(method, path, headers=BEARER if headers is None else headers, **kwargs)


class Peer:
    """One connection to the application. `sent` is what the application has sent so far; `blocked` holds its sends up."""

    def __init__(self, demo: Demo, scope: dict[str, Any]) -> None:
        self.demo = demo
        self.sent: list[dict[str, Any]] = []
        self.hung_up: list[tuple[Any, ...]] = []
        self.unblocked = asyncio.Event()
        self.unblocked.set()
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        headers = {"host": "127.0.0.1:1", **{k.lower(): v for k, v in scope.pop("headers").items()}}
        self._scope = {
            "path": "/",
            "query_string": b"",
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in headers.items()],
            "state": {"hang_up": self._hang_up, "abort": self._hang_up},
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 1),
            "client": ("127.0.0.1", 2),
            "root_path": "",
            **scope,
        }
        self.task: asyncio.Task[None] = asyncio.ensure_future(
            self.demo.app(self._scope, self._incoming.get, self._send)
        )

    async def until(self, condition: Any, what: str = "it") -> Any:
        """Return the first true value of `condition()`; the application runs meanwhile."""
        async with asyncio.timeout(5):
            while not (value := condition()):
                if self.task.done() and not condition():
                    raise AssertionError(f"the application ended before {what}: {self.sent[-3:]}")
                await asyncio.sleep(0)
        return value

    async def settle(self) -> None:
        """Give the application as many turns as it can need for what lies before it."""
        for _ in range(200):
            await asyncio.sleep(0)

    def push(self, message: dict[str, Any]) -> None:
        self._incoming.put_nowait(message)

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.end()

    async def _send(self, message: dict[str, Any]) -> None:
        await self.unblocked.wait()
        self.sent.append(message)

    def _hang_up(self, *args: Any) -> None:
        self.hung_up.append(args)
        self.unblocked.set()


class Socket(Peer):
    """A WebSocket client; speaks v1 unless `subprotocol` is empty."""

    def __init__(
        self, demo: Demo, *, subprotocol: str = V1, query: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(
            demo,
            {
                "type": "websocket",
                "path": "/ws",
                "scheme": "ws",
                "query_string": query.encode(),
                "subprotocols": [subprotocol] if subprotocol else [],
                "extensions": {"websocket.http.response": {}},
                "headers": BEARER if headers is None else headers,
            },
        )
        self.push({"type": "websocket.connect"})
        self._read = 0

    def say(self, **message: Any) -> None:
        self.text(json.dumps(message))

    def text(self, text: str) -> None:
        self.push({"type": "websocket.receive", "text": text})

    @property
    def heard(self) -> list[dict[str, Any]]:
        """Every message so far."""
        return [json.loads(m["text"]) for m in self.sent if m["type"] == "websocket.send"]

    @property
    def closed(self) -> dict[str, Any] | None:
        return next((m for m in self.sent if m["type"] == "websocket.close"), None)

    @property
    def status(self) -> int | None:
        """The HTTP status with which the upgrade was refused."""
        return next((m["status"] for m in self.sent if m["type"] == "websocket.http.response.start"), None)

    async def next(self, kind: str = "") -> dict[str, Any]:
        """Return the next message that was not read yet, or the next of a type."""

        def found() -> dict[str, Any] | None:
            heard = self.heard
            while self._read < len(heard):
                message = heard[self._read]
                self._read += 1
                if not kind or message["type"] == kind:
                    return message
            return None

        return await self.until(found, f"a {kind or 'message'} came")

    async def greet(self) -> dict[str, Any]:
        self.say(type="hello", client="test", version="0", dialects=["v1"])
        return await self.next("welcome")

    async def subscribe(self, id: str = "s", **fields: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Subscribe; return the answer and the snapshot's envelopes."""
        self.say(type="subscribe", id=id, **fields)
        answer = await self.next("subscribed")
        events: list[dict[str, Any]] = []
        while not answer["recovered"]:
            part = await self.next("snapshot")
            events += part["events"]
            if part["last"]:
                break
        return answer, events


class Events(Peer):
    """A client of an SSE stream."""

    def __init__(self, demo: Demo, path: str, *, query: str = "", headers: dict[str, str] | None = None) -> None:
        given = {**BEARER, **(headers or {})}
        super().__init__(
            demo,
            {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": given},
        )
        self.push({"type": "http.request", "body": b"", "more_body": False})

    @property
    def status(self) -> int | None:
        return next((m["status"] for m in self.sent if m["type"] == "http.response.start"), None)

    @property
    def headers(self) -> dict[str, str]:
        return {k.decode(): v.decode() for k, v in self.sent[0]["headers"]}

    @property
    def body(self) -> str:
        return b"".join(m["body"] for m in self.sent if m["type"] == "http.response.body").decode()

    @property
    def messages(self) -> list[dict[str, str]]:
        """Every message so far, as its fields."""
        blocks = [block for block in self.body.split("\n\n") if "data: " in block]
        return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]

    def leave(self) -> None:
        self.push({"type": "http.disconnect"})
