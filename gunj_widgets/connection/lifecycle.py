"""The states of a connection and what leads from one to the next, as a table. Pure."""

from __future__ import annotations

from enum import StrEnum

from gunj_widgets.errors import LocalProtocolError

__all__ = ["SEVERITY", "TRANSITIONS", "State", "Trigger", "mermaid", "step"]


class State(StrEnum):
    """Where a connection stands. The reason is kept beside it, never in it."""

    IDLE = "idle"
    CONNECTING = "connecting"
    OPEN = "open"
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

TRANSITIONS: dict[State, dict[Trigger, State]] = {
    S.IDLE: {T.START: S.CONNECTING, T.CLOSE: S.CLOSED},
    S.CONNECTING: {T.OPENED: S.OPEN, T.LOST: S.WAITING, T.REFUSED: S.FAILED, T.CLOSE: S.CLOSING},
    S.OPEN: {T.LOST: S.WAITING, T.REFUSED: S.FAILED, T.CLOSE: S.CLOSING},
    S.WAITING: {T.DUE: S.CONNECTING, T.REFUSED: S.FAILED, T.CLOSE: S.CLOSING},
    S.CLOSING: {T.DONE: S.CLOSED, T.CLOSE: S.CLOSING},
    S.CLOSED: {T.START: S.CONNECTING, T.CLOSE: S.CLOSED, T.DONE: S.CLOSED},
    S.FAILED: {T.START: S.CONNECTING, T.CLOSE: S.CLOSED},
}
"""Every cell that is not here is illegal."""

SEVERITY = (S.OPEN, S.IDLE, S.CLOSED, S.CLOSING, S.CONNECTING, S.WAITING, S.FAILED)
"""From best to worst: the session shows the worst of the transports it needs."""


def step(state: State, trigger: Trigger) -> State:
    """Return the state that follows; LocalProtocolError where the table has no such cell."""
    try:
        return TRANSITIONS[state][trigger]
    except KeyError:
        raise LocalProtocolError(f"a connection that is {state} cannot be {trigger}") from None


def mermaid() -> str:
    """Return the table as a mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.IDLE}"]
    for state, row in TRANSITIONS.items():
        lines += [f"    {state} --> {after}: {trigger}" for trigger, after in row.items() if after is not state]
    return "\n".join(lines)
