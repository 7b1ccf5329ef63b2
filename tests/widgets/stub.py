"""A session that has a store and a status, and no connection: what the kernel side of widgets needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import ConnectionStatus, TransportStatus
from gunj_widgets.session.handles import LiveLogs, LiveMetrics, PlatformHandle
from gunj_widgets.session.life import Life
from gunj_widgets.session.stats import FeedStats, SessionStats
from gunj_widgets.session.time_range import SessionRange
from gunj_widgets.settings import Settings
from gunj_widgets.store.store import Store

__all__ = ["StubFeed", "StubSession"]


class StubSession:
    """Stands for a Session in tests of channels."""

    number = 1
    address = "127.0.0.1:1"
    is_demo = True
    is_replay = False

    def __init__(self) -> None:
        self.settings = Settings()
        self.store = Store(self.settings.retention)
        self.current = ConnectionStatus(
            state=State.OPEN,
            since=10.0,
            server="gunj-demo/1",
            transports=(TransportStatus(name="websocket", state=State.OPEN, since=10.0),),
        )
        self.life = Life("the session is closed", "Connect again.")
        self.range = SessionRange(lambda tell: tell(), lambda: 100.0)
        self.listeners: list[Callable[..., None]] = []
        self.at: Any = None
        """The Alertmanager where a silence stands."""

    @property
    def closed(self) -> bool:
        return self.life.over

    def may_acknowledge(self, fingerprint: str) -> bool:
        return not self.closed and fingerprint != "c"

    def silencer(self) -> Any:
        return self.at

    def status(self) -> ConnectionStatus:
        return self.current

    def stats(self) -> SessionStats:
        return SessionStats(state="open", counts={"received": 3} | FeedStats().counts)

    def on_state(self, callback: Callable[..., None], *, here: bool = False) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def handle(self, platform_id: str) -> PlatformHandle:
        return PlatformHandle(self, self.store.platforms.by_id(platform_id))  # type: ignore[arg-type]

    def frame(self, platform_id: str, *metrics: str, span: float = 600.0) -> LiveMetrics:
        frame = LiveMetrics.over(self.store.frame(platform_id), metrics or None, window=span)
        return frame.attach(self, "m", platform_id, span, lambda: None)  # type: ignore[arg-type]

    def now(self) -> float:
        return time.time()

    def lines(self, platform_id: str, **chosen: Any) -> LiveLogs:
        return LiveLogs(self, self.store.logs(platform_id).select(**chosen), "l", platform_id, lambda: None)  # type: ignore[arg-type]


class StubFeed:
    """Takes marks; counts them."""

    def __init__(self) -> None:
        from gunj_widgets.backpressure.manager import BackpressureManager

        self.marks = 0
        self.settings = Settings().feed
        self.pressure = BackpressureManager()
        self.started = time.monotonic()
        self.readings: dict[str, float | None] = {}
        self.slow = False
        self.sent = self.lost = self.errors = 0

    def mark(self, _channel: object) -> None:
        self.marks += 1
