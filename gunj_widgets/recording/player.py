"""Player: a recording as a place one can be at. What has been told up to there is a function of the place alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.recording.file import Head, Mark, RecordingFile
from gunj_widgets.recording.index import fits
from gunj_widgets.recording.snapshots import Stretch, unpack_books, unpack_stretch
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.books import restore
from gunj_widgets.store.held import Held
from gunj_widgets.store.slab import MICRO
from gunj_widgets.store.store import Store

__all__ = ["Player"]


class Player:
    """Gives batches in the order they were taken in, and knows how things stood at some places. Times are epoch seconds of arrival."""

    def __init__(self, file: RecordingFile, retention: RetentionSettings) -> None:
        self._file = file
        self._blocks = file.blocks()
        usable = fits(file.retention, retention)  # with another one something else was held
        self._marks = file.marks() if usable else []
        self._tapes: dict[str, _Tape] = {}
        for head in file.heads() if usable else ():
            self._tapes.setdefault(head.platform, _Tape()).add(head)
        self.start = self._blocks[0].first if self._blocks else 0.0
        self.end = max((block.last for block in self._blocks), default=0.0)
        self.total = sum(block.events for block in self._blocks)
        self.rewind()

    def rewind(self) -> None:
        """Go to the beginning: nothing has been told."""
        self.told = 0
        """Events told so far."""
        self._block = 0
        self._batches: list[list[Event]] = []
        self._batch = 0

    @property
    def ended(self) -> bool:
        return self._peek() is None

    def next_time(self) -> float | None:
        """When the next batch came; None at the end."""
        batch = self._peek()
        return None if batch is None else batch[-1].arrived

    def step(self) -> list[Event] | None:
        """Return the next batch, None at the end."""
        batch = self._peek()
        if batch is not None:
            self._batch += 1
            self.told += len(batch)
        return batch

    def mark(self, time: float) -> Mark | None:
        """Return the last place up to a time of which there is a snapshot."""
        at = bisect_right(self._marks, time, key=lambda mark: mark.high)
        return self._marks[at - 1] if at else None

    def jump(self, mark: Mark, store: Store) -> None:
        """Have a store hold what it held there, and go on from there. RemoteProtocolError, and no change, where that cannot be read."""
        books = unpack_books(self._file.snapshot(mark.block))
        frames = {}
        for platform, tape in self._tapes.items():
            heads, series, newest = tape.until(mark.block)
            if heads:
                oldest = newest - (store.frame(platform).max_age or float("inf")) * MICRO
                parts = [self._stretch(head, len(series)) for head in heads if head.newest >= oldest]
                columns = Stretch(*(np.concatenate(column) for column in zip(*parts, strict=True)))
                frames[platform] = Held(series, *columns, newest, books.frame_gaps.get(platform, ()))
        restore(store, books, frames)
        self.told = mark.events
        self._block = bisect_right(self._blocks, mark.block, key=lambda block: block.id)
        self._batches, self._batch = [], 0

    def _stretch(self, head: Head, series: int) -> Stretch:
        stretch = unpack_stretch(self._file.samples(head.platform, head.block))
        if int(stretch.numbers.max(initial=0)) >= max(1, series):
            raise RemoteProtocolError("samples in a snapshot of the recording do not add up")
        return stretch

    def until(self, time: float) -> Iterator[list[Event]]:
        """Return all batches up to a time."""
        while (when := self.next_time()) is not None and when <= time:
            batch = self.step()
            if batch is not None:
                yield batch

    def close(self) -> None:
        self._file.close()

    def _peek(self) -> list[Event] | None:
        while self._batch >= len(self._batches):
            if self._block >= len(self._blocks):
                return None
            self._batches = self._file.read(self._blocks[self._block].id)
            self._block += 1
            self._batch = 0
        return self._batches[self._batch]


class _Tape:
    """Where a platform's samples lie."""

    def __init__(self) -> None:
        self._heads: list[Head] = []
        self._series: list[tuple[str, dict[str, str], str]] = []
        self._ends: list[tuple[int, int]] = []

    def add(self, head: Head) -> None:
        """Add what follows."""
        self._series += head.series
        self._heads.append(head)
        newest = max(head.newest, self._ends[-1][1]) if self._ends else head.newest
        self._ends.append((len(self._series), newest))

    def until(self, block: int) -> tuple[list[Head], list[tuple[str, dict[str, str], str]], int]:
        """Return what there is up to a block: heads, series, and the newest time in microseconds."""
        at = bisect_right(self._heads, block, key=lambda head: head.block)
        count, newest = self._ends[at - 1] if at else (0, 0)
        return self._heads[:at], self._series[:count], newest
