"""Measuring by turns, so that a ratio is fair on a machine whose speed drifts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence

__all__ = ["by_turns", "show"]


def by_turns(cases: dict[str, Callable[[], int]], rounds: int = 7) -> dict[str, float]:
    """Run every case once per round and return the median CPU nanoseconds per operation of each.

    A case does its work and returns how many operations that was. One round goes ahead to warm up.
    """
    times: dict[str, list[float]] = {name: [] for name in cases}
    gc.collect()
    gc.freeze()
    for turn in range(rounds + 1):
        for name, case in cases.items():
            start = time.process_time_ns()
            operations = case()
            spent = time.process_time_ns() - start
            if turn:
                times[name].append(spent / operations)
    gc.unfreeze()
    return {name: statistics.median(spent) for name, spent in times.items()}


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}")
    for row in cells:
        first, *rest = (
            cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join([first, *rest]))
