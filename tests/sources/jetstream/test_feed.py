"""One stream, in order and whole, over cuts, holes and silence."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import AuthError
from gunj_widgets.sources.jetstream.feed import RETRY, SILENT, SOON, Feed
from gunj_widgets.testing import FakeClock
from tests.sources.jetstream.fake import FakeLink, FakeServer


class Reader:
    def __init__(self, clock: FakeClock, since: float | None = 0.0, subject: str = ">") -> None:
        self.seen: list[bytes] = []
        self.missed: list[tuple[float, float]] = []
        self.changes = 0
        self.feed = Feed(
            "S",
            subject,
            since=since,
            take=lambda message, place: self.seen.append(message.data),
            missed=lambda start, end: self.missed.append((start, end)),
            changed=self._changed,
            clock=clock,
        )

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> FakeServer:
    made = FakeServer(clock)
    made.stream("S")
    return made


async def put(server: FakeServer, *data: str, subject: str = "a.b") -> None:
    for one in data:
        await server.stream("S").add(subject, one.encode(), server.clock.time())


async def attached(feed: Feed, server: FakeServer, clock: FakeClock) -> FakeLink:
    link: Any = await server.dial(None, None, None)  # type: ignore[arg-type]
    await feed.attach(link)
    await clock.advance(0)
    return link  # type: ignore[no-any-return]


async def test_history_then_live(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await put(server, "1", "2")
    link = await attached(reader.feed, server, clock)
    assert (reader.seen, reader.feed.synced) == ([b"1", b"2"], True)
    await put(server, "3")
    assert reader.seen == [b"1", b"2", b"3"]
    await reader.feed.detach()
    await put(server, "4")
    assert reader.seen == [b"1", b"2", b"3"]
    assert link.consumers


async def test_an_empty_stream_is_synced_at_once(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    assert reader.feed.synced


async def test_a_cut_loses_nothing(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    for n in range(8):
        await put(server, str(n))
        await clock.advance(1)
    server.cut()
    await put(server, "8", "9")
    await attached(reader.feed, server, clock)
    assert [int(one) for one in dict.fromkeys(reader.seen)] == list(range(10))
    assert not reader.missed


async def test_a_hole_makes_the_consumer_anew(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    link = await attached(reader.feed, server, clock)
    await put(server, "1")
    server.stream("S").consumers[0].skip = 1
    await put(server, "2", "3", "4")
    assert not reader.feed.is_well
    assert b"3" not in reader.seen
    await reader.feed.attach(link)  # type: ignore[arg-type]
    await clock.advance(0)
    assert list(dict.fromkeys(reader.seen)) == [b"1", b"2", b"3", b"4"]
    assert reader.feed.restarts == 1


async def test_a_hole_at_the_end_is_told_by_the_heartbeat(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    consumer = server.stream("S").consumers[0]
    await consumer.heartbeat()
    assert reader.feed.is_well
    consumer.skip = 1
    await put(server, "1")
    assert reader.feed.is_well
    await consumer.heartbeat()
    assert not reader.feed.is_well


async def test_silence_is_noticed_and_excused_where_we_slept(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    await clock.advance(SILENT + 0.1)
    assert not reader.feed.is_well
    reader.feed.excuse()
    assert reader.feed.is_well


async def test_what_expired_is_told_with_its_bounds(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    await put(server, "1")
    last = clock.time()
    server.cut()
    await clock.advance(60)
    await put(server, "2", "3")
    kept = clock.time()
    await clock.advance(30)
    del server.stream("S").messages[:2]
    await attached(reader.feed, server, clock)
    assert reader.missed == [(last, kept)]
    assert reader.seen == [b"1", b"3"]


async def test_of_how_things_stand_the_newest_is_told_again_after_a_loss(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock, since=None)
    server.stream("S", newest_only=True)
    await put(server, "a1", subject="a")
    await put(server, "b1", subject="b")
    await attached(reader.feed, server, clock)
    server.cut()
    await put(server, "a2", subject="a")
    await put(server, "b2", subject="b")
    await put(server, "a3", subject="a")
    await put(server, "b3", subject="b")
    await attached(reader.feed, server, clock)
    assert reader.seen == [b"a1", b"b1", b"a3", b"b3"]
    assert len(reader.missed) == 1
    assert reader.feed.synced


async def test_a_stream_made_anew_is_read_from_its_beginning(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    await put(server, "old")
    server.cut()
    del server.streams["S"]
    server.stream("S").created = "again"
    await put(server, "new")
    await attached(reader.feed, server, clock)
    assert reader.seen == [b"old", b"new"]
    assert reader.missed


async def test_a_refusal_is_kept_and_tried_again_later(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    server.refused_streams["S"] = AuthError("not allowed", "ask for it", status=403)
    for wait in (SOON, 2 * SOON, 4 * SOON, 8 * SOON, RETRY, RETRY):
        with pytest.raises(AuthError):
            await attached(reader.feed, server, clock)
        assert reader.feed.error is not None
        await clock.advance(wait - 0.1)
        assert reader.feed.is_well, "not yet to be tried again"
        await clock.advance(0.2)
        assert not reader.feed.is_well
    server.refused_streams.clear()
    await attached(reader.feed, server, clock)
    assert reader.feed.error is None
    server.refused_streams["S"] = AuthError("not allowed", "ask for it", status=403)
    with pytest.raises(AuthError):
        await attached(reader.feed, server, clock)
    await clock.advance(SOON + 0.1)
    assert not reader.feed.is_well, "soon again, after it was well"


async def test_flow_control_is_answered(server: FakeServer, clock: FakeClock) -> None:
    from tests.sources.jetstream.fake import Incoming

    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    consumer = server.stream("S").consumers[0]
    await consumer.take(Incoming("inbox", b"", "$JS.FC.1", {"Status": "100"}))
    await consumer.take(Incoming("inbox", b"", "", {"Status": "100", "Nats-Consumer-Stalled": "$JS.FC.2"}))
    assert server.said == ["$JS.FC.1", "$JS.FC.2"]


async def test_what_somebody_else_wrote_into_our_inbox_is_ignored(server: FakeServer, clock: FakeClock) -> None:
    from tests.sources.jetstream.fake import Incoming

    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    await server.stream("S").consumers[0].take(Incoming("inbox", b"evil", "reply.to.me"))
    assert reader.seen == []
    assert reader.feed.is_well


async def test_where_nothing_is_left_the_gap_reaches_to_now(server: FakeServer, clock: FakeClock) -> None:
    reader = Reader(clock)
    await attached(reader.feed, server, clock)
    await put(server, "1")
    last = clock.time()
    server.cut()
    await clock.advance(60)
    await put(server, "2", "3")
    server.stream("S").messages.clear()
    await attached(reader.feed, server, clock)
    assert reader.missed == [(last, clock.time())]
