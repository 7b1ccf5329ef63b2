"""Minutes (in `make soak` an hour) at 1,000 messages a second, beside other tests: nothing lost, nothing grows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MINUTES = 60 if os.environ.get("GUNJ_SOAK") == "1" else 3
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(6_000)
def test_memory_does_not_grow() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "soak.py"), "--minutes", str(MINUTES)]
    run = subprocess.run(
        command, check=False, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=5_900
    )
    print(run.stdout)  # noqa: T201  the slope, for the record
    assert run.returncode == 0, run.stdout
