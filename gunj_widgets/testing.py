"""Test without a network: a clock that you move, and an operator in memory whose connections you can break.

    clock, operator = FakeClock(), MemoryOperator()
    operator.platform("production", phase="Ready")
    manager = ConnectionManager("http://operator", deliver=events.extend, clock=clock, network=operator, io=InlineIO())
    manager.start(); manager.watch(Interest("platforms"))
    await clock.advance(1)
    operator.cut()                   # every connection breaks
    await clock.advance(5)           # and is back, without loss

The operator speaks the same wire as a real one (`docs/wire.md`), through the same codec.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.loop import IOThread
from gunj_widgets.connection.resume import Position
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import segments, topic
from gunj_widgets.events.values import strings

__all__ = ["FakeClock", "InlineIO", "MemoryLink", "MemoryOperator", "MemoryReply", "MemoryStream"]

T = TypeVar("T")
SETTLE = 25
"""Rounds of the event loop after which everything that can happen now has happened."""


class FakeClock:
    """A clock that stands still until it is moved. `jump` moves only the wall time, as when a laptop slept."""

    def __init__(self, now: float = 1_750_000_000.0) -> None:
        self._wall = now
        self._steady = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def time(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._steady

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._steady + seconds, self._count, future))
        await future

    async def advance(self, seconds: float = 0.0) -> None:
        """Let `seconds` pass: everyone who sleeps wakes in order, and what follows from it happens."""
        end = self._steady + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self._pass(max(0.0, due - self._steady))
            if not future.done():
                future.set_result(None)
                await settle()
        self._pass(end - self._steady)

    def jump(self, seconds: float) -> None:
        """Move the wall time alone."""
        self._wall += seconds

    def _pass(self, seconds: float) -> None:
        self._wall += seconds
        self._steady += seconds


async def settle(rounds: int = SETTLE) -> None:
    """Let everything happen that needs no time."""
    for _ in range(rounds):
        await asyncio.sleep(0)


class InlineIO(IOThread):
    """Stands in for the I/O thread: everything runs on the caller's own running loop."""

    def __init__(self) -> None:
        self.lag = 0.0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    @property
    def is_alive(self) -> bool:
        return True

    @property
    def is_here(self) -> bool:
        return True

    def run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        task = self.loop.create_task(work)
        future: Future[T] = Future()
        task.add_done_callback(lambda done: None if done.cancelled() else future.set_result(done.result()))
        return future

    def call(self, function: Callable[..., object], *args: Any) -> None:
        self.loop.call_soon(function, *args)


class MemoryLink:
    """A WebSocket without a network. `push` sends to the client, `drop` ends it, `deaf` makes it a black hole."""

    def __init__(self, operator: MemoryOperator, subprotocol: str | None) -> None:
        self.subprotocol = subprotocol
        self.deaf = False
        self.pings = 0
        """Pings that came, answered or not."""
        self.sent: list[dict[str, Any]] = []
        """What the client sent, decoded, oldest first."""
        self.subscriptions: set[str] = set()
        self.close_code: int | None = None
        self._operator = operator
        self._queue: asyncio.Queue[bytes | Lost] = asyncio.Queue()

    @property
    def is_open(self) -> bool:
        return self.close_code is None

    def push(self, *messages: dict[str, Any] | str | bytes) -> None:
        for message in messages:
            text = codec.encode(message) if isinstance(message, dict) else message
            if self.is_open and not self.deaf:
                self._queue.put_nowait(text.encode() if isinstance(text, str) else text)

    def drop(self, code: int = 1006, reason: str = "") -> None:
        if self.is_open:
            self.close_code = code
            self._queue.put_nowait(Lost(code, reason))

    async def recv(self) -> list[bytes]:
        messages: list[bytes] = []
        while not messages or not self._queue.empty():
            message = await self._queue.get()
            if isinstance(message, Lost):  # the last there is: again for whoever asks again
                self._queue.put_nowait(message)
                if not messages:
                    raise message
                break
            messages.append(message)
        return messages

    async def follow(self, take: Callable[[list[bytes]], None]) -> None:
        while True:
            take(await self.recv())

    async def send(self, text: str) -> None:
        if not self.is_open:
            raise Lost(self.close_code, "")
        message = codec.parse(text)
        self.sent.append(message)
        if not self.deaf:
            self._operator.hear(self, message)

    async def ping(self) -> Awaitable[float]:
        self.pings += 1
        pong: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        if not self.deaf and self.is_open:
            pong.set_result(0.001)
        return pong

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.drop(code, reason)


class MemoryStream:
    """An SSE response without a network."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = {"content-type": "text/event-stream"} if headers is None else dict(headers)
        self.deaf = False
        self.interest: Interest | None = None
        self.is_open = True
        self._queue: asyncio.Queue[bytes | Lost] = asyncio.Queue()

    def push(self, chunk: bytes) -> None:
        if self.is_open and not self.deaf:
            self._queue.put_nowait(chunk)

    def drop(self, reason: str = "the stream broke") -> None:
        if self.is_open:
            self.is_open = False
            self._queue.put_nowait(Lost(None, reason))

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            chunk = await self._queue.get()
            if isinstance(chunk, Lost):
                raise chunk
            yield chunk

    async def close(self) -> None:
        self.is_open = False


class MemoryReply:
    """A REST answer without a network."""

    def __init__(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.headers = dict(headers or {"content-type": "application/json"})
        self.body = body if isinstance(body, bytes) else codec.encode(body).encode() if body is not None else b""


class MemoryOperator:
    """An operator in memory: numbered streams with history, snapshots, resume; a network and its faults in one.

    `history` is how many facts of a stream it keeps for those who come back. Faults: `down` refuses everybody, `cut()`
    breaks what is open, `restart()` forgets the numbering, `refuse()` answers the next attempts with what you say,
    `legacy` speaks the operator UI's dialect.
    """

    def __init__(self, *, history: int = 1000, legacy: bool = False) -> None:
        self.history = history
        self.legacy = legacy
        self.epoch = "e1"
        self.down = False
        self.links: list[MemoryLink] = []
        self.streams: list[MemoryStream] = []
        self.dials: list[str] = []
        """Every attempt, in order: "websocket", an SSE path, or "METHOD path"."""
        self.headers: list[dict[str, str]] = []
        """The headers of every attempt, in the same order."""
        self.answers: dict[str, MemoryReply] = {}
        """REST answers by "METHOD /path"."""
        self.state: dict[str, dict[str, Any]] = {}
        """The latest payload of each topic: what a snapshot is made of."""
        self._logs: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        self._interests: dict[str, Interest] = {}
        self._refusals: dict[str, list[Refused]] = {}
        self._facts = 0

    # -- what a test does ---------------------------------------------------------------------------------------------

    def platform(self, name: str, **status: Any) -> None:
        """Publish a platform's status."""
        self.publish(topic("platform", name, "status"), {"id": name, "name": name, **status})

    def publish(self, name: str, payload: dict[str, Any], *, keep: bool = True) -> dict[str, Any]:
        """Publish one fact to everyone who asked for it; `keep` = it belongs into later snapshots."""
        self._facts += 1
        fact = {"type": name, "payload": payload, "id": f"{self.epoch}-{self._facts}"}
        if keep:
            self.state[name] = fact
        for key, interest in self._interests.items():
            if _concerns(interest, name):
                log = self._logs[key]
                log.append(((log[-1][0] if log else 0) + 1, fact))
                self._send(key, *log[-1])
        return fact

    def cut(self, code: int = 1006) -> None:
        """Break every open connection."""
        for link in self.links:
            link.drop(code)
        for stream in self.streams:
            stream.drop()

    def restart(self, epoch: str) -> None:
        """Forget all numbering and history, as a new process would; connections break."""
        self.cut(1012)
        self.epoch = epoch
        self._logs.clear()
        self._interests.clear()

    def forget(self) -> None:
        """Throw the history away, but keep the numbering."""
        for log in self._logs.values():
            del log[:-1]

    def refuse(self, way: str, *refusals: Refused) -> None:
        """Answer the next attempts by `way` ("websocket", "stream" or "request") with these."""
        self._refusals.setdefault(way, []).extend(refusals)

    # -- what the connection calls: transport.Network -----------------------------------------------------------------

    async def websocket(self, path: str, headers: Mapping[str, str], subprotocol: str) -> MemoryLink:
        self._dialled("websocket", "websocket", headers)
        link = MemoryLink(self, None if self.legacy else subprotocol)
        self.links.append(link)
        return link

    async def stream(self, path: str, headers: Mapping[str, str]) -> MemoryStream:
        self._dialled("stream", path, headers)
        stream = MemoryStream()
        self.streams.append(stream)
        stream.interest = _from_path(path)
        self._begin_stream(stream, stream.interest, headers.get("Last-Event-ID"))
        return stream

    async def request(self, method: str, path: str, headers: Mapping[str, str], json: Any = None) -> MemoryReply:
        self._dialled("request", f"{method} {path}", headers)
        plain = path.partition("?")[0]
        if plain == "/health":
            return MemoryReply(200, {"status": "ok", "server": "gunj-operator/memory"})
        if plain == "/api/v1/platforms" and method == "GET":
            items = [fact["payload"] for name, fact in self.state.items() if name.endswith(".status")]
            return MemoryReply(200, {"items": items})
        reply = self.answers.get(
            f"{method} {plain}", MemoryReply(404, {"error": {"code": "NOT_FOUND", "message": "no"}})
        )
        tag = reply.headers.get("etag")
        return MemoryReply(304) if tag and headers.get("If-None-Match") == tag else reply

    async def close(self) -> None:
        return None

    # -- inside -------------------------------------------------------------------------------------------------------

    def hear(self, link: MemoryLink, message: dict[str, Any]) -> None:
        """Answer one message of a client."""
        kind = message.get("type")
        if kind == "hello":
            link.push(
                {
                    "type": "welcome",
                    "session": "s",
                    "epoch": self.epoch,
                    "heartbeat": 10,
                    "server": "gunj-operator/memory",
                }
            )
        elif kind == "subscribe" and not self.legacy:
            self._subscribe(link, message)
        elif kind == "unsubscribe":
            link.subscriptions.discard(str(message["id"]))
            link.push({"type": "unsubscribed", "id": message["id"]})
        elif kind == "auth":
            link.push({"type": "auth_ok", "expires": None})

    def _subscribe(self, link: MemoryLink, message: dict[str, Any]) -> None:
        names = {field: tuple(message.get(field, ())) for field in ("events", "metrics")}
        interest = Interest(message["target"], message.get("platform"), component=message.get("component"), **names)
        key = self._known(interest)
        missed = self._missed(key, message.get("since"))
        position = f"{self.epoch}:{self._last(key)}"
        link.push({"type": "subscribed", "id": key, "position": position, "recovered": missed is not None})
        if missed is None:
            events = [{**fact, "sub": key} for fact in self._snapshot(interest)]
            link.push({"type": "snapshot", "id": key, "position": position, "events": events, "last": True})
        link.subscriptions.add(key)
        for seq, fact in missed or []:
            link.push({**fact, "sub": key, "seq": seq, "epoch": self.epoch})

    def _begin_stream(self, stream: MemoryStream, interest: Interest, since: str | None) -> None:
        key = self._known(interest)
        missed = self._missed(key, since)
        stream.push(b": hello\n\n")
        if missed is None:
            position = f"{self.epoch}:{self._last(key)}"
            part = {"id": key, "position": position, "events": self._snapshot(interest), "last": True}
            stream.push(f"id: {position}\nevent: snapshot\ndata: {codec.encode(part)}\n\n".encode())
        for seq, fact in missed or []:
            stream.push(self._sse(key, seq, fact))

    def _send(self, key: str, seq: int, fact: dict[str, Any]) -> None:
        for link in self.links:
            if key in link.subscriptions:
                link.push({**fact, "sub": key, "seq": seq, "epoch": self.epoch})
        for stream in self.streams:
            if stream.interest is not None and stream.interest.id == key:
                stream.push(self._sse(key, seq, fact))

    def _sse(self, key: str, seq: int, fact: dict[str, Any]) -> bytes:
        data = codec.encode({**fact, "sub": key, "seq": seq, "epoch": self.epoch})
        return f"id: {self.epoch}:{seq}\ndata: {data}\n\n".encode()

    def _dialled(self, way: str, what: str, headers: Mapping[str, str]) -> None:
        self.dials.append(what)
        self.headers.append(dict(headers))
        if self._refusals.get(way):
            raise self._refusals[way].pop(0)
        if self.down:
            raise Refused("network", "nothing listens on operator (connection refused)")

    def _known(self, interest: Interest) -> str:
        self._interests.setdefault(interest.id, interest)
        self._logs.setdefault(interest.id, [])
        return interest.id

    def _last(self, key: str) -> int:
        return self._logs[key][-1][0] if self._logs[key] else 0

    def _missed(self, key: str, since: str | None) -> list[tuple[int, dict[str, Any]]] | None:
        """Return what came after `since`; None where that is no longer known."""
        if since is None:
            return None
        position = Position.parse(since)
        log = self._logs[key][-self.history :]
        if position.epoch != self.epoch or (log and position.seq < log[0][0] - 1) or position.seq > self._last(key):
            return None
        return [(seq, fact) for seq, fact in log if seq > position.seq]

    def _snapshot(self, interest: Interest) -> Iterable[dict[str, Any]]:
        return [fact for name, fact in self.state.items() if _concerns(interest, name)]


def _concerns(interest: Interest, name: str) -> bool:
    """Say whether a topic is among what an interest delivers; see docs/wire.md, Targets."""
    parts = segments(name)
    if interest.target == "alerts" or parts[0] != "platform":
        return interest.target == "alerts" and parts[0] == "alert"
    if interest.target == "platforms":
        return parts[2] in ("status", "deleted")
    if parts[1] != interest.platform:
        return False
    if interest.target == "logs":
        return parts[2] == "logs" and interest.component in (None, parts[3])
    if interest.target == "metrics":
        return parts[2] == "metrics" and (not interest.metrics or parts[3] in interest.metrics)
    kind = {"status": "status", "component": "health", "events": "events", "operation": "operation"}.get(parts[2])
    return kind is not None and (not interest.events or kind in interest.events)


def _from_path(path: str) -> Interest:
    """Read an SSE path back into the interest it stands for."""
    parts = [unquote(part) for part in urlsplit(path).path.split("/")[2:]]
    query = strings({name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}, "query")
    if parts[0] != "platforms" or len(parts) == 1:
        return Interest(parts[0])
    if parts[2] == "logs":
        return Interest("logs", parts[1], component=parts[3] if len(parts) > 3 else None)
    if parts[2] == "metrics":
        return Interest("metrics", parts[1], metrics=tuple(filter(None, query.get("metrics", "").split(","))))
    return Interest("platform", parts[1], events=tuple(filter(None, query.get("events", "").split(","))))


def events_of(events: Iterable[Event], name: str) -> list[Event]:
    """Return the events of one topic."""
    return [event for event in events if event.topic == name]
