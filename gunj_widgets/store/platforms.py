"""PlatformBook: every platform as last heard of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd
from msgspec.structs import replace

from gunj_widgets.errors import UnknownPlatformError
from gunj_widgets.events.records import ComponentHealth, Health, Phase, Platform
from gunj_widgets.events.shown import Table
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.tables import shown, table
from gunj_widgets.store.whose import Whose

__all__ = ["MAX_COMPONENTS", "MAX_PLATFORMS", "PlatformBook", "health_of"]

MAX_PLATFORMS = 1_000
"""Platforms remembered; a sender that names more is not believed."""
MAX_COMPONENTS = 200
"""Components of one platform."""
_COLUMNS = ("id", "namespace", "name", "phase", "health", "version", "healthy", "components", "message", "updated")


class PlatformBook(Holder):
    """Platforms by id. An older status never replaces a newer one, and what a status leaves out stays as it was."""

    def __init__(self) -> None:
        super().__init__()
        self._platforms: dict[str, Platform] = {}
        self.stale = 0
        """Facts that were older than what was known, and not taken."""
        self.refused = 0
        """Facts over `MAX_PLATFORMS` or `MAX_COMPONENTS`."""

    def put(self, platform: Platform) -> bool:
        """Take in a whole status; False where it is older than the one known."""
        old = self._platforms.get(platform.id)
        if old is not None and not _recreated(old, platform):
            if _older(platform.updated, old.updated):
                self.stale += 1
                return False
            platform = _completed(platform, old)
        if len(platform.components) > MAX_COMPONENTS:
            self.refused += len(platform.components) - MAX_COMPONENTS
            platform = replace(platform, components=dict(list(platform.components.items())[:MAX_COMPONENTS]))
        if platform.health is Health.UNKNOWN:
            platform = replace(platform, health=health_of(platform.components))
        return self._set(platform)

    def put_component(self, platform_id: str, component: ComponentHealth) -> bool:
        """Take in one component; False where it is older than what is known of it.

        The platform's health follows, unless the server gave it a health of its own.
        """
        platform = self._platforms.get(platform_id) or Platform(id=platform_id, name=platform_id)
        old = platform.components.get(component.name)
        if old is not None:
            if _older(component.updated, old.updated):
                self.stale += 1
                return False
            component = _completed_component(component, old)
        elif len(platform.components) >= MAX_COMPONENTS:
            self.refused += 1
            return False
        components = {**platform.components, component.name: component}
        derived = platform.health is health_of(platform.components)
        health = health_of(components) if derived else platform.health
        return self._set(replace(platform, components=components, health=health))

    def remove(self, platform_id: str) -> bool:
        """Forget a platform that was deleted; False where there is none."""
        with self._lock:
            found = self._platforms.pop(platform_id, None) is not None
            self._version += found
        if found:
            self._listeners.tell()
        return found

    def clear(self) -> None:
        self.restore(())

    def restore(self, platforms: Iterable[Platform]) -> None:
        """Hold these instead, as one change."""
        with self._lock:
            self._platforms = {platform.id: platform for platform in platforms}
            self._version += 1
        self._listeners.tell()

    def whose(self) -> Whose:
        """Return what tells which of the platforms that there are now a fact is about."""
        return Whose(self)

    def by_id(self, platform_id: str) -> Platform | None:
        return self._platforms.get(platform_id)

    def get(self, name: str, namespace: str | None = None) -> Platform:
        """Return the platform of that name (or id); UnknownPlatformError says what there is to choose from."""
        platforms = list(self)
        named = [p for p in platforms if p.name == name] or [p for p in platforms if p.id == name]
        found = [p for p in named if namespace is None or p.namespace == namespace]
        if len(found) == 1:
            return found[0]
        if found:
            spaces = ", ".join(repr(p.namespace) for p in found)
            raise UnknownPlatformError(
                f"{len(found)} platforms are called {name!r:.80}", f"Give namespace=, one of {spaces:.500}."
            )
        there = ", ".join(sorted(f"{p.namespace}/{p.name}" if p.namespace else p.name for p in platforms))
        wanted = f"{namespace}/{name}" if namespace else name
        raise UnknownPlatformError(f"no platform {wanted!r:.120}", f"There are: {there or 'none yet':.500}.")

    @property
    def df(self) -> pd.DataFrame:
        """One row per platform, by id; `healthy` and `components` are counts, `updated` is UTC."""
        return table(_COLUMNS, [_row(p) for p in self], index="id", times=["updated"])

    def _shown(self) -> Table:
        return shown(self, _COLUMNS, map(_row, self), ["updated"])

    def components(self, platform_id: str) -> pd.DataFrame:
        """One row per component of a platform, by name; no rows where it is unknown."""
        platform = self.by_id(platform_id)
        parts = platform.components.values() if platform is not None else ()
        columns = ["component", "health", "phase", "version", "ready", "replicas", "message"]
        rows = [(c.name, str(c.health), str(c.phase), c.version, c.ready, c.replicas, c.message) for c in parts]
        return table(columns, rows, index="component")

    def __iter__(self) -> Iterator[Platform]:
        with self._lock:
            return iter(list(self._platforms.values()))

    def __len__(self) -> int:
        return len(self._platforms)

    def __contains__(self, platform_id: object) -> bool:
        return platform_id in self._platforms

    def __repr__(self) -> str:
        return f"<PlatformBook {len(self)} platforms, version {self.version}>"

    def _set(self, platform: Platform) -> bool:
        if platform.id not in self._platforms and len(self._platforms) >= MAX_PLATFORMS:
            self.refused += 1
            return False
        with self._lock:
            self._platforms[platform.id] = platform
            self._version += 1
        self._listeners.tell()
        return True


def health_of(components: Mapping[str, ComponentHealth]) -> Health:
    """Say what the components amount to: all healthy, all unhealthy, or degraded; unknown ones do not count."""
    known = [c.health for c in components.values() if c.health is not Health.UNKNOWN]
    if not known:
        return Health.UNKNOWN
    if all(health is Health.HEALTHY for health in known):
        return Health.HEALTHY
    return Health.UNHEALTHY if all(health is Health.UNHEALTHY for health in known) else Health.DEGRADED


def _older(new: float | None, old: float | None) -> bool:
    return new is not None and old is not None and new < old


def _recreated(old: Platform, new: Platform) -> bool:
    """Another uid is another platform, of which nothing is known yet."""
    return bool(old.uid and new.uid and old.uid != new.uid)


def _completed(new: Platform, old: Platform) -> Platform:
    """Fill in from the old status what the new one does not say; keep components that are newer than it."""
    unnamed = new.name in ("", new.id)
    components = new.components or old.components
    return replace(
        new,
        name=old.name if unnamed and old.name else new.name,
        namespace=new.namespace or old.namespace,
        uid=new.uid or old.uid,
        version=new.version or old.version,
        components={name: _newer_component(c, old.components.get(name), new.updated) for name, c in components.items()},
        conditions=new.conditions or old.conditions,
        endpoints=new.endpoints or old.endpoints,
        labels=new.labels or old.labels,
        updated=old.updated if new.updated is None else new.updated,
    )


def _newer_component(new: ComponentHealth, old: ComponentHealth | None, when: float | None) -> ComponentHealth:
    if old is None or new is old:
        return new
    return old if _older(new.updated, old.updated) else _completed_component(new, old, when)


def _completed_component(new: ComponentHealth, old: ComponentHealth, when: float | None = None) -> ComponentHealth:
    """Fill in what the new one does not say; `when` is its time where it has none of its own."""
    before, since = new.version_before or old.version_before, new.version_since or old.version_since
    if old.version and new.version and new.version != old.version:
        before, since = old.version, when if new.updated is None else new.updated
    return replace(
        new,
        phase=old.phase if new.phase is Phase.UNKNOWN else new.phase,
        version=new.version or old.version,
        replicas=old.replicas if new.replicas is None else new.replicas,
        ready=old.ready if new.ready is None and new.replicas is None else new.ready,
        updated=old.updated if new.updated is None else new.updated,
        version_before=before,
        version_since=since,
    )


def _row(p: Platform) -> tuple[object, ...]:
    healthy = _count(p.components.values())
    counts = (healthy, len(p.components))
    return (p.id, p.namespace, p.name, str(p.phase), str(p.health), p.version, *counts, p.message, p.updated)


def _count(components: Iterable[ComponentHealth]) -> int:
    return sum(c.health is Health.HEALTHY for c in components)
