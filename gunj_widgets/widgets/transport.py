"""ReplayBar: play, pause, step and seek in a recording."""

from __future__ import annotations

from typing import Any, ClassVar

from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.status import status_channel
from gunj_widgets.widgets.still import Still, stamp
from gunj_widgets.widgets.timeline import timeline_channel

__all__ = ["ReplayBar"]


class ReplayBar(LiveWidget):
    """Shows where a recording stands, with the alerts, notes and gaps told so far, and moves about in it.

    `ReplayBar(rt)`, or what `rt.player` displays. SetupError in a live session.
    """

    kind: ClassVar[str] = "transport"

    def __init__(self, session: Session, *, title: str | None = None, **kwargs: Any) -> None:
        self.player = session.player
        channels = {"status": status_channel(session), "timeline": timeline_channel(session, None)}
        super().__init__(session, channels, {"title": title}, recipe={"title": title}, **kwargs)

    def still(self) -> Still:
        player = self.player
        rows = [
            (
                stamp(player.start_time),
                stamp(player.position),
                stamp(player.end_time),
                f"{player.told:,} of {player.total:,}",
            )
        ]
        return Still("Replay", self.summary(), ("from", "at", "to", "events"), rows)

    def summary(self) -> str:
        return f"{self.session.address} {repr(self.player)[8:-1]}"
