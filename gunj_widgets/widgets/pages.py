"""Who is looking: the browser pages that show our views, and what they have painted. Pure: `now` is passed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CREDIT", "Page", "Pages"]

MAX_PAGES = 32
MAX_VIEWS = 1_000
"""A browser controls both; more than this is not a person looking."""

CREDIT = 1.0
"""Seconds between two credits of a page that keeps up. The kernel's answers to each, that it was busy and no longer is, hold up
the next envelope on a stock server, and JupyterLab draws both."""

QUICK_FPS = 45.0
"""Frames a second; the same in client.ts."""

FORGIVE_AFTER = 2.5
"""Seconds: longer than the browser's idle credit, so that a page that only paints slowly has answered by then."""


@dataclass
class Page:
    """One loaded browser page.

    `painted` is the newest envelope it has drawn, `shown` how many views it says it has (a page that was silent for
    long is known again by that alone), `fps` and `paint` (seconds) are as it measured them.
    """

    seen: float
    painted: int
    hidden: bool = False
    views: set[str] = field(default_factory=set)
    shown: int = 0
    fps: float | None = None
    paint: float | None = None

    @property
    def quick(self) -> bool:
        """Whether it says that it keeps up: such a page tells less often what it has painted."""
        return self.fps is not None and self.fps >= QUICK_FPS


class Pages:
    """Tracks pages by the control messages they send; `timeout` seconds of silence and a page is gone."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._pages: dict[str, Page] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def hello(self, page_id: str, view: str, newest: int, now: float) -> None:
        """A view mounted, came back into sight or lost its place: its page has nothing outstanding."""
        page = self._touch(page_id, newest, now)
        page.painted = max(page.painted, newest)
        page.hidden = False
        if view and len(page.views) < MAX_VIEWS:
            page.views.add(view)

    def bye(self, page_id: str, view: str) -> None:
        page = self._pages.get(page_id)
        if page is not None:
            page.views.discard(view)
            page.shown = len(page.views)
            if not page.views:
                del self._pages[page_id]

    def credit(self, page_id: str, message: dict[str, Any], newest: int, now: float) -> None:
        """The page has painted up to envelope `n` and says how it feels."""
        page = self._touch(page_id, newest, now)
        page.painted = max(page.painted, min(newest, int(_number(message.get("n")) or 0)))
        page.hidden = bool(message.get("hidden"))
        page.shown = int(_number(message.get("views")) or 0)
        page.fps = _number(message.get("fps"))
        paint = _number(message.get("paintMs"))
        page.paint = None if paint is None else paint / 1000

    def expire(self, now: float) -> None:
        for page_id in [p for p, page in self._pages.items() if now - page.seen > self.timeout]:
            del self._pages[page_id]

    def visible(self) -> list[Page]:
        return [page for page in self._pages.values() if not page.hidden and (page.views or page.shown)]

    def outstanding(self, newest: int, slack: int = 0) -> int:
        """Envelopes the slowest visible page has yet to paint; `slack` of them a page may be behind that paints fast."""
        late = (newest - page.painted - (slack if page.quick else 0) for page in self.visible())
        return max(0, max(late, default=0))

    def forgive(self, newest: int, last_sent: float, now: float) -> bool:
        """Count all as painted where every late page has shown life well after the last envelope; say whether so."""
        late = [page for page in self.visible() if page.painted < newest]
        if (
            not late
            or now - last_sent < FORGIVE_AFTER
            or any(page.seen < last_sent + FORGIVE_AFTER / 2 for page in late)
        ):
            return False
        for page in late:
            page.painted = newest
        return True

    def worst(self) -> tuple[float | None, float | None]:
        """The lowest fps and longest paint (seconds) among visible pages; None where none measured."""
        pages = self.visible()
        return (
            min((p.fps for p in pages if p.fps is not None), default=None),
            max((p.paint for p in pages if p.paint is not None), default=None),
        )

    def _touch(self, page_id: str, newest: int, now: float) -> Page:
        page = self._pages.get(page_id)
        if page is None:
            if len(self._pages) >= MAX_PAGES:
                del self._pages[min(self._pages, key=lambda p: self._pages[p].seen)]
            page = self._pages[page_id] = Page(seen=now, painted=newest)
        page.seen = now
        return page


def _number(value: Any) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else None
    )
