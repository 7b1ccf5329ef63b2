"""Live platform status, alerts, logs and metrics of the Gunj Operator, in a notebook. Names load when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gunj_widgets.backpressure.manager import BackpressureManager as BackpressureManager
    from gunj_widgets.connection.auth import TokenFile as TokenFile
    from gunj_widgets.connection.manager import ConnectionManager as ConnectionManager
    from gunj_widgets.errors import AuthError as AuthError
    from gunj_widgets.errors import CallbackError as CallbackError
    from gunj_widgets.errors import CommandError as CommandError
    from gunj_widgets.errors import ConnectError as ConnectError
    from gunj_widgets.errors import GunjError as GunjError
    from gunj_widgets.errors import LimitError as LimitError
    from gunj_widgets.errors import LocalProtocolError as LocalProtocolError
    from gunj_widgets.errors import NotReadyError as NotReadyError
    from gunj_widgets.errors import PatternError as PatternError
    from gunj_widgets.errors import ProtocolError as ProtocolError
    from gunj_widgets.errors import QueryError as QueryError
    from gunj_widgets.errors import RemoteProtocolError as RemoteProtocolError
    from gunj_widgets.errors import SessionClosedError as SessionClosedError
    from gunj_widgets.errors import SettingsError as SettingsError
    from gunj_widgets.errors import SetupError as SetupError
    from gunj_widgets.errors import TopicError as TopicError
    from gunj_widgets.errors import UnknownMetricError as UnknownMetricError
    from gunj_widgets.errors import UnknownPlatformError as UnknownPlatformError
    from gunj_widgets.events.event import Event as Event
    from gunj_widgets.routing.router import EventRouter as EventRouter
    from gunj_widgets.session.connect import close_all as close_all
    from gunj_widgets.session.connect import connect as connect
    from gunj_widgets.session.connect import replay as replay
    from gunj_widgets.session.incidents import Incident as Incident
    from gunj_widgets.session.login import login as login
    from gunj_widgets.session.relay import Relay as Relay
    from gunj_widgets.session.session import Session as Session
    from gunj_widgets.settings import Settings as Settings
    from gunj_widgets.sources.kubernetes.kubeconfig import kubeconfig as kubeconfig
    from gunj_widgets.sources.source import Source as Source
    from gunj_widgets.store.frames import MetricFrame as MetricFrame
    from gunj_widgets.store.logs import LogBuffer as LogBuffer
    from gunj_widgets.widgets.alerts import AlertPanel as AlertPanel
    from gunj_widgets.widgets.chart import MetricChart as MetricChart
    from gunj_widgets.widgets.commands import CommandPanel as CommandPanel
    from gunj_widgets.widgets.dashboard import Dashboard as Dashboard
    from gunj_widgets.widgets.health import ComponentHealth as ComponentHealth
    from gunj_widgets.widgets.kube_events import EventFeed as EventFeed
    from gunj_widgets.widgets.logs import LogViewer as LogViewer
    from gunj_widgets.widgets.operations import OperationProgress as OperationProgress
    from gunj_widgets.widgets.platform import PlatformCard as PlatformCard
    from gunj_widgets.widgets.pressure import BackpressureMonitor as BackpressureMonitor
    from gunj_widgets.widgets.status import ConnectionStatus as ConnectionStatus
    from gunj_widgets.widgets.timeline import IncidentTimeline as IncidentTimeline
    from gunj_widgets.widgets.transport import ReplayBar as ReplayBar

__version__ = "0.1.0"

_HOMES = {
    "AlertPanel": "widgets.alerts",
    "EventFeed": "widgets.kube_events",
    "OperationProgress": "widgets.operations",
    "BackpressureManager": "backpressure.manager",
    "BackpressureMonitor": "widgets.pressure",
    "CommandPanel": "widgets.commands",
    "ComponentHealth": "widgets.health",
    "ConnectionManager": "connection.manager",
    "ConnectionStatus": "widgets.status",
    "Dashboard": "widgets.dashboard",
    "Event": "events.event",
    "EventRouter": "routing.router",
    "Incident": "session.incidents",
    "IncidentTimeline": "widgets.timeline",
    "LogBuffer": "store.logs",
    "LogViewer": "widgets.logs",
    "MetricChart": "widgets.chart",
    "MetricFrame": "store.frames",
    "PlatformCard": "widgets.platform",
    "Relay": "session.relay",
    "ReplayBar": "widgets.transport",
    "Session": "session.session",
    "Settings": "settings",
    "Source": "sources.source",
    "TokenFile": "connection.auth",
    "close_all": "session.connect",
    "connect": "session.connect",
    "kubeconfig": "sources.kubernetes.kubeconfig",
    "login": "session.login",
    "replay": "session.connect",
    "AuthError": "errors",
    "CallbackError": "errors",
    "CommandError": "errors",
    "ConnectError": "errors",
    "GunjError": "errors",
    "LimitError": "errors",
    "LocalProtocolError": "errors",
    "NotReadyError": "errors",
    "PatternError": "errors",
    "ProtocolError": "errors",
    "QueryError": "errors",
    "RemoteProtocolError": "errors",
    "SessionClosedError": "errors",
    "SettingsError": "errors",
    "SetupError": "errors",
    "TopicError": "errors",
    "UnknownMetricError": "errors",
    "UnknownPlatformError": "errors",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604 - built from the one table above


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext gunj_widgets` calls: makes `%gunj` known."""
    import_module(f"{__name__}.widgets.magic").load(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
