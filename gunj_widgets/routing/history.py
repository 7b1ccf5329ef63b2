"""History: the last events in publish order, bounded by count and by age, written and read without a lock."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern

__all__ = ["History", "pick"]


class History:
    """A ring of events. `limit` counts events (0 keeps none); `max_age` is in seconds, None = no bound by age.

    Events are numbered from 1. The one writer puts event `n` into `slots[n % size]` and then sets `newest = n`
    (`EventRouter.publish` does it in line: a call would cost as much as the rest). There is one slot more than `limit`,
    so that an event being written never spoils a snapshot. None in a slot is an event that was taken back.

    Age is measured from the newest event's arrival: there is no clock here, and a silent stream forgets nothing.
    """

    __slots__ = ("_max_age", "newest", "size", "slots")

    def __init__(self, limit: int, max_age: float | None = None) -> None:
        if limit < 0:
            raise SettingsError(f"history={limit} is negative", "Give the number of events to keep; 0 keeps none.")
        if max_age is not None and not max_age > 0:
            raise SettingsError(f"history_age={max_age} is not above 0", "Give seconds, or None for no bound by age.")
        self.size = limit + 1
        self.slots: list[Event | None] = [None] * self.size
        self.newest = 0
        self._max_age = math.inf if max_age is None else max_age

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

    def take_back(self, number: int) -> None:
        """Forget the event just written; its number stays used."""
        self.slots[number % self.size] = None

    def clear(self) -> None:
        """Forget everything up to now; numbers go on."""
        self.slots = [None] * self.size


def pick(
    events: Iterable[Event], pattern: Pattern, since: float | None = None, limit: int | None = None
) -> list[Event]:
    """Return the matching events in their order: arrived at `since` or later, and of these the newest `limit`."""
    if limit is not None and limit < 0:
        raise SettingsError(f"limit={limit} is negative", "Give the number of newest events wanted, or None for all.")
    known: dict[str, bool] = {}
    found: list[Event] = []
    for event in events:
        wanted = known.get(event.topic)
        if wanted is None:
            wanted = known[event.topic] = pattern.matches(event.topic)
        if wanted and (since is None or event.arrived >= since):
            found.append(event)
    return found if limit is None else found[len(found) - min(limit, len(found)) :]
