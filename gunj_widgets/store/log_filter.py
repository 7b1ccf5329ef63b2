"""LogFilter: which lines a view of a log shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gunj_widgets.arguments import named, needed
from gunj_widgets.errors import SettingsError
from gunj_widgets.events import words
from gunj_widgets.events.records import LogEntry
from gunj_widgets.store.patterns import matcher

__all__ = ["GapLine", "LogFilter"]


class GapLine(LogEntry, frozen=True, kw_only=True, gc=False):
    """A line of our own that says that lines are missing here. It passes every filter."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """All that is set must hold. A line that names no component passes a component filter only if "" is asked for."""

    levels: frozenset[str] | None = None
    components: frozenset[str] | None = None
    search: tuple[str, ...] = ()
    matches: tuple[Callable[[str], bool], ...] = ()

    def narrowed(
        self,
        level: str | Iterable[str] | None,
        component: str | Iterable[str] | None,
        search: str | None,
        regex: str | None,
    ) -> LogFilter:
        """Return a filter for what passes this one and the new conditions."""
        for pattern in (search, regex):
            needed(pattern, (str, type(None)), "what is searched for is text", 'As in search="timeout".')
        levels = None if level is None else frozenset(map(_level, _names(level)))
        components = None if component is None else frozenset(name.casefold() for name in _names(component))
        return LogFilter(
            _both(self.levels, levels),
            _both(self.components, components),
            self.search + ((search.casefold(),) if search else ()),
            self.matches + ((matcher(regex),) if regex else ()),
        )

    @property
    def everything(self) -> bool:
        return self.levels is None and self.components is None and not self.search and not self.matches

    def takes(self, entry: LogEntry) -> bool:
        if isinstance(entry, GapLine):
            return True
        if self.levels is not None and entry.level not in self.levels:
            return False
        if self.components is not None and entry.component.casefold() not in self.components:
            return False
        if self.search:
            text = entry.message.casefold()
            if not all(wanted in text for wanted in self.search):
                return False
        return all(match(entry.message) for match in self.matches)


def _names(names: str | Iterable[str]) -> list[str]:
    return named(names, "levels and components are names", 'As in level="error", component=["loki", "tempo"].')


def _level(name: str) -> str:
    """Read a level in any spelling; "" asks for lines whose level is unknown."""
    level = words.level(name)
    if name and not level:
        raise SettingsError(f"there is no log level {name!r:.40}", "Known: trace, debug, info, warn, error, fatal.")
    return level


def _both(a: frozenset[str] | None, b: frozenset[str] | None) -> frozenset[str] | None:
    """What both allow, where None allows all."""
    return b if a is None else a if b is None else a & b
