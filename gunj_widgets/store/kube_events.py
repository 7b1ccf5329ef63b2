"""EventFeed: Kubernetes events about the platforms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
from msgspec.structs import replace

from gunj_widgets.events.records import KubeEvent
from gunj_widgets.events.shown import Table
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.retention import cutoff
from gunj_widgets.store.tables import shown, table

__all__ = ["EventFeed"]

_COLUMNS = ("last", "first", "type", "reason", "message", "platform", "component", "count")
_TIMES = ("last", "first")


class EventFeed(Holder):
    """The newest `max_rows` events whose last occurrence is not older than `max_age` seconds, measured from the newest.

    Kubernetes tells a repetition as the same event with a higher count: it replaces the earlier one, and is new again.
    """

    def __init__(self, max_age: float | None = 3_600.0, max_rows: int | None = 200) -> None:
        super().__init__()
        self.max_age = max_age
        self.max_rows = max_rows
        self._events: dict[tuple[str, ...], KubeEvent] = {}
        self.repeated = 0
        """Events that replaced an earlier one."""
        self.evicted = 0
        """Events forgotten, by age or by number."""

    def append(self, event: KubeEvent) -> None:
        key = _key(event)
        with self._lock:
            old = self._events.pop(key, None)
            if old is not None:
                self.repeated += 1
                event = replace(
                    event,
                    count=max(event.count, old.count),
                    first=_least(event.first, old.first),
                    last=_greatest(event.last, old.last),
                )
            self._events[key] = event
            self._forget()
            self._version += 1
        self._listeners.tell()

    def clear(self) -> None:
        self.restore(())

    def restore(self, events: Iterable[KubeEvent]) -> None:
        """Hold these instead, as one change."""
        with self._lock:
            self._events = {_key(event): event for event in events}
            self._version += 1
        self._listeners.tell()

    @property
    def df(self) -> pd.DataFrame:
        """One row per event, by time of its last occurrence (UTC), oldest first."""
        return table(_COLUMNS, [_row(e) for e in self], index="last", times=_TIMES).sort_index(kind="stable")

    def _shown(self) -> Table:
        return shown(self, _COLUMNS, map(_row, reversed(list(self))), _TIMES)

    def __iter__(self) -> Iterator[KubeEvent]:
        """In the order they last arrived: the newest last."""
        with self._lock:
            return iter(list(self._events.values()))

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return f"<EventFeed {len(self)} events, version {self.version}>"

    def _forget(self) -> None:
        oldest = cutoff(max((e.last for e in self._events.values() if e.last is not None), default=None), self.max_age)
        gone = [key for key, event in self._events.items() if event.last is not None and event.last < oldest]
        if self.max_rows is not None:
            over = len(self._events) - len(gone) - self.max_rows
            gone += [key for key in self._events if key not in gone][: max(0, over)]
        for key in gone:
            del self._events[key]
        self.evicted += len(gone)


def _row(e: KubeEvent) -> tuple[object, ...]:
    return e.last, e.first, e.type, e.reason, e.message, e.platform, e.component, e.count


def _key(event: KubeEvent) -> tuple[str, ...]:
    return event.platform, event.type, event.reason, event.component, event.message


def _least(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else min(a, b)


def _greatest(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)
