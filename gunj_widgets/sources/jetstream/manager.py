"""JetStreamManager: a shared history in the place where a session has its connection to an operator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.loop import IOThread
from gunj_widgets.connection.resume import RecentIds
from gunj_widgets.connection.status import ConnectionStats, ConnectionStatus, TransportStatus
from gunj_widgets.errors import ConnectError, GunjError, RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import RESET_TOPIC, escape, segments
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream import asking, native
from gunj_widgets.sources.jetstream.bus import Bus
from gunj_widgets.sources.jetstream.cursor import Place
from gunj_widgets.sources.jetstream.feed import Feed
from gunj_widgets.sources.jetstream.link import HEARTBEAT, Incoming, Link, NoStreamError
from gunj_widgets.sources.jetstream.streams import FEED, LOGS, METRICS, NOTES, STATE
from gunj_widgets.sources.jetstream.subjects import NOTES as NOTE_SUBJECTS
from gunj_widgets.sources.jetstream.subjects import filter_of, subject_of, topic_of
from gunj_widgets.sources.source import Source
from gunj_widgets.sources.standing import Standing
from gunj_widgets.store.facts import gap_fact

__all__ = ["JetStreamManager"]

SOURCE = "nats"
LATE = 1.0
"""Seconds by which our own clockwork must be late before silence is taken for our fault."""
REMEMBERED = 65_536
"""Ids by which repetitions are known, to twice as many: more than comes in the seconds that are read again after a cut."""
UNBOUNDED = 3600.0
"""Seconds of history to begin with, where the settings keep it for ever."""
STANDING = Interest(target="platforms"), Interest(target="alerts")


class JetStreamManager(Standing):
    """Reads what relays wrote: how things stand and the notes at once, metrics, logs and events where they are asked for.

    `deliver(events)` and `on_state(status)` are called on gunj-io. Every plain method may be called from any thread;
    coroutines must be run on gunj-io. `since`: seconds of history to begin with; None = as much as the settings keep.
    """

    def __init__(
        self,
        source: Source,
        *,
        deliver: Callable[[list[Event]], None],
        on_state: Callable[[ConnectionStatus], None] = lambda status: None,
        settings: Settings | None = None,
        since: float | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        io: IOThread | None = None,
    ) -> None:
        super().__init__(on_state=on_state, clock=clock, io=io)
        self._settings = settings if settings is not None else Settings()
        self._deliver = deliver
        self._since = since
        self._ids = RecentIds(REMEMBERED)
        self._batch: list[Event] = []
        self._feeds: dict[tuple[str, str], Feed] = {}
        self._holders: dict[Interest, int] = {}
        self._foreign = 0
        self._native = False
        """The operator publishes here itself."""
        self._names: dict[native.Key, str] = {}  # under which id relays tell of a platform
        self._bus = Bus(
            source,
            self._settings,
            use=self._use,
            changed=self._tell,
            clock=self._clock,
            rng=rng if rng is not None else Random(),
        )

    # -- for any thread -----------------------------------------------------------------------------------------------

    def watch(self, interest: Interest) -> Callable[[], None]:
        """Read what an interest names from its stream; return how to let go of it."""
        self._io.call(self._hold, interest)
        return lambda: self._io.call(self._let_go, interest)

    def interests(self) -> list[Interest]:
        return list(self._holders)

    def stats(self) -> ConnectionStats:
        """Every count, as a ConnectionManager's; `foreign`: messages in our streams that are none of ours."""
        self._counters.reconnects = self._bus.reconnects
        stats = self._counters.snapshot()
        counts = stats.counts | {"foreign": self._foreign, "restarts": sum(f.restarts for f in self._feeds.values())}
        return msgspec.structs.replace(stats, counts=counts)

    def adopt(self, auth: Auth) -> None:
        """Do nothing: a connection to NATS keeps the credentials it was made with."""

    def reconnect(self) -> None:
        """Try now, without waiting any longer."""
        self._io.call(self._bus.wake)

    # -- coroutines, on gunj-io ---------------------------------------------------------------------------------------

    async def request(self, method: str, path: str, json: Any = None) -> Any:
        """Have a relay ask its operator. CommandError where it does not, ConnectError where there is none."""
        return await asking.request(self._linked(), method, path, json)

    async def command(self, command: Command, *, queue: bool = True) -> str:
        """Have a relay give a command; return the operation's id. Commands do not wait here for a relay."""
        return await asking.command(self._linked(), command)

    async def share(self, event: Event, key: str) -> None:
        """Write what a person did into the bucket that all notebooks read."""
        link = self._linked()
        message = {"type": event.topic, "payload": event.data, "id": event.id, "timestamp": event.time}
        await link.put(f"{NOTE_SUBJECTS}{escape(key)}", codec.encode(message).encode())

    async def wait_open(self) -> None:
        """Return once we are connected; ConnectError where that cannot be."""
        await self._until(lambda: self._bus.status().state in (State.OPEN, State.FAILED))
        if self._bus.status().state is State.FAILED:
            raise self._no()

    async def wait_synced(self, interest: Interest) -> None:
        """Return once all that there was of an interest when we asked has come."""
        await self._until(
            lambda: all(feed.synced or feed.error for feed in map(self._feeds.get, self._keys(interest)) if feed)
        )

    async def first_answer(self, timeout: float) -> None:
        """Return once we are connected; ConnectError as soon as it is known why not."""
        await self._bus.first_answer(timeout)
        if self._bus.link is None:
            raise self._no()

    # -- on gunj-io ---------------------------------------------------------------------------------------------------

    def _stands(self) -> ConnectionStatus:
        refused = self._refused() if self._bus.link is not None else ()
        return ConnectionStatus.of((self._bus.status(), *refused), f"NATS {self._bus.version}".strip())

    def _start(self) -> None:
        for interest in STANDING:
            for stream, subject in self._keys(interest):
                self._add(stream, subject, None)
        self._add(NOTES, ">", None)
        self._run(self._bus.run(), "gunj-nats")
        self._run(self._look_after(), "gunj-nats-feeds")

    async def _use(self, link: Link) -> None:
        """Set everything up on a new connection."""
        self._native = await self._has_native(link)
        if self._native:
            begin = self._clock.time() - (self._since or self._settings.retention.events_age or UNBOUNDED)
            for subject, since in ((native.PLATFORMS, None), (native.COMPONENTS, None), ("platform.>", begin)):
                self._add_native(subject, since)
        for feed in list(self._feeds.values()):
            try:
                await feed.attach(link)
            except GunjError as error:
                alone = self._native and isinstance(
                    error, NoStreamError
                )  # no relay: the operator's own events are there
                if link.ended.is_set() or (feed.stream is STATE and not alone):
                    raise  # without this one there is nothing to show; what else is refused, `status` says

    async def _has_native(self, link: Link) -> bool:
        """Say whether the operator itself publishes here."""
        try:
            await link.state(native.STREAM)
        except NoStreamError:
            return False
        except GunjError:
            return link.ended.is_set() and self._native
        return True

    def _add_native(self, subject: str, since: float | None) -> None:
        key = (native.STREAM, subject)
        if key not in self._feeds:
            self._feeds[key] = feed = Feed(
                *key,
                since=since,
                take=lambda message, place: self._take_native(message, place, again=since is None and not feed.synced),
                missed=self._lost_native,
                changed=self._progress,
                clock=self._clock,
            )

    def _take_native(self, message: Incoming, place: Place, *, again: bool) -> None:
        """Take one message of the operator's own."""
        self._counters.received += 1
        self._counters.bytes += len(message.data)
        try:
            found = native.decode(
                message.subject,
                message.data,
                f"{native.STREAM}:{place.stream}",
                self._names,
                self._clock.time(),
                SOURCE,
            )
        except RemoteProtocolError as error:
            self._malformed(error.problem, message.data)
            return
        self._admit(found, again)
        if not place.pending and self._batch:
            self._flush()

    def _lost_native(self, start: float, end: float) -> None:
        """Tell that something may have happened that the operator's stream holds no longer."""
        self._counters.reset += 1
        self._push(gap_fact("operator", None, start, end, self._clock.time()))
        self._flush()

    def _admit(self, events: list[Event], again: bool) -> None:
        for event in events:
            if event.id is not None and self._ids.seen(event.id) and not again:
                self._counters.duplicate += 1
            else:
                self._push(event)

    async def _look_after(self) -> None:
        """Attach anew whatever has fallen silent or has a hole, and what was asked for meanwhile."""
        before = self._clock.monotonic()
        while True:
            await self._clock.sleep(HEARTBEAT)
            now = self._clock.monotonic()
            late, before = now - before - HEARTBEAT > LATE, now
            link = self._bus.link
            for feed in list(self._feeds.values()):
                if late:
                    feed.excuse()
                elif link is not None and not feed.is_well:
                    await self._attach(feed, link)

    async def _attach(self, feed: Feed, link: Link) -> None:
        try:
            await feed.attach(link)
        except GunjError as error:  # `status` says so, and a later look tries again
            self._counters.problem(str(error))
        self._on_state(self.status())

    def _refused(self) -> list[TransportStatus]:
        """Return the streams that cannot be read, and why."""
        return [
            TransportStatus(
                name=feed.stream,
                state=State.WAITING,
                reason=feed.error.problem,
                remedy=feed.error.remedy,
                since=self._bus.status().since,
            )
            for feed in self._feeds.values()
            if feed.error is not None and not (self._native and isinstance(feed.error, NoStreamError))
        ]

    def _keys(self, interest: Interest) -> list[tuple[str, str]]:
        """Return the streams, each with a filter, that hold what an interest names."""
        id = escape(interest.platform) if interest.platform else ""
        if interest.target in ("platforms", "alerts"):
            return [(STATE, ">")]
        if interest.target == "platform":
            return [(STATE, ">"), (FEED, filter_of(f"platform.{id}.events")[0])]
        if interest.target == "logs":
            patterns = (interest.component,) if interest.component else (None, "**")
            ends = ["" if part is None else f".{part if part == '**' else escape(part)}" for part in patterns]
            return [(LOGS, filter_of(f"platform.{id}.logs{end}")[0]) for end in ends]
        one = escape(interest.metrics[0]) if len(interest.metrics) == 1 else "**"
        return [(METRICS, filter_of(f"platform.{id}.metrics.{one}")[0])]

    def _hold(self, interest: Interest) -> None:
        self._holders[interest] = self._holders.get(interest, 0) + 1
        keep = self._settings.retention
        spans = {METRICS: keep.metrics_age, LOGS: keep.logs_age, FEED: keep.events_age}
        for stream, subject in self._keys(interest):
            if stream is not STATE and not self._closed:
                self._add(stream, subject, self._clock.time() - (self._since or spans[stream] or UNBOUNDED))

    def _add(self, stream: str, subject: str, since: float | None) -> None:
        if (stream, subject) in self._feeds:
            return
        feed = self._feeds[stream, subject] = Feed(
            stream,
            subject,
            since=since,
            take=lambda message, place: self._take(message, place, again=since is None and not feed.synced),
            missed=lambda start, end: self._missed(stream, subject, start, end),
            changed=self._progress,
            clock=self._clock,
        )
        if self._bus.link is not None:
            self._run(self._attach(feed, self._bus.link), "gunj-nats-attach")

    def _let_go(self, interest: Interest) -> None:
        left = self._holders.get(interest, 1) - 1
        if left:
            self._holders[interest] = left
            return
        self._holders.pop(interest, None)
        held = {key for other in self._holders for key in self._keys(other)}
        for key in self._keys(interest):
            if key[0] is not STATE and key not in held and key in self._feeds:
                self._run(self._feeds.pop(key).detach(), "gunj-nats-detach")

    def _take(self, message: Incoming, place: Place, *, again: bool) -> None:
        """Take one message. How things stand counts again when it is told anew, though it was heard before."""
        self._counters.received += 1
        self._counters.bytes += len(message.data)
        if not message.data or topic_of(message.subject) is None:  # a deleted key, or something else's
            self._foreign += bool(message.data)
            self._counters.control += 1
            return
        arrived = self._clock.time()
        try:
            found = codec.decode(message.data, arrived=arrived, source=SOURCE)
        except RemoteProtocolError as error:
            self._malformed(error.problem, message.data)
            return
        for event in found:
            if not isinstance(event, Event) or _subject(event.topic) != message.subject:
                self._malformed(f"a message of another kind was published to {message.subject}", message.data)
                continue
            if event.topic.endswith(".status") and isinstance(event.data, dict):
                key = (str(event.data.get("namespace", "")), str(event.data.get("name", "")))
                self._names[key] = segments(event.topic)[1]
            self._admit([event], again)
        if not place.pending and self._batch:
            self._flush()  # before anyone is told that this is all

    def _malformed(self, problem: str, data: bytes) -> None:
        self._counters.malformed += 1
        self._counters.problem(problem)
        self.samples.add(self._clock.time(), problem, data)

    def _push(self, event: Event) -> None:
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append(event)

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._counters.delivered += len(batch)
            self._bus.heard()
            self._deliver(batch)

    def _missed(self, stream: str, subject: str, start: float, end: float) -> None:
        """Tell what expired before we could read it. Of how things stand nothing is missing but what was in between."""
        self._flush()
        reading = [i for i in self._holders if (stream, subject) in self._keys(i) and stream is not STATE]
        for interest in reading or (STANDING if stream is STATE else ()):
            self._counters.reset += 1
            data = {
                "interest": interest.id,
                "platform": interest.platform,
                "from": None,
                "to": None,
                "gap": [None, None] if stream is STATE else [start, end],
            }
            now = self._clock.time()
            self._push(Event(topic=RESET_TOPIC, data=data, time=now, arrived=now, source=SOURCE))
            self._flush()

    def _linked(self) -> Link:
        if self._bus.link is None:
            raise self._no()
        return self._bus.link

    def _no(self) -> ConnectError:
        error = self._bus.error
        if isinstance(error, ConnectError):
            return error
        problem = error.problem if error is not None else f"NATS: {self._bus.place} has not answered"
        return ConnectError(
            problem, error.remedy if error is not None else "Check the address, the network and the VPN."
        )


def _subject(topic: str) -> str | None:
    try:
        return subject_of(topic)
    except GunjError:
        return None
