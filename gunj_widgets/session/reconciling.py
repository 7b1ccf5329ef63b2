"""What ended while no relay was there to hear it: told late, so that nobody looks at an alert that is long over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from gunj_widgets.connection.clock import Clock, SystemClock
from gunj_widgets.connection.lifecycle import SERVING
from gunj_widgets.errors import GunjError, RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import segments, topic
from gunj_widgets.session.memory import ALERTS, PLATFORMS
from gunj_widgets.session.session import Session
from gunj_widgets.sources.jetstream.cursor import Place
from gunj_widgets.sources.jetstream.feed import Feed
from gunj_widgets.sources.jetstream.link import Incoming, Link
from gunj_widgets.sources.jetstream.publisher import ORIGIN
from gunj_widgets.sources.jetstream.streams import STATE

__all__ = ["LOOK", "Reconciler"]

LOOK = 5.0
"""Seconds between two comparisons; what is missing in two of them has ended."""


class Reconciler:
    """Compares what the shared history says of our sources with what they say now. On gunj-io.

    `offer(events, origin)` publishes. Only what came from a source of ours is touched, and only while that source serves and
    has told all there is.
    """

    def __init__(
        self, sessions: Sequence[Session], offer: Callable[[list[Event], str], None], clock: Clock | None = None
    ) -> None:
        self._sessions = sessions
        self._offer = offer
        self._clock = clock if clock is not None else SystemClock()
        self._alerts: dict[str, tuple[str, dict[str, Any]]] = {}
        self._platforms: dict[str, str] = {}
        self._complete: set[Session] = set()
        self._news = asyncio.Event()
        self._suspects: set[tuple[str, str]] = set()
        self._link: Link | None = None
        self._feed = Feed(
            STATE,
            ">",
            since=None,
            take=self._take,
            missed=lambda start, end: None,  # the newest of everything follows
            changed=lambda: None,
            clock=self._clock,
        )

    async def attach(self, link: Link) -> None:
        """Read the shared history by way of this link."""
        self._link = link
        await self._feed.attach(link)

    async def complete(self, timeout: float) -> None:
        """Return once all sources have told all there is, or after `timeout` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while len(self._complete) < len(self._sessions):
                    self._news.clear()
                    await self._news.wait()

    async def run(self) -> None:
        """Compare again and again, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for session in self._sessions:
                tasks.create_task(self._told(session))
            tasks.create_task(self._compare())

    async def _compare(self) -> None:
        while True:
            await self._clock.sleep(LOOK)
            await self._keep_reading()
            if self._feed.synced and self._feed.is_well:
                self._look()

    async def _told(self, session: Session) -> None:
        """Return once a session has told all there is; one that failed for good is never compared with."""
        try:
            await session.manager.wait_open()
            await session.manager.wait_synced(PLATFORMS)
            await session.manager.wait_synced(ALERTS)
        except GunjError:
            return
        self._complete.add(session)
        self._news.set()

    async def _keep_reading(self) -> None:
        link = self._link
        if link is not None and not link.ended.is_set() and not self._feed.is_well:
            try:
                await self._feed.attach(link)
            except GunjError:
                self._suspects.clear()  # the next look tries again

    def _look(self) -> None:
        """Tell the end of what was missing already at the last look."""
        missing: set[tuple[str, str]] = set()
        for session in self._complete:
            if session.status().state not in SERVING:
                continue
            active = {alert.fingerprint for alert in session.store.alerts.active}
            known = {platform.id for platform in session.store.platforms}
            mine = session.address
            missing |= {("alert", name) for name, (of, _) in self._alerts.items() if of == mine and name not in active}
            missing |= {("platform", name) for name, of in self._platforms.items() if of == mine and name not in known}
        for kind, name in missing & self._suspects:
            self._end(kind, name)
        self._suspects = missing

    def _end(self, kind: str, name: str) -> None:
        now = self._clock.time()
        if kind == "alert":
            origin, alert = self._alerts.pop(name)
            data = {**alert, "status": "resolved", "endsAt": now}
            event = Event(topic=topic("alert", name, "resolved"), data=data, time=now, arrived=now)
        else:
            origin = self._platforms.pop(name)
            event = Event(topic=topic("platform", name, "deleted"), data={"id": name}, time=now, arrived=now)
        self._offer([event], origin)

    def _take(self, message: Incoming, place: Place) -> None:
        if not message.data:
            return
        try:
            for event in codec.decode(message.data, arrived=self._clock.time(), source="nats"):
                if isinstance(event, Event) and isinstance(event.data, dict):
                    self._note(event)
        except RemoteProtocolError:
            return  # whoever reads it as a session counts it

    def _note(self, event: Event) -> None:
        """Remember who said that something is there, or that it is not any more."""
        names = segments(event.topic)
        origin = str((event.metadata or {}).get(ORIGIN, ""))
        if names[0] == "alert" and len(names) > 1:
            if names[-1] == "inactive" or "resolved" in (names[-1], event.data.get("status")):
                self._alerts.pop(names[1], None)
            else:
                self._alerts[names[1]] = origin, event.data
        elif names[0] == "platform" and names[2:] == ["status"]:
            self._platforms[names[1]] = origin
        elif names[0] == "platform" and names[2:] == ["deleted"]:
            self._platforms.pop(names[1], None)
