"""Opened: one source of a session, with the client, the health and the live parts that are its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any

from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.transport import Network
from gunj_widgets.events.event import Event
from gunj_widgets.settings import Settings
from gunj_widgets.sources.alertmanager.client import AlertmanagerClient
from gunj_widgets.sources.alertmanager.live import LiveAlertmanager
from gunj_widgets.sources.backend import Backend
from gunj_widgets.sources.health import SourceHealth
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.live import LiveKubernetes
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.sources.prometheus.alerts import LiveRuleAlerts
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.source import Source

__all__ = ["TITLES", "Key", "Opened"]

TITLES = {"prometheus": "Prometheus", "alertmanager": "Alertmanager", "loki": "Loki", "kubernetes": "Kubernetes"}
FORBIDDEN = {
    "kubernetes": "Bind the role gunj-platform-viewer, or one with get, list and watch on observabilityplatforms.observability.io "
    "and events; for one namespace: gunj.kubeconfig(namespace=...)."
}
"""What helps against a 403, where it is not other credentials."""

Key = tuple[str, str]
"""One of TITLES, and the id of the platform that told of it; "" for one that the user named."""


class Opened:
    """One source. `changed()` is told of its health, `emit(events)` gets what it tells unasked; both on gunj-io.

    `platform` is the (id, name) of the one that told where it is. `remedy` is what helps against a 401, where that is not
    simply other credentials. `owned()` are the alerts of the Alertmanager beside a Prometheus. ConnectError where
    credentials would travel in clear text.
    """

    def __init__(
        self,
        kind: str,
        source: Source,
        *,
        settings: Settings,
        clock: Clock,
        rng: Random,
        changed: Callable[[], object],
        emit: Callable[[list[Event]], object],
        network: Network | None = None,
        platform: tuple[str, str] = ("", ""),
        remedy: str = "",
        owned: Callable[[], Mapping[str, dict[str, str]] | None] = dict,
    ) -> None:
        self.kind = kind
        self.key: Key = (kind, platform[0])
        self.told = ""
        """The address as the platform told it, which need not be the way there."""
        self.follows = not platform[0]
        """Whether its alerts are the session's: of one that a platform told of, only once somebody says so."""
        title = TITLES[kind] + (f" of {platform[1]}" if platform[0] else "")
        self.backend = Backend(
            title,
            source,
            settings=settings,
            clock=clock,
            rng=rng,
            network=network,
            told=lambda error: self.health.told(error),  # noqa: PLW0108  it is made below
            forbidden=FORBIDDEN.get(kind, ""),
            unknown=remedy,
        )
        self.prometheus: PrometheusClient | None = None
        """Of a Loki: for queries that give numbers, which it answers as a Prometheus does."""
        self.rules: LiveRuleAlerts | None = None
        self.alerts: LiveAlertmanager | None = None
        self.loki: LokiClient | None = None
        self.cluster: LiveKubernetes | None = None
        probe: Callable[[], Coroutine[Any, Any, str]]
        if kind == "prometheus":
            self.prometheus = PrometheusClient(self.backend)
            self.rules = LiveRuleAlerts(self.prometheus, emit, owned, platform)
            probe = self.prometheus.version
        elif kind == "alertmanager":
            client = AlertmanagerClient(self.backend)
            self.alerts = LiveAlertmanager(client, emit, platform)
            probe = client.version
        elif kind == "loki":
            self.loki = LokiClient(self.backend)
            self.prometheus = PrometheusClient(self.backend, prefix="/loki")
            probe = self.loki.version
        else:
            self.cluster = LiveKubernetes(KubernetesClient(self.backend, source.namespace), emit)
            probe = self.cluster.version
        self.health = SourceHealth(title, probe, clock, changed)

    @property
    def tag(self) -> str:
        """Text that tells this source from others of its kind; nothing for one that the user named."""
        return f"{self.key[1]} {self.backend.url}" if self.key[1] else ""

    @property
    def place(self) -> str:
        """What it is called, and its host and port, for people to read."""
        return f"{self.backend.name} at {self.backend.place}"

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """Return what is to run for as long as it is open."""
        parts = (self.health, self.cluster)
        return [part.run() for part in parts if part is not None] + (self.telling() if self.follows else [])

    def telling(self) -> list[Coroutine[Any, Any, None]]:
        """Return what is to run for its alerts to be told."""
        return [part.run() for part in (self.alerts, self.rules) if part is not None]

    def wake(self) -> None:
        """Look now."""
        for part in (self.health, self.alerts, self.rules, self.cluster):
            if part is not None:
                part.wake()
