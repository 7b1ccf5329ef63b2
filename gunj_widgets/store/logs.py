"""LogBuffer: the newest log lines of a platform, and live views of those that matter."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pandas as pd

from gunj_widgets.events.alive import Alive
from gunj_widgets.events.records import LogEntry
from gunj_widgets.events.shown import MAX_ROWS, Shown, Table
from gunj_widgets.store.lines import Line, Lines, LogStats, newer
from gunj_widgets.store.log_filter import GapLine, LogFilter
from gunj_widgets.store.retention import Duration
from gunj_widgets.store.tables import nanoseconds, shown, utc

__all__ = ["LogBuffer", "LogDelta"]


@dataclass(frozen=True, slots=True)
class LogDelta:
    """Lines a reader has not seen: (id, entry), ids rising. `lost`: lines, matching or not, forgotten before this read.

    `cursor`: give it to the next `lines_since`.
    """

    lines: list[Line]
    lost: int
    cursor: int


class LogBuffer(Shown, Alive):
    """The newest `max_rows` lines that are at most `max_age` seconds older than the newest; None = unbounded.

    Lines stay in the order they arrived; `df` sorts them by time. A message is kept to 10,000 characters.
    """

    def __init__(self, max_age: Duration | None = 300.0, max_rows: int | None = 1000) -> None:
        self._bind(Lines(max_age, max_rows), LogFilter())

    def _bind(self, lines: Lines, chosen: LogFilter) -> None:
        self._lines = lines
        self._filter = chosen
        self._lock = Lock()
        self._matched: deque[Line] = deque()
        self._seen = 0
        self._first = 1
        self._epoch = 0

    def select(
        self,
        level: str | Iterable[str] | None = None,
        component: str | Iterable[str] | None = None,
        search: str | None = None,
        regex: str | None = None,
    ) -> LogBuffer:
        """Return a live view of the lines that pass all conditions given.

        `level` and `component` are names or lists of names, `search` a case-insensitive substring of the message,
        `regex` an RE2 pattern to be found in it (SettingsError where it is wrong or could stall the kernel).
        """
        view = LogBuffer.__new__(LogBuffer)
        view._bind(self._lines, self._filter.narrowed(level, component, search, regex))
        return view

    # Writing

    def append(self, entry: LogEntry, now: float | None = None) -> None:
        """Add a line; `now` in epoch seconds bounds what its time may say about the age of others."""
        self._lines.extend((entry,), now)

    def extend(self, entries: Iterable[LogEntry], now: float | None = None) -> None:
        """Add lines as one change."""
        self._lines.extend(entries, now)

    def mark_gap(self, start: float, end: float) -> None:
        """Add a line, shown by every view and counted by none, that says which time is missing."""
        self._lines.mark_gap(start, end)

    def prune(self) -> None:
        """Forget what is too old."""
        self._lines.prune()

    def renew(self) -> None:
        """Have every view begin anew; see `Store.renew`."""
        self._lines.renew()

    def clear(self) -> None:
        """Forget the lines this view shows; ids go on from where they were."""
        self._lines.remove(self._filter.takes)

    @property
    def newest(self) -> float | None:
        """The epoch second from which age counts back; None before the first line."""
        return self._lines.newest

    def restore(self, entries: Iterable[LogEntry], newest: float | None, total: int) -> None:
        """Hold these lines of all views instead, of so many ever received, as one change; ids go on."""
        self._lines.restore(entries, newest, total)

    # Following

    @property
    def version(self) -> int:
        """Rises with each change of the lines all views share."""
        return self._lines.version

    @property
    def epoch(self) -> int:
        """Rises when lines went that were not the oldest, as with `clear`: who shows them begins anew."""
        return self._lines.epoch

    @property
    def listener_errors(self) -> int:
        """Calls of listeners that raised."""
        return self._lines.listeners.failed

    @property
    def max_age(self) -> float | None:
        """Seconds kept."""
        return self._lines.max_age

    @property
    def max_rows(self) -> int | None:
        """Lines kept, of all views together."""
        return self._lines.max_rows

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call `callback(self)` after each change, on the writer's thread: it must be quick. Returns its undo."""
        return self._lines.listeners.add(callback, self)

    def lines_since(self, number: int = 0) -> LogDelta:
        """Return the lines with an id above `number` that this view shows; 0 = from the start."""
        with self._lock:
            self._catch_up()
            return LogDelta(list(newer(self._matched, number)), max(0, self._first - 1 - number), self._seen)

    def stats(self) -> LogStats:
        """Count what became of all lines of the shared buffer."""
        return self._lines.stats()

    # Reading

    @property
    def total(self) -> int:
        """Lines ever received, shown here or not."""
        return self._lines.total

    @property
    def filtered(self) -> int:
        """Lines held that this view shows."""
        return sum(not isinstance(entry, GapLine) for entry in self.entries)

    @property
    def entries(self) -> list[LogEntry]:
        """The lines of this view, in the order they arrived."""
        with self._lock:
            self._catch_up()
            return [entry for _, entry in self._matched]

    @property
    def counts(self) -> dict[str, int]:
        """How many lines of each level this view shows; "" = level unknown."""
        return dict(Counter(entry.level for entry in self.entries if not isinstance(entry, GapLine)))

    def tail(self, n: int = 10) -> list[LogEntry]:
        """The newest `n` lines of this view, in the order they arrived."""
        return self.entries[-n:] if n > 0 else []

    @property
    def df(self) -> pd.DataFrame:
        """Lines by time (UTC): level, component, message, platform, metadata."""
        entries = self.entries
        exact = any(e.ns is not None for e in entries)
        data = {
            "level": [e.level for e in entries],
            "component": [e.component for e in entries],
            "message": [e.message for e in entries],
            "platform": [e.platform for e in entries],
            "metadata": pd.Series([dict(e.metadata) if e.metadata else None for e in entries], dtype=object).to_numpy(),
        }
        times = nanoseconds((e.time, e.ns) for e in entries) if exact else utc(e.time for e in entries)
        frame = pd.DataFrame(data, index=times.rename("time"))
        if not entries:  # of no values pandas makes numbers, which have no .str
            frame = frame.astype(object)
        return frame.sort_index(kind="stable")

    def _shown(self) -> Table:
        newest = reversed(self.tail(MAX_ROWS))
        return shown(
            self,
            ("time", "level", "component", "message"),
            ((e.time, e.level, e.component, e.message) for e in newest),
            ["time"],
        )

    def __repr__(self) -> str:
        stats = self.stats()
        return f"<LogBuffer {stats.held} lines of {stats.total}, version {self.version}>"

    def _catch_up(self) -> None:
        """Look at the lines that came since last time, so that a read costs what is new and not what is held."""
        fresh, first, last, epoch = self._lines.after(self._seen)
        if epoch != self._epoch:
            self._matched.clear()
            fresh, first, last, self._epoch = self._lines.after(0)
        self._matched.extend(line for line in fresh if self._filter.takes(line[1]))
        while self._matched and self._matched[0][0] < first:
            self._matched.popleft()
        self._seen, self._first = last, first
