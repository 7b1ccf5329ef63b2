"""Stills: a widget's content at one moment as text and as HTML that needs no kernel, no script and no style sheet."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from IPython.display import display

from gunj_widgets.events.shown import MAX_ROWS, markup, plain, stamp

__all__ = ["MAX_ROWS", "Still", "put", "put_picture", "stamp"]

WIDEST = 100
"""Characters of a cell in the text; the HTML has ten times that."""


@dataclass(frozen=True, slots=True)
class Still:
    """What a widget shows: a title, a sentence, and a table. Everything in it may come from a peer and is only ever text."""

    title: str
    words: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    total: int | None = None
    """Rows there were, where that is more than are here."""

    @property
    def caption(self) -> str:
        """When it was, what it was, and how much of it is here."""
        shown = min(len(self.rows), MAX_ROWS)
        total = len(self.rows) if self.total is None else self.total
        part = f"; {shown} of {total} rows" if total > shown else ""
        return f"{self.words}; frozen at {stamp(time.time())}{part}"

    @property
    def text(self) -> str:
        """For terminals, diffs and readers of the raw file."""
        cells = (
            [[plain(c, WIDEST) for c in row] for row in (self.columns, *self.rows[:MAX_ROWS])] if self.columns else []
        )
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        return "\n".join([plain(self.title), plain(self.caption), *lines])

    @property
    def html(self) -> str:
        """A table that GitHub, nbviewer and nbconvert show."""
        return markup(self.title, self.caption, self.columns, self.rows)


def put(data: dict[str, str], *, later: bool = False) -> Any:
    """Make an output of the cell that runs; with `later`, return what can update it."""
    return display(data, raw=True, display_id=True if later else None)  # type: ignore[no-untyped-call]


def put_picture(outputs: Sequence[Any], png: str, words: str) -> None:
    """Put a PNG (base64) where `put` left room for it; `words` are its alternative text.

    They stand where nbconvert looks for them: its template "classic" does so, "lab" (7.17) looks nowhere.
    """
    said = plain(words)
    for output in outputs:
        output.update({"image/png": png, "text/plain": said}, metadata={"image/png": {"alt": said}}, raw=True)
