"""`gunj-widgets recording …`: each deed on a real file, and what it says of files that are none."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from gunj_widgets.cli import main
from gunj_widgets.recording.file import RecordingFile
from tests.recording.test_file import made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path / "a.gunj")


def test_info_and_check(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recording", "info", str(path)]) == 0
    said = capsys.readouterr().out
    assert "events    30" in said
    assert "last      1970-01-01T00:03:29.000+00:00" in said
    assert main(["recording", "check", str(path)]) == 0
    assert "all of them whole" in capsys.readouterr().out


def test_check_says_what_is_damaged(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE blocks SET data = zeroblob(9) WHERE id = 2")
    assert main(["recording", "check", str(path)]) == 1
    assert "block 2 of the recording is damaged" in capsys.readouterr().out


def test_cut_and_merge(path: Path, tmp_path: Path) -> None:
    assert main(["recording", "cut", str(path), str(tmp_path / "b.gunj"), "--from", "100s", "--for", "5s"]) == 0
    with RecordingFile.open(tmp_path / "b.gunj") as file:
        assert [event.arrived for event in file.events()] == [100.0, 101.0, 102.0, 103.0, 104.0]
    assert main(["recording", "merge", str(path), str(tmp_path / "b.gunj"), str(tmp_path / "c.gunj")]) == 0
    with RecordingFile.open(tmp_path / "c.gunj") as file:
        times = [event.arrived for event in file.events()]
        assert times == sorted(times)
        assert len(times) == 35  # these events have no ids by which to know them


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_export_can_be_read_by_pandas(path: Path, tmp_path: Path, ending: str) -> None:
    to = tmp_path / f"a.{ending}"
    assert main(["recording", "export", str(path), str(to)]) == 0
    if ending == "jsonl":
        rows = [json.loads(line) for line in to.read_text().splitlines()]
        assert rows[3]["payload"] == {"n": 3}
        assert len(rows) == 30
        return
    frame = pd.read_csv(to) if ending == "csv" else pd.read_parquet(to)
    assert len(frame) == 30
    assert json.loads(frame["payload"][3]) == {"n": 3}
    if ending == "parquet":
        assert frame["arrived"][3] == pd.Timestamp(3, unit="s", tz="UTC")


def test_what_cannot_be_done_is_one_line(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recording", "info", str(tmp_path / "none")]) == 1
    assert main(["recording", "export", str(path), str(tmp_path / "a.xls")]) == 1
    assert main(["recording", "cut", str(path), str(path)]) == 1
    assert main(["recording", "export", str(path), str(tmp_path / "a.csv")]) == 0
    assert main(["recording", "export", str(path), str(tmp_path / "a.csv")]) == 1
    said = capsys.readouterr().err
    assert said.count("gunj-widgets: ") == 4
    assert "there is no recording" in said
    assert ".parquet" in said
    assert "already" in said


def test_record_the_demo_for_a_while(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "demo", str(tmp_path / "a.gunj"), "--for", "1s"]) == 0
    with RecordingFile.open(tmp_path / "a.gunj") as file:
        assert file.info().events > 5
        assert file.info().complete
