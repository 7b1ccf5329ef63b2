"""The back ends of a session: those that the user named, and those that its platforms tell of, in one SourceManager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.connection.status import ConnectionStatus
from gunj_widgets.session.memory import ALERTS, Manager
from gunj_widgets.sources.discovery import Discovery
from gunj_widgets.sources.manager import SourceManager, Sources
from gunj_widgets.sources.source import Source
from gunj_widgets.store.store import Store

__all__ = ["Trust", "added", "discover", "merged"]

Trust: TypeAlias = Sequence[str] | None
"""Hosts that may be sent the credentials of whoever told of them; None = what platforms tell of is not asked at all."""


def discover(
    backends: SourceManager, manager: Manager, sources: Sources, operator: Source | None, store: Store, trust: Trust
) -> Discovery | None:
    """Return what opens the back ends of platforms; None where nobody tells of platforms, or it is not wanted."""
    own = operator if operator is not None else sources.get("kubernetes")
    if own is None or trust is None:
        return None

    def nobody_tells() -> bool:
        """Alerts are a platform's Alertmanager's to tell where the user named none and the operator has none."""
        if "alertmanager" in sources:
            return False
        return not isinstance(manager, ConnectionManager) or manager.refuses(ALERTS)

    found = Discovery(backends, store.platforms, own, cluster=operator is None, trust=trust, alerts=nobody_tells)
    backends.run(found.run(), "gunj-discovery")
    return found


def merged(status: ConnectionStatus, backends: SourceManager | None, manager: Manager) -> ConnectionStatus:
    """Return an operator's status with each back end among its transports: they do not decide on the whole."""
    if backends is None or backends is manager:
        return status
    return msgspec.structs.replace(status, transports=(*status.transports, *backends.transports()))


def added(counts: dict[str, int], backends: SourceManager | None, manager: Manager) -> dict[str, int]:
    """Return an operator's counts with those of the back ends added."""
    if backends is not None and backends is not manager:
        for name, count in backends.stats().counts.items():
            counts[name] = counts.get(name, 0) + count
    return counts
