"""Pattern: a subscription pattern as a tiny automaton that never backtracks.

The state is an int: bit i is set when the first i parts of the pattern are satisfied. One step per topic segment,
whatever the number of `**`, so a hostile pattern costs no more than a friendly one.
"""

from __future__ import annotations

from gunj_widgets.events.topics import MANY, ONE, parse_pattern

__all__ = ["START", "Pattern"]

START = 1
"""The state before the first segment."""


class Pattern:
    """One parsed pattern. Raises PatternError where `text` breaks the grammar of `events.topics`."""

    __slots__ = ("_any", "_named", "_stay", "end", "is_literal", "parts", "rest", "takes_all", "text")

    def __init__(self, text: str) -> None:
        self.parts = parse_pattern(text)
        self.text = text
        self.end = 1 << len(self.parts)
        """The bit that is set once the whole pattern is satisfied."""
        self._named: dict[str, int] = {}
        self._any = 0
        self._stay = 0
        for index, part in enumerate(self.parts):
            bit = 1 << index
            if part in (ONE, MANY):
                self._any |= bit
                self._stay |= bit << 1 if part == MANY else 0
            else:
                self._named[part] = self._named.get(part, 0) | bit
        self.is_literal = not self._any
        self.takes_all = self.parts == (MANY,)
        self.rest = self.end if self.parts[-1] == MANY else 0
        """The state in which whatever follows matches too; 0 where the pattern has none."""

    def step(self, state: int, name: str) -> int:
        """Return the state after one more topic segment; 0 means that no match is possible any more."""
        return (state & (self._named.get(name, 0) | self._any)) << 1 | state & self._stay

    def only_names(self, state: int) -> list[str] | None:
        """Return the literal names that can follow, or None where any name can."""
        if state & (self._any | self._stay):
            return None
        return [name for name, bits in self._named.items() if bits & state]

    def matches(self, topic: str) -> bool:
        """Say whether the whole topic matches."""
        state = START
        for name in topic.split("."):
            state = self.step(state, name)
            if not state:
                return False
        return bool(state & self.end)
