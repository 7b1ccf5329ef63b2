"""The alerts of a Prometheus, live: what is pending, which no Alertmanager tells, and what fires where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from gunj_widgets.connection.clock import pause
from gunj_widgets.errors import ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.pending import Joined

__all__ = ["EVERY", "LiveRuleAlerts"]

EVERY = 2.0
"""Seconds between two looks."""
MAX_WAIT = 60.0


class LiveRuleAlerts:
    """Follows the alerts of one Prometheus. `emit(events)` is called on gunj-io. A failed look ends nothing.

    `owned()` are the alerts that its Alertmanager has, by fingerprint; None while that is about to be known.
    """

    def __init__(
        self,
        client: PrometheusClient,
        emit: Callable[[list[Event]], object],
        owned: Callable[[], Mapping[str, dict[str, str]] | None] = dict,
        platform: tuple[str, str] = ("", ""),
    ) -> None:
        self.client = client
        self.joined = Joined(platform)
        self._emit = emit
        self._owned = owned
        self._clock = client.backend.clock
        self._rng = client.backend.rng
        self._wake = asyncio.Event()
        self._failures = 0
        self._asked = False

    async def run(self) -> None:
        """Look, until cancelled. One that knows no alerts, as a VictoriaMetrics without rules, is asked once a minute."""
        while True:
            try:
                await self.look()
            except (ConnectError, QueryError, RemoteProtocolError) as error:
                self._failures = 6 if isinstance(error, QueryError | RemoteProtocolError) else self._failures + 1
            else:
                self._failures = 0
            delay = min(MAX_WAIT, EVERY * 2.0 ** min(self._failures, 6)) * self._rng.uniform(0.85, 1.15)
            await pause(self._clock, delay, self._wake)

    async def look(self) -> None:
        """Ask once, and tell what changed since the last answer."""
        if not self._asked:
            self.joined.external = await self.client.external_labels()
            self._asked = True
        owned = self._owned()
        if owned is None:
            return
        alerts = await self.client.alerts()
        events = self.joined.changes(alerts, self._owned() or owned, self._clock.time())
        if events:
            self._emit(events)

    def wake(self) -> None:
        """Look now."""
        self._wake.set()
