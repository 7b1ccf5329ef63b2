"""What all tests share: tests under tests/live are `live`, and the order is pure, live, browser (cheapest first).

`make test` runs them in two processes, since most live tests wait: a file's tests stay together, and so do all that drive a
browser, so that no two browsers want the cores at once.
"""

from __future__ import annotations

import os
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
SOAK = "test_soak.py"
"""Waits for minutes: the last of the live tests, so that the browser's run beside it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if room(item) == "live":
            item.add_marker(pytest.mark.live)
        together = "browser" if room(item) == "browser" else str(item.path.relative_to(HERE))
        item.add_marker(pytest.mark.xdist_group(together))
    items.sort(key=lambda item: (ORDER.get(room(item), 0), item.path.name == SOAK))


def room(item: pytest.Item) -> str:
    """The folder under tests/ that a test lives in; its file's name for a test directly in tests/."""
    return item.path.relative_to(HERE).parts[0]
