"""AlertPanel: what fires, since when, and who has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.events.records import Alert, AlertState
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, WholeChannel, ms
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import status_channel
from gunj_widgets.widgets.still import Still, stamp

__all__ = ["AlertPanel", "AlertsChannel"]

RESOLVED = 50


class AlertsChannel(WholeChannel):
    """All active alerts and the newest resolved ones. Goes before everything but a new view."""

    kind = "alerts"
    priority = 9

    def __init__(self, channel_id: str, feed: Feed, session: Session) -> None:
        super().__init__(channel_id, feed)
        self.book = session.store.alerts
        self.session = session
        self.standing = ""

    def listen(self) -> list[Callable[[], None]]:
        return [self.book.listen(self.changed), self.session.on_state(self._look, here=True)]

    def _look(self, _status: object = None) -> None:
        """Say so where an Alertmanager came or went, and where nobody can be told any more."""
        if self.standing != self._where() or self.session.closed:
            self.changed()

    def _where(self) -> str:
        at = self.session.silencer()
        return "" if at is None else at.place

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        active = self.book.active
        self.standing = self._where()
        counts = Counter(str(a.severity) for a in active if a.state == AlertState.FIRING)
        return {
            "active": [_alert(a, acknowledgeable=self.session.may_acknowledge(a.fingerprint)) for a in active],
            "resolved": [_alert(a) for a in self.book.resolved[:RESOLVED]],
            "counts": {
                **{severity: counts[severity] for severity in ("critical", "warning", "info")},
                "pending": sum(a.state == AlertState.PENDING for a in active),
            },
            "standing": self.standing,
        }


def _alert(alert: Alert, *, acknowledgeable: bool = False) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "name": alert.name,
        "state": alert.state,
        "severity": alert.severity,
        "summary": alert.summary,
        "description": alert.description,
        "platform": alert.platform,
        "component": alert.component,
        "labels": alert.labels,
        "startsMs": ms(alert.starts),
        "endsMs": ms(alert.ends),
        "acknowledged": alert.acknowledged,
        "silencedUntilMs": ms(alert.silenced_until),
        "acknowledgeable": acknowledgeable,
    }


class AlertPanel(LiveWidget):
    """Lists alerts, most severe first, narrowed and grouped, with buttons to acknowledge and to silence.

    `AlertPanel(rt, matchers='severity="critical", component=~"loki|tempo"', group_by="component")`: what it begins with;
    matchers are written as for Alertmanager, or are plain words. It is also what `rt.alerts` displays.
    """

    kind: ClassVar[str] = "alerts"

    def __init__(
        self,
        session: Session,
        *,
        matchers: str | None = None,
        group_by: str | None = None,
        title: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            session,
            {
                "status": status_channel(session),
                "alerts": (
                    f"alerts:{session.number}",
                    lambda channel_id, feed: AlertsChannel(channel_id, feed, session),
                ),
            },
            {"title": title, "matchers": matchers, "groupBy": group_by},
            recipe={"title": title, "matchers": matchers, "group_by": group_by},
            **kwargs,
        )

    def still(self) -> Still:
        book = self.session.store.alerts
        rows = [
            (a.name, a.severity, a.state, a.platform, a.component, a.summary, stamp(a.starts), stamp(a.ends))
            for a in (*book.active, *book.resolved)
        ]
        columns = ("alert", "severity", "state", "platform", "component", "summary", "since", "until")
        return Still("Alerts", self.summary(), columns, rows)

    def summary(self) -> str:
        counts = Counter(str(a.severity) for a in self.session.store.alerts.active)
        return ", ".join(f"{n} {severity}" for severity, n in counts.items()) or "no active alerts"
