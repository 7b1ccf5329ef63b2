"""Which widget shows which object: one widget per object, however often it is displayed."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from gunj_widgets.session.handles import (
    LiveAlerts,
    LiveEvents,
    LiveLogs,
    LiveMetrics,
    LiveTimeline,
    PlatformHandle,
)
from gunj_widgets.session.operations import LiveOperations
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.alerts import AlertPanel
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.chart import MetricChart
from gunj_widgets.widgets.kube_events import EventFeed
from gunj_widgets.widgets.logs import LogViewer
from gunj_widgets.widgets.operations import OperationProgress
from gunj_widgets.widgets.platform import PlatformCard
from gunj_widgets.widgets.status import ConnectionStatus
from gunj_widgets.widgets.timeline import IncidentTimeline
from gunj_widgets.widgets.transport import ReplayBar

__all__ = ["view_of"]

_VIEWS: dict[type, Callable[[Any], LiveWidget]] = {
    Session: ConnectionStatus,
    ReplayManager: lambda player: ReplayBar(player.session),
    PlatformHandle: lambda handle: PlatformCard(handle.session, handle.name, namespace=handle.namespace or None),
    LiveMetrics: lambda frame: MetricChart(frame.session, frame),
    LiveLogs: lambda logs: LogViewer(logs.session, logs),
    LiveTimeline: lambda timeline: IncidentTimeline(timeline.session),
    LiveOperations: lambda operations: OperationProgress(operations.session),
    LiveEvents: lambda events: EventFeed(events.session),
    LiveAlerts: lambda alerts: AlertPanel(alerts.session),
}
_shown: weakref.WeakKeyDictionary[Any, LiveWidget] = weakref.WeakKeyDictionary()


def view_of(thing: object) -> LiveWidget:
    """Return the live widget of `thing`, built at its first display and again after it was closed."""
    widget = _shown.get(thing)
    if widget is None or widget.comm is None or not widget._hub.comm:
        widget = _shown[thing] = _view_for(type(thing))(thing)
    return widget


def _view_for(kind: type) -> Callable[[Any], LiveWidget]:
    """Return how a kind of object is shown: as the nearest of its bases is."""
    return _VIEWS[next((base for base in kind.__mro__ if base in _VIEWS), kind)]
