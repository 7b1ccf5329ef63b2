"""A bar in a cell's output while something is waited for: HTML's own, because no widget has to be left behind for it."""

from __future__ import annotations

from html import escape
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

__all__ = ["NotebookBar", "bar_in_notebook"]


class NotebookBar:
    """An output that is painted over, and becomes one line of text."""

    def __init__(self) -> None:
        self._output: Any = None

    def paint(self, words: str, share: float | None) -> None:
        told = "" if share is None else f" {share:.0%}"
        value = "" if share is None else f' value="{share:.3f}"'
        name = escape(words)
        bar = f'<progress max="1"{value} aria-label="{name}" style="width: 16em; vertical-align: middle"></progress>'
        self._show({"text/html": f"<span>{name} {bar}{told}</span>", "text/plain": f"{words}{told}"})

    def end(self, words: str) -> None:
        self._show({"text/plain": words})

    def _show(self, data: dict[str, str]) -> None:
        if self._output is None:
            self._output = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._output.update(data, raw=True)


def bar_in_notebook() -> NotebookBar | None:
    """Return a bar for the cell that runs; None where this is no notebook."""
    shell = get_ipython()
    return None if shell is None or getattr(shell, "kernel", None) is None else NotebookBar()
