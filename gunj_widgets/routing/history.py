"""History: the last events in publish order, bounded by count, age and bytes, written and read without a lock."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real

import msgspec

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event, payload_of
from gunj_widgets.routing.pattern import Pattern

__all__ = ["LOOK", "History", "pick"]

LOOK = 0.5
"""Seconds, as told by the events, between two looks at what they weigh: of a fast stream most are overwritten unweighed."""


class History:
    """A ring of events. `limit` counts events (0 keeps none); `max_age` is in seconds, `max_bytes` in bytes of payload as
    JSON; None = no such bound. The newest event is kept whatever it weighs.

    Events are numbered from 1. The one writer puts event `n` into `slots[n % size]` and then sets `newest = n`
    (`EventRouter.publish` does it in line: a call would cost as much as the rest). There is one slot more than `limit`,
    so that an event being written never spoils a snapshot. None in a slot is an event that was taken back.

    Age is measured from the newest event's arrival: there is no clock here, and a silent stream forgets nothing.
    """

    __slots__ = (
        "_floor",
        "_looked",
        "_max_age",
        "_max_bytes",
        "_ring",
        "_sizes",
        "_weighed",
        "bytes",
        "dropped",
        "newest",
        "size",
        "slots",
    )

    def __init__(self, limit: int, max_age: float | None = None, max_bytes: int | None = None) -> None:
        if limit < 0:
            raise SettingsError(f"history={limit} is negative", "Give the number of events to keep; 0 keeps none.")
        if max_age is not None and not max_age > 0:
            raise SettingsError(f"history_age={max_age} is not above 0", "Give seconds, or None for no bound by age.")
        if max_bytes is not None and not max_bytes > 0:
            raise SettingsError(f"history_bytes={max_bytes} is not above 0", "Give bytes, or None for no such bound.")
        self.size = limit + 1
        self.slots: list[Event | None] = [None] * self.size
        self.newest = 0
        self.bytes = 0
        """Of the events that are held, as of the last look."""
        self.dropped = 0
        """Events let go of because all together weighed too much."""
        self._max_age = math.inf if max_age is None else max_age
        self._max_bytes = math.inf if max_bytes is None else max_bytes
        self._looked = -math.inf
        self._ring: list[Event | None] = []  # the slots that were weighed: `clear`, from any thread, puts others there
        self._sizes: list[int] = []
        self._weighed = self._floor = 0  # the newest event that was weighed, and that was let go of

    def snapshot(self) -> tuple[list[Event], int]:
        """Return the events, oldest first, and the number of the newest: later ones are not among them.

        From any thread. What the writer overwrites meanwhile was due to go and is left out.
        """
        newest = self.newest
        slots = self.slots.copy()
        oldest = max(1, self.newest + 2 - self.size)
        start = oldest % self.size
        kept = (slots[start:] + slots[:start])[: max(0, newest + 1 - oldest)]
        events = [event for event in kept if event is not None]
        if events and self._max_age < math.inf:
            bound = events[-1].arrived - self._max_age
            events = [event for event in events if event.arrived >= bound]
        return events, newest

    def weigh(self, now: float) -> None:
        """Let go of the oldest events beyond `max_bytes`. For the writer, as often as it likes; `now` in epoch seconds.

        Looks every LOOK seconds, so that what comes meanwhile may be held beside.
        """
        if abs(now - self._looked) < LOOK or self._max_bytes == math.inf:
            return
        self._looked = now
        size, newest, ring = self.size, self.newest, self.slots
        oldest = max(1, newest + 1 - size)
        if ring is not self._ring:
            self._ring, self._sizes, self.bytes = ring, [0] * size, 0
            self._weighed = oldest - 1
        for number in range(max(self._weighed + 1, oldest), newest + 1):
            weight = _weight(ring[number % size])
            self.bytes += weight - self._sizes[number % size]
            self._sizes[number % size] = weight
        self._weighed = newest
        for number in range(max(self._floor + 1, oldest), newest):
            if self.bytes <= self._max_bytes:
                break
            at = number % size
            self.dropped += ring[at] is not None
            self.bytes -= self._sizes[at]
            ring[at], self._sizes[at], self._floor = None, 0, number

    def take_back(self, number: int) -> None:
        """Forget the event just written; its number stays used."""
        self.slots[number % self.size] = None

    def clear(self) -> None:
        """Forget everything up to now; numbers go on."""
        self.slots = [None] * self.size


def _weight(event: Event | None) -> int:
    """Return the bytes of a payload, cut out of the frame it came in: otherwise that would be held along with it."""
    if event is None:
        return 0
    held = payload_of(event)
    if type(held) is not msgspec.Raw:
        return event.size
    event.data = own = held.copy()
    return memoryview(own).nbytes


def pick(
    events: Iterable[Event], pattern: Pattern, since: float | None = None, limit: int | None = None
) -> list[Event]:
    """Return the matching events in their order: arrived at `since` (epoch seconds) or later, and of these the newest `limit`."""
    _check(limit, since)
    known: dict[str, bool] = {}
    found: list[Event] = []
    for event in events:
        wanted = known.get(event.topic)
        if wanted is None:
            wanted = known[event.topic] = pattern.matches(event.topic)
        if wanted and (since is None or event.arrived >= since):
            found.append(event)
    return found if limit is None else found[len(found) - min(limit, len(found)) :]


def _check(limit: object, since: object) -> None:
    """Raise SettingsError for what is no count and no time; those of numpy are."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, Integral) or limit < 0):
        raise SettingsError(
            f"limit={limit!r:.40} is no number of events", "Give how many of the newest are wanted, or None for all."
        )
    if since is not None and (isinstance(since, bool) or not isinstance(since, Real)):
        raise SettingsError(f"since={since!r:.40} is no time", "Give epoch seconds, or None for all.")
