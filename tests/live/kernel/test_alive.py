"""While a cell computes, samples go on arriving and buttons are answered: during the cell, not after it.

How soon: benchmarks/busy.py, whose server, kernel and page these are.
"""

from __future__ import annotations

import importlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

SECONDS = 5.0


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "benchmarks")
    return importlib.import_module("busy")


@pytest.mark.timeout(120)
def test_a_page_lives_on_while_a_cell_computes(bench: Any) -> None:
    with bench.blasting(bench.RATE * 60, rate=bench.RATE) as url, bench.kernel(nodelay=False) as page:
        page.prepare(url)
        seen = bench.busy(page, "Python that computes", SECONDS)
        arrived = [at for at, _ in page.late["samples"]]
    assert not seen["cell was over"], "a button was answered after the cell: nothing was tested, or it had to wait"
    assert len(seen["presses"]) >= 5
    assert max(seen["presses"]) < SECONDS / 2
    assert len(seen["samples"]) >= 20
    assert max(late for late in seen["samples"]) < SECONDS / 2
    assert max(b - a for a, b in pairwise(arrived)) < SECONDS / 2
