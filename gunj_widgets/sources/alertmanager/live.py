"""The alerts, live: asked for every few seconds, because Alertmanager pushes nothing to those who watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gunj_widgets.connection.clock import pause
from gunj_widgets.errors import CommandError, ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.sources.alertmanager.client import AlertmanagerClient
from gunj_widgets.sources.alertmanager.replies import Active, matchers_of, told_matchers
from gunj_widgets.store.matchers import Matcher

__all__ = ["EVERY", "LiveAlertmanager"]

EVERY = 2.0
"""Seconds between two looks: what a silence or a new alert needs at most to be seen."""
MAX_WAIT = 30.0


class LiveAlertmanager:
    """Follows one Alertmanager. `emit(events)` is called on gunj-io. A failed look resolves nothing.

    `platform`: the (id, name) of the one that it belongs to, if one told of it.
    """

    def __init__(
        self,
        client: AlertmanagerClient,
        emit: Callable[[list[Event]], object],
        platform: tuple[str, str] = ("", ""),
    ) -> None:
        self.client = client
        self.active = Active(platform)
        self.looks = 0
        """Successful ones."""
        self._emit = emit
        self._clock = client.backend.clock
        self._rng = client.backend.rng
        self._wake = asyncio.Event()
        self._first = asyncio.Event()
        self._failures = 0

    async def run(self) -> None:
        """Look, until cancelled."""
        while True:
            try:
                await self.look()
            except (ConnectError, QueryError, RemoteProtocolError):
                self._failures += 1  # its backend has told the status already
            else:
                self._failures = 0
            delay = min(MAX_WAIT, EVERY * 2.0 ** min(self._failures, 6)) * self._rng.uniform(0.85, 1.15)
            await pause(self._clock, delay, self._wake)

    async def look(self) -> None:
        """Ask once, and tell what changed since the last answer."""
        alerts = await self.client.alerts()
        silenced = any(alert.get("status", {}).get("silencedBy") for alert in alerts)
        silences = await self.client.silences() if silenced else []
        ends = {str(one.get("id")): str(one.get("endsAt")) for one in silences}
        self.looks += 1
        events = self.active.changes(alerts, ends, self._clock.time(), "alertmanager")
        if events:
            self._emit(events)
        self._first.set()

    async def looked(self) -> None:
        """Return once there was a first answer."""
        await self._first.wait()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def expire(self, silence: str) -> None:
        """End a silence now; QueryError where there is none of that id."""
        await self.client.expire(silence)
        self.wake()

    async def silence(
        self, fingerprint: str, duration: float, by: str, comment: str, pending: dict[str, str] | None = None
    ) -> str:
        """Silence one active alert, by all its labels; return the silence's id. CommandError where it is not active.

        `pending` are the labels of one that Prometheus alone knows: it will not notify anybody once it fires.
        """
        alert = self.active.get(fingerprint)
        labels = pending if alert is None else alert["labels"]
        if not labels:
            raise CommandError(
                f"no active alert {fingerprint[:40]}", "It may be resolved by now: there is nothing to silence."
            )
        found = await self.client.silence(matchers_of(labels), duration, by, comment)
        self.wake()
        return found

    async def silence_all(self, read: list[Matcher], duration: float, by: str, comment: str) -> str:
        """Silence what these matchers accept, now and later, by one silence; return its id. Errors as the client's."""
        found = await self.client.silence(told_matchers(read), duration, by, comment)
        self.wake()
        return found
