"""Minutes (in `make soak` an hour) at 1,000 messages a second, beside all other tests: nothing lost, nothing grows."""

from __future__ import annotations

import subprocess

import pytest


@pytest.mark.timeout(6_000)
def test_memory_does_not_grow(soak: subprocess.Popen[str]) -> None:
    said, _ = soak.communicate(timeout=5_900)
    print(said)  # noqa: T201  the slope, for the record
    assert soak.returncode == 0, said
