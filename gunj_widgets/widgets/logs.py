"""LogViewer: a live tail with filters."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from gunj_widgets.session.handles import LiveLogs
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.asked import check_frame
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, Channel, ms, speakable
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import status_channel
from gunj_widgets.widgets.still import MAX_ROWS, Still, stamp

__all__ = ["LogViewer", "LogsChannel", "logs_channel"]

BATCH = 2_000
"""Lines in one envelope at most, about 400 kB; more go with the next ones."""
MAX_WAITING = 100_000
"""Lines that may wait for a slow browser where the buffer has no limit."""
LINE = 20_000
"""Characters of one line sent to the browser; the store keeps the whole line."""


class LogsChannel(Channel):
    """The lines of one log buffer: what it holds once, then only what came."""

    kind = "logs"
    priority = 3

    def __init__(self, channel_id: str, feed: Feed, logs: LiveLogs) -> None:
        super().__init__(channel_id, feed)
        self.logs = logs
        self._last = 0
        self._lost = 0
        self._epoch = 0
        self._notice = ""
        self._total = 0
        self._waiting: deque[list[Any]] = deque()
        """Lines that go with the next envelopes, the oldest first."""

    def listen(self) -> list[Callable[[], None]]:
        return [self.logs.listen(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        self._last, self._lost, self._epoch = 0, 0, self.logs.buffer.epoch
        self._waiting.clear()
        self._take(first=True)
        return self._frame()

    def delta(self, buffers: Buffers, now: float) -> dict[str, Any] | None:
        if self.logs.buffer.epoch != self._epoch:
            return {**self.snap(buffers, now), "whole": True}
        self._take(first=False)
        # That none of ever more lines is asked for is to be told too.
        buffer = self.logs.buffer
        told = self.logs.notice == self._notice and (buffer.total == self._total or buffer.filtered > 0)
        return self._frame() if self._waiting or not told else None

    def _take(self, *, first: bool) -> None:
        """Take up what is new. What a slow browser leaves waiting is bounded as the buffer is; the oldest is lost to it."""
        fresh = self.logs.buffer.lines_since(self._last)
        self._last = fresh.cursor
        self._waiting.extend(_line(number, entry) for number, entry in fresh.lines)
        if not first:
            self._lost += fresh.lost
        limit = self.logs.buffer.max_rows or MAX_WAITING
        while len(self._waiting) > limit:
            self._waiting.popleft()
            self._lost += 1

    def _frame(self) -> dict[str, Any]:
        buffer = self.logs.buffer
        lines = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        if self._waiting:
            self.changed()
        self._notice = self.logs.notice
        self._total = total = buffer.total
        return {
            "notice": self._notice,
            "lines": lines,
            "total": total,
            "held": buffer.stats().held,
            "filtered": buffer.filtered,
            "lost": self._lost,
            "limit": buffer.max_rows,
        }


def _line(number: int, entry: Any) -> list[Any]:
    return [number, ms(entry.time), entry.level, entry.component, entry.message[:LINE], speakable(entry.metadata)]


def logs_channel(logs: LiveLogs) -> tuple[str, Callable[[str, Feed], LogsChannel]]:
    return f"logs:{logs.session.number}:{logs.label}", lambda channel_id, feed: LogsChannel(channel_id, feed, logs)


class LogViewer(LiveWidget):
    """Tails logs: pauses when you scroll up, counts what waits, filters and highlights without asking the kernel.

    `LogViewer(rt, "production", level=["warn", "error"], component="loki", search="timeout")`; `regex` is an RE2 pattern.
    `height` is in pixels.
    """

    kind: ClassVar[str] = "logs"

    def __init__(
        self,
        session: Session,
        platform: str | LiveLogs,
        *,
        level: str | Sequence[str] | None = None,
        component: str | Sequence[str] | None = None,
        search: str | None = None,
        regex: str | None = None,
        namespace: str | None = None,
        title: str | None = None,
        height: int = 320,
        **kwargs: Any,
    ) -> None:
        check_frame(title, height)
        logs = (
            platform
            if isinstance(platform, LiveLogs)
            else session.logs(
                platform, level=level, component=component, search=search, regex=regex, namespace=namespace
            )
        )
        self.logs = logs
        super().__init__(
            session,
            {"status": status_channel(session), "logs": logs_channel(logs)},
            {"title": title or logs.title, "heightPx": height, "limit": logs.buffer.max_rows},
            recipe={**logs.recipe, "title": title, "height": height},
            **kwargs,
        )

    def still(self) -> Still:
        entries = self.logs.buffer.tail(MAX_ROWS)
        rows = [(stamp(e.time), e.level, e.component, e.message) for e in entries]
        return Still(
            self.logs.title, self.summary(), ("time", "level", "component", "message"), rows, self.logs.filtered
        )

    def summary(self) -> str:
        return f"{self.logs.title}: {self.logs.filtered} of {self.logs.total} lines"
