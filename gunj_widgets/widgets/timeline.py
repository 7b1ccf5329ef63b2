"""IncidentTimeline: everything that happened, on one axis; and the channel that also marks the charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.events.shown import lasting
from gunj_widgets.session.handles import PlatformHandle
from gunj_widgets.session.session import Session
from gunj_widgets.store.timeline import Moment
from gunj_widgets.widgets.asked import check_frame
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, WholeChannel, ms
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import asked_of, status_channel
from gunj_widgets.widgets.still import Still, stamp

__all__ = ["IncidentTimeline", "TimelineChannel", "timeline_channel"]

NEWEST = 300
"""Moments sent at most; the number of older ones is told."""
TEXT = 500
"""Characters of a title or detail."""


class TimelineChannel(WholeChannel):
    """The newest moments of one platform (and those that concern all), or of everything the session hears of."""

    kind = "timeline"
    priority = 6

    def __init__(self, channel_id: str, feed: Feed, session: Session, handle: PlatformHandle | None) -> None:
        super().__init__(channel_id, feed)
        self.timeline = session.store.timeline
        self.names = None if handle is None else (handle.id, handle.name)

    def listen(self) -> list[Callable[[], None]]:
        return [self.timeline.listen(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        moments = self.timeline.moments(self.names)
        return {"moments": [_moment(m) for m in moments[-NEWEST:]], "total": len(moments)}


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "tMs": ms(moment.time),
        "endMs": ms(moment.end),
        "kind": moment.kind,
        "tone": moment.tone,
        "title": moment.title[:TEXT],
        "detail": moment.detail[:TEXT],
        "platform": moment.platform,
        "component": moment.component,
        "lasting": moment.lasting,
    }


def timeline_channel(
    session: Session, handle: PlatformHandle | None
) -> tuple[str, Callable[[str, Feed], TimelineChannel]]:
    """The channel of one platform's moments, or of all."""
    return (
        f"timeline:{session.number}:{'' if handle is None else handle.id}",
        lambda channel_id, feed: TimelineChannel(channel_id, feed, session, handle),
    )


class IncidentTimeline(LiveWidget):
    """Shows alerts, deploys, operations, Kubernetes events, notes and gaps on one axis, with a list of what they were.

    `IncidentTimeline(rt, "production")`; without a platform, of all that the session watches. Follows `rt.range`. It is
    also what `rt.timeline` displays, which has the same as `.df`.
    """

    kind: ClassVar[str] = "timeline"

    def __init__(
        self,
        session: Session,
        platform: str | None = None,
        *,
        namespace: str | None = None,
        title: str | None = None,
        **kwargs: Any,
    ) -> None:
        check_frame(title, None)
        self.platform = handle = None if platform is None else session.platform(platform, namespace=namespace)
        super().__init__(
            session,
            {"status": status_channel(session), "timeline": timeline_channel(session, handle)},
            {"title": title or (None if handle is None else f"{handle.name}: timeline")},
            recipe={**asked_of(handle), "title": title},
            **kwargs,
        )

    def still(self) -> Still:
        names = None if self.platform is None else (self.platform.id, self.platform.name)
        moments = self.session.store.timeline.moments(names)
        rows = [
            (
                stamp(m.time),
                "goes on" if m.lasting else stamp(m.end),
                m.kind,
                m.title,
                m.platform,
                m.component,
                m.detail,
            )
            for m in reversed(moments)
        ]
        columns = ("time", "until", "kind", "what", "platform", "component", "detail")
        return Still("Timeline", self.summary(), columns, rows)

    def summary(self) -> str:
        names = None if self.platform is None else (self.platform.id, self.platform.name)
        moments = self.session.store.timeline.moments(names)
        if not moments:
            return "nothing happened yet"
        last = moments[-1]
        counted = "1 moment" if len(moments) == 1 else f"{len(moments)} moments"
        return f"{counted}; the newest {lasting(self.session.now() - last.time)} ago: {last.title}"
