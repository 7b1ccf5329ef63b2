"""Where in a query a server found fault: its line and column, and the words around them with a mark in between. Pure."""

from __future__ import annotations

__all__ = ["pointed", "position_of"]

MAX_SHOWN = 160
AROUND = 40


def position_of(query: str, line: int, column: int) -> int | None:
    """Turn a server's line and column, which count from 1, into a place in the query; None where there is no such place."""
    place = sum(len(before) + 1 for before in query.split("\n")[: line - 1]) + column - 1
    return place if 0 <= place <= len(query) else None


def pointed(query: str, position: int) -> str:
    """Quote the query around a position, with a mark in it: one line, so that it reads the same everywhere."""
    start, end = max(0, position - AROUND), min(len(query), position + AROUND)
    before, after = query[start:position], query[position:end]
    return f"‘{'…' if start else ''}{before}⟨here⟩{after}{'…' if end < len(query) else ''}’"[:MAX_SHOWN]
