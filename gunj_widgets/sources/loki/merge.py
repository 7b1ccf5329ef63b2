"""Two tellings of one log made one: the tail, which is quick and loses lines, and answers to queries, which lose none. Pure."""

from __future__ import annotations

from collections import deque

from gunj_widgets.sources.loki.replies import Line

__all__ = ["CONFIRM", "HOLD", "Merge"]

CONFIRM = 3.0
"""Seconds in which the tail may still bring what an answer had first; what it does not bring then was lost to it."""
HOLD = 30.0
"""Seconds after a loss in which lines wait for the answers, so that they come in order."""
MAX_HELD = 50_000
MAX_KNOWN = 1_000_000
"""Lines remembered by their 16 bytes; more than that within the overlap is given twice rather than kept."""


class Merge:
    """Gives each line once. `now` is steady seconds; times of lines are their own, in nanoseconds."""

    def __init__(self) -> None:
        self.recovered = 0
        """Lines that only the answers had, while a tail was open."""
        self.repeated = 0
        """Lines that came twice: what it costs to miss none."""
        self._known: dict[bytes, int] = {}
        self._held: dict[bytes, Line] = {}
        self._unheard: set[bytes] = set()  # given from an answer, not yet by the tail
        self._due: deque[tuple[float, list[bytes]]] = deque()
        self._holding = float("-inf")

    @property
    def waiting(self) -> int:
        """Lines that wait for an answer."""
        return len(self._held)

    def is_holding(self, now: float) -> bool:
        """Whether lines of the tail wait until an answer has shown what lies between them."""
        return now < self._holding

    def lost(self, now: float) -> None:
        """Note that the tail has lost something."""
        self._holding = now + HOLD

    def tailed(self, lines: list[Line], now: float) -> list[Line]:
        """Take what the tail brought; return what may be shown at once."""
        holding = self.is_holding(now)
        fresh = []
        for line in lines:
            if line.key in self._known or line.key in self._held:
                self.repeated += 1
                self._unheard.discard(line.key)
            elif holding and len(self._held) < MAX_HELD:
                self._held[line.key] = line
            else:
                self._remember(line)
                fresh.append(line)
        return fresh

    def answered(self, lines: list[Line], now: float, tail_from: int | None = None) -> list[Line]:
        """Take a page of an answer, oldest first; return what is new. From `tail_from` on an open tail should have it too."""
        fresh, unheard = [], []
        for line in lines:
            if line.key in self._known:
                self.repeated += 1
                continue
            if self._held.pop(line.key, None) is None and tail_from is not None and line.ns >= tail_from:
                unheard.append(line.key)
            self._remember(line)
            fresh.append(line)
        if unheard:
            self._unheard.update(unheard)
            self._due.append((now + CONFIRM, unheard))
        return fresh

    def settled(self, until: int, oldest: int, now: float) -> list[Line]:
        """End a look that went up to `until`: return lines of the tail that it did not show, and forget those before `oldest`."""
        left = [line for line in self._held.values() if line.ns < until]
        for line in left:
            del self._held[line.key]
            self._remember(line)
        while self._due and self._due[0][0] <= now:
            missing = self._unheard.intersection(self._due.popleft()[1])
            if missing:
                self._unheard -= missing
                self.recovered += len(missing)
                self.lost(now)
        self._known = {key: ns for key, ns in self._known.items() if ns >= oldest}
        return sorted(left, key=lambda line: line.ns)

    def forgive(self) -> None:
        """The tail was away: what it could not bring is not counted as its loss."""
        self._unheard.clear()
        self._due.clear()

    def _remember(self, line: Line) -> None:
        if len(self._known) < MAX_KNOWN:
            self._known[line.key] = line.ns
