"""Shown: what a cell shows of an object that has no widget of its own. Everything in it is text, whoever said it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import islice

__all__ = ["MAX_ROWS", "Shown", "Table", "lasting", "markup", "plain", "stamp"]

MAX_ROWS = 50
"""Rows of a table; what is beyond is left out."""
MAX_UNBROKEN = 60
"""Characters of a first cell that stay on one line."""
LONGEST = 1_000
"""Characters of a cell."""

LEFT = "text-align:left"
FIRST = f"{LEFT};white-space:nowrap"
LAST = f"{LEFT};overflow-wrap:anywhere"
"""How cells are set: the first is a time or a name and stays on one line, the last is a message and breaks wherever it must."""

Table = tuple[str, Sequence[str], Iterable[Sequence[object]]]
"""Title, columns, rows."""


class Shown:
    """Gives a notebook a small table of HTML. What displays as a widget is left to it."""

    __slots__ = ()

    def _shown(self) -> Table:
        """Return what is told: cheap, for a cell's last line asks for it each time."""
        raise NotImplementedError

    def _repr_html_(self) -> str | None:
        if hasattr(self, "_repr_mimebundle_"):
            return None
        title, columns, rows = self._shown()
        return markup(title, "", columns, rows)


def markup(title: str, caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return HTML that needs no script and no style sheet; a table where there are columns."""
    head = _row("th", columns)
    body = "".join(_row("td", row) for row in islice(rows, MAX_ROWS))
    table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>" if columns else ""
    words = f"<p>{_text(caption)}</p>" if caption else ""
    return f"<div><strong>{_text(title)}</strong>{words}{table}</div>"


def plain(value: object, longest: int = LONGEST) -> str:
    """Return a value on one line, without what a terminal obeys or what turns the direction of writing."""
    text = "" if value is None else str(value)
    safe = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return safe if len(safe) <= longest else f"{safe[: longest - 1]}…"


def stamp(seconds: float | None) -> str:
    """Return epoch seconds as people and machines read them, in UTC; nothing for None."""
    if seconds is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):  # a peer may say any number
        return f"{seconds:g} s"


def lasting(seconds: float) -> str:
    """Return how long, as `duration` of the browser (js/src/lib/format.ts): 59 s, 2 min, 3 h 5 min, 4 d 2 h; 0 s below nothing."""
    whole = int(max(0.0, seconds))
    if whole < 120:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, left = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {left} min" if left else f"{hours} h"
    days, left = divmod(hours, 24)
    return f"{days} d {left} h" if left else f"{days} d"


def _row(tag: str, cells: Iterable[object]) -> str:
    """Return a row of a table; each cell says how it is set, for a notebook's own style sheet sets all to the right."""
    texts = [_text(cell) for cell in cells]
    first = FIRST if texts and len(texts[0]) <= MAX_UNBROKEN else LEFT
    styles = [first, *[LEFT] * (len(texts) - 2), LAST][: len(texts)]
    styled = zip(texts, styles, strict=True)
    return "<tr>" + "".join(f'<{tag} style="{style}">{text}</{tag}>' for text, style in styled) + "</tr>"


def _text(value: object) -> str:
    return escape(plain(value))
