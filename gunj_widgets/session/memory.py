"""Memory: what arrives goes to the store first, then to everyone else; after a reset, what ended unheard is let go."""

from __future__ import annotations

import asyncio
import reprlib
from collections.abc import Callable
from typing import Any, TypeAlias

from gunj_widgets.connection.intake import RESET_TOPIC
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.errors import GunjError
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import escape, topic
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.sources.jetstream.manager import JetStreamManager
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.store.store import Store

__all__ = ["ALERTS", "PLATFORMS", "Manager", "Memory", "Tap"]

PRUNE_EVERY = 15.0
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
        self._pruned = 0.0
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

    def take(self, events: list[Event]) -> None:
        """Remember, then hand on: whoever is told of an event finds it in the store, with all that came along with it."""
        for tap in self._taps:
            tap(events)
        self.remember(events)
        self._router.publish_many(events)

    def remember(self, events: list[Event]) -> None:
        """Take events into the store, and tell nobody."""
        topics = {event.topic for event in events}
        if RESET_TOPIC not in topics:
            for seen in self._recounts.values():
                seen |= topics
            for event, problem in self._store.apply_many(events, events[-1].arrived):
                self._manager.samples.add(event.arrived, problem, _glimpse(event))
        elif len(events) == 1:
            self._reset(events[0].data)
        else:  # rare; what was before the reset is not to be mixed with what came after
            for event in events:
                self.remember([event])
            return
        now = events[
            -1
        ].arrived  # of a recording too: what is kept depends on what was told, not on when it is looked at
        if now - self._pruned > PRUNE_EVERY:
            self._pruned = now
            self._store.prune(now)

    def _reset(self, data: dict[str, Any]) -> None:
        """A stream could not be resumed: mark what is missing, and recount what the fresh snapshot must name."""
        target = str(data["interest"]).partition("/")[0]
        start, end = data["gap"]
        self._store.reset(data["platform"], target, None if start is None else (start, end))
        for interest in (PLATFORMS, ALERTS):
            if interest.id == data["interest"] and interest not in self._recounts:
                self._recounts[interest] = set()
                task = asyncio.get_running_loop().create_task(self._recount(interest))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _recount(self, interest: Interest) -> None:
        """After a fresh snapshot, let go of what it did not name: it ended while we could not hear it."""
        try:
            await self._manager.wait_synced(interest)
        except GunjError:
            return  # the connection failed for good: what was seen last stays, and every widget says so
        finally:
            seen = self._recounts.pop(interest)
        if interest is ALERTS:
            named = {topic.split(".")[1] for topic in seen if topic.startswith("alert.")}
            self._store.alerts.replace_all([a for a in self._store.alerts.active if escape(a.fingerprint) in named])
        else:
            for platform in [p for p in self._store.platforms if topic("platform", p.id, "status") not in seen]:
                self._store.platforms.remove(platform.id)


def _glimpse(event: Event) -> str:
    """Return how a payload begins. It may hold anything, also numbers too big to be read or too long to be written."""
    if event.raw is not None:
        return bytes(event.raw)[:200].decode(errors="replace")
    try:
        return reprlib.repr(event.data)
    except ValueError:
        return f"<{type(event.data).__name__}>"
