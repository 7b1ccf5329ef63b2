"""A flood and a slow browser: every sample is remembered, every critical alert is shown, everything left out is counted."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

SECONDS, RATE = 5.0, 20_000


@pytest.fixture
def flood(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    return importlib.import_module("flood")


def test_nothing_is_lost_and_every_alert_is_shown(flood: Any) -> None:
    seen = flood.flood(SECONDS, RATE)
    assert seen["stored"] == seen["sent"] == SECONDS * RATE
    assert len(seen["latencies"]) == seen["alerts"] > 0
    assert seen["unaccounted"] == 0
    assert seen["counts"]["delivered"] == seen["counts"]["stored"] == seen["sent"] + seen["alerts"]
    assert seen["dropped"] == 0  # one mark per channel waits, whatever comes in
    assert seen["conflated"] > 0  # and updates of them were merged, which is counted: a batch is one change
    assert seen["envelopes"] < SECONDS * 60  # whatever comes in, the page gets no more than it can show
    assert seen["envelopes"] <= 30 * seen["seconds"] + 5
