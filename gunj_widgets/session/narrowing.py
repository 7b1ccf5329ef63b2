"""Narrowing: which lines a view of a log shows, as somebody asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from gunj_widgets.session.recipes import given
from gunj_widgets.store.log_filter import LogFilter
from gunj_widgets.store.logs import LogBuffer

__all__ = ["ALL", "Names", "Narrowing"]

Names = str | Sequence[str] | None
"""One name, or several of which one must fit; None = all."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What `rt.logs` and `rt.logql` take beside what they ask for; see `LogBuffer.select`."""

    levels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    search: str = ""
    regex: str = ""

    @classmethod
    def of(cls, level: Names, component: Names, search: str | None, regex: str | None) -> Self:
        """Read what was asked for; SettingsError for a level that there is not, or a pattern that is wrong or could stall."""
        LogFilter().narrowed(level, component, search, regex)
        return cls(_names(level), _names(component), search or "", regex or "")

    def on(self, buffer: LogBuffer) -> LogBuffer:
        """Return a live view of a buffer's lines that pass."""
        return buffer.select(self.levels or None, self.components or None, self.search or None, self.regex or None)

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments that say so, without those that say nothing."""
        return given(level=list(self.levels), component=list(self.components), search=self.search, regex=self.regex)

    def __str__(self) -> str:
        """In a title."""
        found = [f"“{self.search}”" if self.search else "", f"/{self.regex}/" if self.regex else ""]
        return " ".join(filter(None, ["/".join(self.levels), "/".join(self.components), *found]))


def _names(names: Names) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(sorted(set(names)))


ALL = Narrowing()
"""All lines."""
