"""A busy kernel is harmless: cells that sleep, compute, or hold the interpreter's lock cost no connection and no event.

The long form, 60 s, 60 s and 30 s, with the figure for the lag of the I/O loop, runs with GUNJ_SOAK=1.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gunj_widgets.demo.operator import Operator
from tests.live.kernel.kernels import Kernel

SOAK = os.environ.get("GUNJ_SOAK") == "1"
CELLS = {
    "sleeps": ("time.sleep({seconds})", 60.0 if SOAK else 6.0),
    "computes": ("compute({seconds})", 60.0 if SOAK else 6.0),
    "holds the lock": ("hold_the_lock({seconds})", 30.0 if SOAK else 6.0),
}
SETTLED = "; print(book.report(time.time()))"

pytestmark = pytest.mark.timeout(300 if SOAK else 120)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[dict[str, Any]]]]:
    """One kernel for each cell, all at once: what its book says afterwards."""
    with ExitStack() as stack:
        patient = stack.enter_context(Operator(seed=7))
        # One that hangs up on who is silent for 2 s, so that the short form, too, is cut off while the lock is held.
        strict = patient if SOAK else stack.enter_context(Operator(seed=7, heartbeat=1.0))

        def watch(name: str, folder: Path) -> dict[str, Any]:
            cell, seconds = CELLS[name]
            operator = strict if name == "holds the lock" else patient
            with Kernel(folder) as kernel:
                kernel.prepare(operator.url, operator.token)
                report = kernel.run(cell.format(seconds=seconds) + SETTLED, seconds + 45.0)
            return dict(json.loads(report))

        with ThreadPoolExecutor(len(CELLS)) as pool:
            yield {name: pool.submit(watch, name, tmp_path_factory.mktemp("kernel")) for name in CELLS}


def nothing_lost(report: dict[str, Any]) -> None:
    assert report["streams"] == 2
    assert report["wrong"] == 0, "something was lost, doubled or out of order"
    counts = report["counts"]
    assert (counts["gap"], counts["reset"], counts["malformed"], counts["errors"]) == (0, 0, 0, 0)


@pytest.mark.parametrize("cell", ["sleeps", "computes"])
def test_no_disconnect_and_nothing_lost_while_a_cell(cell: str, reports: dict[str, Future[dict[str, Any]]]) -> None:
    report = reports[cell].result()
    print(cell, report)  # noqa: T201  the figure for docs/reliability.md: pytest -s
    assert report["states"] == []
    assert report["counts"]["reconnects"] == 0
    nothing_lost(report)
    if SOAK:
        assert report["p99"] <= 0.150


def test_it_resumes_within_five_seconds_after_a_cell_that_holds_the_lock(
    reports: dict[str, Future[dict[str, Any]]],
) -> None:
    report = reports["holds the lock"].result()
    print("holds the lock", report)  # noqa: T201
    assert report["counts"]["reconnects"] >= 1, "the operator did not hang up: nothing was tested"
    assert report["fresh"] <= 5.0
    nothing_lost(report)
