"""Bus: a connection to NATS that is made again whenever it ends, for whoever reads or writes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

import msgspec

from gunj_widgets.connection.backoff import Backoff
from gunj_widgets.connection.clock import Clock, pause
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import TransportStatus
from gunj_widgets.errors import AuthError, ConnectError, GunjError, SetupError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.link import Link
from gunj_widgets.sources.source import Source

__all__ = ["Bus"]

log = logging.getLogger("gunj_widgets.connection")
MAX_DELAY = 1.5
"""Seconds on which the waits between attempts are based at most: a NATS server takes thousands of clients in a second."""
SERVED = 1.0
"""Seconds after which a connection that could be used counts as healthy, and the next failure as the first."""

Opening = Callable[[Source, Settings, str | None], Awaitable[Link]]


class Bus:
    """`use(link)` is run on each new connection, to set everything up; where it raises, the connection is given up. On gunj-io."""

    def __init__(
        self,
        source: Source,
        settings: Settings,
        *,
        use: Callable[[Link], Awaitable[None]],
        changed: Callable[[], object],
        clock: Clock,
        rng: Random,
        dial: Opening = Link.open,
    ) -> None:
        self.link: Link | None = None
        """The connection as it is, where it is ready for use."""
        self.reconnects = 0
        self.error: GunjError | None = None
        """Why there is none; None once there was one."""
        self.version = ""
        self._source = source
        self._settings = settings
        self._use = use
        self._changed = changed
        self._clock = clock
        self._rng = rng
        self._dial = dial
        self.answered = asyncio.Event()
        """Whether there is a connection, or was one, or it is known why there is none."""
        self._auth = source.auth()
        self._wake = asyncio.Event()
        self._status = TransportStatus(name="NATS", state=State.CONNECTING, since=clock.time())

    @property
    def place(self) -> str:
        """Host and port, for people to read."""
        return urlsplit(self._source.url).netloc

    def status(self) -> TransportStatus:
        return self._status

    def wake(self) -> None:
        """Try now, without waiting any longer."""
        self._wake.set()

    def heard(self) -> None:
        """Note that something came."""
        self._status = msgspec.structs.replace(self._status, last_byte=self._clock.time())

    async def first_answer(self, timeout: float) -> None:
        """Return once it is known whether we are connected, or after `timeout` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.answered.wait()

    async def run(self) -> None:
        """Keep a connection until cancelled; where trying again makes no sense, wait for `wake`."""
        backoff = Backoff(self._rng, max_delay=MAX_DELAY)
        while True:
            self._tell(State.CONNECTING)
            try:
                reason = await self._once(backoff)
                self.error = ConnectError(reason)
                self.reconnects += 1
            except GunjError as error:
                self.error = error
            except Exception as error:  # a fault of ours or of nats-py: it costs this connection, and is shown
                self.error = ConnectError(f"NATS: {type(error).__name__}: {error}", "It is tried again.")
                log.exception("a connection to NATS failed")
            self.answered.set()
            if isinstance(self.error, SetupError) or (isinstance(self.error, AuthError) and not self._auth.renewable):
                self._tell(State.FAILED)
                await self._wake.wait()
                self._wake.clear()
                continue
            delay = backoff.failed(self._clock.monotonic())
            self._tell(State.WAITING, retry_at=self._clock.time() + delay, attempt=backoff.attempt)
            await pause(self._clock, delay, self._wake)

    async def _once(self, backoff: Backoff) -> str:
        """Live through one connection; return why it ended."""
        await self._auth.token()
        generation = self._auth.generation
        try:
            link = await self._dial(self._source, self._settings, await self._auth.token())
        except AuthError:
            if self._auth.renewable:
                await self._auth.renew(generation)
            raise
        try:
            backoff.opened(self._clock.monotonic())
            self.version = link.version
            await self._use(link)
            self.link, self.error = link, None
            self.answered.set()
            self._tell(State.OPEN)
            with suppress(TimeoutError):
                async with asyncio.timeout(SERVED):
                    await link.ended.wait()
            if not link.ended.is_set():
                backoff.proven()
            await link.ended.wait()
            return link.reason or "the server hung up"
        finally:
            self.link = None
            await link.close()

    def _tell(self, state: State, *, retry_at: float | None = None, attempt: int = 0) -> None:
        shown = self.error if state in (State.WAITING, State.FAILED) else None
        now = self._clock.time()
        self._status = TransportStatus(
            name="NATS",
            state=state,
            reason=shown.problem if shown is not None else "",
            remedy=shown.remedy if shown is not None else "",
            since=now if state is not self._status.state else self._status.since,
            retry_at=retry_at,
            attempt=attempt,
            last_byte=now if state is State.OPEN else self._status.last_byte,
        )
        self._changed()
