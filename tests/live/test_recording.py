"""A recording of a process that is killed: the file opens, is whole, and lacks at most the last second."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

import gunj_widgets as gunj
from gunj_widgets.recording.file import RecordingFile

CHILD = Path(__file__).with_name("recording_child.py")
TIMES = 20 if os.environ.get("GUNJ_SOAK") else 4


@pytest.mark.parametrize("seed", range(TIMES))
def test_kill_9_costs_the_last_second_at_most(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "a.gunj"
    process = subprocess.Popen([sys.executable, CHILD, path], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"recording\n"
    time.sleep(1.2 + 2 * Random(seed).random())
    process.kill()
    killed = time.time()
    process.wait()
    process.stdout.close()
    with RecordingFile.open(path) as file:
        assert file.check() == []
        info = file.info()
        seqs = [event.seq for event in file.events()]
    assert not info.complete
    assert info.last is not None
    assert killed - info.last <= 1.0
    assert seqs == list(range(1, len(seqs) + 1))
    rt = gunj.replay(path)
    rt.player.seek(rt.player.end_time)
    assert rt.store.frame("p").stats().rows == info.events
    rt.shut()


def test_a_recording_of_the_demo_ends_where_the_session_stood(tmp_path: Path) -> None:
    live = gunj.connect("demo")
    metrics, logs = live.metrics("production"), live.logs("production")
    with live.record(tmp_path / "demo.gunj") as recording:
        end = time.monotonic() + 20
        while recording.status.events < 60:
            assert time.monotonic() < end, "nothing comes"
            time.sleep(0.05)
        live.shut()  # from here on nothing changes any more
    back = gunj.replay(tmp_path / "demo.gunj")
    back.player.seek(back.player.end_time)
    assert back.metrics("production").df.equals(metrics.df)
    assert back.logs("production").df.equals(logs.df)
    assert back.store.platforms.df.equals(live.store.platforms.df)
    assert back.store.alerts.df.equals(live.store.alerts.df)
    back.shut()
    gunj.close_all()
