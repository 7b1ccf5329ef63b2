"""EventFeed: what Kubernetes said about the platforms, repetitions counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.events.records import KubeEvent
from gunj_widgets.session.handles import PlatformHandle
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, WholeChannel, ms
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import asked_of, status_channel
from gunj_widgets.widgets.still import Still, stamp

__all__ = ["EventFeed", "EventsChannel"]

NEWEST = 200
TEXT = 2_000
"""Characters of a message sent to the browser."""


class EventsChannel(WholeChannel):
    """The newest events of one platform, or of all the session hears of."""

    kind = "events"
    priority = 5

    def __init__(self, channel_id: str, feed: Feed, session: Session, handle: PlatformHandle | None) -> None:
        super().__init__(channel_id, feed)
        self.book = session.store.events
        self.platforms = session.store.platforms
        self.handle = handle

    def listen(self) -> list[Callable[[], None]]:
        return [self.book.listen(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        events = self.handle.events if self.handle is not None else list(self.book)
        whose = self.platforms.whose()
        return {
            "events": [_event(e, whose.called(e.platform)) for e in events[: -NEWEST - 1 : -1]],
            "total": len(events),
        }


def _event(event: KubeEvent, platform: str) -> dict[str, Any]:
    return {
        "tMs": ms(event.last),
        "firstMs": ms(event.first),
        "type": event.type,
        "reason": event.reason,
        "message": event.message[:TEXT],
        "platform": platform,
        "component": event.component,
        "count": event.count,
    }


class EventFeed(LiveWidget):
    """Lists Kubernetes events, newest first: reason, message, how often, first and last time.

    `EventFeed(rt, "production")`; without a platform, the events of all platforms that the session watches.
    """

    kind: ClassVar[str] = "events"

    def __init__(
        self,
        session: Session,
        platform: str | None = None,
        *,
        namespace: str | None = None,
        title: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.platform = handle = None if platform is None else session.platform(platform, namespace=namespace)
        super().__init__(
            session,
            {
                "status": status_channel(session),
                "events": (
                    f"events:{session.number}:{'' if handle is None else handle.id}",
                    lambda channel_id, feed: EventsChannel(channel_id, feed, session, handle),
                ),
            },
            {"title": title},
            recipe={**asked_of(handle), "title": title},
            **kwargs,
        )

    def still(self) -> Still:
        events = self.platform.events if self.platform is not None else list(self.session.store.events)
        called = self.session.store.platforms.whose().called
        rows = [
            (stamp(e.last), e.type, e.reason, e.count, called(e.platform), e.component, e.message)
            for e in reversed(events)
        ]
        columns = ("last", "type", "reason", "count", "platform", "component", "message")
        return Still("Kubernetes events", self.summary(), columns, rows)

    def summary(self) -> str:
        events = self.platform.events if self.platform is not None else list(self.session.store.events)
        warnings = sum(event.type == "Warning" for event in events)
        return f"{len(events)} events, {warnings} warnings"
