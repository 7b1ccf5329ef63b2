"""The state machine: every cell of the table visited, every other one refused."""

from __future__ import annotations

from itertools import product

import pytest

from gunj_widgets.connection.lifecycle import SEVERITY, TRANSITIONS, State, Trigger, mermaid, step
from gunj_widgets.errors import LocalProtocolError


@pytest.mark.parametrize(("state", "trigger"), list(product(State, Trigger)))
def test_every_cell(state: State, trigger: Trigger) -> None:
    after = TRANSITIONS[state].get(trigger)
    if after is None:
        with pytest.raises(LocalProtocolError, match=f"{state} cannot be {trigger}"):
            step(state, trigger)
    else:
        assert step(state, trigger) is after


def test_every_state_can_be_reached_and_closed() -> None:
    reached = {State.IDLE}
    for _ in State:
        reached |= {after for state in reached for after in TRANSITIONS[state].values()}
    assert reached == set(State)
    assert all(Trigger.CLOSE in row for row in TRANSITIONS.values())


def test_nothing_but_open_is_open_and_closing_ends_closed() -> None:
    assert [s for s in State if TRANSITIONS[s].get(Trigger.OPENED)] == [State.CONNECTING]
    assert set(TRANSITIONS[State.CLOSING].values()) == {State.CLOSING, State.CLOSED}


def test_the_worst_is_ordered() -> None:
    assert set(SEVERITY) == set(State)
    assert (SEVERITY[0], SEVERITY[-1]) == (State.OPEN, State.FAILED)


def test_the_diagram_has_every_edge() -> None:
    diagram = mermaid()
    edges = [(s, t, a) for s, row in TRANSITIONS.items() for t, a in row.items() if a is not s]
    assert diagram.count("-->") == len(edges) + 1
    assert all(f"{s} --> {a}: {t}" in diagram for s, t, a in edges)
