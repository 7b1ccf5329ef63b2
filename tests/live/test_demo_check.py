"""`gunj-widgets demo --check`: the notebook runs headless and every widget receives something."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.timeout(180)
def test_check_passes_and_names_every_widget() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gunj_widgets.cli", "demo", "--check"],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in ("status", "platform", "chart", "logs", "alerts"):
        assert f"\n  {kind}" in done.stdout
    assert "HOLES" not in done.stdout
    assert done.stdout.rstrip().endswith("ok")
