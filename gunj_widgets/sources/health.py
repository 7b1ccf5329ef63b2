"""How one source is: what its last answer said, and a look of our own when nobody asked for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gunj_widgets.connection.clock import Clock, pause
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import TransportStatus
from gunj_widgets.errors import AuthError, ConnectError, QueryError, RemoteProtocolError

__all__ = ["SourceHealth"]

EVERY = 10.0
"""Seconds without an answer after which we look."""
MAX_WAIT = 15.0


class SourceHealth:
    """State of one source. `probe` returns the version, or raises ConnectError where something else answers. On gunj-io."""

    def __init__(
        self, name: str, probe: Callable[[], Awaitable[str]], clock: Clock, changed: Callable[[], object]
    ) -> None:
        self.name = name
        self.version = ""
        self.failures = 0
        """Ever."""
        self.error: ConnectError | QueryError | RemoteProtocolError | None = None
        """Why it does not serve; None while it does."""
        self._probe = probe
        self._clock = clock
        self._changed = changed
        self._wake = asyncio.Event()
        self._proven = False
        self._attempt = 0
        self._status = TransportStatus(name=name, state=State.CONNECTING, since=clock.time())

    def status(self) -> TransportStatus:
        return self._status

    def told(self, error: ConnectError | None) -> None:
        """Take in how a request ended; None = it was answered. Until the probe has passed an answer proves nothing."""
        if error is None:
            if self._proven:
                self._enter(State.OPEN)
        else:
            self.failures += 1
            self._attempt += 1
            self._enter(State.FAILED if isinstance(error, AuthError) else State.WAITING, error)

    async def run(self) -> None:
        """Probe until it is what it should be, then whenever it was silent for a while. Until cancelled."""
        while True:
            try:
                self.version = await self._probe()
                self._proven = True
                self._enter(State.OPEN)
            except ConnectError as error:
                if error.status is not None:
                    self._enter(State.FAILED, error)  # it answers, and the answer is no
            except (QueryError, RemoteProtocolError) as error:
                self._enter(State.WAITING, error)
            soon = self._status.state is State.WAITING
            wait = min(MAX_WAIT, 0.5 * 2.0 ** min(self._attempt, 6)) if soon else EVERY
            await pause(self._clock, wait, self._wake)

    def wake(self) -> None:
        """Look now."""
        self._attempt = 0
        self._wake.set()

    def _enter(self, state: State, error: ConnectError | QueryError | RemoteProtocolError | None = None) -> None:
        now, before = self._clock.time(), self._status
        self.error = error
        self._attempt = 0 if state is State.OPEN else self._attempt
        self._status = TransportStatus(
            name=self.name,
            state=state,
            reason=error.problem if error else "",
            remedy=error.remedy if error else "",
            since=before.since if before.state is state else now,
            attempt=self._attempt,
            last_byte=now if state is not State.WAITING else before.last_byte,
        )
        if (before.state, before.reason) != (state, self._status.reason):
            self._changed()
