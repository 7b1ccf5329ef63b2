"""What is written: each event once, in order, over cuts; nothing lost, all counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import msgspec
import pytest

from gunj_widgets.errors import LimitError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.sources.jetstream import publisher as publishing
from gunj_widgets.sources.jetstream.publisher import FATES, KEPT, MAX_WAITING, Publisher, message_of
from gunj_widgets.sources.jetstream.streams import METRICS, plans
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import FakeClock
from tests.sources.jetstream.fake import FakeServer


def sample(n: int) -> Event:
    data = {"metric": "cpu", "samples": [{"time": float(n), "value": float(n), "labels": {}}]}
    return Event(topic="platform.p.metrics.cpu", data=data, id=f"m{n}", time=float(n), arrived=1.0, seq=n, sub="s")


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock)
        self.publisher = Publisher(Source(url="nats://127.0.0.1:4222"), plans=plans(), clock=self.clock, rng=Random(1))
        self.publisher._bus._dial = self.server.dial
        self.task = asyncio.ensure_future(self.publisher.run())

    def stored(self) -> list[int]:
        return [
            int(msgspec.json.decode(m.data)["payload"]["samples"][0]["value"])
            for m in self.server.stream(METRICS).messages
        ]

    def check(self) -> None:
        status = self.publisher.status()
        assert status.offered == status.waiting + sum(getattr(status, fate) for fate in FATES)
        really = sum(not m.taken for m in self.publisher._waiting) + sum(not m.taken for m, _ in self.publisher._window)
        assert status.waiting == really


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    await made.clock.advance(0)
    yield made
    made.check()
    made.task.cancel()
    await asyncio.gather(made.task, return_exceptions=True)


async def test_the_streams_are_declared_and_what_is_offered_is_stored(rig: Rig) -> None:
    assert rig.server.declared == plans()
    rig.publisher.offer([sample(1), sample(2)])
    await rig.clock.advance(0)
    assert rig.stored() == [1, 2]
    assert rig.publisher.status().published == 2


async def test_a_message_reads_as_the_event_it_was() -> None:
    message = message_of(sample(7))
    assert message is not None
    (found,) = codec.decode(message.data, arrived=9.0, source="nats")
    assert isinstance(found, Event)
    assert (found.topic, found.id, found.time, found.data) == ("platform.p.metrics.cpu", "m7", 7.0, sample(7).data)
    assert (found.seq, found.sub) == (None, None), "the numbering is the stream's"


async def test_what_has_no_id_gets_one_from_what_it_says() -> None:
    one, same, other = (
        message_of(Event(topic="platform.p.status", data={"phase": phase}, arrived=arrived))
        for phase, arrived in (("Ready", 1.0), ("Ready", 2.0), ("Failed", 1.0))
    )
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.id == same.id != other.id


async def test_a_cut_costs_nothing(rig: Rig) -> None:
    rig.publisher.offer([sample(n) for n in range(1, 1500)])
    await rig.clock.advance(0)
    rig.server.cut()
    rig.publisher.offer([sample(n) for n in range(1500, 3000)])
    await rig.clock.advance(3)
    assert rig.stored() == list(range(1, 3000))
    assert rig.publisher.status().reconnects == 1


async def test_what_was_on_its_way_is_sent_again_in_order(rig: Rig) -> None:
    rig.server.silent = True
    rig.publisher.offer([sample(n) for n in range(1, 11)])
    await rig.clock.advance(1)
    assert rig.stored() == []
    rig.server.silent = False
    rig.server.cut()
    rig.publisher.offer([sample(11)])
    await rig.clock.advance(3)
    assert rig.stored() == list(range(1, 12))


async def test_a_server_that_takes_and_does_not_answer_is_left(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "PATIENCE", 0.02)
    rig.server.silent = True
    rig.publisher.offer([sample(1)])
    await rig.clock.advance(0)
    await asyncio.wait_for(rig.server.links[0].ended.wait(), 5)
    rig.server.silent = False
    await rig.clock.advance(3)
    assert rig.stored() == [1]
    assert "no answer" in rig.publisher.status().last_problem


async def test_what_a_killed_server_forgot_is_told_again(rig: Rig) -> None:
    rig.publisher.offer([sample(n) for n in range(1, 6)])
    await rig.clock.advance(0)
    stream = rig.server.stream(METRICS)
    del stream.messages[3:]
    stream.ids -= {"m4", "m5"}
    rig.server.cut()
    await rig.clock.advance(3)
    assert rig.stored() == [1, 2, 3, 4, 5]
    status = rig.publisher.status()
    assert (status.published, status.duplicate, status.resent) == (5, 0, 5)


async def test_what_was_taken_long_ago_is_not_sent_again(rig: Rig) -> None:
    rig.publisher.offer([sample(1)])
    await rig.clock.advance(KEPT + 1)
    rig.publisher.offer([sample(2)])
    await rig.clock.advance(0)
    rig.server.cut()
    await rig.clock.advance(3)
    assert rig.publisher.status().resent == 1


async def test_of_two_relays_one_is_first(rig: Rig) -> None:
    rig.server.stream(METRICS).ids.add("m1")
    rig.publisher.offer([sample(1), sample(2)])
    await rig.clock.advance(0)
    status = rig.publisher.status()
    assert (status.published, status.duplicate) == (1, 1)


async def test_a_full_stream_is_told_and_holds_nothing_up(rig: Rig) -> None:
    rig.server.refuse = LimitError("the stream refused a message: maximum bytes exceeded", "Raise its limits.")
    rig.publisher.offer([sample(1)])
    await rig.clock.advance(0)
    rig.server.refuse = None
    rig.publisher.offer([sample(2)])
    await rig.clock.advance(0)
    assert rig.stored() == [2]
    assert rig.publisher.status().refused == 1
    assert "maximum bytes" in rig.publisher.status().last_problem


async def test_what_belongs_to_no_stream_is_counted(rig: Rig) -> None:
    rig.publisher.offer([Event(topic="heartbeat.x", data={}), Event(topic="connection.reset", data={})])
    await rig.clock.advance(0)
    status = rig.publisher.status()
    assert (status.offered, status.unplaced) == (1, 1), "what a session tells itself is not offered at all"


async def test_what_waits_is_bounded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_WAITING >= 100_000
    monkeypatch.setattr(publishing, "MAX_WAITING", 10)
    rig.server.cut()
    rig.publisher.offer([sample(n) for n in range(20)])
    assert rig.publisher.status().dropped == 10


async def test_flushed_returns_once_all_has_an_answer(rig: Rig) -> None:
    rig.publisher.offer([sample(n) for n in range(1, 2000)])
    flushing = asyncio.ensure_future(rig.publisher.flushed(5.0))
    await rig.clock.advance(0)
    await flushing
    assert rig.publisher.status().waiting == 0
