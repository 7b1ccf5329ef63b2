"""A NATS server in memory: streams, consumers and answers, and links to it that can be cut."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.cursor import StreamState
from gunj_widgets.sources.jetstream.link import Link, NoStreamError, Start
from gunj_widgets.sources.jetstream.streams import StreamPlan
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import FakeClock


class Incoming:
    def __init__(self, subject: str, data: bytes, reply: str = "", headers: dict[str, str] | None = None) -> None:
        self.subject, self.data, self.reply, self.headers = subject, data, reply, headers


class Stored:
    def __init__(self, seq: int, subject: str, data: bytes, time: float) -> None:
        self.seq, self.subject, self.data, self.time = seq, subject, data, time


class FakeStream:
    """One stream. `refuse` is what an answer to the next publish says instead of taking it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.created = "once"
        self.messages: list[Stored] = []
        self.last = 0
        self.ids: set[str] = set()
        self.newest_only = False
        self.consumers: list[FakeConsumer] = []

    def state(self) -> StreamState:
        return StreamState(
            created=self.created, first=self.messages[0].seq if self.messages else self.last + 1, last=self.last
        )

    async def add(self, subject: str, data: bytes, time: float) -> None:
        self.last += 1
        if self.newest_only:
            self.messages = [m for m in self.messages if m.subject != subject]
        self.messages.append(Stored(self.last, subject, data, time))
        for consumer in list(self.consumers):
            await consumer.give(self.messages[-1], 0)


class FakeConsumer:
    def __init__(self, subject: str, take: Callable[[Any], Awaitable[None]]) -> None:
        self.subject, self.take = subject, take
        self.given = 0
        self.skip = 0
        """Messages of the next that get lost on their way."""

    def wants(self, subject: str) -> bool:
        mine = self.subject.split(".")
        theirs = subject.split(".")
        if mine[-1] == ">":
            mine, theirs = mine[:-1], theirs[: len(mine) - 1] if len(theirs) >= len(mine) else []
            if not theirs and mine:
                return False
        return len(mine) == len(theirs) and all(a in ("*", b) for a, b in zip(mine, theirs, strict=True))

    async def give(self, stored: Stored, pending: int) -> None:
        if not self.wants(stored.subject):
            return
        self.given += 1
        if self.skip:
            self.skip -= 1
            return
        reply = f"$JS.ACK.S.c.1.{stored.seq}.{self.given}.{int(stored.time * 1e9)}.{pending}"
        await self.take(Incoming(stored.subject, stored.data, reply))

    async def heartbeat(self) -> None:
        await self.take(Incoming("inbox", b"", "", {"Status": "100", "Nats-Last-Consumer": str(self.given)}))


class FakeServer:
    """What every link of a test talks to. `refusing`: no new links."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.streams: dict[str, FakeStream] = {}
        self.links: list[FakeLink] = []
        self.refusing: Exception | None = None
        self.refused_streams: dict[str, Exception] = {}
        self.refuse: Exception | None = None
        self.silent = False
        self.answers: dict[str, bytes] = {}
        self.asked: list[tuple[str, bytes]] = []
        self.said: list[str] = []
        self.declared: list[StreamPlan] = []

    def stream(self, name: str, *, newest_only: bool = False) -> FakeStream:
        found = self.streams.setdefault(name, FakeStream(name))
        found.newest_only = found.newest_only or newest_only
        return found

    async def dial(self, source: Source, settings: Settings, token: str | None) -> Link:
        if self.refusing is not None:
            raise self.refusing
        link = FakeLink(self)
        self.links.append(link)
        return link  # type: ignore[return-value]  # it does what a Link does

    def cut(self) -> None:
        for link in self.links:
            link.cut()


class FakeLink:
    version = "2.9.10"
    reason = ""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self.ended = asyncio.Event()
        self.consumers: list[tuple[FakeStream, FakeConsumer]] = []
        self.listening: dict[str, Callable[[Any], Awaitable[None]]] = {}

    def cut(self) -> None:
        self.ended.set()
        for stream, consumer in self.consumers:
            if consumer in stream.consumers:
                stream.consumers.remove(consumer)

    def _find(self, name: str) -> FakeStream:
        if self.ended.is_set():
            raise ConnectError("the connection ended")
        if name in self.server.refused_streams:
            raise self.server.refused_streams[name]
        if name not in self.server.streams:
            raise NoStreamError(f"there is no {name}", "Start a relay.")
        return self.server.streams[name]

    async def state(self, stream: str) -> StreamState:
        return self._find(stream).state()

    async def declare(self, plan: StreamPlan) -> None:
        self.server.declared.append(plan)
        self.server.stream(plan.name, newest_only=plan.max_msgs_per_subject == 1)

    async def consume(self, stream: str, subject: str, start: Start, take: Any) -> tuple[int, Any]:
        found = self._find(stream)
        consumer = FakeConsumer(subject, take)
        waiting = [m for m in found.messages if consumer.wants(m.subject)]
        if start.sequence is not None:
            waiting = [m for m in waiting if m.seq >= start.sequence]
        elif start.time is not None:
            waiting = [m for m in waiting if m.time >= start.time]
        self.consumers.append((found, consumer))

        async def bring() -> None:
            for n, stored in enumerate(waiting):
                await consumer.give(stored, len(waiting) - n - 1)
            found.consumers.append(consumer)

        asyncio.get_running_loop().create_task(bring())

        async def end() -> None:
            if consumer in found.consumers:
                found.consumers.remove(consumer)

        return len(waiting), end

    async def publish(self, subject: str, data: bytes, id: str) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.ended.is_set():
            raise ConnectError("the connection ended")
        if self.server.silent:
            return answer
        if self.server.refuse is not None:
            answer.set_exception(self.server.refuse)
            return answer
        from gunj_widgets.sources.jetstream.streams import stream_of
        from gunj_widgets.sources.jetstream.subjects import topic_of

        stream = self.server.streams[stream_of(topic_of(subject) or "") or ""]
        duplicate = id in stream.ids
        if not duplicate:
            stream.ids.add(id)
            await stream.add(subject, data, self.server.clock.time())
        answer.set_result(type("Ack", (), {"duplicate": duplicate}))
        return answer

    async def put(self, subject: str, data: bytes) -> None:
        await self.server.streams["KV_GUNJ_NOTES"].add(subject, data, self.server.clock.time())

    async def say(self, subject: str, data: bytes = b"") -> None:
        self.server.said.append(subject)

    async def ask(self, subject: str, data: bytes, timeout: float) -> bytes:
        self.server.asked.append((subject, data))
        if subject not in self.server.answers:
            raise ConnectError("nobody answers there", "Start a relay.")
        return self.server.answers[subject]

    async def answer(self, subject: str, queue: str, take: Any) -> None:
        assert inspect.iscoroutinefunction(take) or inspect.iscoroutinefunction(take.func)  # as nats-py does
        self.listening[subject] = take

    async def close(self) -> None:
        self.cut()
