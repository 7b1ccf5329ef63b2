"""The states of a connection and what leads from one to the next, as a table. Pure.

`docs/lifecycle.md` is this table, drawn: `python scripts/lifecycle.py` writes it, a test compares.
"""

from __future__ import annotations

from enum import StrEnum

from gunj_widgets.errors import LocalProtocolError

__all__ = ["SERVING", "SEVERITY", "TRANSITIONS", "State", "Trigger", "mermaid", "step", "table"]


class State(StrEnum):
    """Where a connection stands. The reason is kept beside it, never in it."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
    POLLING = "polling"
    """Facts come, but only when we ask: nothing is streamed, and what happens between two looks is seen late."""
    WAITING = "waiting"
    CLOSING = "closing"
    CLOSED = "closed"
    FAILED = "failed"


class Trigger(StrEnum):
    """What happens to a connection."""

    START = "start"
    """Someone wants it: start(), or reconnect() after it failed or was closed."""
    OPENED = "opened"
    """The server answered and speaks our protocol."""
    POLLED = "polled"
    """The server answered a plain request; there is no stream."""
    LOST = "lost"
    """It broke or could not be made, and trying again makes sense."""
    REFUSED = "refused"
    """It broke or could not be made, and trying again does not."""
    DUE = "due"
    """The wait is over, or was cut short."""
    CLOSE = "close"
    """close() was called: final until asked again."""
    DONE = "done"
    """Everything is closed."""


S, T = State, Trigger
_NO = None
"""Illegal: a caller that does this has a bug, and `step` says so."""

# fmt: off
_COLUMNS = (   T.START,      T.OPENED, T.POLLED,  T.LOST,    T.REFUSED, T.DUE,        T.CLOSE,   T.DONE)
_ROWS: dict[State, tuple[State | None, ...]] = {
    S.IDLE:       (S.CONNECTING, _NO,      _NO,       _NO,       _NO,       _NO,          S.CLOSED,  _NO),
    S.CONNECTING: (_NO,          S.OPEN,   S.POLLING, S.WAITING, S.FAILED,  _NO,          S.CLOSING, _NO),
    S.OPEN:       (_NO,          _NO,      _NO,       S.WAITING, S.FAILED,  _NO,          S.CLOSING, _NO),
    S.POLLING:    (_NO,          _NO,      S.POLLING, S.WAITING, S.FAILED,  _NO,          S.CLOSING, _NO),
    S.WAITING:    (_NO,          _NO,      _NO,       _NO,       S.FAILED,  S.CONNECTING, S.CLOSING, _NO),
    S.CLOSING:    (_NO,          _NO,      _NO,       _NO,       _NO,       _NO,          S.CLOSING, S.CLOSED),
    S.CLOSED:     (S.CONNECTING, _NO,      _NO,       _NO,       _NO,       _NO,          S.CLOSED,  S.CLOSED),
    S.FAILED:     (S.CONNECTING, _NO,      _NO,       _NO,       _NO,       _NO,          S.CLOSED,  _NO),
}
# fmt: on
TRANSITIONS: dict[tuple[State, Trigger], State | None] = {
    (state, trigger): after for state, row in _ROWS.items() for trigger, after in zip(_COLUMNS, row, strict=True)
}
"""Every pair of state and trigger has its row; None = illegal."""

SEVERITY = (S.OPEN, S.POLLING, S.IDLE, S.CLOSED, S.CLOSING, S.CONNECTING, S.WAITING, S.FAILED)
"""From best to worst: the session shows the worst of the transports it needs."""

SERVING = frozenset({S.OPEN, S.POLLING})
"""The states in which facts come in, soon or late."""


def step(state: State, trigger: Trigger) -> State:
    """Return the state that follows; LocalProtocolError where the table says that none does."""
    after = TRANSITIONS[state, trigger]
    if after is None:
        raise LocalProtocolError(f"a connection that is {state} cannot be {trigger}")
    return after


def mermaid() -> str:
    """Return the table as a mermaid state diagram; what leads from a state to itself is left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.IDLE}"]
    lines += [
        f"    {state} --> {after}: {trigger}"
        for (state, trigger), after in TRANSITIONS.items()
        if after not in (None, state)
    ]
    return "\n".join(lines)


def table() -> str:
    """Return the table as markdown: a row for each state, a column for each trigger, – where it is illegal."""
    lines = [
        f"| state | {' | '.join(Trigger)} |",
        f"|---|{'---|' * len(Trigger)}",
        *(
            f"| **{state}** | {' | '.join(TRANSITIONS[state, trigger] or '–' for trigger in Trigger)} |"
            for state in State
        ),
    ]
    return "\n".join(lines)
