"""ComponentHealth: the components of one platform, what ails them first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from gunj_widgets.events.records import ComponentHealth as Record
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.platform import platform_channel
from gunj_widgets.widgets.status import asked_of, status_channel
from gunj_widgets.widgets.still import Still, stamp

__all__ = ["ComponentHealth"]

WORST_FIRST = ("unhealthy", "degraded", "unknown", "healthy")


class ComponentHealth(LiveWidget):
    """Shows the health of each component, the worst first: version, replicas, what it says, how old that is.

    `ComponentHealth(rt, "production", component=None)`; `component` is a name or several, None = all.
    """

    kind: ClassVar[str] = "health"

    def __init__(
        self,
        session: Session,
        platform: str,
        *,
        component: str | Sequence[str] | None = None,
        namespace: str | None = None,
        title: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.platform = handle = session.platform(platform, namespace=namespace)
        chosen = [component] if isinstance(component, str) else list(component or ())
        self.chosen = tuple(chosen)
        super().__init__(
            session,
            {"status": status_channel(session), "platform": platform_channel(handle)},
            {"title": title, "components": chosen},
            recipe={**asked_of(handle), "component": chosen or None, "title": title},
            **kwargs,
        )

    @property
    def components(self) -> list[Record]:
        """Those that are shown, the worst first, then by name."""
        mine = (c for c in self.platform.components.values() if not self.chosen or c.name in self.chosen)
        return sorted(mine, key=lambda c: (WORST_FIRST.index(c.health), c.name))

    def still(self) -> Still:
        rows = [(c.name, c.health, c.phase, c.version, c.message, stamp(c.updated)) for c in self.components]
        columns = ("component", "health", "phase", "version", "message", "updated")
        return Still(f"{self.platform.name}: components", self.summary(), columns, rows)

    def summary(self) -> str:
        counts = Counter(str(c.health) for c in self.components)
        words = [f"{counts[health]} {health}" for health in WORST_FIRST if counts[health]]
        return f"{self.platform.name}: {', '.join(words) or 'no component known yet'}"
