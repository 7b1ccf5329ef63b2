"""Lines that stay live: their history first, then every new one once, also those that Loki's tail leaves out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from gunj_widgets.connection.transport import Link, Lost
from gunj_widgets.errors import ConnectError, RemoteProtocolError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.sources.follow import LOOKBACK, Follower, FollowStatus
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.sources.loki.merge import Merge
from gunj_widgets.sources.loki.replies import Line, Tailed, decode_tail, entry
from gunj_widgets.sources.pace import Pace

__all__ = ["LiveTail", "TailStatus"]

LATE = 10.0
"""Seconds after which a line can still turn up with an earlier time: agents send in batches."""
SETTLE = 1.0
"""Seconds left to an open tail before an answer is asked for: it brings a line half a second after it was written."""
CALM, BUSY = 5.0, 1.0
"""Seconds between two looks: with a tail that loses nothing, and with none or one that does."""
QUIET = 20.0
"""Seconds without a message or a pong after which a tail is taken for dead."""
MAX_PAGES = 100
"""Pages of one look; what lies before them is a gap."""
RETRY = 15.0
"""Seconds between attempts to open a tail, at most."""
NS = 1_000_000_000


class TailStatus(FollowStatus, frozen=True, kw_only=True):
    """Where a log query stands.

    `tail`: whether lines come as they are written; `tail_problem` why not, then they come by asking each second.
    `recovered`: lines that the tail lost and an answer had; `announced`: those it said it lost. `notes` are warnings.
    """

    tail: bool = False
    tail_problem: str = ""
    lines: int = 0
    recovered: int = 0
    announced: int = 0
    repeated: int = 0
    gaps: int = 0
    notes: tuple[str, ...] = ()


class LiveTail(Follower[TailStatus]):
    """Follows one log query. `emit(entries)` gets new lines, `gap(start, end)` what is lost, `changed()` each new status.

    All are called on gunj-io. The tail shows lines at once, and overlapping queries all that it left out. While it loses
    lines, its own wait for those answers, so that they come in order, a second or two later. `keep` bounds the history.
    """

    def __init__(
        self,
        query: str,
        client: LokiClient,
        *,
        emit: Callable[[list[LogEntry]], object],
        gap: Callable[[float, float], object] = lambda start, end: None,
        changed: Callable[[], object] = lambda: None,
        window: float = 900.0,
        keep: int = 5_000,
    ) -> None:
        self.expression = query
        self.window = window
        self.keep = keep
        super().__init__(client.backend, TailStatus(), Pace(client.backend.rng), changed)
        self._client = client
        self._emit = emit
        self._gap = gap
        self._merge = Merge()
        self._reached = 0
        """Nanoseconds up to which everything is in, but for what comes late."""
        self._tail_from: int | None = None
        """Nanoseconds from which on an open tail brings lines; None while there is none."""

    async def run(self) -> None:
        """Load, then follow until cancelled; returns only where the query itself is wrong."""
        tail = asyncio.ensure_future(self._keep_tail())
        try:
            await super().run()
        finally:
            tail.cancel()
            await asyncio.gather(tail, return_exceptions=True)

    # -- answers: all there is, a little later --------------------------------------------------------------

    def _looked(self, took: float) -> dict[str, object]:
        calm = self._tail_from is not None and not self._merge.is_holding(self._clock.monotonic())
        self._pace.looked(CALM if calm else BUSY, took)
        return {}

    def _now(self) -> int:
        return int(self._client.backend.now() * NS)

    async def _load(self) -> None:
        """Fetch the newest lines of the window."""
        end = self._now()
        lines = await self._client.newest(self.expression, end - int(self.window * NS), end, self.keep)
        self._hand_on(self._merge.answered(lines, self._clock.monotonic()))
        self._reached = end

    async def _look(self) -> None:
        """Fetch what came since, and what may have come late before that."""
        tail_from = self._tail_from
        end = self._now() - (0 if tail_from is None else int(SETTLE * NS))
        since = max(self._reached, end - int(LOOKBACK * NS))
        start = since - int(LATE * NS)
        async for page in self._pages(start, end):
            self._hand_on(self._merge.answered(page, self._clock.monotonic(), tail_from))
        oldest = end - int(2 * LATE * NS)
        self._hand_on(self._merge.settled(end, oldest, self._clock.monotonic()))
        if since > self._reached:
            self._lost(self._reached, since)
        self._reached = max(self._reached, end)

    async def _pages(self, start: int, end: int) -> AsyncIterator[list[Line]]:
        """Return all pages of a stretch; where they are too many for one look, only its newest, after a gap."""
        pages = 0
        last = start
        async for page in self._client.forward(self.expression, start, end):
            yield page
            pages += 1
            last = page[-1].ns if page else last
            if pages == MAX_PAGES:
                break
        else:
            return
        newest = await self._client.newest(self.expression, last, end, self.keep)
        if newest:
            self._lost(last, newest[0].ns)
            yield newest

    def _lost(self, start: int, end: int) -> None:
        self._gap(start / NS, end / NS)
        self._tell(gaps=self.status.gaps + 1)

    # -- the tail: at once, but not all ---------------------------------------------------------------------

    async def _keep_tail(self) -> None:
        """Keep a tail open from the first answer on. That there is none is told, and costs a second."""
        await self._settled.wait()
        failures = 0
        while True:
            try:
                await self._tail()
                failures = 0
            except (ConnectError, RemoteProtocolError) as error:
                failures += 1
                self._tell(tail_problem=error.problem)
            wait = min(RETRY, 0.25 * 2.0 ** min(failures, 8)) * self._client.backend.rng.uniform(0.75, 1.25)
            await self._clock.sleep(wait)

    async def _tail(self) -> None:
        """Read one tail to its end, which every tail has: the server cuts it after an hour."""
        start = max(self._reached, self._now() - int(LATE * NS))
        link = await self._client.tail(self.expression, start)
        self._tail_from = start
        self._merge.forgive()
        self._tell(tail=True, tail_problem="")
        try:
            while True:
                try:
                    async with asyncio.timeout(QUIET):
                        messages = await link.recv()
                except TimeoutError:
                    async with asyncio.timeout(QUIET):
                        await (await link.ping())
                    continue
                for message in messages:
                    self._heard(decode_tail(message))
        except Lost as end:
            if end.code not in (1000, 1001, None):
                self._tell(tail_problem=f"the tail ended ({end.code}) {end.detail}".strip())
        except TimeoutError:
            self._tell(tail_problem="the tail fell silent")
        finally:
            self._tail_from = None
            self._merge.forgive()
            self._tell(tail=False)
            self._wake.set()
            await asyncio.shield(_close(link))

    def _heard(self, message: Tailed) -> None:
        now = self._clock.monotonic()
        if message.dropped:
            self._merge.lost(now)
            self._tell(announced=self.status.announced + message.dropped)
        self._hand_on(self._merge.tailed(message.lines, now))

    # -- both -----------------------------------------------------------------------------------------------

    def _hand_on(self, lines: list[Line]) -> None:
        if lines:
            self._emit([entry(line) for line in lines])
        notes = () if not self._client.crowded else ("more lines at one nanosecond than the server gives at once",)
        self._tell(
            lines=self.status.lines + len(lines),
            recovered=self._merge.recovered,
            repeated=self._merge.repeated,
            notes=notes,
        )


async def _close(link: Link) -> None:
    with contextlib.suppress(Lost):
        await link.close()
