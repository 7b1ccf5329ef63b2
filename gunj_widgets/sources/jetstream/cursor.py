"""Cursor: where one is in a stream, and whether what comes is what comes next. Pure."""

from __future__ import annotations

from collections import deque

import msgspec

from gunj_widgets.errors import RemoteProtocolError

__all__ = ["OVERLAP", "Cursor", "Place", "StreamState", "place_of"]

OVERLAP = 3.0
"""Seconds before the newest message from which one goes on after a cut: longer than a server keeps what is not on its disk."""
STEP = 0.2
"""Seconds between two places that are remembered for it."""


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as its server tells it: when it was made, and the numbers of the first and the last that it holds."""

    created: str
    first: int
    last: int


class Place(msgspec.Struct, frozen=True):
    """Where a message stands: `stream` and `consumer` number it, `time` is when it was stored, `pending` what is behind it."""

    stream: int
    consumer: int
    time: float
    pending: int


def place_of(reply: str) -> Place:
    """Read the place from a message's reply subject; RemoteProtocolError where it did not come from a consumer."""
    parts = reply.split(".")
    at = {9: 5, 11: 7, 12: 7}.get(len(parts))
    try:
        if at is None or parts[:2] != ["$JS", "ACK"]:
            raise ValueError
        stream, consumer, nanoseconds, pending = map(int, parts[at : at + 4])
    except ValueError:
        raise RemoteProtocolError(f"a message does not say where it stands in its stream: {reply[:80]!r}") from None
    return Place(stream, consumer, nanoseconds / 1e9, pending)


class Cursor:
    """One reader's place. It outlives connections: `begin` says how to go on after a cut.

    A server that is killed may lose the last moments that it has told already, and give their numbers to others. So one
    goes on from a little earlier, and whoever reads knows the repeated messages by their ids.
    """

    def __init__(self) -> None:
        self.last = 0
        """The newest message taken, by the stream's numbering; 0 before the first."""
        self.time: float | None = None
        """When that was stored, in epoch seconds."""
        self._created = ""
        self._consumed = 0
        self._trail: deque[tuple[float, int]] = deque()

    def begin(self, state: StreamState) -> tuple[int | None, bool]:
        """Return the number to go on from, None = from the start, and whether something may have been missed.

        Missed is what expired while we were away, and all there was where the stream was deleted and made anew.
        """
        renewed = bool(self._created) and state.created != self._created
        self._created = state.created
        self._consumed = 0
        if renewed:
            self.last = 0
            self._trail.clear()
            return None, True
        if not self.last:
            return None, False
        missed = state.first > self.last + 1
        time, start = self._trail[0]
        start = min(start, state.last + 1)
        self._trail = deque([(time, start)])
        return start, missed

    def admit(self, place: Place) -> bool:
        """Take the next message; False = one before it is missing, and the consumer is to be made anew."""
        if place.consumer != self._consumed + 1:
            return False
        self._consumed = place.consumer
        self.last, self.time = place.stream, place.time
        if not self._trail or place.time - self._trail[-1][0] > STEP:
            self._trail.append((place.time, place.stream))
            while len(self._trail) > 1 and self._trail[1][0] < place.time - OVERLAP:
                self._trail.popleft()
        return True

    def complete(self, delivered: int) -> bool:
        """Say whether all that the consumer has sent has come; it says with each heartbeat how many that were."""
        return delivered == self._consumed
