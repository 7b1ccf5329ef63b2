"""The outlet: control before facts, fair, bounded, and it notices at once that a client does not read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gunj_widgets.demo import outlet as module
from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.outlet import BURST, Outlet
from gunj_widgets.demo.streams import Feed
from tests.demo.asgi import Demo

METRICS = Filter.of("metrics", "production")
LOGS = Filter.of("logs", "production")


def envelope(id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
    return {"sub": id, "seq": seq}


class Bench:
    """An outlet that writes into a list."""

    def __init__(self, **options: Any) -> None:
        self.demo = Demo(**options)
        self.sent: list[dict[str, Any]] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.outlet = Outlet(self.demo.service, self._send, envelope)
        self.task = asyncio.ensure_future(self.outlet.run())

    async def _send(self, text: str) -> None:
        await self.reading.wait()
        self.sent.append(json.loads(text))

    async def turns(self, count: int = 400) -> None:
        for _ in range(count):
            await asyncio.sleep(0)

    async def end(self) -> None:
        self.outlet.close()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_facts_come_numbered_after_what_was_said_first() -> None:
    bench = Bench()
    bench.outlet.subscribe("m", METRICS, None)
    bench.outlet.say({"type": "subscribed"})
    bench.demo.live(1)
    await bench.turns()
    assert bench.sent[0] == {"type": "subscribed"}
    assert bench.sent[1:] == [{"sub": "m", "seq": n} for n in range(1, 9)]
    await bench.end()


async def test_what_is_left_out_by_the_dialect_is_not_sent() -> None:
    bench = Bench()
    bench.outlet._envelope = lambda id, feed, seq, fact: None if seq % 2 else {"seq": seq}
    bench.outlet.subscribe("m", METRICS, None)
    bench.demo.live(1)
    await bench.turns()
    assert [message["seq"] for message in bench.sent] == [2, 4, 6, 8]
    await bench.end()


async def test_a_long_backlog_does_not_hold_up_the_others() -> None:
    bench = Bench()
    position = bench.outlet.subscribe("m", METRICS, None).position
    bench.demo.live(100)
    bench.outlet.subscribe("old", METRICS, position)
    bench.outlet.subscribe("new", LOGS, None)
    bench.demo.live(1)
    await bench.turns(5000)
    first_line = next(n for n, message in enumerate(bench.sent) if message["sub"] == "new")
    assert first_line <= 2 * BURST
    assert [m["seq"] for m in bench.sent if m["sub"] == "old"] == list(range(1, 809))
    await bench.end()


async def test_the_loop_gets_its_turn_during_a_long_backlog() -> None:
    bench = Bench()
    position = bench.outlet.subscribe("m", METRICS, None).position
    bench.outlet.unsubscribe("m")
    bench.demo.live(200)
    bench.outlet.subscribe("m", METRICS, position)
    before = 0
    while len(bench.sent) < 1600:
        await asyncio.sleep(0)
        assert len(bench.sent) - before <= BURST
        before = len(bench.sent)
    await bench.end()


async def test_after_unsubscribing_nothing_more_comes() -> None:
    bench = Bench()
    bench.outlet.subscribe("m", METRICS, None)
    bench.reading.clear()
    bench.demo.live(2)
    await bench.turns()
    bench.outlet.unsubscribe("m")
    bench.outlet.unsubscribe("m")
    bench.outlet.say({"type": "unsubscribed"})
    bench.reading.set()
    await bench.turns()
    assert len(bench.sent) <= 2, "the one that was under way, at most"
    assert bench.sent[-1] == {"type": "unsubscribed"}
    assert bench.demo.service.stats()["feeds"] == 0
    await bench.end()


async def test_subscribing_again_replaces() -> None:
    bench = Bench()
    bench.outlet.subscribe("x", METRICS, None)
    bench.outlet.subscribe("x", LOGS, None)
    assert (len(bench.outlet), "x" in bench.outlet) == (1, True)
    assert bench.demo.service.stats()["feeds"] == 1
    await bench.end()
    assert bench.demo.service.stats()["feeds"] == 0


async def test_one_who_falls_behind_overflows_even_while_a_send_waits() -> None:
    bench = Bench(max_lag=50)
    bench.outlet.subscribe("m", METRICS, None)
    bench.reading.clear()
    bench.demo.live(1)
    await bench.turns()
    assert not bench.outlet.overflow.is_set()
    bench.demo.live(10)
    assert bench.outlet.overflow.is_set()
    await bench.end()


async def test_one_who_asks_without_reading_overflows(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.reading.clear()
    for _ in range(module.MAX_WAITING):
        bench.outlet.say({"type": "pong"})
    assert not bench.outlet.overflow.is_set()
    bench.outlet.say({"type": "pong"})
    assert bench.outlet.overflow.is_set()
    await bench.end()
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    large = Bench()
    large.outlet.say({"t": "x" * 990})
    assert not large.outlet.overflow.is_set()
    large.outlet.say({"t": ""})
    assert large.outlet.overflow.is_set()
    await large.end()


async def test_what_was_sent_no_longer_counts() -> None:
    bench = Bench()
    for _ in range(3 * module.MAX_WAITING):
        bench.outlet.say({"type": "pong"})
        if bench.outlet._waiting and len(bench.outlet._waiting) > 100:
            await bench.turns(3)
    await bench.turns()
    assert not bench.outlet.overflow.is_set()
    assert bench.outlet._size == 0
    await bench.end()
