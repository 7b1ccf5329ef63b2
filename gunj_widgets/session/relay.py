"""Relay: everything that sessions are told, written into a shared history on NATS, so that any number can read it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from gunj_widgets.arguments import needed
from gunj_widgets.connection.address import hidden
from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import CommandError, GunjError, RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import LogEntry
from gunj_widgets.events.topics import escape
from gunj_widgets.session.bus import bus_of
from gunj_widgets.session.reconciling import Reconciler
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.asking import Answer, refused
from gunj_widgets.sources.jetstream.link import Incoming, Link
from gunj_widgets.sources.jetstream.publisher import Publisher, PublisherStatus
from gunj_widgets.sources.jetstream.streams import plans
from gunj_widgets.sources.jetstream.subjects import ASK, filter_of
from gunj_widgets.sources.source import Source
from gunj_widgets.store.facts import line_facts, sample_facts, standing
from gunj_widgets.store.platforms import PlatformBook
from gunj_widgets.store.store import Store

__all__ = ["Relay"]

SETTLE = 2.0
"""Seconds for our sources to tell how things stand, and as many to write it: whoever connects next finds it."""
QUEUE = "gunj-relay"
"""Of several relays one answers each question."""


class _Request(msgspec.Struct):
    path: str
    json: Any = None


class Relay:
    """Relays sessions to `to` until `stop()`. Several may do the same side by side: each fact is kept once.

    `allow` names what is done when notebooks ask for it, as patterns: `command.production.restart`, `command.**`,
    `request.GET`; nothing without it. Who may ask is up to the permissions of the NATS server on `gunj.ask.…`.
    `streams`: a file with limits of your own, see `streams.toml`.
    """

    def __init__(
        self,
        sessions: Sequence[Session],
        to: str | Source,
        *,
        allow: Iterable[str] = (),
        streams: str | Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        to = hidden(to)
        source = bus_of(to)
        self.place = source.url.partition("://")[2]
        needed(sessions, Sequence, "a relay is of a list of sessions", "As in gunj.Relay([rt], to).")
        self._sessions = list(sessions)
        self._subjects = [_asked(pattern) for pattern in allow]
        self._io = get_io()
        self._undo: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._answering: set[asyncio.Task[None]] = set()
        self.answered = 0
        """Commands and requests done or refused."""
        self._publisher = Publisher(source, plans=plans(streams), settings=settings, ready=self._ready)
        self._reconciler = Reconciler(self._sessions, self._publisher.offer)

    def start(self, timeout: float = 10.0) -> Self:
        """Begin, with how things stand; ConnectError where the NATS server cannot be used now. A later cut is outlived."""
        self._io.run(self._start(timeout)).result()
        return self

    def status(self) -> PublisherStatus:
        """How it stands, and what became of the events."""
        return self._publisher.status()

    def stop(self, timeout: float = 5.0) -> PublisherStatus:
        """Send what waits for up to `timeout` seconds, end, and return how it stood."""
        self._io.finish(lambda: self._stop(timeout), timeout + 2.0)
        return self.status()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        status = self.status()
        from_ = ", ".join(session.address for session in self._sessions)
        lost = f", {status.dropped:,} dropped" if status.dropped else ""
        return f"<Relay {from_} → {self.place} {status.state}: {status.published:,} published{lost}>"

    # -- on gunj-io ---------------------------------------------------------------------------------------------------

    async def _start(self, timeout: float) -> None:
        loop = asyncio.get_running_loop()
        for session in self._sessions:
            self._publisher.offer(standing(session.store, time.time()), session.address)
            self._publisher.offer(_fetched(session.store, time.time()), session.address)
            self._undo.append(session.tap(partial(self._publisher.offer, origin=session.address)))
            self._follow(session)
        self._tasks = [
            loop.create_task(self._publisher.run(), name="gunj-relay"),
            loop.create_task(self._reconciler.run(), name="gunj-relay-reconciler"),
        ]
        try:
            await self._publisher.first_answer(timeout)
            await self._reconciler.complete(SETTLE)
            await self._publisher.flushed(SETTLE)
        except GunjError:
            await self._stop(0.0)
            raise

    async def _stop(self, timeout: float) -> None:
        for undo in self._undo:
            undo()
        self._undo = []
        await self._publisher.flushed(timeout)
        tasks = [*self._tasks, *self._answering]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _follow(self, session: Session) -> None:
        """Ask an operator for the metrics and logs of all its platforms, those that come later included."""
        asked: dict[str, list[Callable[[], None]]] = {}

        def look(book: PlatformBook) -> None:
            known = {platform.id for platform in book}
            for id in known - set(asked):
                wanted = [Interest(target=target, platform=id) for target in ("platform", "metrics", "logs")]
                asked[id] = [session.manager.watch(interest) for interest in wanted]
            for id in set(asked) - known:
                for release in asked.pop(id):
                    release()

        def forget() -> None:
            for releases in asked.values():
                for release in releases:
                    release()

        self._undo += [session.store.platforms.listen(look), forget]
        look(session.store.platforms)

    async def _ready(self, link: Link) -> None:
        await self._reconciler.attach(link)
        for subject in self._subjects:
            await link.answer(subject, QUEUE, partial(self._asked, link))

    async def _asked(self, link: Link, message: Incoming) -> None:
        """Take a question, and let the next one come while it is answered."""
        task = asyncio.get_running_loop().create_task(self._answer(link, message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, link: Link, message: Incoming) -> None:
        try:
            value = await self._do(message.subject.removeprefix(ASK).split("."), message.data)
            reply = msgspec.json.encode(Answer(value=value))
        except GunjError as error:
            reply = refused(error)
        self.answered += 1
        if message.reply and not link.ended.is_set():
            await link.say(message.reply, reply)

    async def _do(self, words: list[str], data: bytes) -> Any:
        try:
            if words[0] == "command":
                command = msgspec.json.decode(data, type=Command)
                if words[1:] != [escape(command.platform), escape(command.name)]:
                    raise CommandError("the command is not the one that its subject names", "")
                return await self._session_of(command.platform).manager.command(command, queue=False)
            request = msgspec.json.decode(data, type=_Request)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise RemoteProtocolError(f"the question makes no sense: {error}") from None
        if not request.path.startswith("/api/v1/") or ".." in request.path:
            raise CommandError(f"{request.path[:100]!r} is nothing of the operator's API", "Paths begin with /api/v1/.")
        platform = request.path.removeprefix("/api/v1/platforms/").partition("/")[0]
        return await self._session_of(platform).manager.request(words[-1], request.path, request.json)

    def _session_of(self, platform: str) -> Session:
        """Return the session that knows a platform, else the first."""
        return next((s for s in self._sessions if s.store.platforms.by_id(platform) is not None), self._sessions[0])


def _fetched(store: Store, now: float) -> list[Event]:
    """Return what the queries of a session have brought so far."""
    frames, buffers = store.frames(), store.buffers()
    found = []
    for query in store.queries:
        if query.rows is None:
            found += sample_facts(query.id, frames[query.id].batches(), now)
        else:
            found += line_facts(query.id, [e for e in buffers[query.id].entries if type(e) is LogEntry], now)
    return found


def _asked(pattern: str) -> str:
    """Return the subject on which what a pattern allows is asked."""
    subject, exact = filter_of(pattern)
    words = pattern.split(".")
    if not exact or words[0] not in ("command", "request"):
        raise CommandError(
            f"{pattern!r} names nothing that could be asked", "Give command.PLATFORM.NAME, command.** or request.GET."
        )
    return ASK + subject.split(".", 2)[2]
