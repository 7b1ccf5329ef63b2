"""Lines that stay live, with time in our hands: no tail, a Loki that is away, and what is wrong for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gunj_widgets.connection.transport import Refused
from gunj_widgets.events.records import LogEntry
from gunj_widgets.sources.follow import LOOKBACK
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.sources.loki.live import LiveTail
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend

NS = 1_000_000_000


class Rig:
    """A Loki with one line a second since ever; its network has no WebSocket."""

    def __init__(self, **options: Any) -> None:
        self.clock = FakeClock()
        self.down = False
        self.reply: Answer | None = None
        self.entries: list[LogEntry] = []
        self.gaps: list[tuple[float, float]] = []
        self.network = FakeNetwork(self.answer)
        self.tail = LiveTail(
            '{job="s"}',
            LokiClient(backend(self.network, self.clock)),
            emit=self.entries.extend,
            gap=lambda start, end: self.gaps.append((start, end)),
            **options,
        )

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        if self.down:
            return Refused("network", "nothing listens")
        if self.reply is not None:
            return self.reply
        start, end, limit = (int(asked[name][0]) for name in ("start", "end", "limit"))
        times = [t * NS for t in range(start // NS - 1, end // NS + 2) if start <= t * NS < end]
        page = times[:limit] if asked["direction"] == ["forward"] else times[-limit:]
        values = [[str(ns), f"line {ns // NS}"] for ns in page]
        result = [{"stream": {"job": "s"}, "values": values}]
        return 200, {"status": "success", "data": {"resultType": "streams", "result": result}}

    @property
    def times(self) -> list[float]:
        return [entry.time for entry in self.entries]


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Rig]:
    rig = Rig(**options)
    task = asyncio.ensure_future(rig.tail.run())
    try:
        yield rig
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def is_whole(times: list[float]) -> bool:
    return times == [times[0] + i for i in range(len(times))]


async def test_history_comes_first_and_then_each_line_once_without_a_tail() -> None:
    async with running(window=60) as rig:
        await rig.clock.advance(1)
        assert len(rig.entries) in (59, 60, 61)
        await rig.clock.advance(30)
        assert is_whole(rig.times)
        assert len(rig.entries) in range(88, 92)
        status = rig.tail.status
        assert (status.phase, status.tail) == ("live", False)
        assert "no WebSocket here" in status.tail_problem
        assert status.lines == len(rig.entries)


async def test_only_the_newest_of_a_long_history_are_loaded() -> None:
    async with running(window=3600, keep=100) as rig:
        await rig.clock.advance(1)
        assert len(rig.entries) in (100, 101)
        assert is_whole(rig.times)


async def test_nothing_is_missing_after_an_outage() -> None:
    async with running(window=60) as rig:
        await rig.clock.advance(5)
        rig.down = True
        await rig.clock.advance(120)
        assert rig.tail.status.phase == "waiting"
        assert "nothing listens" in rig.tail.status.reason
        rig.down = False
        rig.tail.wake()
        await rig.clock.advance(40)
        assert rig.tail.status.phase == "live"
        assert is_whole(rig.times)
        assert not rig.gaps


async def test_what_lies_too_long_ago_is_a_gap_that_is_marked() -> None:
    async with running(window=60) as rig:
        await rig.clock.advance(5)
        rig.down = True
        await rig.clock.advance(LOOKBACK + 600)
        rig.down = False
        rig.tail.wake()
        await rig.clock.advance(40)
        (gap,) = rig.gaps
        assert 500 < gap[1] - gap[0] < 700
        assert rig.tail.status.gaps == 1


async def test_a_wrong_query_ends_it_and_a_passing_refusal_does_not() -> None:
    async with running() as rig:
        rig.reply = (503, b"too many outstanding requests")
        await rig.clock.advance(1)
        assert rig.tail.status.phase == "waiting"
        rig.reply = (400, b"parse error at line 1, col 2: syntax error")
        await rig.clock.advance(60)
        await rig.tail.settled()
        assert rig.tail.status.phase == "failed"
        assert rig.tail.error is not None
        asked = len(rig.network.asked)
        await rig.clock.advance(60)
        assert len(rig.network.asked) == asked
