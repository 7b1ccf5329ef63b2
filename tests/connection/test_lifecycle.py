"""The state machine: every pair of the table visited, every illegal one refused, and the page drawn from it true."""

from __future__ import annotations

import asyncio
import runpy
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.lifecycle import SERVING, SEVERITY, TRANSITIONS, State, Trigger, mermaid, step, table
from gunj_widgets.connection.status import Counters
from gunj_widgets.connection.supervisor import Supervisor
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.connection.verdict import Verdict
from gunj_widgets.errors import AuthError, GunjError, LocalProtocolError
from gunj_widgets.settings import ConnectionSettings
from gunj_widgets.testing import FakeClock, settle

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("state", "trigger"), list(product(State, Trigger)))
def test_every_pair_has_its_row(state: State, trigger: Trigger) -> None:
    after = TRANSITIONS[state, trigger]
    if after is None:
        with pytest.raises(LocalProtocolError, match=f"{state} cannot be {trigger}"):
            step(state, trigger)
    else:
        assert step(state, trigger) is after


def test_the_table_has_nothing_else() -> None:
    assert set(TRANSITIONS) == set(product(State, Trigger))


def test_every_state_can_be_reached_and_closed() -> None:
    reached = {State.IDLE}
    for _ in State:
        reached |= {after for (before, _), after in TRANSITIONS.items() if before in reached and after is not None}
    assert reached == set(State)
    assert all(TRANSITIONS[state, Trigger.CLOSE] for state in State)


def test_only_an_answer_makes_it_serve() -> None:
    ways = {(b, t, a) for (b, t), a in TRANSITIONS.items() if a in SERVING and a is not b}
    assert ways == {
        (State.CONNECTING, Trigger.OPENED, State.OPEN),
        (State.CONNECTING, Trigger.POLLED, State.POLLING),
    }


def test_closing_ends_closed() -> None:
    assert {a for (b, _), a in TRANSITIONS.items() if b is State.CLOSING} == {None, State.CLOSING, State.CLOSED}


def test_the_worst_is_ordered() -> None:
    assert set(SEVERITY) == set(State)
    assert (SEVERITY[0], SEVERITY[1], SEVERITY[-1]) == (State.OPEN, State.POLLING, State.FAILED)


def test_the_diagram_has_every_edge() -> None:
    edges = [(s, t, a) for (s, t), a in TRANSITIONS.items() if a not in (None, s)]
    assert mermaid().count("-->") == len(edges) + 1
    assert all(f"{s} --> {a}: {t}" in mermaid() for s, t, a in edges)
    assert table().count("\n") == len(State) + 1


def test_the_page_is_the_table() -> None:
    page = runpy.run_path(str(ROOT / "scripts" / "lifecycle.py"))["page"]
    assert (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8") == page(), "run: python scripts/lifecycle.py"


ENDS: list[Exception | None] = [
    None,
    Lost(1006, "cut"),
    Lost(4401, "token"),
    Lost(None, "ended"),
    Refused("network", "nobody"),
    Refused("status", "401", status=401),
    Refused("status", "403", status=403),
    Refused("status", "404", status=404),
    Refused("status", "503", status=503, headers={"Retry-After": "7"}),
    Refused("content", "a page"),
    Refused("protocol", "nonsense"),
    AuthError("no token"),
    GunjError("something of ours"),
]


class Life(RuleBasedStateMachine):
    """A real supervisor under anything that can happen to it, in any order: each step it took is one of the table."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.states = [State.IDLE]
        self.ended: asyncio.Future[Exception | None] | None = None
        self.refused_at_once: list[Exception | None] = []
        self.polls = False
        self.taken_over = False
        self.closed = False
        self.tokens = iter(range(10**6))
        self.supervisor = self.loop.run_until_complete(self._make())

    async def _make(self) -> Supervisor:
        return Supervisor(
            "life",
            self._attempt,
            auth=Auth(lambda: f"token-{next(self.tokens)}"),
            clock=self.clock,
            rng=Random(1),
            settings=ConnectionSettings(max_attempts=9),
            counters=Counters(),
            changed=lambda: self.states.append(self.supervisor.state),
            other_way=self._other_way,
        )

    def _other_way(self, verdict: Verdict) -> bool:
        return self.taken_over

    async def _attempt(self, supervisor: Supervisor) -> None:
        if self.refused_at_once:
            end = self.refused_at_once.pop()
            if end is not None:
                raise end
            return
        supervisor.reached()
        supervisor.polled() if self.polls else supervisor.opened()
        self.ended = self.loop.create_future()
        end = await self.ended
        if end is not None:
            raise end

    def _pass(self, seconds: float = 0.0) -> None:
        async def one() -> None:
            await self.clock.advance(seconds)
            for _ in range(20):  # a token is fetched on a thread
                await asyncio.sleep(0)
            await settle()

        self.loop.run_until_complete(one())

    @rule()
    def start(self) -> None:
        if not self.closed:
            self.loop.call_soon(self.supervisor.start)
            self._pass()

    @rule(end=st.sampled_from(ENDS))
    def it_ends(self, end: Exception | None) -> None:
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(end)
        else:
            self.refused_at_once.append(end)
        self._pass()

    @rule(seconds=st.sampled_from([0.1, 1.0, 7.0, 61.0]))
    def time_passes(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(polls=st.booleans(), taken_over=st.booleans())
    def the_world_changes(self, polls: bool, taken_over: bool) -> None:
        self.polls, self.taken_over = polls, taken_over

    @rule()
    def someone_asks_again(self) -> None:
        self.supervisor.wake()
        self._pass()

    @rule()
    def the_machine_slept(self) -> None:
        self.clock.jump(600.0)
        self.supervisor.probe()
        self._pass()

    @rule()
    def it_is_closed(self) -> None:
        self.closed = True
        self.loop.run_until_complete(self.supervisor.close())

    @invariant()
    def every_step_is_one_of_the_table(self) -> None:
        steps = {(b, a) for (b, _), a in TRANSITIONS.items() if a is not None}
        for before, after in zip(self.states, self.states[1:], strict=False):
            assert (before, after) in steps

    @invariant()
    def its_task_lives_until_it_is_closed(self) -> None:
        task = self.supervisor._task
        assert task is None or not task.done(), task
        assert not self.closed or self.supervisor.state is State.CLOSED

    def teardown(self) -> None:
        self.loop.run_until_complete(self.supervisor.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
