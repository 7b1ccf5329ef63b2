"""The index: snapshots behind the writer's back. That they are exact is shown in tests/session/test_replaying.py."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from gunj_widgets.events.event import Event
from gunj_widgets.recording import index as module
from gunj_widgets.recording.chunks import pack
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.index import Index, fits
from gunj_widgets.recording.redact import Redaction
from gunj_widgets.settings import RetentionSettings


def block(file: RecordingFile, n: int, topic: str = "platform.p.metrics.cpu") -> None:
    """Append a block of ten samples."""
    at = [100.0 * n + i for i in range(10)]
    batch = [
        Event(topic=topic, data={"metric": "cpu", "samples": [{"labels": {}, "time": t, "value": t}]}, arrived=t)
        for t in at
    ]
    file.append(at[0], at[-1], 10, pack([batch], Redaction()))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordingFile:
    monkeypatch.setattr(module, "EVERY", 20)
    return RecordingFile.create(tmp_path / "a.gunj", "here")


def test_a_snapshot_comes_after_so_many_events_and_follows_the_writer(file: RecordingFile) -> None:
    index = Index(file, RetentionSettings())
    assert not index.step()
    for n in range(5):
        block(file, n)
    index.follow()
    assert [tuple(mark) for mark in file.marks()] == [(2, 20, 109.0), (4, 40, 309.0)]
    block(file, 5)
    index.follow(time.monotonic() - 1)  # there is no time
    assert len(file.marks()) == 2
    index.follow()
    assert file.marks()[-1] == (6, 60, 509.0)
    assert [(head.block, head.newest, len(head.series)) for head in file.heads()] == [
        (2, 109_000_000, 1),
        (4, 309_000_000, 0),
        (6, 509_000_000, 0),
    ]
    assert (file.check(), file.info().snapshots) == ([], 3)
    assert file.retention == RetentionSettings()
    file.close()


def test_more_platforms_than_a_store_keeps_are_refused_as_it_does(file: RecordingFile) -> None:
    for n in range(70):
        block(file, n, f"platform.p{n}.metrics.cpu")
    Index(file, RetentionSettings()).follow()
    assert len({head.platform for head in file.heads()}) == 64
    assert file.marks()[-1].events == 700
    file.close()


def test_what_cannot_be_read_ends_it_and_not_the_recording(file: RecordingFile) -> None:
    for n in range(6):
        block(file, n)
    raw = sqlite3.connect(file.path)
    raw.execute("UPDATE blocks SET crc = 1 WHERE id = 3")
    raw.commit()
    raw.close()
    Index(file, RetentionSettings()).follow()
    assert len(file.marks()) == 1
    file.close()


def test_snapshots_fit_where_all_but_metrics_is_kept_alike() -> None:
    kept = RetentionSettings(logs_rows=50)
    assert fits(kept, RetentionSettings(logs_rows=50, metrics_age=5.0, history=3))
    assert not fits(kept, RetentionSettings())
    assert not fits(None, kept)
