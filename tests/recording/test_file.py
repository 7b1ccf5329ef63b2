"""The file: made once, read by anybody, and every damage to it told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gunj_widgets.errors import RemoteProtocolError, SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.recording.chunks import pack
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.redact import Redaction


def events(start: float, count: int) -> list[Event]:
    return [Event(topic="a.b", data={"n": n}, arrived=start + n) for n in range(count)]


def made(path: Path, blocks: int = 3) -> Path:
    file = RecordingFile.create(path, "127.0.0.1:1")
    for n in range(blocks):
        batch = events(100.0 * n, 10)
        file.append(batch[0].arrived, batch[-1].arrived, 10, pack([batch], Redaction()))
    file.finish()
    file.close()
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = made(tmp_path / "a.gunj")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gunj"]
    assert path.stat().st_mode & 0o077 == 0
    with RecordingFile.open(path) as file:
        info = file.info()
        assert (info.events, info.blocks, info.first, info.last, info.complete) == (30, 3, 0.0, 209.0, True)
        assert info.source == "127.0.0.1:1"
        assert [event.data["n"] for event in file.events()] == [*range(10)] * 3
        assert file.check() == []


def test_one_that_was_cut_off_is_whole_but_for_its_end(tmp_path: Path) -> None:
    file = RecordingFile.create(tmp_path / "a.gunj", "")
    file.append(0.0, 9.0, 10, pack([events(0.0, 10)], Redaction()))
    with RecordingFile.open(tmp_path / "a.gunj") as other:  # the writer is still there, as a copy of it would be
        assert (other.info().events, other.info().complete, other.check()) == (10, False, [])
    file.close()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = made(tmp_path / "a.gunj")
    with pytest.raises(SettingsError, match="already"):
        RecordingFile.create(path, "")
    with pytest.raises(SettingsError, match="cannot make"):
        RecordingFile.create(tmp_path / "no" / "such" / "folder", "")


def test_a_file_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("disk I/O error")

    monkeypatch.setattr(RecordingFile, "tell", full)
    with pytest.raises(SettingsError, match="cannot make .*: disk I/O error. Choose another place"):
        RecordingFile.create(tmp_path / "a.gunj", "")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("hello " * 1000)
    other = tmp_path / "other.db"
    sqlite3.connect(other).executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1);")
    for path in (tmp_path / "none", tmp_path, text, other):
        with pytest.raises(SettingsError, match="recording"):
            RecordingFile.open(path)
    path = made(tmp_path / "a.gunj")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    with pytest.raises(SettingsError, match="format '99'"):
        RecordingFile.open(path)


def test_damage_is_told_and_the_rest_can_be_read(tmp_path: Path) -> None:
    path = made(tmp_path / "a.gunj")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE blocks SET data = zeroblob(80) WHERE id = 2")
        connection.execute("UPDATE blocks SET events = 11 WHERE id = 3")
    with RecordingFile.open(path) as file:
        assert file.check() == ["block 2 of the recording is damaged", "block 3 has 10 events, not 11"]
        assert len(file.read(1)[0]) == 10
        with pytest.raises(RemoteProtocolError, match="damaged"):
            file.read(2)
        with pytest.raises(RemoteProtocolError, match="damaged"):
            file.read(9)
