"""BackpressureMonitor: the feed's own readings and every count, once a second while somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import gunj_widgets as gunj
from gunj_widgets.testing import settle
from gunj_widgets.widgets.base import room
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.pressure import HISTORY, PressureChannel
from tests.session.conftest import Rig
from tests.widgets.stub import StubFeed, StubSession


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.do(made.operator.platform, "production", namespace="observability", phase="Ready")
    yield made
    made.session.shut()


@pytest.fixture
def channel() -> PressureChannel:
    return PressureChannel("pressure:1", StubFeed(), StubSession())  # type: ignore[arg-type]


def test_what_a_look_tells(channel: PressureChannel) -> None:
    channel.source.readings = {"fps": 59.0, "paint": 0.004, "lag": 0.002, "cpu": 0.1, "memory": None, "unacked": 1}
    body = channel.snap(Buffers(), 100.0)
    assert body["readings"]["fps"] == 59.0
    assert (body["rate"], body["minRate"], body["maxRate"]) == (100.0, 50.0, 200.0)
    assert body["counts"]["received"] == 3
    assert {"stored", "malformed", "dropped", "conflated", "envelopes", "gap", "reset"} <= body["counts"].keys()
    assert {"handler_dropped", "handler_errors", "handler_timeouts", "handler_blocked"} <= body["counts"].keys()
    assert body["history"]["lagMs"] == [2.0]
    assert body["history"]["atMs"] == [100_000]


def test_what_comes_in_is_measured_between_looks(channel: PressureChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert channel.snap(Buffers(), 100.0)["incoming"] == 0.0  # nothing to compare with yet
    stats = channel.session.stats()
    stats.counts["received"] = 203
    monkeypatch.setattr(channel.session, "stats", lambda: stats)
    assert channel.snap(Buffers(), 104.0)["incoming"] == 50.0


def test_the_history_is_bounded(channel: PressureChannel) -> None:
    body: dict[str, Any] = {}
    for second in range(HISTORY + 50):
        body = channel.snap(Buffers(), 100.0 + second)
    assert {len(column) for column in body["history"].values()} == {HISTORY}
    assert body["history"]["atMs"][0] == 150_000


def test_the_pace_and_what_was_conflated_are_told_by_the_session_and_in_frozen_output(rig: Rig) -> None:
    monitor = gunj.BackpressureMonitor(rig.session)
    feed = room(rig.session).feed
    before = rig.session.stats()["conflated"]
    for _ in range(3):
        rig.do(feed.pressure.offer, "one", now=0.0, key="one")
    stats, still = rig.session.stats(), monitor.still()
    assert stats["conflated"] >= before + 2
    assert stats.rate == feed.pressure.rate
    assert dict(still.rows)["conflated"] >= before + 2  # type: ignore[call-overload]
    assert f"at {stats.rate:g} updates a second" in still.words
    monitor.close()


async def test_it_looks_again_by_itself_until_it_is_closed(channel: PressureChannel) -> None:
    channel.open()
    await settle()
    assert channel.feed.marks == 1  # type: ignore[attr-defined]
    channel.close()
    await settle()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "gunj-pressure"]
