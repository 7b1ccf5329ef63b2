"""Publisher: writes events into the shared streams, each once and in order, whatever becomes of the connection."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from hashlib import blake2b
from random import Random
from typing import Any

import msgspec

from gunj_widgets.connection.clock import Clock, SystemClock
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import ConnectError, GunjError, LimitError, TopicError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.bus import Bus
from gunj_widgets.sources.jetstream.link import Link, outcome
from gunj_widgets.sources.jetstream.streams import STATE, StreamPlan, stream_of
from gunj_widgets.sources.jetstream.subjects import subject_of
from gunj_widgets.sources.source import Source

__all__ = ["MAX_WAITING", "ORIGIN", "Publisher", "PublisherStatus", "message_of"]

MAX_WAITING = 200_000
"""Messages that may wait while the server is away; what comes over that is dropped, and counted."""
ORIGIN = "origin"
"""Member of a message's metadata: the address of who said so."""
WINDOW = 512
"""Messages on their way at once."""
PATIENCE = 5.0
"""Seconds until an answer, after which the connection is given up and all without an answer is sent again."""
FATES = ("published", "duplicate", "refused", "unplaced", "dropped")
"""What becomes of an event that was offered; each has one of these, or waits."""
OURS = ("connection",)
"""First segment of what a session tells itself."""

KEPT, MAX_KEPT = 3.0, 100_000
"""Seconds, and messages, for which what a server has taken is sent again after a cut: killed, it may not have kept it."""


class Message(msgspec.Struct, gc=False):
    """What is published. By `id` the server knows a repetition. `taken`: it has said once that it has it."""

    subject: str
    data: bytes
    id: str
    taken: bool = False


class PublisherStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands, and what became of the events: `offered` = the others together, but `resent`.

    `unplaced`: of a topic that no stream holds; `refused`: a stream would not take it; `dropped`: too many waited;
    `duplicate`: another relay was first; `resent`: sent again after a cut though the server had taken it.
    """

    state: State
    reason: str
    remedy: str
    offered: int
    published: int
    duplicate: int
    refused: int
    unplaced: int
    dropped: int
    resent: int
    waiting: int
    reconnects: int
    last_problem: str


class Publisher:
    """Lives on gunj-io. `ready(link)` is run on each connection, once the streams are there."""

    def __init__(
        self,
        source: Source,
        *,
        plans: Iterable[StreamPlan],
        settings: Settings | None = None,
        ready: Callable[[Link], Awaitable[None]] | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
    ) -> None:
        self._plans = list(plans)
        self._ready = ready
        self._waiting: deque[Message] = deque()
        self._window: deque[tuple[Message, asyncio.Future[Any]]] = deque()
        self._kept: deque[tuple[float, Message]] = deque(maxlen=MAX_KEPT)
        self._counts = dict.fromkeys(("offered", *FATES, "resent"), 0)
        self._last_problem = ""
        self._pulse = asyncio.Event()
        self._clock = clock if clock is not None else SystemClock()
        self._done = asyncio.Event()
        self._bus = Bus(
            source,
            settings if settings is not None else Settings(),
            use=self._use,
            changed=self._told,
            clock=self._clock,
            rng=rng if rng is not None else Random(),
        )

    def offer(self, events: list[Event], origin: str = "") -> None:
        """Take events to be written, in order. Never waits. `origin` is who said so: how things stand is told with it."""
        counts = self._counts
        for event in events:
            if event.topic.startswith(OURS):
                continue
            counts["offered"] += 1
            if len(self._waiting) >= MAX_WAITING:
                counts["dropped"] += 1
                continue
            message = message_of(event, origin)
            if message is None:
                counts["unplaced"] += 1
            else:
                self._waiting.append(message)
        self._pulse.set()

    def status(self) -> PublisherStatus:
        one, counts = self._bus.status(), dict(self._counts)
        return PublisherStatus(
            state=one.state,
            reason=one.reason,
            remedy=one.remedy,
            waiting=counts["offered"] - sum(counts[fate] for fate in FATES),
            reconnects=self._bus.reconnects,
            last_problem=self._last_problem,
            **counts,
        )

    async def run(self) -> None:
        """Keep connected, and send, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._bus.run())
            tasks.create_task(self._send())

    async def first_answer(self, timeout: float) -> None:
        """Return once we are connected, or after `timeout` seconds; raise what is wrong as soon as that is known."""
        await self._bus.first_answer(timeout)
        if self._bus.error is not None:
            raise self._bus.error

    async def flushed(self, timeout: float) -> None:
        """Return once all that was offered has an answer, or after `timeout` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._waiting or self._window:
                    self._done.clear()
                    await self._done.wait()

    async def _use(self, link: Link) -> None:
        for plan in self._plans:
            await link.declare(plan)
        if self._ready is not None:
            await self._ready(link)
        self._waiting.extendleft(message for _, message in reversed(self._kept))
        self._kept.clear()

    async def _send(self) -> None:
        while True:
            await self._pulse.wait()
            self._pulse.clear()
            link = self._bus.link
            if link is None:
                continue
            try:
                await self._drain(link)
            except GunjError as error:
                self._problem(str(error))
                await link.close()
            finally:  # what has no answer goes first on the next connection: sent twice, it is kept once
                self._waiting.extendleft(message for message, _ in reversed(self._window))
                self._window.clear()

    async def _drain(self, link: Link) -> None:
        """Send all there is, and see to each answer, in order; return early where the link ends."""
        ended = asyncio.ensure_future(link.ended.wait())
        try:
            while (self._waiting or self._window) and not link.ended.is_set():
                while self._waiting and len(self._window) < WINDOW and not link.ended.is_set():
                    message = self._waiting.popleft()
                    try:
                        self._window.append((message, await link.publish(message.subject, message.data, message.id)))
                    except LimitError as error:
                        self._refused(message, error)
                    except BaseException:
                        self._waiting.appendleft(message)
                        raise
                if self._window:
                    await self._answered(ended)
        finally:
            ended.cancel()

    async def _answered(self, ended: asyncio.Future[Any]) -> None:
        """Wait for the oldest answer, and read all that are there. ConnectError where it does not come."""
        oldest = self._window[0][1]
        if not oldest.done():
            await asyncio.wait((oldest, ended), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not oldest.done() and not ended.done():
            raise ConnectError(f"NATS: no answer within {PATIENCE:g} s to what was published", "It is busy.")
        while self._window and self._window[0][1].done():
            message, answer = self._window[0]
            try:
                duplicate = outcome(answer)
            except GunjError as error:
                self._refused(message, error)
            else:
                self._counts["resent" if message.taken else "duplicate" if duplicate else "published"] += 1
                message.taken = True
                if not duplicate:  # else it has outlived a cut already, or another relay looks after it
                    self._kept.append((self._clock.monotonic(), message))
            self._window.popleft()
        while self._kept and self._kept[0][0] < self._clock.monotonic() - KEPT:
            self._kept.popleft()
        self._done.set()

    def _refused(self, message: Message, error: GunjError) -> None:
        self._counts["resent" if message.taken else "refused"] += 1
        self._problem(f"{message.subject}: {error}")

    def _told(self) -> None:
        if self._bus.link is not None:
            self._pulse.set()

    def _problem(self, text: str) -> None:
        self._last_problem = text[:300]


def message_of(event: Event, origin: str = "") -> Message | None:
    """Return what is published for an event; None where no stream holds its topic.

    Two relays that were told the same make the same message, so that it is kept once.
    """
    stream = stream_of(event.topic)
    if stream is None:
        return None
    try:
        subject = subject_of(event.topic)
    except TopicError:
        return None
    payload = codec.payload(event)
    id = event.id or blake2b(b"\0".join((event.topic.encode(), bytes(payload))), digest_size=16).hexdigest()
    metadata = {**(event.metadata or {}), ORIGIN: origin} if origin and stream is STATE else event.metadata
    told = {"type": event.topic, "payload": payload, "id": id, "timestamp": event.time, "metadata": metadata}
    data = msgspec.json.encode({name: value for name, value in told.items() if value is not None})
    return Message(subject, data, id)
