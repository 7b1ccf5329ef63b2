"""What the pace goes by: shares of what the process may use, not of what the machine has."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from gunj_widgets.widgets.load import Load


def container(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / name.replace("_", ".", 1)).write_text(f"{text}\n")
    return path


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_one_busy_thread_is_more_than_a_tenth_of_a_cpu(tmp_path: Path) -> None:
    load = Load(container(tmp_path, cpu_max="10000 100000"))
    load.cpu()
    spin(0.2)
    assert load.cpu() > 1.0, "a tenth of a CPU is what there is, and more of one was taken"


def test_without_a_quota_the_cpus_that_it_may_use_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(100)), raising=False)
    load = Load(container(tmp_path, cpu_max="max 100000"))
    load.cpu()
    spin(0.2)
    assert 0 < load.cpu() < 0.1


def test_memory_is_of_the_containers_limit_and_files_read_long_ago_do_not_count(tmp_path: Path) -> None:
    files = {"memory_max": "1000000", "memory_current": "950000", "memory_stat": "anon 500000\ninactive_file 450000"}
    assert Load(container(tmp_path, **files)).memory() == 0.5


@pytest.mark.parametrize("limit", ["max", "99999999999999999", "", "0"])
def test_without_a_limit_the_machines_memory_counts(tmp_path: Path, limit: str) -> None:
    seen = Load(container(tmp_path, memory_max=limit, memory_current="1")).memory()
    assert abs(seen - psutil.virtual_memory().percent / 100) < 0.05
    assert abs(Load(tmp_path / "nothing").memory() - seen) < 0.05
