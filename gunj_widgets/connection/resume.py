"""Where a subscription stands, and what to make of the next message: in order, a duplicate, or after a gap. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import islice

import msgspec

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event

__all__ = ["MAX_TRIES", "Admit", "Phase", "Position", "RecentIds", "Reset", "Track"]

MAX_TRIES = 3
"""Times the server is asked again for what is missing, before it is given up and reported."""


class Admit(IntEnum):
    """What becomes of a message."""

    DELIVER = 0
    DUPLICATE = 1
    GAP = 2
    """Something before it is missing: ask again from the position."""
    EARLY = 3
    """It belongs to a subscription that is just being asked for anew; the server will send it again."""


class Phase(IntEnum):
    """How far a subscription has come on its present connection."""

    OFF = 0
    ASKED = 1
    SNAPSHOT = 2
    LIVE = 3


_DELIVER, _LIVE = Admit.DELIVER, Phase.LIVE  # looked up once: this is asked for every message


class Position(msgspec.Struct, gc=False):
    """A place in a stream: `seq` within `epoch`. As text `epoch:seq`, which is what travels. A track moves its own on."""

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Position:
        epoch, colon, seq = text.rpartition(":")
        if not colon or not epoch or not seq.isascii() or not seq.isdigit() or len(seq) > 18:
            raise RemoteProtocolError(f"a position is epoch:seq, not {text[:40]!a}")
        return cls(epoch, int(seq))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"


class Reset(msgspec.Struct, frozen=True, kw_only=True):
    """A hole that cannot be filled: from which position to which, and between which epoch seconds."""

    before: str | None
    after: str | None
    since: float
    until: float


class Track:
    """One subscription's place, kept over reconnects and over changes of transport.

    It delivers `seq` 1, 2, 3 … once each. Messages without `seq` (the legacy dialect) are always delivered.
    """

    def __init__(self) -> None:
        self.phase = Phase.OFF
        self.position: Position | None = None
        self.last: float | None = None
        """Epoch seconds at which the last message of this subscription arrived; None before the first."""
        self.tries = 0
        self.synced = False
        """Whether a snapshot has come to its end, or a resume was acknowledged, at least once."""
        self.polled: RecentIds | None = None
        """What polling brought, as long as a stream may bring it once more."""
        self.polled_at = 0.0
        self._pending: Position | None = None
        self._owner: object = None
        self._given_up = False

    @property
    def since(self) -> str | None:
        """What to resume from."""
        return None if self.position is None or self._given_up else str(self.position)

    def asked(self, owner: object = None) -> None:
        """Note that the server was asked for this by the transport `owner`; until it answers nothing counts."""
        self.phase = Phase.ASKED
        self._owner = owner

    def off(self, owner: object = None) -> None:
        """Note that the owner's connection is gone, unless another transport has taken over meanwhile."""
        if self._owner is owner:
            self.phase = Phase.OFF

    def subscribed(self, position: str | None, recovered: bool, now: float) -> Reset | None:
        """Take the server's answer; a Reset where it could not go on from where we were."""
        if recovered:
            self.phase = Phase.LIVE
            self.synced = True
            if self.position is None and position:
                self.position = Position.parse(position)
            return None
        self.phase = Phase.SNAPSHOT
        self._pending = Position.parse(position) if position else None
        before, since = str(self.position) if self.position is not None else None, self.last
        self.tries = 0
        self._given_up = False
        self.position = None
        if before is None or since is None:  # nothing was promised yet: a first snapshot, or one that was cut
            return None
        return Reset(before=before, after=position, since=since, until=now)

    def snapshot(self, position: str | None, last: bool) -> None:
        """Note one part of a snapshot; after the last one live messages follow."""
        if position:
            self._pending = Position.parse(position)
        if last:
            if self._pending is not None:
                self.position, self._pending = self._pending, None
            self.phase = Phase.LIVE
            self.synced = True

    def give_up(self) -> None:
        """Ask for a snapshot next time: what follows our position cannot be had."""
        self._given_up = True

    def begin_unnumbered(self, owner: object = None) -> None:
        """Note that the server has no numbering (legacy): everything counts from now on."""
        self.phase = Phase.LIVE
        self.position = None
        self._owner = owner

    def follows(self, epoch: str | None, seq: int | None) -> bool:
        """Say whether nothing is missing between our position and this number; it may be one we have had."""
        position = self.position
        return position is not None and seq is not None and epoch == position.epoch and seq <= position.seq + 1

    def ahead(self, events: Sequence[Event], start: int, sub: str | None) -> int:
        """Move on over the live messages of `sub` from `start` on that simply follow one another; return how many."""
        position = self.position
        if position is None or self.phase is not _LIVE:
            return 0
        epoch, due = position.epoch, position.seq + 1
        for event in islice(events, start, None):
            if event.seq != due or event.epoch != epoch or event.sub != sub:
                break
            due += 1
        count = due - 1 - position.seq
        if count:
            position.seq = due - 1
            self.tries = 0
        return count

    def advance(self, epoch: str | None, seq: int | None) -> bool:
        """Move on if this is simply the next live message, as nearly always; False = `admit` judges it."""
        position = self.position
        if position is None or seq != position.seq + 1 or epoch != position.epoch or self.phase is not _LIVE:
            return False
        position.seq = seq
        self.tries = 0
        return True

    def admit(self, epoch: str | None, seq: int | None) -> Admit:
        """Judge the next live message, and move on if it is the right one."""
        if self.advance(epoch, seq):
            return _DELIVER
        position = self.position
        if position is not None and self.phase is _LIVE:
            if epoch is None and seq == position.seq + 1:
                return self.admit(position.epoch, seq)
            if epoch in (position.epoch, None) and seq is not None and seq <= position.seq:
                return Admit.DUPLICATE
            return _DELIVER if seq is None else Admit.GAP
        if seq is None:
            return _DELIVER
        if self.phase is not _LIVE:
            return Admit.EARLY
        self.position = Position(epoch or "", seq)
        return _DELIVER

    def gap(self, epoch: str | None, seq: int, now: float) -> Reset | None:
        """Decide about a gap before (`epoch`, `seq`): None = ask again; a Reset = give it up and go on here."""
        self.tries += 1
        if self.tries <= MAX_TRIES:
            return None
        before, since = self.since, self.last
        self.position = Position(epoch or "", seq)
        self.tries = 0
        return Reset(before=before, after=self.since, since=now if since is None else since, until=now)


class RecentIds:
    """The last ids seen, `size` to twice as many and a run: overlapping subscriptions bring the same fact twice."""

    def __init__(self, size: int = 16_384) -> None:
        self._size = size
        self._new: set[str] = set()
        self._old: set[str] = set()

    def seen(self, id: str) -> bool:
        """Say whether this id was here before, and remember it."""
        if id in self._new:
            return True
        known = id in self._old
        self._new.add(id)
        self._turn()
        return known

    def all_new(self, ids: Sequence[str | None]) -> bool:
        """Remember all of these if each is there and none was here before; False = nothing is done, ask for each."""
        fresh = set(ids)
        if len(fresh) < len(ids) or None in fresh or not fresh.isdisjoint(self._new) or not fresh.isdisjoint(self._old):
            return False
        self._new |= fresh  # type: ignore[arg-type]
        self._turn()
        return True

    def _turn(self) -> None:
        if len(self._new) >= self._size:
            self._old, self._new = self._new, set()
