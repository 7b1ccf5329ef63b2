"""SessionStats: every count of a session, those of its handlers and of the feed that shows it among them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gunj_widgets.events.shown import Shown, Table
from gunj_widgets.routing.router import RouterStats

__all__ = ["FeedStats", "SessionStats", "count_feed", "fed", "handled"]


class FeedStats(msgspec.Struct, frozen=True, kw_only=True):
    """What the feed of this kernel, which all its sessions share, has shown; all zero before the first widget.

    `rate` is the pace in updates a second. Of updates that waited for it, `conflated` were replaced by newer ones, `dropped`
    found no room, `expired` were too old. `slow_pages` is how often a page was behind for more than a second.
    """

    rate: float | None = None
    conflated: int = 0
    dropped: int = 0
    expired: int = 0
    envelopes: int = 0
    envelopes_lost: int = 0
    feed_errors: int = 0
    slow_pages: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return {name: value for name, value in msgspec.structs.asdict(self).items() if name != "rate"}


class SessionStats(Shown, msgspec.Struct, frozen=True, kw_only=True):
    """What came in and what became of it; each count under its own name. A snapshot: it does not change.

    `rate` is the pace of what is shown, in updates a second; None before the first widget.
    """

    state: str
    counts: dict[str, int]
    rate: float | None = None
    last_problem: str = ""

    def __getitem__(self, name: str) -> int:
        return self.counts[name]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.counts)

    def _shown(self) -> Table:
        rate = [] if self.rate is None else [("updates a second", f"{self.rate:g}")]
        problem = [("last problem", self.last_problem)] if self.last_problem else []
        return self.state, ("count", ""), [*self.counts.items(), *rate, *problem]

    def __repr__(self) -> str:
        counted = ", ".join(f"{name} {count:,}" for name, count in self.counts.items() if count)
        rate = "" if self.rate is None else f"; {self.rate:g} updates a second"
        problem = f"; last problem: {self.last_problem}" if self.last_problem else ""
        return f"<{self.state}: {counted or 'nothing yet'}; all other counts are 0{rate}{problem}>"


_feed: Callable[[], FeedStats] = FeedStats


def count_feed(stats: Callable[[], FeedStats]) -> None:
    """Let `stats()` tell from now on what is shown: the feed says so, which is above us."""
    global _feed  # noqa: PLW0603  one feed per kernel
    _feed = stats


def fed() -> FeedStats:
    """Return what the feed has shown so far."""
    return _feed()


def handled(router: RouterStats) -> dict[str, int]:
    """Return what became of events on their way to handlers, how many are remembered, and how many were not for their size."""
    return {
        "history": router.history,
        "history_dropped": router.forgotten,
        "handler_calls": router.delivered,
        "handler_replayed": router.replayed,
        "handler_errors": router.errors,
        "handler_dropped": router.missed,
    }
