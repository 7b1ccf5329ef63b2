"""Feed: what one stream holds for us, in order and without a hole, over any number of connections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gunj_widgets.connection.clock import Clock
from gunj_widgets.errors import GunjError, RemoteProtocolError
from gunj_widgets.sources.jetstream.cursor import Cursor, Place, place_of
from gunj_widgets.sources.jetstream.link import HEARTBEAT, Incoming, Link, Start

__all__ = ["Feed"]

RETRY, SOON = 5.0, 0.5
"""Seconds until a stream that was refused is asked for again, at most and at first; each time it is twice as long."""
SILENT = 4 * HEARTBEAT
"""Seconds without a word from the server after which a consumer is made anew."""


class Feed:
    """One consumer. `take(message, place)` gets every message once; `missed(since, until)` what expired unread. On gunj-io.

    `since`: epoch seconds to begin at; None = the newest of each subject, then all that comes.
    """

    def __init__(
        self,
        stream: str,
        subject: str,
        *,
        since: float | None,
        take: Callable[[Incoming, Place], object],
        missed: Callable[[float, float], object],
        changed: Callable[[], object],
        clock: Clock,
    ) -> None:
        self.stream = stream
        self.subject = subject
        self.synced = False
        """All that was there when we began has come."""
        self.error: GunjError | None = None
        """Why it is not fed, where the server refused it."""
        self.restarts = 0
        """Times the consumer was made anew, because of a hole or of silence."""
        self._since = since
        self._take = take
        self._missed = missed
        self._changed = changed
        self._clock = clock
        self._cursor = Cursor()
        self._end: Callable[[], Awaitable[None]] | None = None
        self._heard = clock.monotonic()
        self._broken = False
        self._lives = 0
        self._retry = 0.0  # seconds to wait after a refusal; 0 = the last time it was let in
        self._link: Link | None = None
        self._gap: float | None = None
        """Since when something is missing, until it is known up to when."""

    @property
    def is_well(self) -> bool:
        """Whether it is fed; else it is to be attached anew."""
        silent = self._clock.monotonic() - self._heard
        if self.error is not None:
            return silent <= self._retry
        return not self._broken and silent <= SILENT

    def excuse(self) -> None:
        """Forget how long nothing was heard: it was we who were not there to hear it."""
        self._heard = self._clock.monotonic()

    async def attach(self, link: Link) -> None:
        """Go on by way of this link. Raises what `link` raises, and keeps it as `error`."""
        self.error = None
        try:
            await self._attach(link)
            self._retry = 0.0
        except GunjError as error:
            self._heard = self._clock.monotonic()
            self.error = error
            self._retry = min(RETRY, 2 * self._retry or SOON)
            raise
        finally:
            self._changed()

    async def _attach(self, link: Link) -> None:
        await self.detach()
        state = await link.state(self.stream)
        before = self._cursor.time
        sequence, missed = self._cursor.begin(state)
        if missed and self._since is not None:
            self._gap = self._gap or before or self._since
        elif missed:
            sequence = None  # of how things stand only the newest counts
            self.synced = False
            self._missed(before or self._clock.time(), self._clock.time())
        self._lives += 1
        life = self._lives
        self._broken = False
        self._link = link
        self._heard = self._clock.monotonic()

        async def take(message: Incoming) -> None:
            if life == self._lives:
                await self._message(message)

        start = Start(sequence=sequence, time=self._since if sequence is None else None)
        waiting, self._end = await link.consume(self.stream, self.subject, start, take)
        if not waiting:
            self._end_gap(self._clock.time())
            self._sync()

    async def detach(self) -> None:
        """Have nothing brought any more; the place is kept."""
        self._lives += 1
        end, self._end = self._end, None
        if end is not None:
            await end()

    async def _message(self, message: Incoming) -> None:
        self._heard = self._clock.monotonic()
        if self._broken:
            return
        headers = message.headers
        if headers and headers.get("Status") == "100":
            await self._control(message, headers)
            return
        try:
            place = place_of(message.reply)
        except RemoteProtocolError:
            return  # somebody wrote into our inbox: it is in no stream
        if not self._cursor.admit(place):
            self._restart()
            return
        self._end_gap(place.time)
        self._take(message, place)
        if not place.pending:
            self._sync()

    async def _control(self, message: Incoming, headers: dict[str, str]) -> None:
        """Answer what keeps the flow going, and look whether something got lost on the way."""
        stalled = headers.get("Nats-Consumer-Stalled")
        if self._link is not None and (message.reply or stalled):
            await self._link.say(message.reply or stalled or "")
        delivered = headers.get("Nats-Last-Consumer", "")
        if delivered.isdecimal() and not self._cursor.complete(int(delivered)):
            self._restart()

    def _restart(self) -> None:
        self._broken = True
        self.restarts += 1

    def _sync(self) -> None:
        if not self.synced:
            self.synced = True
            self._changed()

    def _end_gap(self, until: float) -> None:
        """Tell what is missing: up to the first that there still is."""
        if self._gap is not None:
            since, self._gap = self._gap, None
            self._missed(since, until)
