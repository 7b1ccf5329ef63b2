"""The recorder: nothing waits for it, everything it could not keep is counted, and a full disk is its own affair."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.recording import recorder as module
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.recorder import Recorder


def batch(start: int, count: int = 5) -> list[Event]:
    return [Event(topic="a.b", data={"n": n}, arrived=float(n)) for n in range(start, start + count)]


def test_all_that_was_taken_is_in_the_file(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.gunj", source="here")
    for n in range(100):
        recorder.take(batch(5 * n))
    status = recorder.stop()
    assert (status.state, status.events, status.waiting, status.dropped) == ("stopped", 500, 0, 0)
    assert status.bytes > 0
    recorder.take(batch(0))  # too late, and no harm
    with RecordingFile.open(tmp_path / "a.gunj") as file:
        assert [event.data["n"] for event in file.events()] == list(range(500))
        assert file.info().complete


def test_what_comes_faster_than_the_disk_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 12)
    monkeypatch.setattr(module, "EVERY", 60.0)
    recorder = Recorder(tmp_path / "a.gunj")
    for n in range(4):
        recorder.take(batch(5 * n))
    assert recorder.status().dropped == 10
    recorder.stop()
    with RecordingFile.open(tmp_path / "a.gunj") as file:
        assert (file.info().events, file.info().dropped) == (10, 10)


def test_a_full_disk_ends_the_recording_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("database or disk is full")

    ended = threading.Event()
    monkeypatch.setattr(RecordingFile, "append", full)
    recorder = Recorder(tmp_path / "a.gunj", changed=ended.set)
    recorder.take(batch(0))
    assert ended.wait(10)
    status = recorder.stop()
    assert (status.state, status.problem) == ("failed", "database or disk is full")


def test_secrets_are_left_out_and_counted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.gunj", redact=["email"])
    recorder.take([Event(topic="a.b", data={"token": "s3cr3t", "email": "a@b"}, arrived=1.0)])
    assert recorder.stop().hidden == 2
    assert b"s3cr3t" not in (tmp_path / "a.gunj").read_bytes()
    with RecordingFile.open(tmp_path / "a.gunj") as file:
        assert next(file.events()).data == {"token": "[redacted]", "email": "[redacted]"}
        assert file.info().hidden == 2


def test_a_place_where_nothing_can_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Recorder(tmp_path / "none" / "a.gunj")
