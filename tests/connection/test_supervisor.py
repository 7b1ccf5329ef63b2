"""Supervisor: attempt, judge, wait, again. What the manager's tests do not reach."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.keepalive import Heart
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import Counters
from gunj_widgets.connection.supervisor import OTHER_WAY_DELAY, Supervisor
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.errors import AuthError
from gunj_widgets.settings import ConnectionSettings
from gunj_widgets.testing import FakeClock, settle

Attempt = Callable[[Supervisor], Awaitable[None]]


class Given:
    """One supervisor whose attempts end as the list says; after the last end it stays open."""

    def __init__(self, *ends: Exception | None, auth: Auth | None = None, other_way: bool = False) -> None:
        self.clock = FakeClock()
        self.ends = list(ends)
        self.dials: list[float] = []
        self.counters = Counters()
        self.end: asyncio.Future[None]
        """What ends an attempt that is open."""
        self.states: list[State] = []
        self.supervisor = Supervisor(
            "test",
            self.attempt,
            auth=auth or Auth(),
            clock=self.clock,
            rng=Random(1),
            settings=ConnectionSettings(),
            counters=self.counters,
            changed=lambda: self.states.append(self.supervisor.state),
            other_way=lambda verdict: other_way,
        )

    async def attempt(self, supervisor: Supervisor) -> None:
        self.dials.append(self.clock.time())
        if self.ends:
            end = self.ends.pop(0)
            if end is None:
                return
            raise end
        supervisor.reached()
        supervisor.opened()
        self.end = asyncio.get_running_loop().create_future()
        await self.end


@pytest.fixture(autouse=True)
async def _no_tasks_left() -> object:
    before = asyncio.all_tasks()
    yield
    await settle()
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in left:
        task.cancel()
    return


@pytest.mark.parametrize(
    "end",
    [
        Lost(1006, ""),
        Refused("network", "x"),
        None,
        ValueError("a fault of ours"),
        AuthError("token function"),
        Lost(None, ""),
    ],
)
async def test_whatever_ends_it_it_is_tried_again(end: Exception | None, caplog: pytest.LogCaptureFixture) -> None:
    given = Given(end)
    given.supervisor.start()
    given.supervisor.start()
    await settle()
    assert given.supervisor.state is State.WAITING
    assert given.supervisor.reason
    assert ("unexpected error" in caplog.text) == isinstance(end, ValueError)
    await given.clock.advance(2.0)
    assert given.supervisor.state is State.OPEN
    assert given.supervisor.reason == ""
    await given.supervisor.close()


async def test_failed_stays_failed_until_someone_asks() -> None:
    given = Given(Refused("status", "no", status=403))
    given.supervisor.start()
    await given.clock.advance(3600.0)
    assert given.supervisor.state is State.FAILED
    assert len(given.dials) == 1
    given.supervisor.wake()
    await settle()
    assert given.supervisor.state is State.OPEN
    await given.supervisor.close()


async def test_where_another_way_serves_it_looks_again_once_a_minute() -> None:
    given = Given(*(Refused("status", "no", status=404) for _ in range(5)), other_way=True)
    given.supervisor.start()
    await given.clock.advance(6 * OTHER_WAY_DELAY)
    assert [b - a for a, b in zip(given.dials, given.dials[1:], strict=False)] == pytest.approx([OTHER_WAY_DELAY] * 5)
    await given.supervisor.close()


async def test_a_renewed_token_is_used_at_once_and_a_second_refusal_is_final() -> None:
    given = Given(Lost(4401, ""), auth=Auth(iter(["one", "two"]).__next__))
    given.supervisor.start()
    for _ in range(200):
        await asyncio.sleep(0.005)  # the token function runs on a thread
        if given.supervisor.state is State.OPEN:
            break
    assert given.supervisor.state is State.OPEN
    assert given.dials[0] == given.dials[1]
    await given.supervisor.close()


async def test_a_token_in_a_reason_is_hidden() -> None:
    auth = Auth("canary-123")
    await auth.token()
    given = Given(Lost(1011, "bad token canary-123"), auth=auth)
    given.supervisor.start()
    await settle()
    assert given.supervisor.reason == "bad token ***"
    await given.supervisor.close()


async def test_reconnects_are_counted_attempts_are_not() -> None:
    given = Given(Lost(1006, ""), Lost(1006, ""))
    given.supervisor.start()
    await given.clock.advance(20.0)
    assert (given.counters.reconnects, given.supervisor.opens, given.supervisor.attempts) == (0, 1, 2)
    await given.supervisor.close()


async def test_the_guard_ends_a_silent_reader_and_leaves_no_task() -> None:
    given = Given()
    before = asyncio.all_tasks()
    heart = Heart(10.0, 10.0, given.clock.monotonic(), pings=True)
    pinged: list[float] = []

    async def ping() -> None:
        pinged.append(given.clock.time())
        await asyncio.Event().wait()

    async def silence() -> None:
        await asyncio.Event().wait()

    guarded = asyncio.ensure_future(given.supervisor.guard(silence(), heart, ping))
    await given.clock.advance(21.0)
    with pytest.raises(Lost, match="no sign of life"):
        await guarded
    assert len(pinged) == 1
    await settle()
    assert asyncio.all_tasks() - {guarded} <= before


async def test_the_guard_keeps_no_ping_that_is_over() -> None:
    given = Given()
    heart = Heart(10.0, 10.0, given.clock.monotonic(), pings=True)
    over: list[weakref.ref[asyncio.Task[None]]] = []

    async def ping() -> None:
        task = asyncio.current_task()
        assert task is not None
        over.append(weakref.ref(task))
        heart.heard()

    async def silence() -> None:
        await asyncio.Event().wait()

    guarded = asyncio.ensure_future(given.supervisor.guard(silence(), heart, ping))
    await given.clock.advance(100.0)
    gc.collect()
    assert len(over) >= 9
    assert sum(ref() is not None for ref in over) <= 1
    guarded.cancel()
    await asyncio.gather(guarded, return_exceptions=True)


async def test_a_way_that_has_worked_is_not_given_up_for_one_cut_handshake() -> None:
    given = Given(other_way=True)
    given.supervisor.start()
    await settle()
    given.ends = [Refused("protocol", "hung up"), Refused("protocol", "hung up")]
    given.end.set_result(None)
    await given.clock.advance(15.0)
    assert len(given.dials) == 4
    assert given.supervisor.state is State.OPEN
    await given.supervisor.close()


async def test_what_the_token_before_opened_is_opened_again_at_once() -> None:
    tokens = iter(["first", "second"])
    auth = Auth(lambda: next(tokens))
    await auth.token()
    given = Given(auth=auth)
    given.supervisor.start()
    await settle()
    await auth.renew()
    given.end.set_result(None)
    await given.clock.advance(0.01)
    assert given.dials[-1] == pytest.approx(given.dials[0], abs=0.01)
    assert len(given.dials) == 2
    await given.supervisor.close()


async def test_a_source_that_says_no_for_good_ends_it() -> None:
    def source() -> str:
        raise AuthError("logged out", "Log in again.", status=401)

    given = Given(auth=Auth(source))
    given.supervisor.start()
    for _ in range(200):  # the function runs on a thread
        await asyncio.sleep(0.005)
        if given.supervisor.state is State.FAILED:
            break
    assert (given.supervisor.state, given.supervisor.reason) == (State.FAILED, "logged out")
    assert given.dials == []
    await given.supervisor.close()
