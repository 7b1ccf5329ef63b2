"""The service: actions are told at once, subscriptions join without a gap, endings are called once."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from gunj_widgets.demo.facts import Filter
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.streams import LINGER
from tests.demo.asgi import START, Demo


def nothing() -> None:
    pass


def test_what_is_done_is_told_at_once() -> None:
    demo = Demo()
    woken: list[int] = []
    joined = demo.service.subscribe(Filter.of("alerts"), None, lambda: woken.append(1))
    demo.service.act(demo.service.world.start_scenario, "loki-volume-full")
    assert [fact.payload["status"] for _, fact in joined.feed.take(10)] == ["pending"]
    assert woken == [1]


def test_what_fails_is_raised_and_what_it_did_is_told() -> None:
    demo = Demo()
    with pytest.raises(RefusedError):
        demo.service.act(demo.service.world.start_scenario, "volcano")


def test_snapshot_and_feed_meet_without_gap_or_overlap() -> None:
    demo = Demo()
    demo.live(5)
    joined = demo.service.subscribe(Filter.of("logs", "production"), None, nothing)
    assert not joined.recovered
    seen = {e["id"] for part in joined.parts for e in map(_decoded, part["events"])}
    demo.live(5)
    after = [fact.id for _, fact in joined.feed.take(1000)]
    every = [fact.id for fact in demo.service.world.cluster("production").lines]
    assert not seen & set(after)
    assert seen | set(after) >= set(every[-200:])
    assert [seq for seq, _ in joined.feed.take(10)] == []


def test_one_who_comes_back_resumes_and_gets_no_snapshot() -> None:
    demo = Demo()
    first = demo.service.subscribe(Filter.of("metrics", "production"), None, nothing)
    demo.live(3)
    seen = [seq for seq, _ in first.feed.take(10)]
    position = first.feed.position
    demo.service.leave(first.feed)
    demo.live(60)
    again = demo.service.subscribe(Filter.of("metrics", "production"), position, nothing)
    assert (again.recovered, again.parts, again.position) == (True, [], position)
    assert [seq for seq, _ in again.feed.take(3)] == [seen[-1] + 1, seen[-1] + 2, seen[-1] + 3]


def test_one_who_comes_back_too_late_begins_anew() -> None:
    demo = Demo(ring=20)
    first = demo.service.subscribe(Filter.of("metrics", "production"), None, nothing)
    demo.service.leave(first.feed)
    demo.live(60)
    again = demo.service.subscribe(Filter.of("metrics", "production"), first.position, nothing)
    assert not again.recovered
    assert again.parts
    demo.service.leave(again.feed)
    demo.live(LINGER + 60)
    assert demo.service.stats()["streams"] == 0
    later = demo.service.subscribe(Filter.of("metrics", "production"), again.position, nothing)
    assert not later.recovered


def test_an_ending_is_called_once_also_when_it_is_over_already() -> None:
    demo = Demo()
    ended: list[str] = []
    operation = demo.service.act(demo.service.world.start_operation, "production", "restart", {"component": "loki"})
    demo.service.when_ended(operation, lambda: ended.append("a"))
    demo.live(2)
    assert ended == []
    demo.live(30)
    assert ended == ["a"]
    demo.service.when_ended(operation, lambda: ended.append("b"))
    assert ended == ["a", "b"]
    assert demo.service._endings == {}


def test_two_operators_never_share_an_epoch() -> None:
    assert Demo().service.epoch != Demo().service.epoch


def test_counts_are_told() -> None:
    demo = Demo(max_connections=1)
    demo.live(1)
    stats = demo.service.stats()
    assert stats["facts"] > 10
    assert (stats["websockets"], stats["event_streams"], stats["feeds"]) == (0, 0, 0)
    assert not demo.service.full
    demo.service.open["sse"] += 1
    assert demo.service.full


async def test_the_world_lives_until_it_is_cancelled() -> None:
    demo = Demo()
    demo.clock.now = START + 1
    task = asyncio.ensure_future(demo.service.run())
    await asyncio.sleep(0)
    assert demo.service.world.now == START + 1
    task.cancel()
    assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)


def _decoded(raw: msgspec.Raw) -> dict[str, object]:
    return dict(msgspec.json.decode(raw))
