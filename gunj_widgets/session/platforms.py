"""The platforms of a session, as a sequence of handles and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from gunj_widgets.events.alive import Alive
from gunj_widgets.events.records import Platform
from gunj_widgets.events.shown import Shown, Table
from gunj_widgets.session.handles import PlatformHandle

if TYPE_CHECKING:
    import pandas as pd

    from gunj_widgets.session.session import Session

__all__ = ["LivePlatforms"]


class LivePlatforms(Shown, Sequence[PlatformHandle], Alive):
    """Every platform of the operator, as it is now: `rt.platforms[0]`, `rt.platforms["production"]`, `for p in rt.platforms`, `.df`.

    A handle follows its platform; to look at the table, or for a name (`"production" in rt.platforms`), follows none.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._book = session.store.platforms

    @property
    def df(self) -> pd.DataFrame:
        """One row per platform, by id: namespace, name, phase, health, version, healthy, components, message, updated."""
        return self._book.df

    @overload
    def __getitem__(self, index: int | str) -> PlatformHandle: ...
    @overload
    def __getitem__(self, index: slice) -> list[PlatformHandle]: ...
    def __getitem__(self, index: int | str | slice) -> PlatformHandle | list[PlatformHandle]:
        if isinstance(index, str):
            return self.session.platform(index)
        found = list(self._book)[index]
        return [self._handle(p) for p in found] if isinstance(found, list) else self._handle(found)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, str):
            return any(value == p.name for p in self._book)
        return super().__contains__(value)

    def __iter__(self) -> Iterator[PlatformHandle]:
        return map(self._handle, list(self._book))

    def __len__(self) -> int:
        return len(self._book)

    def _handle(self, platform: Platform) -> PlatformHandle:
        return self.session.platform(platform.name, namespace=platform.namespace)

    def _shown(self) -> Table:
        _, columns, rows = self._book._shown()
        return repr(self)[1:-1], columns, rows

    def __repr__(self) -> str:
        platforms = list(self._book)
        unwell = sum(p.health not in ("healthy", "unknown") for p in platforms)
        return f"<Platforms {len(platforms)}, {unwell} not healthy>"
