"""Whose: which platform a fact is about, where two bear one name."""

from __future__ import annotations

from collections.abc import Iterable

from gunj_widgets.events.records import Platform

__all__ = ["Whose"]


class Whose:
    """The platforms as they are at one moment, by what facts call them: an id, or a name that several may bear.

    An id is that platform alone. Of a name that several bear, the namespace of the fact decides; where it tells of none of
    them the fact is each one's: an alert that is seen twice is better than one that nobody sees.
    """

    def __init__(self, platforms: Iterable[Platform]) -> None:
        self._by_id = {platform.id: platform for platform in platforms}
        self._named: dict[str, list[Platform]] = {}
        for platform in self._by_id.values():
            self._named.setdefault(platform.name, []).append(platform)

    def ids(self, said: str, namespace: str = "") -> set[str]:
        """Return the ids of the platforms that are meant; none where nobody is called that."""
        if said in self._by_id:
            return {said}
        named = self._named.get(said, [])
        return {p.id for p in named if p.namespace == namespace} or {p.id for p in named}

    def owns(self, id: str, name: str, said: str, namespace: str = "") -> bool:
        """Say whether a fact is about a platform, which may have been deleted since."""
        meant = self.ids(said, namespace)
        return id in meant if meant else said in (id, name)

    def called(self, said: str) -> str:
        """Return the platform's name for people, with its namespace where others bear it too; what was said of one that is unknown."""
        platform = self._by_id.get(said)
        if platform is None or not platform.name:
            return said
        shared = len(self._named[platform.name]) > 1
        return f"{platform.namespace}/{platform.name}" if shared and platform.namespace else platform.name
