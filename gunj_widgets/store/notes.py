"""NoteBook: what people write down while they look: "rolled back", "paged the network team"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import pandas as pd

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.shown import Table
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.retention import MAX_TIME
from gunj_widgets.store.tables import shown, table

__all__ = ["MAX_NOTES", "MAX_TEXT", "Note", "NoteBook"]

MAX_NOTES = 1_000
"""Notes kept; the oldest go first."""
MAX_TEXT = 2_000
"""Characters of a note."""
_COLUMNS = ("time", "text", "author", "platform", "until")
_TIMES = ("time", "until")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote about a moment, or about the stretch from `time` to `until`, in epoch seconds."""

    time: float
    text: str
    author: str = ""
    platform: str = ""
    until: float | None = None


class NoteBook(Holder):
    """Notes by time. `rt.note("…")` writes one; they stand on the charts and in the timeline."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: list[Note] = []

    def add(self, note: Note) -> Note:
        """Keep a note, once however often it is told; SettingsError where it is empty or too long, or about no time of this century."""
        if not note.text.strip() or len(note.text) > MAX_TEXT:
            raise SettingsError(
                f"a note has 1 to {MAX_TEXT:,} characters, this one {len(note.text.strip()):,}", "Write a few words."
            )
        for moment in (note.time, note.until):
            if moment is not None and not 0 <= moment <= MAX_TIME:
                raise SettingsError(
                    f"{moment!r:.40} is no time of this century, in epoch seconds", "Of milliseconds that is / 1000."
                )
        with self._lock:
            if note in self._notes:
                return note
            self._notes = sorted([*self._notes, note], key=lambda n: n.time)[-MAX_NOTES:]
            self._version += 1
        self._listeners.tell()
        return note

    def remove(self, note: Note) -> None:
        """Take a note back; one that is not there stays away."""
        with self._lock:
            self._notes = [n for n in self._notes if n != note]
            self._version += 1
        self._listeners.tell()

    def clear(self) -> None:
        self.restore(())

    def restore(self, notes: Iterable[Note]) -> None:
        """Hold these instead, as one change."""
        with self._lock:
            self._notes = list(notes)
            self._version += 1
        self._listeners.tell()

    @property
    def df(self) -> pd.DataFrame:
        """One row per note, by time (UTC): text, author, platform, and until, where it is about a stretch."""
        return table(_COLUMNS, [_row(n) for n in self], index="time", times=_TIMES)

    def _shown(self) -> Table:
        return shown(self, _COLUMNS, map(_row, reversed(list(self))), _TIMES)

    def __iter__(self) -> Iterator[Note]:
        return iter(list(self._notes))

    def __len__(self) -> int:
        return len(self._notes)

    def __repr__(self) -> str:
        return f"<NoteBook {len(self)} notes>"


def _row(n: Note) -> tuple[object, ...]:
    return n.time, n.text, n.author, n.platform, n.until
