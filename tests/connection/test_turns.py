"""Turns at the interpreter: the shortest that is asked for holds, and what was there before comes back."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from gunj_widgets.connection import turns
from gunj_widgets.connection.turns import shorten


@pytest.fixture(autouse=True)
def before(monkeypatch: pytest.MonkeyPatch) -> Iterator[float]:
    """What a kernel has before any session, whatever those of other tests asked for."""
    monkeypatch.setattr(turns, "_asked", [])
    kept = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    yield sys.getswitchinterval()
    sys.setswitchinterval(kept)


def test_the_shortest_holds_and_what_was_before_comes_back(before: float) -> None:
    first, second = shorten(0.001), shorten(0.002)
    assert sys.getswitchinterval() == pytest.approx(0.001)
    first()
    assert sys.getswitchinterval() == pytest.approx(0.002)
    first()  # once more: nothing
    assert sys.getswitchinterval() == pytest.approx(0.002)
    second()
    assert sys.getswitchinterval() == before


def test_none_and_longer_ones_change_nothing(before: float) -> None:
    undoes = shorten(None), shorten(0.5)
    assert sys.getswitchinterval() == before
    for undo in undoes:
        undo()
    assert sys.getswitchinterval() == before


def test_whoever_sets_another_has_the_last_word() -> None:
    undo = shorten(0.001)
    sys.setswitchinterval(0.003)
    shorten(0.0005)()
    assert sys.getswitchinterval() == pytest.approx(0.003)
    undo()
    assert sys.getswitchinterval() == pytest.approx(0.003)
    shorten(0.001)()  # and is what comes back from then on
    assert sys.getswitchinterval() == pytest.approx(0.003)
