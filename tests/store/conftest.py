"""Fixtures of the store's tests."""

from __future__ import annotations

import pytest

from gunj_widgets.store import slab


@pytest.fixture
def small_slabs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make slabs so small that a handful of samples fills them, and moving to a new one happens all the time."""
    monkeypatch.setattr(slab, "SMALLEST", 3)
    monkeypatch.setattr(slab, "SMALL", 4)
