"""What all tests share: tests under tests/live are `live`, and the order is pure, live, browser (cheapest first)."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
ORDER = {"live": 1, "browser": 2}
"""Rooms of tests that come after the rest, in this order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if room(item) == "live":
            item.add_marker(pytest.mark.live)
    items.sort(key=lambda item: ORDER.get(room(item), 0))


def room(item: pytest.Item) -> str:
    """The folder under tests/ that a test lives in; its file's name for a test directly in tests/."""
    return item.path.relative_to(HERE).parts[0]
