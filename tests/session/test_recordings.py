"""Recording a session: what was known already, all that comes, and notes; a full disk ends the recording and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SettingsError, SetupError
from gunj_widgets.recording.file import RecordingFile
from tests.session.conftest import Rig, until


def test_what_was_known_and_what_comes_and_what_is_noted(rig: Rig, tmp_path: Path) -> None:
    rt = rig.session.wait_ready(5)
    rt.note("before")
    with rt.record(tmp_path / "a.gunj", redact=["owner"]) as recording:
        rig.publish(
            "platform.staging.status", {"name": "staging", "namespace": "test", "phase": "Failed", "owner": "me"}
        )
        until(lambda: rt.platform("staging").phase == "Failed")
        rt.note("during")
        until(lambda: recording.status.events >= 5)
        assert "recording" in repr(recording)
    rig.publish("platform.staging.status", {"name": "staging", "namespace": "test", "phase": "Ready"})
    until(lambda: rt.platform("staging").phase == "Ready")
    rt.note("after")
    assert recording.status.state == "stopped"
    assert b'"me"' not in (tmp_path / "a.gunj").read_bytes()

    back = gunj.replay(tmp_path / "a.gunj")
    assert {p.name: str(p.phase) for p in back.platforms} == {"production": "Ready", "staging": "Pending"}
    assert [note.text for note in back.notes] == ["before"]
    back.player.seek(back.player.end_time)
    assert back.platform("staging").phase == "Failed"
    assert [note.text for note in back.notes] == ["before", "during"]
    back.player.seek(back.player.start_time)
    assert back.platform("staging").phase == "Pending"
    assert back.store.stats().counts["malformed"] == 0
    back.shut()


def test_a_file_that_is_there_is_refused_and_nothing_is_recorded(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "a.gunj").write_text("mine")
    with pytest.raises(SettingsError, match="already"):
        rig.session.record(tmp_path / "a.gunj")
    assert (tmp_path / "a.gunj").read_text() == "mine"
    assert rig.session._memory._taps == ()


def test_what_cannot_be_left_out_leaves_no_file_behind(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        rig.session.record(tmp_path / "a.gunj", redact=5)  # type: ignore[arg-type]  on purpose
    assert not (tmp_path / "a.gunj").exists()


def test_a_full_disk_ends_the_recording_and_the_session_lives_on(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("database or disk is full")

    rt = rig.session.wait_ready(5)
    monkeypatch.setattr(RecordingFile, "append", full)
    recording = rt.record(tmp_path / "a.gunj")
    until(lambda: recording.status.state == "failed")
    until(lambda: "disk is full" in rt.stats().last_problem)
    assert "disk is full" in repr(recording)
    rig.publish("platform.staging.status", {"name": "staging", "namespace": "test", "phase": "Failed"})
    until(lambda: rt.platform("staging").phase == "Failed")
    recording.stop()


def test_a_recording_ends_with_its_session(rig: Rig, tmp_path: Path) -> None:
    rt = rig.session.wait_ready(5)
    recording = rt.record(tmp_path / "a.gunj")
    rt.shut()
    until(lambda: recording.status.state == "stopped")
    assert recording.stop().problem == ""
    with gunj.replay(tmp_path / "a.gunj") as back:
        assert len(back.platforms) == 2


def test_a_live_session_has_no_player(rig: Rig) -> None:
    with pytest.raises(SetupError, match="replay"):
        _ = rig.session.player
    assert not rig.session.is_replay
    assert abs(rig.session.now() - time.time()) < 5


def test_a_recording_has_a_place(rig: Rig) -> None:
    for keep in (rig.session.record, gunj.replay):
        with pytest.raises(SettingsError, match="a file is named by text or a Path, not None"):
            keep(None)  # type: ignore[operator]  on purpose
