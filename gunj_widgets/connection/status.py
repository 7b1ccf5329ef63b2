"""What can be asked about a connection: its status, its counts. Immutable snapshots."""

from __future__ import annotations

import msgspec

from gunj_widgets.connection.lifecycle import SEVERITY, State

__all__ = ["ConnectionStats", "ConnectionStatus", "Counters", "TransportStatus"]


class TransportStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One transport. `since`, `retry_at` and `last_byte` are epoch seconds; None where there is nothing to tell."""

    name: str
    state: State
    reason: str = ""
    remedy: str = ""
    since: float
    retry_at: float | None = None
    attempt: int = 0
    last_byte: float | None = None
    silent: bool = False
    """Whether it is open and has said nothing for longer than it should: the peer may be gone, and soon counts as gone."""


class ConnectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The whole connection: `state` is the worst of the transports it needs, with that one's reason and countdown.

    `latency` is the last ping's round trip in seconds, `last_heartbeat` the server's last heartbeat in epoch seconds.
    """

    state: State
    reason: str = ""
    remedy: str = ""
    since: float
    retry_at: float | None = None
    attempt: int = 0
    transports: tuple[TransportStatus, ...] = ()
    latency: float | None = None
    last_heartbeat: float | None = None
    server: str = ""

    @property
    def silent_since(self) -> float | None:
        """Since when nothing was heard on a transport that is open, in epoch seconds; None while each is heard in time."""
        quiet = (t.since if t.last_byte is None else t.last_byte for t in self.transports if t.silent)
        return min(quiet, default=None)

    @classmethod
    def of(cls, transports: tuple[TransportStatus, ...], server: str) -> ConnectionStatus:
        """Return the whole from its parts: the worst of them, the first where several are as bad."""
        worst = max(transports, key=lambda one: SEVERITY.index(one.state))
        return cls(
            state=worst.state,
            reason=worst.reason,
            remedy=worst.remedy,
            since=worst.since,
            retry_at=worst.retry_at,
            attempt=worst.attempt,
            transports=transports,
            server=server,
        )


FATES = ("delivered", "control", "duplicate", "malformed", "early", "gap", "unasked")
"""What can become of a message; each has exactly one of these."""


class ConnectionStats(msgspec.Struct, frozen=True):
    """Every count since the manager was made, each under its own name; `last_problem`: what was last skipped."""

    counts: dict[str, int]
    last_problem: str = ""

    @property
    def unaccounted(self) -> int:
        """Messages received, and resets made here, less those whose fate was counted: 0, or something vanished."""
        return self.counts["received"] + self.counts["reset"] - sum(self.counts[fate] for fate in FATES)


class Counters:
    """The counts while they run. Written on gunj-io only."""

    def __init__(self) -> None:
        self.received = 0
        """Messages read off the network: live facts, those inside snapshots and polled answers, control messages."""
        self.delivered = 0
        """Handed on, resets that were made here included."""
        self.control = 0
        """Control messages understood: welcome, subscribed, snapshot, heartbeat …"""
        self.duplicate = 0
        self.malformed = 0
        self.oversize = 0
        """Messages past a bound, skipped."""
        self.early = 0
        """Messages of a subscription that is being asked for anew; the server sends them again."""
        self.unasked = 0
        """Messages of a subscription nobody holds any more."""
        self.gap = 0
        """Messages after a hole in their numbering, put aside: the server is asked for all from the hole on."""
        self.reset = 0
        """Times a hole could not be filled and a snapshot took its place."""
        self.reconnects = 0
        self.bytes = 0
        self.errors = 0
        """Faults inside the receiver of events; they cost those events, not the connection."""
        self.last_problem = ""

    def problem(self, text: str) -> None:
        self.last_problem = text[:200]

    def snapshot(self) -> ConnectionStats:
        counts = {name: value for name, value in vars(self).items() if isinstance(value, int)}
        return ConnectionStats(counts, self.last_problem)
