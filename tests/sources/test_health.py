"""The state of one source, from what became of requests and from our own looks."""

from __future__ import annotations

import asyncio

import pytest

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import AuthError, ConnectError
from gunj_widgets.sources.health import EVERY, SourceHealth
from gunj_widgets.testing import FakeClock


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.error: ConnectError | None = None
        self.probes = 0
        self.changes: list[State] = []
        self.health = SourceHealth("Prometheus", self.probe, self.clock, self.changed)
        self.task: asyncio.Task[None] | None = None

    async def advance(self, seconds: float = 0.0) -> None:
        if self.task is None:
            self.task = asyncio.ensure_future(self.health.run())
        await self.clock.advance(seconds)

    def changed(self) -> None:
        self.changes.append(self.health.status().state)

    async def probe(self) -> str:
        self.probes += 1
        if self.error is not None:
            if self.error.status is None:
                self.health.told(self.error)
            raise self.error
        return "2.42.0"


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_it_opens_once_the_probe_has_passed(rig: Rig) -> None:
    assert rig.health.status().state is State.CONNECTING
    await rig.advance()
    assert rig.health.status().state is State.OPEN
    assert rig.health.version == "2.42.0"
    assert rig.changes == [State.OPEN]


async def test_it_waits_while_nobody_answers_and_comes_back_by_itself(rig: Rig) -> None:
    rig.error = ConnectError("nothing listens", "Start it.")
    await rig.advance(60)
    status = rig.health.status()
    assert (status.state, status.reason, status.remedy) == (State.WAITING, "nothing listens", "Start it.")
    assert 4 <= rig.probes <= 12  # it asks more and more rarely
    rig.error = None
    await rig.advance(20)
    assert rig.health.status().state is State.OPEN
    assert rig.changes == [State.WAITING, State.OPEN]


async def test_what_answers_but_is_something_else_has_failed_and_is_seldom_asked(rig: Rig) -> None:
    rig.error = ConnectError("no Prometheus", "Check the address.", status=200)
    await rig.advance(25)
    assert rig.health.status().state is State.FAILED
    assert rig.probes == 3
    rig.health.told(None)  # an answer is no proof that it is one of ours
    assert rig.health.status().state is State.FAILED


async def test_requests_tell_too(rig: Rig) -> None:
    await rig.advance()
    rig.health.told(ConnectError("gone"))
    assert rig.health.status().state is State.WAITING
    assert rig.health.failures == 1
    rig.health.told(None)
    assert rig.health.status().state is State.OPEN
    rig.health.told(AuthError("no", status=401))
    assert rig.health.status().state is State.FAILED


async def test_a_silent_source_is_looked_at(rig: Rig) -> None:
    await rig.advance(3 * EVERY + 1)
    assert rig.probes == 4


async def test_wake_looks_at_once(rig: Rig) -> None:
    await rig.advance(1)
    rig.health.wake()
    await rig.advance()
    assert rig.probes == 2
