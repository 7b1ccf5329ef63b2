"""Stills: a widget's content at one moment as text and as HTML that needs no kernel, no script and no style sheet."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from IPython.display import display

from gunj_widgets.report.words import moment

__all__ = ["MAX_ROWS", "Still", "put", "stamp"]

MAX_ROWS = 50
"""Rows kept of a table; the number of all is told."""
WIDEST = 100
"""Characters of a cell in the text; the HTML has `LONGEST`."""
LONGEST = 1_000


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
            [[_plain(c, WIDEST) for c in row] for row in (self.columns, *self.rows[:MAX_ROWS])] if self.columns else []
        )
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells]
        return "\n".join([_plain(self.title, LONGEST), _plain(self.caption, LONGEST), *lines])

    @property
    def html(self) -> str:
        """A table that GitHub, nbviewer and nbconvert show."""
        head = "".join(f"<th>{escape(_plain(c, LONGEST))}</th>" for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_plain(c, LONGEST))}</td>" for c in row) + "</tr>"
            for row in self.rows[:MAX_ROWS]
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self.columns else ""
        title, caption = escape(_plain(self.title, LONGEST)), escape(_plain(self.caption, LONGEST))
        return f"<div><strong>{title}</strong><p>{caption}</p>{table}</div>"


def put(data: dict[str, str], *, later: bool = False) -> Any:
    """Make an output of the cell that runs; with `later`, return what can update it."""
    return display(data, raw=True, display_id=True if later else None)  # type: ignore[no-untyped-call]


def stamp(seconds: float | None) -> str:
    """Return epoch seconds as people and machines read them, in UTC; nothing for None."""
    return "" if seconds is None else f"{moment(seconds)} UTC"


def _plain(value: object, longest: int) -> str:
    """Return a value on one line, without what a terminal obeys or what turns the direction of writing."""
    text = "" if value is None else str(value)
    safe = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return safe if len(safe) <= longest else f"{safe[: longest - 1]}…"
