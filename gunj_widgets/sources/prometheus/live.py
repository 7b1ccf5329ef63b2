"""A query that stays live: its history first, then every new sample once, also those of the time nobody could ask."""

from __future__ import annotations

from collections.abc import Callable

from gunj_widgets.sources.follow import LOOKBACK, Follower, FollowStatus
from gunj_widgets.sources.pace import Pace
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.ranges import auto_step
from gunj_widgets.sources.prometheus.replies import Answer
from gunj_widgets.sources.prometheus.seen import Fresh, Seen
from gunj_widgets.sources.prometheus.selector import is_selector, name_of
from gunj_widgets.store.samples import Batch

__all__ = ["LiveQuery", "QueryStatus"]

LATE = 10.0
"""Seconds after which a scrape can still turn up with an earlier time: Prometheus stamps it when it begins."""
STALE = 2.5
"""Intervals without a sample after which a series counts as ended."""


class QueryStatus(FollowStatus, frozen=True, kw_only=True):
    """Where a live query stands.

    `done` of `total` pieces of history are in; `interval` is seconds between samples; `notes` are the server's warnings.
    """

    done: int = 0
    total: int = 0
    series: int = 0
    interval: float | None = None
    notes: tuple[str, ...] = ()
    raw: bool = False

    @property
    def share(self) -> float | None:
        """How much of the history is in, from 0 to 1; None before there is a piece of it."""
        return self.done / self.total if self.total else None


class LiveQuery(Follower[QueryStatus]):
    """Follows one expression. `emit(batches)` gets new samples, `gap(start, end)` what is lost, `changed()` each new status.

    All are called on gunj-io. A plain selector is followed as scraped: windows of raw samples that overlap, told apart by
    their true times, so that nothing is lost while the server or we were away. Any other expression is computed on a grid
    of `step` seconds, and computed again there for what arrived late.
    """

    def __init__(
        self,
        expression: str,
        client: PrometheusClient,
        *,
        emit: Callable[[list[Batch]], object],
        gap: Callable[[float, float], object] = lambda start, end: None,
        changed: Callable[[], object] = lambda: None,
        window: float = 600.0,
        step: float | None = None,
        every: float | None = None,
    ) -> None:
        self.expression = expression
        self.window = window
        self.raw = step is None and is_selector(expression)
        self.step = step or auto_step(window)
        pace = Pace(client.backend.rng, every if every or self.raw else self.step)
        super().__init__(client.backend, QueryStatus(raw=self.raw), pace, changed)
        self._client = client
        self._now = client.backend.now
        self._emit = emit
        self._gap = gap
        self._seen = Seen()
        self._reached = 0.0
        """Epoch seconds up to which everything is in, but for what comes late."""

    def has_more(self, start: float, end: float) -> bool:
        """Say whether the server can tell more of a stretch than is followed: in finer steps, or of before the window."""
        return not self.raw and (auto_step(end - start) < self.step or start < self._now() - self.window)

    async def refined(self, start: float, end: float) -> list[Batch]:
        """Ask for a stretch in the step that suits it: at most about 600 points a series, and one more on either side."""
        step = auto_step(end - start)
        found: list[Batch] = []
        async for answer in self._client.range(
            self.expression, start - step, min(end + step, self._now()), step, series=max(1, len(self._seen))
        ):
            found += [
                (name_of(column.labels, self.expression), _shown(column.labels), column.times, column.values, "")
                for column in answer.columns
            ]
        return found

    def _looked(self, took: float) -> dict[str, object]:
        interval = self._seen.interval
        self._pace.looked(interval if self.raw else self.step, took)
        return {"interval": interval, "series": len(self._seen)}

    async def _load(self) -> None:
        """Fetch the window's history, oldest first."""
        end = self._now()
        if self.raw:
            await self._fetch_raw(end - self.window, end, await self._client.count(self.expression, end))
        else:
            await self._fetch_grid(end - self.window, end)
        self._reached = end

    async def _look(self) -> None:
        """Fetch what came since, and what may have come late before that."""
        now = self._now()
        since = max(self._reached, now - LOOKBACK)
        if self.raw:
            overlap = max(LATE, 2 * (self._seen.interval or 0.0))
            await self._fetch_raw(since - overlap, now, len(self._seen))
        else:
            await self._fetch_grid(since - 2 * self.step, now)
        if since > self._reached:
            self._gap(self._reached, since)
        self._reached = now

    async def _fetch_raw(self, start: float, end: float, series: int) -> None:
        interval = self._seen.interval or 1.0
        oldest = end - 4 * max(LATE, interval, self._pace.every)
        answer: Answer | None = None
        ask = self._client.raw_range if self._reached else self._client.history
        async for answer in ask(self.expression, start, end, series=series, interval=interval, progress=self._progress):
            self._hand_on(answer, self._seen.fresh(answer.columns, oldest))
        if answer is not None:
            interval = self._seen.interval or self._pace.every
            self._hand_on(answer, self._seen.ended(answer.columns, end, max(LATE, STALE * interval)))
            self._seen.forget(end - self.window - LOOKBACK)

    async def _fetch_grid(self, start: float, end: float) -> None:
        known = len(self._seen) if self._reached else None
        async for answer in self._client.range(
            self.expression, start, end, self.step, series=known, progress=self._progress
        ):
            self._hand_on(answer, self._seen.fresh(answer.columns, end - 4 * self.step))
        self._seen.forget(end - self.window - LOOKBACK)

    def _hand_on(self, answer: Answer, fresh: list[Fresh]) -> None:
        if answer.notes != self.status.notes:
            self._tell(notes=answer.notes)
        if fresh:
            self._emit([(name_of(labels, self.expression), _shown(labels), t, v, "") for labels, t, v in fresh])

    def _progress(self, done: int, total: int) -> None:
        if not self._reached:
            self._tell(done=done, total=total)


def _shown(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name != "__name__"}
