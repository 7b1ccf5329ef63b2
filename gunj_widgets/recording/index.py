"""Index: what a store holds at places all along a recording, so that one can go to any of them at once.

It is made from the file's own blocks, by the store's own hands: what a snapshot says is what telling all from the beginning
would have led to.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from gunj_widgets.errors import LimitError, RemoteProtocolError
from gunj_widgets.recording.file import Head, Part, RecordingFile
from gunj_widgets.recording.snapshots import Stretch, pack_books, pack_stretch
from gunj_widgets.recording.tape import Tape
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.books import books
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.store import Store

__all__ = ["EVERY", "Index", "fits"]

EVERY = 5_000
"""Events between two snapshots: what is told again on the way to a place, at 150,000 a second or more."""


class Index:
    """Reads a recording's blocks behind its writer and adds snapshots to the file. Used on the thread that uses the file."""

    def __init__(self, file: RecordingFile, retention: RetentionSettings) -> None:
        self._file = file
        self._store = _Tapes(retention)
        self._block = 0
        self._events = self._told = 0
        self._high = 0.0
        self._ended = False
        self._known: dict[str, int] = {}  # series of each platform that the file knows
        file.tell(retention=msgspec.json.encode(retention).decode())

    def follow(self, until: float = float("inf")) -> None:
        """Read what there is, but not for longer than until the given `time.monotonic()`."""
        while time.monotonic() < until and self.step():
            pass

    def step(self) -> bool:
        """Read one block; False where there is none, or no snapshot can be made any more: then one goes there the long way."""
        if self._ended or not self._file.has(self._block + 1):
            return False
        self._block += 1
        try:
            for batch in self._file.read(self._block):
                self._store.take(batch)
                self._told += len(batch)
                self._high = max(self._high, batch[-1].arrived)
        except (RemoteProtocolError, LimitError):
            self._ended = True
            return False
        if self._told - self._events >= EVERY:
            self._events = self._told
            self._add()
        return True

    def _add(self) -> None:
        parts = []
        for platform, tape in self._store.tapes():
            stretch = Stretch(*tape.cut())
            fresh = tape.names[self._known.get(platform, 0) :]
            self._known[platform] = len(tape.names)
            if len(stretch.times) or fresh:
                newest = int(stretch.times.max(initial=-1))
                parts.append(Part(Head(platform, self._block, newest, fresh), pack_stretch(stretch)))
        self._file.add_snapshot(self._block, self._told, self._high, pack_books(books(self._store)), parts)


def fits(recorded: RetentionSettings | None, wanted: RetentionSettings) -> bool:
    """Say whether snapshots made with one retention hold what the other keeps; samples are in them at any age."""
    if recorded is None:
        return False
    kept, asked = msgspec.structs.asdict(recorded), msgspec.structs.asdict(wanted)
    return all(kept[name] == asked[name] for name in kept if not name.startswith("metrics_") and name != "history")


class _Tapes(Store):
    """A store that keeps no samples: it hands them on."""

    def tapes(self) -> Iterator[tuple[str, Tape]]:
        """What is handed on, by platform."""
        for platform, tape in self._frames.items():
            if isinstance(tape, Tape):
                yield platform, tape

    def _new_frame(self) -> MetricFrame:
        return Tape()
