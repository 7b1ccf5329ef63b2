"""Lines: the log lines that a LogBuffer and all its views share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from threading import Lock
from typing import TypeAlias

import msgspec

from gunj_widgets.arguments import needed
from gunj_widgets.events.records import LogEntry
from gunj_widgets.store.holder import Listeners
from gunj_widgets.store.log_filter import GapLine
from gunj_widgets.store.patterns import MAX_LINE
from gunj_widgets.store.retention import MAX_TIME, Duration, cutoff
from gunj_widgets.store.unusable import LINE, NO_SAMPLE, age_of, check_bounds, no_line

__all__ = ["Line", "Lines", "LogStats", "newer"]

Line: TypeAlias = tuple[int, LogEntry]
"""A line and its id."""

MAX_METADATA = 8_192
"""Characters of a line's metadata, written out. More is left away: a line is looked at, metadata is not a store."""


class LogStats(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the lines."""

    held: int
    total: int
    """Received, ever."""
    evicted: int
    """Forgotten since, by age, by number or on request."""
    cut: int
    """Shortened: message over 10,000 characters or metadata over 8,192."""
    gaps: int


class Lines:
    """Lines in the order they arrived, with ids that rise by one.

    Age counts back from the newest time in the log, and a time ahead of `now` counts as `now`: one pod whose clock is
    fast does not push everybody else's lines out. Lines leave from the front only.
    """

    def __init__(self, max_age: Duration | None, max_rows: int | None) -> None:
        check_bounds(max_rows)
        self.max_age = age_of(max_age)
        self.max_rows = max_rows
        self.version = 0
        self.epoch = 0
        """Rises when lines went that were not the oldest; a view then starts over."""
        self.total = 0
        self.listeners = Listeners()
        self._lock = Lock()
        self._lines: deque[Line] = deque()
        self._last = 0
        self._newest: float | None = None
        self._evicted = self._cut = self._gaps = 0

    def extend(self, entries: Iterable[LogEntry], now: float | None) -> None:
        try:
            entries = [self._bounded(entry) for entry in entries]
        except TypeError:
            needed(entries, Iterable, "lines are LogEntry records", LINE)
            raise
        if not entries:
            return
        with self._lock:
            self.total += len(entries)
            for entry in entries:
                self._add(entry)
                time = entry.time if now is None else min(entry.time, now)
                if time < MAX_TIME and (self._newest is None or time > self._newest):
                    self._newest = time
            self._forget()
            self.version += 1
        self.listeners.tell()

    def mark_gap(self, start: float, end: float) -> None:
        """Add a line that says which time is missing."""
        message = f"··· lines between {_clock(start)} and {_clock(end)} UTC were not received ···"
        line = GapLine(time=end, message=message, metadata={"gap": {"from": start, "to": end}})
        with self._lock:
            self._gaps += 1
            self._add(line)
            self._forget()
            self.version += 1
        self.listeners.tell()

    def prune(self) -> None:
        with self._lock:
            self._forget()

    def renew(self) -> None:
        """Have every view begin anew; see `Store.renew`."""
        with self._lock:
            self.epoch += 1
            self.version += 1
        self.listeners.tell()

    def remove(self, goes: Callable[[LogEntry], bool]) -> None:
        with self._lock:
            kept = [line for line in self._lines if not goes(line[1])]
            self._evicted += len(self._lines) - len(kept)
            self._lines = deque(kept)
            if not kept:
                self._newest = None  # what comes next may be older: a recording that begins anew
            self.epoch += 1
            self.version += 1
        self.listeners.tell()

    @property
    def newest(self) -> float | None:
        """The time from which age counts back."""
        return self._newest

    def restore(self, entries: Iterable[LogEntry], newest: float | None, total: int) -> None:
        """Hold these instead, of so many ever received, as one change; ids go on."""
        with self._lock:
            self._lines.clear()
            for entry in entries:
                self._add(entry)
            self._newest = newest
            self.total = total
            self.epoch += 1
            self.version += 1
        self.listeners.tell()

    def after(self, number: int) -> tuple[list[Line], int, int, int]:
        """Return the lines with an id above `number`; the first id held (or to come), the last given, and the epoch."""
        with self._lock:
            first = self._lines[0][0] if self._lines else self._last + 1
            lines = list(newer(self._lines, number))
            return lines, first, self._last, self.epoch

    def stats(self) -> LogStats:
        with self._lock:
            return LogStats(
                held=len(self._lines), total=self.total, evicted=self._evicted, cut=self._cut, gaps=self._gaps
            )

    def _add(self, entry: LogEntry) -> None:
        self._last += 1
        self._lines.append((self._last, entry))

    def _forget(self) -> None:
        lines, before = self._lines, len(self._lines)
        if self.max_rows is not None:
            while len(lines) > self.max_rows:
                lines.popleft()
        oldest = cutoff(self._newest, self.max_age)
        while lines and lines[0][1].time < oldest:
            lines.popleft()
        self._evicted += before - len(lines)

    def _bounded(self, entry: LogEntry) -> LogEntry:
        """Return the entry with its text cut to what is kept of a line; SettingsError for what is none."""
        try:
            long = len(entry.message) > MAX_LINE
            bulky = entry.metadata is not None and len(str(entry.metadata)) > MAX_METADATA
            _ = entry.time < MAX_TIME  # raises here, not once it is held
        except NO_SAMPLE:
            raise no_line(entry) from None
        if not long and not bulky:
            return entry
        self._cut += 1
        return msgspec.structs.replace(
            entry,
            message=entry.message[: MAX_LINE - 1] + "…" if long else entry.message,
            metadata=None if bulky else entry.metadata,
        )


def newer(lines: deque[Line], number: int) -> Iterable[Line]:
    """Pick from the end: what is new is short, what is held is long. Ids have holes where lines were removed."""
    count = 0
    for line in reversed(lines):
        if line[0] <= number:
            break
        count += 1
    return islice(lines, len(lines) - count, None)


def _clock(time: float) -> str:
    return datetime.fromtimestamp(min(max(time, 0.0), MAX_TIME), UTC).strftime("%H:%M:%S")
