"""Alive: what other threads write to, and so is neither pickled nor copied in depth; its `.df` is."""

from __future__ import annotations

from typing import NoReturn, Self, SupportsIndex

from gunj_widgets.arguments import with_article
from gunj_widgets.errors import SettingsError

__all__ = ["Alive"]


class Alive:
    """Refuses to be pickled or copied in depth, with what to take instead; Python would speak of a lock."""

    __slots__ = ()

    def __copy__(self) -> Self:
        """Return another that shares all this one has: how a narrower view is made."""
        made = self.__class__.__new__(self.__class__)
        made.__dict__.update(self.__dict__)
        return made

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise SettingsError(
            f"{with_article(type(self).__name__)} lives in this kernel, and is neither pickled nor copied in depth",
            "Take a .df, a table like any other: m.df, rt.alerts.df.",
        )
