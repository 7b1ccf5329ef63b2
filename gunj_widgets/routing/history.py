"""History: the last events in publish order, bounded by count and by age."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern

__all__ = ["History", "pick"]


class History:
    """A ring of events. `limit` counts events (0 keeps none); `max_age` is in seconds, None = no bound by age.

    Age is measured from the newest event's arrival: there is no clock here, and a silent stream forgets nothing.
    """

    def __init__(self, limit: int, max_age: float | None = None) -> None:
        if limit < 0:
            raise SettingsError(f"history={limit} is negative", "Give the number of events to keep; 0 keeps none.")
        if max_age is not None and not max_age > 0:
            raise SettingsError(f"history_age={max_age} is not above 0", "Give seconds, or None for no bound by age.")
        self._ring: deque[Event] = deque(maxlen=limit)
        self._max_age = math.inf if max_age is None else max_age
        self.append: Callable[[Event], None] = self._ring.append if max_age is None else self._append_and_expire

    def __len__(self) -> int:
        return len(self._ring)

    def _append_and_expire(self, event: Event) -> None:
        ring = self._ring
        ring.append(event)
        oldest = event.arrived - self._max_age
        while ring and ring[0].arrived < oldest:
            ring.popleft()

    def copy(self) -> list[Event]:
        """Return all events, oldest first."""
        return list(self._ring)

    def clear(self) -> None:
        """Forget everything."""
        self._ring.clear()


def pick(
    events: Iterable[Event], pattern: Pattern, since: float | None = None, limit: int | None = None
) -> list[Event]:
    """Return the matching events in their order: arrived at `since` or later, of these the newest `limit`."""
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
