"""One interest over server-sent events: a GET that does not end, resumed by Last-Event-ID."""

from __future__ import annotations

import asyncio
from functools import partial

from httpx_sse import ServerSentEvent

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.intake import Intake, position_of
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.keepalive import Heart
from gunj_widgets.connection.resume import Phase
from gunj_widgets.connection.sse import SSELimitError, SSEParser
from gunj_widgets.connection.status import Counters
from gunj_widgets.connection.supervisor import Supervisor
from gunj_widgets.connection.transport import Lost, Network, Refused, Stream
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec, legacy
from gunj_widgets.events.codec import Control
from gunj_widgets.events.event import Event
from gunj_widgets.events.values import mapping
from gunj_widgets.settings import Settings

__all__ = ["StreamTransport"]

SILENT = 1006
"""What the guard calls the end of a peer that gave no sign of life."""
BURST = 256
"""Events after which other tasks of the loop get their turn."""


class StreamTransport:
    """Keeps to the rules: 200 and `text/event-stream`, nothing compressed, silence is death. Lives on gunj-io."""

    source = "sse"

    def __init__(
        self,
        interest: Interest,
        network: Network,
        *,
        auth: Auth,
        intake: Intake,
        counters: Counters,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.interest = interest
        self._network = network
        self._auth = auth
        self._intake = intake
        self._counters = counters
        self._clock = clock
        self._settings = settings
        self._track = intake.track(interest)
        self._last_id = ""
        self._own_ids = False
        """Whether the ids on this stream are the server's own and not positions: it resumes by them alone."""
        self._place = ""
        """Such an id: the last one before which nothing is missing."""
        self._bare = partial(legacy.bare_topic, interest.target, interest.platform or "")

    async def attempt(self, supervisor: Supervisor) -> None:
        """Open the stream and read it until it ends; raises Refused or Lost."""
        settings = self._settings.connection
        try:
            async with asyncio.timeout(settings.open_timeout):
                stream = await self._network.stream(self.interest.sse_path, await self._headers())
        except TimeoutError:
            raise Refused("held", "the stream did not open in time: a proxy may hold it back") from None
        supervisor.reached()
        opened = self._clock.time()
        try:
            _check(stream)
            self._track.asked(self)
            supervisor.opened()
            heart = Heart(settings.idle_timeout, 0.0, self._clock.monotonic(), pings=False)
            await supervisor.guard(self._read(stream, supervisor), heart)
        except Lost as end:
            if end.code == SILENT and (supervisor.last_byte or 0.0) < opened:
                raise Refused("held", "the stream opened and nothing came: a proxy seems to hold it back") from None
            raise
        finally:
            self._track.off(self)
            self._intake.flush()
            await asyncio.shield(stream.close())

    async def _headers(self) -> dict[str, str]:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **await self._auth.headers()}
        last = self._place if self._own_ids else self._track.since or self._last_id
        # The parser lets neither a line break nor NUL into an id: nothing can be smuggled into the header.
        return {**headers, "Last-Event-ID": last} if last else headers

    async def _read(self, stream: Stream, supervisor: Supervisor) -> None:
        limits = self._settings.limits
        parser = SSEParser(limits.sse_line, limits.sse_event, self._last_id)
        count = 0
        async for chunk in stream.chunks():
            supervisor.heard(self._clock.time())
            self._counters.bytes += len(chunk)
            try:
                events = parser.feed(chunk)
            except SSELimitError as error:
                events = error.events
                self._counters.oversize += 1
                self._counters.problem(error.problem)
            for event in events:
                self._take(event, supervisor)
            self._last_id = parser.last_event_id
            supervisor.advice = parser.retry
            count += len(events)
            self._intake.flush()
            if count >= BURST:
                count = 0
                await asyncio.sleep(0)

    def _take(self, message: ServerSentEvent, supervisor: Supervisor) -> None:
        try:
            if message.event == "message":
                self._facts(message, supervisor)
                return
            self._counters.received += 1
            if message.event != "snapshot":
                raise RemoteProtocolError(f"an SSE message of the unknown kind {message.event[:40]!r}")
            self._snapshot(message.data)
            self._counters.control += 1
        except RemoteProtocolError as error:
            self._intake.malformed(error.problem, message.data)

    def _snapshot(self, data: str) -> None:
        """Take one part of a snapshot; its first part says that the server could not go on from where we were."""
        fields = mapping(codec.parse(data), "a snapshot")
        if self._track.phase is Phase.ASKED:
            self._intake.subscribed(self.interest, self._track, position_of(fields), recovered=False)
        self._intake.snapshot(self.interest, self._track, Control("snapshot", fields), self.source)

    def _facts(self, message: ServerSentEvent, supervisor: Supervisor) -> None:
        whole = True
        try:
            facts = codec.decode(message.data, arrived=self._clock.time(), source=self.source, bare=self._bare)
        except RemoteProtocolError:
            self._counters.received += 1
            raise
        self._counters.received += len(facts)
        for fact in facts:
            if not isinstance(fact, Event):
                if fact.type == "malformed":
                    self._intake.malformed(str(fact.fields["problem"]), message.data)
                else:
                    self._counters.control += 1
                continue
            if self._track.phase is Phase.ASKED:
                self._begin(fact, message.id, supervisor)
            if not self._intake.event(fact, self.interest, self._track):
                whole = False
                self._track.off(self)  # what else this message holds comes again
        if not whole:
            raise Lost(None, "something is missing in the stream")
        if self._own_ids:
            self._place = message.id

    def _begin(self, fact: Event, id: str, supervisor: Supervisor) -> None:
        """Take the first fact of a stream that began without a snapshot.

        An operator says by that that it goes on from our position. A server with ids of its own says nothing: there only
        the fact's number shows it, and where facts bear none nothing does. What is not shown is told as a reset.
        """
        position = self._track.position
        self._own_ids = bool(id) and (fact.seq is None or id != f"{fact.epoch}:{fact.seq}")
        known = position is not None and fact.seq is not None
        if known and not (self._own_ids and not self._track.follows(fact.epoch, fact.seq)):
            self._intake.subscribed(self.interest, self._track, None, recovered=True)
            supervisor.proven()
        else:
            after = None if fact.seq is None else f"{fact.epoch}:{fact.seq}"
            self._intake.restarted(self.interest, self._track, self, after=after)


def _check(stream: Stream) -> None:
    """Refuse what is not an event stream."""
    kind = stream.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "text/event-stream":
        shown = ascii(kind[:60]) if kind else "nothing"
        raise Refused("content", f"a stream was asked for and {shown} came", headers={"content-type": kind})
    encoding = stream.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Refused("content", f"the stream is compressed ({encoding[:20]!a}), which we asked it not to be")
