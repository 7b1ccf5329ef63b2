"""PatternTrie: all patterns in one tree of segments, so that one walk finds every subscription of a topic."""

from __future__ import annotations

from typing import Generic, TypeVar

from gunj_widgets.events.topics import MANY, ONE

__all__ = ["PatternTrie"]

V = TypeVar("V")


class _Node(Generic[V]):
    """One prefix of patterns. `loops` marks a node reached by `**`: it may swallow further segments."""

    __slots__ = ("loops", "many", "names", "one", "values")

    def __init__(self, *, loops: bool = False) -> None:
        self.names: dict[str, _Node[V]] = {}
        self.one: _Node[V] | None = None
        self.many: _Node[V] | None = None
        self.values: dict[V, None] = {}
        self.loops = loops

    def child(self, part: str) -> _Node[V] | None:
        if part == ONE:
            return self.one
        return self.many if part == MANY else self.names.get(part)

    def grow(self, part: str) -> _Node[V]:
        node: _Node[V] = _Node(loops=part == MANY)
        if part == ONE:
            self.one = node
        elif part == MANY:
            self.many = node
        else:
            self.names[part] = node
        return node

    def prune(self, part: str) -> None:
        if part == ONE:
            self.one = None
        elif part == MANY:
            self.many = None
        else:
            del self.names[part]

    @property
    def is_bare(self) -> bool:
        return not self.values and not self.names and self.one is None and self.many is None


class PatternTrie(Generic[V]):
    """Values filed under patterns. `len()` is the number of distinct patterns."""

    def __init__(self) -> None:
        self._root: _Node[V] = _Node()
        self._patterns = 0

    def __len__(self) -> int:
        return self._patterns

    def add(self, parts: tuple[str, ...], value: V) -> None:
        """File `value` under a parsed pattern."""
        node = self._root
        for part in parts:
            node = node.child(part) or node.grow(part)
        self._patterns += not node.values
        node.values[value] = None

    def remove(self, parts: tuple[str, ...], value: V) -> None:
        """Take `value` out again and cut the branches that bear nothing any more. Unknown values are ignored."""
        path = [self._root]
        for part in parts:
            node = path[-1].child(part)
            if node is None:
                return
            path.append(node)
        if value not in path[-1].values:
            return
        del path[-1].values[value]
        self._patterns -= not path[-1].values
        for part, parent, node in zip(reversed(parts), reversed(path[:-1]), reversed(path), strict=False):
            if not node.is_bare:
                break
            parent.prune(part)

    def match(self, topic: str) -> list[V]:
        """Return the values of every pattern that matches, in no particular order, each once.

        The walk keeps the set of live nodes, one step per segment: at most nodes × segments steps, no backtracking.
        """
        active = {self._root}
        for name in topic.split("."):
            reached: set[_Node[V]] = set()
            for node in active:
                if name in node.names:
                    reached.add(node.names[name])
                if node.one is not None:
                    reached.add(node.one)
                if node.many is not None:
                    reached.add(node.many)
                if node.loops:
                    reached.add(node)
            active = reached
        return [value for node in active for value in node.values]
