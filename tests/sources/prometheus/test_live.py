"""A query that stays live: history, then each sample once, through outages; errors it can and cannot outlast."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from gunj_widgets.connection.transport import Refused
from gunj_widgets.sources.follow import LOOKBACK
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.live import LiveQuery
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend, success


class Rig:
    """A Prometheus that scraped one series each second since ever, at .25; `down` and `error` are what may be wrong."""

    def __init__(self, expression: str = "up", **options: Any) -> None:
        self.clock = FakeClock()
        self.down = False
        self.error: Answer | None = None
        self.times: list[float] = []
        self.gaps: list[tuple[float, float]] = []
        self.network = FakeNetwork(self.answer)
        self.query = LiveQuery(
            expression,
            PrometheusClient(backend(self.network, self.clock)),
            emit=self.emit,
            gap=lambda start, end: self.gaps.append((start, end)),
            **options,
        )
        self.task: asyncio.Task[None] | None = None

    async def advance(self, seconds: float = 0.0) -> None:
        if self.task is None:
            self.task = asyncio.ensure_future(self.query.run())
        await self.clock.advance(seconds)

    def emit(self, batches: list[Any]) -> None:
        for metric, labels, times, values, _unit in batches:
            assert (metric, labels) == (self.query.expression, {"job": "a"})
            assert [v for v in values if v == v] == [t for t, v in zip(times, values, strict=True) if v == v]
            self.times += [t for t, v in zip(times, values, strict=True) if v == v]

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        if self.down:
            return Refused("network", "nothing listens")
        if self.error is not None:
            return self.error
        query = asked["query"][0]
        if query.startswith("count("):
            return success([{"metric": {}, "value": [0, "1"]}], "vector")
        if path.endswith("query_range"):
            start, end, step = (float(asked[name][0]) for name in ("start", "end", "step"))
            times = [start + i * step for i in range(round((end - start) / step) + 1)]
            return success([{"metric": {"job": "a"}, "values": [[t, str(t)] for t in times]}])
        end = float(asked["time"][0])
        start = end - float(query[query.index("[") + 1 : -3]) / 1000
        times = [t + 0.25 for t in range(int(start) - 1, int(end) + 1) if start <= t + 0.25 <= end]
        return success([{"metric": {"__name__": "up", "job": "a"}, "values": [[t, str(t)] for t in times]}])


def is_whole(times: list[float], step: float = 1.0) -> bool:
    return all(b - a == step for a, b in pairwise(times))


async def test_raw_samples_come_each_once_at_their_own_times() -> None:
    rig = Rig(window=60)
    await rig.advance(30)
    assert rig.query.raw
    assert is_whole(rig.times)
    assert len(rig.times) in (88, 89, 90)
    assert rig.query.status.phase == "live"
    assert rig.query.status.interval == 1.0


async def test_nothing_is_missing_after_an_outage() -> None:
    rig = Rig(window=60)
    await rig.advance(10)
    rig.down = True
    await rig.advance(120)
    assert rig.query.status.phase == "waiting"
    assert "nothing listens" in rig.query.status.reason
    rig.down = False
    rig.query.wake()
    await rig.advance(3)
    assert rig.query.status.phase == "live"
    assert is_whole(rig.times)
    assert rig.clock.time() - rig.times[-1] < 3
    assert rig.gaps == []


async def test_after_too_long_an_outage_the_gap_is_told() -> None:
    rig = Rig(window=60)
    await rig.advance(10)
    last = rig.times[-1]
    rig.down = True
    await rig.advance(LOOKBACK + 600)
    rig.down = False
    await rig.advance(60)
    [(start, end)] = rig.gaps
    assert abs(start - last) < 5
    assert end - start > 500


async def test_an_expression_is_computed_on_a_grid() -> None:
    rig = Rig("rate(up[1m])", window=60, step=5.0)
    await rig.advance(31)
    assert not rig.query.raw
    assert is_whole(rig.times, 5.0)
    assert all(t % 5 == 0 for t in rig.times)


async def test_a_wrong_query_fails_and_is_not_asked_again() -> None:
    rig = Rig("rate(up)")
    rig.error = (400, {"status": "error", "errorType": "bad_data", "error": "1:6: parse error: expected range"})
    await rig.advance(60)
    await rig.query.settled()
    assert rig.query.status.phase == "failed"
    assert "parse error" in rig.query.status.reason
    assert rig.task is not None
    assert rig.task.done()


@pytest.mark.parametrize("status", [422, 429, 503])
async def test_a_query_that_was_answered_once_outlasts_refusals(status: int) -> None:
    rig = Rig("rate(up[1m])", window=60)
    await rig.advance(5)
    rig.error = (status, {"status": "error", "errorType": "execution", "error": "many-to-many"})
    await rig.advance(20)
    assert rig.query.status.phase == "waiting"
    rig.error = None
    await rig.advance(30)
    assert rig.query.status.phase == "live"
    assert is_whole(rig.times)


async def test_warnings_are_told() -> None:
    rig = Rig("rate(up[1m])", window=60)
    rig.error = success([], warnings=["not a counter"])
    await rig.advance(2)
    assert rig.query.status.notes == ("not a counter",)


async def test_a_stretch_can_be_had_in_finer_steps() -> None:
    rig = Rig("rate(up[1m])", window=86_400)
    await rig.advance(1)
    now = rig.clock.time()
    assert rig.query.step == 300
    assert rig.query.has_more(now - 3600, now)
    assert not rig.query.has_more(now - 80_000, now), "as fine as what is here"
    assert rig.query.has_more(now - 2 * 86_400, now - 86_400), "of before the window nothing is here"
    found = await rig.query.refined(now - 3600.5, now)
    asked = rig.network.asked[-1][2]
    assert float(asked["step"][0]) == 10
    (times,) = [batch[2].tolist() for batch in found]
    assert is_whole(times, 10)
    assert times[0] <= now - 3600.5 < times[1]
    assert now - 10 < times[-1] <= now, "nobody knows what is to come"


async def test_raw_samples_are_all_here() -> None:
    rig = Rig(window=86_400)
    assert not rig.query.has_more(rig.clock.time() - 60, rig.clock.time())


async def test_how_much_of_a_history_is_in_is_told() -> None:
    rig = Rig("rate(up[1m])", window=36_000, step=1)
    told: list[float | None] = []
    rig.query._changed = lambda: told.append(rig.query.status.share)
    assert rig.query.status.share is None
    await rig.advance(1)
    assert told[0] == 0.25
    assert told[-1] == 1.0
