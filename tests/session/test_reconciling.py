"""What ended unheard is told late: only of our own sources, only once they have told all, and only when it is sure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import ConnectError
from gunj_widgets.events.event import Event
from gunj_widgets.session.reconciling import LOOK, Reconciler
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.sources.jetstream.publisher import message_of
from gunj_widgets.sources.jetstream.streams import STATE
from gunj_widgets.store.store import Store
from gunj_widgets.testing import FakeClock
from tests.sources.jetstream.fake import FakeServer


class Upstream:
    """A session as a relay sees it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.state = State.OPEN
        self.store = Store(RetentionSettings())
        self.synced = asyncio.Event()
        self.synced.set()
        self.failed = False
        self.manager = SimpleNamespace(wait_open=self._open, wait_synced=self._synced)

    def status(self) -> Any:
        return SimpleNamespace(state=self.state)

    async def _open(self) -> None:
        if self.failed:
            raise ConnectError("not let in")

    async def _synced(self, interest: object) -> None:
        await self.synced.wait()


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock)
        self.server.stream(STATE, newest_only=True)
        self.upstream = Upstream("gunj:443")
        self.told: list[tuple[Event, str]] = []
        self.reconciler = Reconciler([self.upstream], self._offer, self.clock)  # type: ignore[list-item]
        self.task: asyncio.Task[None] | None = None

    def _offer(self, events: list[Event], origin: str) -> None:
        self.told += [(event, origin) for event in events]

    async def begin(self) -> None:
        await self.reconciler.attach(await self.server.dial(None, None, None))  # type: ignore[arg-type]
        self.task = asyncio.ensure_future(self.reconciler.run())
        await self.clock.advance(0)

    async def put(self, event: Event, origin: str = "gunj:443") -> None:
        message = message_of(event, origin)
        assert message is not None
        await self.server.stream(STATE).add(message.subject, message.data, self.clock.time())

    async def looks(self, count: int) -> None:
        for _ in range(count):
            for consumer in list(self.server.stream(STATE).consumers):
                await consumer.heartbeat()
            for _ in range(int(LOOK)):
                await self.clock.advance(1)
                for consumer in list(self.server.stream(STATE).consumers):
                    await consumer.heartbeat()


def firing(name: str = "f1") -> Event:
    return Event(topic=f"alert.{name}.firing", data={"fingerprint": name, "status": "firing", "name": "DiskFull"})


def platform(id: str = "p") -> Event:
    return Event(topic=f"platform.{id}.status", data={"id": id, "name": id, "phase": "Ready"})


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    yield made
    if made.task is not None:
        made.task.cancel()
        await asyncio.gather(made.task, return_exceptions=True)


async def test_an_alert_and_a_platform_that_are_gone_are_ended(rig: Rig) -> None:
    await rig.put(firing())
    await rig.put(platform())
    await rig.begin()
    await rig.looks(1)
    assert rig.told == [], "once is not sure: the news may be on its way"
    await rig.looks(2)
    (alert, origin), (gone, _) = sorted(rig.told, key=lambda one: one[0].topic)
    assert (alert.topic, origin) == ("alert.f1.resolved", "gunj:443")
    assert (alert.data["status"], alert.data["name"]) == ("resolved", "DiskFull")
    assert alert.data["endsAt"] > 0
    assert (gone.topic, gone.data) == ("platform.p.deleted", {"id": "p"})
    await rig.looks(3)
    assert len(rig.told) == 2, "each once"


async def test_what_is_still_there_stays(rig: Rig) -> None:
    rig.upstream.store.apply_many([firing(), platform()], rig.clock.time())
    await rig.put(firing())
    await rig.put(platform())
    await rig.begin()
    await rig.looks(4)
    assert rig.told == []


async def test_what_others_said_is_theirs(rig: Rig) -> None:
    await rig.put(firing(), "elsewhere:443")
    await rig.put(firing("f2"), "")
    await rig.begin()
    await rig.looks(4)
    assert rig.told == []


async def test_what_ended_by_itself_is_not_ended_again(rig: Rig) -> None:
    await rig.put(firing())
    await rig.begin()
    await rig.looks(1)
    await rig.put(Event(topic="alert.f1.resolved", data={"fingerprint": "f1", "status": "resolved"}))
    await rig.looks(3)
    assert rig.told == []


async def test_before_a_source_has_told_all_nothing_is_compared(rig: Rig) -> None:
    rig.upstream.synced.clear()
    await rig.put(firing())
    await rig.begin()
    await rig.looks(4)
    assert rig.told == []
    rig.upstream.synced.set()
    await rig.looks(3)
    assert len(rig.told) == 1


@pytest.mark.parametrize("state", [State.WAITING, State.FAILED, State.CLOSED])
async def test_while_a_source_is_away_nothing_is_compared(rig: Rig, state: State) -> None:
    rig.upstream.state = state
    await rig.put(firing())
    await rig.begin()
    await rig.looks(4)
    assert rig.told == []


async def test_a_source_that_failed_for_good_is_never_compared_with(rig: Rig) -> None:
    rig.upstream.failed = True
    await rig.put(firing())
    await rig.begin()
    await rig.looks(4)
    assert rig.told == []


async def test_without_the_shared_history_nothing_is_compared(rig: Rig) -> None:
    await rig.put(firing())
    await rig.begin()
    rig.server.cut()
    await rig.clock.advance(10 * LOOK)
    assert rig.told == []


async def test_nonsense_in_the_history_is_passed_over(rig: Rig) -> None:
    await rig.server.stream(STATE).add("gunj.v1.alert.x.firing", b"not json", rig.clock.time())
    await rig.put(firing())
    await rig.begin()
    await rig.looks(3)
    assert [event.topic for event, _ in rig.told] == ["alert.f1.resolved"]


async def test_who_begins_can_wait_until_all_is_told(rig: Rig) -> None:
    rig.upstream.synced.clear()
    await rig.begin()
    waiting = asyncio.ensure_future(rig.reconciler.complete(5.0))
    await rig.clock.advance(0)
    assert not waiting.done()
    rig.upstream.synced.set()
    await rig.clock.advance(0)
    assert waiting.done()
    rig.reconciler._complete.clear()
    await rig.reconciler.complete(0.0)  # not for ever
