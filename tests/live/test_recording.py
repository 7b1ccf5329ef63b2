"""A recording of a process that is killed: the file opens, is whole, and lacks at most the last second."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import GunjError
from gunj_widgets.recording.file import RecordingFile
from tests.live.client import PLATFORM, wait_for
from tests.live.faults.conftest import SOAK
from tests.live.faults.numbers import Numbers, told
from tests.live.jetstream.servers import Child

TIMES = 20 if SOAK else 3
LONGEST = 60.0 if SOAK else 4.0
RATE = 2_500
"""Numbers a second, each told as a sample and as a line: 5,000 events."""
TICK = 0.02


@pytest.mark.timeout(150)
@pytest.mark.parametrize("seed", range(TIMES))
def test_kill_9_costs_the_last_second_at_most(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "a.gunj"
    until = LONGEST * (0.4 + 0.6 * Random(seed).random())
    with Numbers(ring=400_000, max_lag=400_000, heartbeat=0.5) as operator:
        process = Child("-m", "gunj_widgets.cli", "record", operator.url, str(path), env={"GUNJ_TOKEN": operator.token})
        try:
            wait_for(lambda: path.exists() and _events(path) > 0, 20)
            began = time.monotonic()
            while (spent := time.monotonic() - began) < until:
                operator.publish(max(0, int(spent * RATE) - operator.said))
                time.sleep(TICK)
            said = operator.said
            process.signal(signal.SIGKILL)
            killed = time.time()
        finally:
            process.kill()
    with RecordingFile.open(path) as file:
        assert file.check() == []
        info = file.info()
        numbers = told([event for event in file.events() if event.topic.startswith(f"platform.{PLATFORM}.")])
    assert not info.complete
    assert info.last is not None
    assert killed - info.last <= 1.0
    for kind in numbers:
        assert kind == list(range(1, len(kind) + 1)), "none is missing in between"
        assert said - len(kind) <= 1.2 * RATE  # what was told in the last second, and was on its way
    size = path.stat().st_size / info.events  # closed, and so without a journal beside it
    print(f"{until:.1f} s, {info.events:,} events of {size:.1f} bytes, {info.snapshots} snapshots")  # noqa: T201
    rt = gunj.replay(path)
    rt.player.seek(rt.player.end_time)
    assert rt.state == "open"
    assert rt.player.told == info.events
    assert rt.store.logs(PLATFORM).total >= len(numbers[1])
    rt.shut()


def _events(path: Path) -> int:
    try:
        with RecordingFile.open(path) as file:
            return file.info().events
    except GunjError:
        return 0  # it is being made


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 400 kB."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", tmp_path]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def test_a_full_disk_costs_the_recording_and_not_the_session(small_disk: Path) -> None:
    path = small_disk / "a.gunj"
    with Numbers(ring=400_000, max_lag=400_000, heartbeat=0.5) as operator:
        rt = gunj.connect(operator.url, token=operator.token)
        logs = rt.logs(PLATFORM)
        with rt.record(path) as recording:
            end = time.monotonic() + 60
            while recording.status.state == "recording":
                assert time.monotonic() < end, "the disk does not fill"
                operator.publish(500)
                time.sleep(TICK)
        status = recording.status
        assert (status.state, status.problem) == ("failed", "database or disk is full")
        assert "disk is full" in rt.stats().last_problem, "who looks at the session sees it, too"
        before = logs.total
        operator.publish(10)
        wait_for(lambda: rt.state == "open" and logs.total > before, 10)
        rt.shut()
    back = gunj.replay(path)
    back.player.seek(back.player.end_time)
    assert (back.state, back.player.told) == ("open", status.events), "what was written before can be read"
    back.shut()
    with RecordingFile.open(path) as file:
        assert file.check() == []


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
