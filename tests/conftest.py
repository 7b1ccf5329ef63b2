"""What all tests share: tests under tests/live are `live`, and the order is pure, live, browser (cheapest first)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine must not fail a property by its clock; CI must find today what it found yesterday.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")

HERE = Path(__file__).parent
ORDER = {"live": 1, "browser": 2}
"""Rooms of tests that come after the rest, in this order."""
LAST = 3
SOAK = pytest.StashKey[subprocess.Popen[str]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if room(item) == "live":
            item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: LAST if is_soak(item) else ORDER.get(room(item), 0))


def is_soak(item: pytest.Item) -> bool:
    return item.path.name == "test_soak.py"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the soak before the first test: it takes minutes, hardly any CPU, and is waited for by the last one."""
    if any(is_soak(item) for item in session.items) and not session.config.option.collectonly:
        minutes = "60" if os.environ.get("GUNJ_SOAK") == "1" else "3"
        command = [sys.executable, str(HERE.parent / "benchmarks" / "soak.py"), "--minutes", minutes]
        session.config.stash[SOAK] = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=HERE.parent
        )


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> subprocess.Popen[str]:
    """The run that was started before the first test."""
    return request.config.stash[SOAK]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running, however the tests ended."""
    process = config.stash.get(SOAK, None)
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def room(item: pytest.Item) -> str:
    """The folder under tests/ that a test lives in; its file's name for a test directly in tests/."""
    return item.path.relative_to(HERE).parts[0]
