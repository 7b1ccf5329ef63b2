"""ConnectionStatus: is what I see live, and if not, since when, why, and what can I do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.session.handles import PlatformHandle
from gunj_widgets.session.session import Session
from gunj_widgets.session.time_range import SessionRange
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, WholeChannel, ms
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.pages import CREDIT
from gunj_widgets.widgets.still import Still, stamp

__all__ = ["ConnectionStatus", "StatusChannel", "status_channel"]


class StatusChannel(WholeChannel):
    """The state of one session's connections; every widget shows its truth badge from it."""

    kind = "status"
    priority = 8
    beats = True

    def __init__(self, channel_id: str, feed: Feed, session: Session) -> None:
        super().__init__(channel_id, feed)
        self.session = session
        self.pressure = feed.pressure
        self.beat = feed.settings.beat

    def listen(self) -> list[Callable[[], None]]:
        return [self.session.on_state(self.changed, here=True), self.session.range.listen(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        status = self.session.status()
        there = self.session.now() if self.session.is_replay else now
        return {
            "server": self.session.address,
            "name": status.server,
            "demo": self.session.is_demo,
            "replay": _replay(self.session),
            "state": status.state,
            "reason": status.reason,
            "remedy": status.remedy,
            "sinceMs": ms(status.since),
            "retryAtMs": ms(status.retry_at),
            "attempt": status.attempt,
            "live": status.state == "open" and status.silent_since is None and not self.session.closed,
            "silentSinceMs": ms(status.silent_since),
            "transports": [
                {
                    "name": t.name,
                    "state": t.state,
                    "silent": t.silent,
                    "reason": t.reason,
                    "lastByteMs": ms(t.last_byte),
                    "retryAtMs": ms(t.retry_at),
                }
                for t in status.transports
            ],
            "heartbeatMs": ms(status.last_heartbeat),
            "latencyMs": ms(status.latency),
            "counts": self.session.stats().counts,
            "rate": self.pressure.rate,
            "range": _range(self.session.range, there),
            "kernelMs": there * 1000,
            "beatMs": self.beat * 1000,
            "creditMs": CREDIT * 1000,
        }


def _replay(session: Session) -> dict[str, Any] | None:
    """How a recording plays; `kernelMs` is its time then. None in a live session."""
    if not session.is_replay:
        return None
    player = session.player
    return {
        "playing": player.playing,
        "speed": player.speed,
        "fromMs": ms(player.start_time),
        "toMs": ms(player.end_time),
        "told": player.told,
        "total": player.total,
    }


def _range(shared: SessionRange, now: float) -> dict[str, Any]:
    bounds = shared.bounds(now)
    start, end = bounds or (None, None)
    back, forward = shared.steps
    return {
        "version": shared.version,
        "zone": shared.zone,
        "live": shared.is_live or bounds is None,
        "fromMs": ms(start),
        "toMs": ms(end),
        "back": back > 0,
        "forward": forward > 0,
    }


def status_channel(session: Session) -> tuple[str, Callable[[str, Feed], StatusChannel]]:
    """The channel every widget holds, beside its own."""
    return f"status:{session.number}", lambda channel_id, feed: StatusChannel(channel_id, feed, session)


def asked_of(handle: PlatformHandle | None) -> dict[str, Any]:
    """Return what names a platform in a widget's recipe; nothing for all platforms."""
    return {} if handle is None else {"platform": handle.name, "namespace": handle.namespace or None}


class ConnectionStatus(LiveWidget):
    """Shows the state of a session's connections: reason, remedy, countdown, ages, and every count of what was lost.

    `ConnectionStatus(rt)`. It is also what `rt` displays.
    """

    kind: ClassVar[str] = "status"

    def __init__(self, session: Session, *, title: str | None = None, **kwargs: Any) -> None:
        channels = {"status": status_channel(session)}
        super().__init__(session, channels, {"title": title}, recipe={"title": title}, **kwargs)

    def still(self) -> Still:
        transports = self.session.status().transports
        rows = [(t.name, t.state, t.reason, stamp(t.last_byte)) for t in transports]
        return Still("Connection", self.summary(), ("transport", "state", "reason", "last heard"), rows)

    def summary(self) -> str:
        status = self.session.status()
        silent = "" if status.silent_since is None else f", silent since {stamp(status.silent_since)}"
        return f"{self.session.address} {status.state}{silent}" + (f": {status.reason}" if status.reason else "")
