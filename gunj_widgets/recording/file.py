"""The file of a recording: SQLite in WAL mode, one row a block, so that a crash costs the last block and never the file."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from gunj_widgets.arguments import kept_at
from gunj_widgets.errors import RemoteProtocolError, SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.recording.chunks import unpack
from gunj_widgets.recording.snapshots import unpack_books, unpack_stretch
from gunj_widgets.settings import RetentionSettings

__all__ = ["FORMAT", "Block", "Head", "Info", "Mark", "Part", "RecordingFile"]

FORMAT = 2
_APPLICATION = 0x67756E6A
"""What SQLite's header says of whose file it is: "gunj"."""
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE blocks (
    id INTEGER PRIMARY KEY, first REAL NOT NULL, last REAL NOT NULL, events INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE snapshots (
    block INTEGER PRIMARY KEY, events INTEGER NOT NULL, high REAL NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE samples (
    platform TEXT NOT NULL, block INTEGER NOT NULL, newest INTEGER NOT NULL, series TEXT NOT NULL,
    crc INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (platform, block)
);
"""
_series = msgspec.json.Decoder(list[tuple[str, dict[str, str], str]]).decode


class Block(NamedTuple):
    """Where a block lies in time, by arrival, in epoch seconds."""

    id: int
    first: float
    last: float
    events: int


class Mark(NamedTuple):
    """A place of which there is a snapshot: after `block`, when `events` had been told, none of which arrived after `high`."""

    block: int
    events: int
    high: float


class Head(NamedTuple):
    """Where samples of a platform lie: those since the last snapshot, in the one after `block`. Their newest time (microseconds) and
    the series not seen before: metric, labels, unit."""

    platform: str
    block: int
    newest: int
    series: list[tuple[str, dict[str, str], str]]


class Part(NamedTuple):
    """Samples of a platform on their way into a snapshot."""

    head: Head
    data: bytes


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What a recording holds. Times are epoch seconds of arrival; `bytes` is the file's size, its journal included."""

    path: str
    format: int
    source: str
    first: float | None
    last: float | None
    events: int
    blocks: int
    snapshots: int
    bytes: int
    complete: bool
    """Whether it was ended, and not cut off by a crash."""
    dropped: int
    """Events that came faster than they could be written."""
    hidden: int
    """Values left out as secrets."""


class RecordingFile:
    """One recording. Used by one thread at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def create(cls, path: str | Path, source: str) -> Self:
        """Make a new file; SettingsError where there is one already, or none can be made."""
        path = kept_at(path)
        if path.exists():
            raise SettingsError(f"there is a file {path} already", "Choose another name, or remove it first.")
        try:
            path.touch(0o600)  # it may hold what only its maker was shown
            connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute(f"PRAGMA application_id={_APPLICATION}")
                connection.executescript(_SCHEMA)
                made = cls(path, connection)
                made.tell(format=str(FORMAT), source=source, complete="0")
            except BaseException:
                connection.close()
                path.unlink()
                raise
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(f"cannot make {path}: {_why(error)}", "Choose another place.") from None
        return made

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a recording to be read; SettingsError where it is none."""
        path = kept_at(path)
        try:
            if not path.is_file():
                raise SettingsError(f"there is no recording at {path}", "rt.record(path) makes one.")
            connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            ours = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION
            found = cls(path, connection)
            version = found.told("format") if ours else ""
        except (OSError, sqlite3.Error) as error:
            raise SettingsError(
                f"{path} is no recording: {_why(error)}", "Name a file that rt.record() made."
            ) from None
        if version != str(FORMAT):
            problem = f"{path} is of format {version!r:.20}" if ours else f"{path} is no recording"
            raise SettingsError(problem, f"This version reads format {FORMAT}: files that rt.record() made.")
        return found

    def append(self, first: float, last: float, events: int, data: bytes) -> None:
        """Add a block, at once and for good. OSError where the disk is full or gone."""
        try:
            self._connection.execute(
                "INSERT INTO blocks (first, last, events, crc, data) VALUES (?, ?, ?, ?, ?)",
                (first, last, events, zlib.crc32(data), data),
            )
        except sqlite3.Error as error:
            raise OSError(_why(error)) from None

    def add_snapshot(self, block: int, events: int, high: float, data: bytes, parts: list[Part]) -> None:
        """Add what is held after a block; OSError as for `append`."""
        rows = [
            (*head[:3], msgspec.json.encode(head.series).decode(), zlib.crc32(samples), samples)
            for head, samples in parts
        ]
        try:
            with self._connection:
                self._connection.execute("BEGIN")
                self._connection.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)", rows)
                self._connection.execute(
                    "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?)", (block, events, high, zlib.crc32(data), data)
                )
        except sqlite3.Error as error:
            raise OSError(_why(error)) from None

    def tell(self, **meta: str) -> None:
        """Note something about the recording; OSError as for `append`."""
        try:
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
        except sqlite3.Error as error:
            raise OSError(_why(error)) from None

    def told(self, key: str) -> str:
        """Return what was noted under a key; empty where nothing was."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    @property
    def retention(self) -> RetentionSettings | None:
        """What the recorded session kept; None where that was not written down."""
        try:
            return msgspec.json.decode(self.told("retention"), type=RetentionSettings)
        except msgspec.MsgspecError:
            return None

    def finish(self) -> None:
        """End the recording: one file, without a journal beside it."""
        self.tell(complete="1")
        try:
            self._connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise OSError(_why(error)) from None

    def close(self) -> None:
        self._connection.close()

    def blocks(self) -> list[Block]:
        """Return where all blocks lie, in order."""
        rows = self._connection.execute("SELECT id, first, last, events FROM blocks ORDER BY id")
        return [Block(*row) for row in rows]

    def read(self, id: int) -> list[list[Event]]:
        """Return the batches of a block; RemoteProtocolError where it is damaged."""
        try:
            row = self._connection.execute("SELECT crc, data FROM blocks WHERE id = ?", (id,)).fetchone()
        except sqlite3.Error as error:
            raise RemoteProtocolError(f"block {id} of the recording cannot be read: {_why(error)}") from None
        return unpack(_whole(row, f"block {id}"))

    def has(self, id: int) -> bool:
        """Say whether there is a block of this number."""
        return self._connection.execute("SELECT 1 FROM blocks WHERE id = ?", (id,)).fetchone() is not None

    def batches(self) -> Iterator[list[Event]]:
        """All events, in the order and the batches in which they came."""
        for block in self.blocks():
            yield from self.read(block.id)

    def events(self) -> Iterator[Event]:
        """All events, in the order they came."""
        for batch in self.batches():
            yield from batch

    def marks(self) -> list[Mark]:
        """Return the places of which there are snapshots, in order."""
        return [
            Mark(*row) for row in self._connection.execute("SELECT block, events, high FROM snapshots ORDER BY block")
        ]

    def snapshot(self, block: int) -> bytes:
        """Return what is held after a block, but samples; RemoteProtocolError where it is damaged."""
        row = self._connection.execute("SELECT crc, data FROM snapshots WHERE block = ?", (block,)).fetchone()
        return _whole(row, f"the snapshot after block {block}")

    def heads(self) -> list[Head]:
        """Return where all samples lie, in order of their blocks."""
        rows = self._connection.execute("SELECT platform, block, newest, series FROM samples ORDER BY block")
        try:
            return [Head(platform, block, newest, _series(series)) for platform, block, newest, series in rows]
        except msgspec.MsgspecError:
            raise RemoteProtocolError("series in a snapshot of the recording cannot be read") from None

    def samples(self, platform: str, block: int) -> bytes:
        """Return a platform's samples in the snapshot after a block; RemoteProtocolError where they are damaged."""
        found = self._connection.execute(
            "SELECT crc, data FROM samples WHERE platform = ? AND block = ?", (platform, block)
        )
        return _whole(found.fetchone(), f"samples in the snapshot after block {block}")

    def check(self) -> list[str]:
        """Return what is wrong with the file; nothing where all of it can be read."""
        try:
            said = [row[0] for row in self._connection.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
            blocks = self.blocks()
        except sqlite3.Error as error:
            return [_why(error)]
        for block in blocks:
            try:
                found = sum(map(len, self.read(block.id)))
            except RemoteProtocolError as error:
                said.append(error.problem)
            else:
                if found != block.events:
                    said.append(f"block {block.id} has {found} events, not {block.events}")
        try:
            for mark in self.marks():
                unpack_books(self.snapshot(mark.block))
            for head in self.heads():
                unpack_stretch(self.samples(head.platform, head.block))
        except RemoteProtocolError as error:
            said.append(f"{error.problem}: places are reached the long way")
        return said

    def info(self) -> Info:
        first, last, events, blocks = self._connection.execute(
            "SELECT min(first), max(last), coalesce(sum(events), 0), count(*) FROM blocks"
        ).fetchone()
        return Info(
            path=str(self.path),
            format=FORMAT,
            source=self.told("source"),
            first=first,
            last=last,
            events=events,
            blocks=blocks,
            snapshots=len(self.marks()),
            bytes=sum(
                part.stat().st_size
                for part in (self.path, self.path.with_name(f"{self.path.name}-wal"))
                if part.exists()
            ),
            complete=self.told("complete") == "1",
            dropped=int(self.told("dropped") or 0),
            hidden=int(self.told("hidden") or 0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _whole(row: tuple[int, object] | None, what: str) -> bytes:
    """Return the bytes of a row that holds their CRC and them."""
    if row is None or not isinstance(row[1], bytes) or zlib.crc32(row[1]) != row[0]:
        raise RemoteProtocolError(f"{what} of the recording is damaged")
    return row[1]


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
