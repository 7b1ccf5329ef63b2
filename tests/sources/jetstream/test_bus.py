"""The connection is made again whenever it ends, at a pace, and not where that makes no sense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import AuthError, ConnectError, SetupError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.bus import Bus
from gunj_widgets.sources.jetstream.link import Link
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import FakeClock
from tests.sources.jetstream.fake import FakeServer


class Rig:
    def __init__(self, token: object = None) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock)
        self.used: list[Link] = []
        self.states: list[State] = []
        self.fail: Exception | None = None
        self.bus = Bus(
            Source(url="nats://127.0.0.1:4222", token=token),  # type: ignore[arg-type]
            Settings(),
            use=self._use,
            changed=lambda: self.states.append(self.bus.status().state),
            clock=self.clock,
            rng=Random(1),
            dial=self.server.dial,
        )
        self.task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        self.task = asyncio.ensure_future(self.bus.run())
        await self.clock.advance(0)

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _use(self, link: Link) -> None:
        self.used.append(link)
        if self.fail is not None:
            raise self.fail


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    yield made
    await made.end()


async def test_it_opens_and_says_so(rig: Rig) -> None:
    await rig.run()
    assert rig.bus.link is rig.used[0]
    assert rig.states[-1] is State.OPEN
    assert rig.bus.answered.is_set()
    assert rig.bus.version == "2.9.10"


async def test_after_a_cut_it_is_back_within_two_seconds(rig: Rig) -> None:
    await rig.run()
    await rig.clock.advance(5)
    rig.server.cut()
    await rig.clock.advance(0)
    assert rig.bus.link is None
    assert rig.bus.status().state is State.WAITING
    assert rig.bus.status().reason == "the server hung up"
    assert rig.bus.status().retry_at is not None
    await rig.clock.advance(2)
    assert rig.bus.link is rig.used[1]
    assert rig.bus.reconnects == 1


async def test_while_nobody_answers_it_tries_about_once_a_second(rig: Rig) -> None:
    await rig.run()
    await rig.clock.advance(5)
    rig.server.refusing = ConnectError("nobody there")
    rig.server.cut()
    await rig.clock.advance(0)
    before = len(rig.states)
    for _ in range(60):
        await rig.clock.advance(1)
    tries = rig.states[before:].count(State.CONNECTING)
    assert 30 <= tries <= 90
    rig.server.refusing = None
    await rig.clock.advance(2)
    assert rig.bus.link is not None


async def test_who_lets_us_in_and_hangs_up_is_not_dialled_on_and_on(rig: Rig) -> None:
    await rig.run()
    for _ in range(600):
        await rig.clock.advance(0.1)
        rig.server.cut()
    assert len(rig.used) <= 15


async def test_where_it_cannot_be_set_up_it_is_tried_again(rig: Rig) -> None:
    rig.fail = ConnectError("there is no stream", "Start a relay.")
    await rig.run()
    assert rig.bus.link is None
    assert (rig.bus.status().reason, rig.bus.status().remedy) == ("there is no stream", "Start a relay.")
    rig.fail = None
    await rig.clock.advance(2)
    assert rig.bus.link is not None


@pytest.mark.parametrize("error", [AuthError("not let in", status=401), SetupError("no nats-py", "pip install")])
async def test_what_trying_again_does_not_help_waits_for_a_person(rig: Rig, error: Exception) -> None:
    rig.server.refusing = error
    await rig.run()
    await rig.clock.advance(60)
    assert rig.bus.status().state is State.FAILED
    assert rig.states.count(State.CONNECTING) == 1
    rig.server.refusing = None
    rig.bus.wake()
    await rig.clock.advance(0)
    assert rig.bus.link is not None


async def test_a_token_that_is_refused_is_renewed() -> None:
    tokens = iter(["old", "new"])

    async def token() -> str:
        return next(tokens)

    rig = Rig(token=token)
    seen: list[str | None] = []
    dial = rig.server.dial

    async def strict(source: Source, settings: Settings, token: str | None) -> Link:
        seen.append(token)
        if token != "new":
            raise AuthError("not let in", status=401)
        return await dial(source, settings, token)

    rig.bus._dial = strict
    await rig.run()
    await rig.clock.advance(3)
    assert seen == ["old", "new"]
    assert rig.bus.link is not None
    await rig.end()


async def test_a_fault_of_ours_is_shown_and_ends_nothing(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.fail = ZeroDivisionError("oops")
    await rig.run()
    assert "ZeroDivisionError" in rig.bus.status().reason
    assert "a connection to NATS failed" in caplog.text
    rig.fail = None
    await rig.clock.advance(2)
    assert rig.bus.link is not None
