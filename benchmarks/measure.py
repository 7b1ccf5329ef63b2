"""Measuring by turns, so that a ratio is fair on a machine whose speed drifts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence

__all__ = ["Spent", "by_turns", "show"]


class Spent(dict[str, float]):
    """The median CPU nanoseconds per operation, by case; `rounds` has what each round took."""

    def __init__(self, rounds: dict[str, list[float]]) -> None:
        super().__init__((name, statistics.median(each)) for name, each in rounds.items())
        self.rounds = rounds

    def ratio(self, over: str, under: str, form: str = ",.2f") -> str:
        """Return how many times longer one takes than another: the median of the rounds, the least and the most."""
        ratios = [a / b for a, b in zip(self.rounds[over], self.rounds[under], strict=True)]
        middle, least, most = (f"{each:{form}}x" for each in (statistics.median(ratios), min(ratios), max(ratios)))
        return f"{middle} ({least}–{most})"


def by_turns(cases: dict[str, Callable[[], int]], rounds: int = 7) -> Spent:
    """Run every case once per round and return what an operation of each took.

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
    return Spent(times)


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
