"""Memory: what arrives goes to the store first, then to everyone else; after a reset, what ended unheard is let go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.errors import GunjError
from gunj_widgets.events.event import Event, glimpse
from gunj_widgets.events.topics import RESET_TOPIC, escape, topic
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.sources.jetstream.manager import JetStreamManager
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.store.facts import deleted_fact, resolved_fact
from gunj_widgets.store.store import Store

__all__ = ["ALERTS", "PLATFORMS", "Manager", "Memory", "Tap"]

PLATFORMS = Interest(target="platforms")
ALERTS = Interest(target="alerts")


Tap: TypeAlias = Callable[[list[Event]], None]
Manager: TypeAlias = ConnectionManager | SourceManager | JetStreamManager | ReplayManager
"""Where a session's events come from: an operator, the systems that are there, a shared history, or a recording."""


class Memory:
    """Feeds a session's store from its router. Everything here runs on gunj-io."""

    def __init__(self, store: Store, router: EventRouter) -> None:
        self._store = store
        self._router = router
        self._taps: tuple[Tap, ...] = ()
        self._now = 0.0
        self._recounts: dict[Interest, set[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, manager: Manager) -> None:
        """Whose events they are: it is asked for fresh snapshots, and keeps samples of what could not be read."""
        self._manager = manager

    def tap(self, tap: Tap) -> Callable[[], None]:
        """Show somebody all that comes in, as it comes in: a recorder, a relay. Return how to stop."""
        self._taps += (tap,)

        def stop() -> None:
            self._taps = tuple(one for one in self._taps if one is not tap)

        return stop

    def show(self, make: Callable[[], list[Event]]) -> None:
        """Show those who tap what was remembered without being told: `make()` says it in events, if there is anybody."""
        if self._taps:
            events = make()
            for tap in self._taps:
                tap(events)

    def take(self, events: list[Event]) -> None:
        """Remember, then hand on: whoever is told of an event finds it in the store, with all that came along with it."""
        for tap in self._taps:
            tap(events)
        self.remember(events)
        self._router.publish_many(events)
        self._router.weigh(events[-1].arrived)

    def remember(self, events: list[Event]) -> None:
        """Take events into the store, and tell nobody."""
        topics = {event.topic for event in events}
        self._now = events[-1].arrived
        for event, problem in self._store.take(events):
            self._manager.samples.add(event.arrived, problem, glimpse(event))
        if RESET_TOPIC not in topics:
            for seen in self._recounts.values():
                seen |= topics
        elif not isinstance(self._manager, ReplayManager):  # a recording holds what ended unheard as well
            for event in events:
                if event.topic == RESET_TOPIC:
                    self._begin_recount(event.data["interest"])
                for seen in self._recounts.values():
                    seen.add(event.topic)

    def _begin_recount(self, interest_id: str) -> None:
        """A stream could not be resumed: see what the fresh snapshot names."""
        for interest in (PLATFORMS, ALERTS):
            if interest.id == interest_id and interest not in self._recounts:
                self._recounts[interest] = set()
                task = asyncio.get_running_loop().create_task(self._recount(interest))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _recount(self, interest: Interest) -> None:
        """After a fresh snapshot, tell that what it did not name has ended: nobody heard it when it did."""
        try:
            await self._manager.wait_synced(interest)
        except GunjError:
            return  # the connection failed for good: what was seen last stays, and every widget says so
        finally:
            seen = self._recounts.pop(interest)
        if interest is ALERTS:
            named = {topic.split(".")[1] for topic in seen if topic.startswith("alert.")}
            over = [
                resolved_fact(a, self._now) for a in self._store.alerts.active if escape(a.fingerprint) not in named
            ]
        else:
            gone = [p for p in self._store.platforms if topic("platform", p.id, "status") not in seen]
            over = [deleted_fact(platform, self._now) for platform in gone]
        if over:
            self.take(over)
