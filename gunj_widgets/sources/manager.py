"""SourceManager: all sources of one session, in the place where a session with an operator has its ConnectionManager."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, TypeVar

import msgspec

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import SERVING, State
from gunj_widgets.connection.loop import IOThread
from gunj_widgets.connection.status import ConnectionStats, ConnectionStatus
from gunj_widgets.connection.transport import Network
from gunj_widgets.errors import CommandError, ConnectError, SetupError
from gunj_widgets.events.event import Event
from gunj_widgets.settings import Settings
from gunj_widgets.sources.alertmanager.client import AlertmanagerClient
from gunj_widgets.sources.alertmanager.live import LiveAlertmanager
from gunj_widgets.sources.backend import Backend
from gunj_widgets.sources.health import SourceHealth
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.live import LiveKubernetes
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.sources.loki.live import LiveTail
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.live import LiveQuery
from gunj_widgets.sources.source import Source
from gunj_widgets.sources.standing import Standing

__all__ = ["SourceManager", "Sources"]

T = TypeVar("T")
TITLES = {"prometheus": "Prometheus", "alertmanager": "Alertmanager", "loki": "Loki", "kubernetes": "Kubernetes"}
FORBIDDEN = {
    "kubernetes": "Bind the role gunj-platform-viewer, or one with get, list and watch on observabilityplatforms.observability.io "
    "and events; for one namespace: gunj.kubeconfig(namespace=...)."
}
"""What helps against a 403, where it is not other credentials."""

Sources = dict[str, Source]
"""One of TITLES → where it is; `nats` alone is a JetStreamManager's."""
Followed = LiveQuery | LiveTail
"""What `follow` runs."""


class SourceManager(Standing):
    """Each source has a client, a health and tasks of its own, so that none waits for another.

    `deliver(events)` and `on_state(status)` are called on gunj-io. Every plain method may be called from any thread;
    coroutines must be run on gunj-io. `networks` is a seam for tests.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        deliver: Callable[[list[Event]], None],
        on_state: Callable[[ConnectionStatus], None] = lambda status: None,
        settings: Settings | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        io: IOThread | None = None,
        networks: dict[str, Network] | None = None,
    ) -> None:
        super().__init__(on_state=on_state, clock=clock, io=io)
        rng = rng if rng is not None else Random()
        self._deliver = deliver
        self._queries: dict[Followed, asyncio.Task[None] | None] = {}
        self._health: dict[str, SourceHealth] = {}
        self._backends: dict[str, Backend] = {}
        for kind, source in sources.items():
            self._backends[kind] = Backend(
                TITLES[kind],
                source,
                settings=settings if settings is not None else Settings(),
                clock=self._clock,
                rng=rng,
                network=(networks or {}).get(kind),
                told=lambda error, kind=kind: self._health[kind].told(error),  # type: ignore[misc]
                forbidden=FORBIDDEN.get(kind, ""),
            )
        self._prometheus: PrometheusClient | None = None
        self._alerts: LiveAlertmanager | None = None
        if "prometheus" in self._backends:
            self._prometheus = PrometheusClient(self._backends["prometheus"])
            self._add_health("prometheus", self._prometheus.version)
        if "alertmanager" in self._backends:
            client = AlertmanagerClient(self._backends["alertmanager"])
            self._alerts = LiveAlertmanager(client, self._hand_on)
            self._add_health("alertmanager", client.version)
        self._loki: LokiClient | None = None
        self._loki_numbers: PrometheusClient | None = None
        if "loki" in self._backends:
            self._loki = LokiClient(self._backends["loki"])
            self._loki_numbers = PrometheusClient(self._backends["loki"], prefix="/loki")
            self._add_health("loki", self._loki.version)
        self._cluster: LiveKubernetes | None = None
        if "kubernetes" in self._backends:
            cluster = KubernetesClient(self._backends["kubernetes"], sources["kubernetes"].namespace)
            self._cluster = LiveKubernetes(cluster, self._hand_on)
            self._add_health("kubernetes", self._cluster.version)

    # -- for any thread -----------------------------------------------------------------------------------------------

    @property
    def prometheus(self) -> PrometheusClient:
        """The Prometheus; SetupError where this session has none."""
        return _there(self._prometheus, "prometheus")

    @property
    def alertmanager(self) -> LiveAlertmanager:
        """The Alertmanager; SetupError where this session has none."""
        return _there(self._alerts, "alertmanager")

    @property
    def loki(self) -> LokiClient:
        """The Loki; SetupError where this session has none."""
        return _there(self._loki, "loki")

    @property
    def loki_numbers(self) -> PrometheusClient:
        """The Loki, for queries that give numbers: those it answers as a Prometheus does."""
        return _there(self._loki_numbers, "loki")

    def followed_by(self, kind: type[Followed]) -> int:
        """Return how many queries of a kind are followed."""
        return sum(isinstance(query, kind) for query in self._queries)

    def follow(self, query: Followed) -> Callable[[], None]:
        """Run a live query; return how to stop it."""
        self._queries[query] = None
        self._io.call(self._follow, query)
        return lambda: self._io.call(self._unfollow, query)

    def watch(self, interest: Interest) -> Callable[[], None]:
        """Return an empty release: what a session always watches comes by itself, or not at all."""
        return lambda: None

    def interests(self) -> list[Interest]:
        """Return nothing: there is no operator to subscribe to."""
        return []

    def stats(self) -> ConnectionStats:
        """Every count: as a ConnectionManager's, and requests, failures, bytes and waits of each source."""
        stats = self._counters.snapshot()
        counts = dict(stats.counts)
        for kind, backend in self._backends.items():
            counts[f"{kind}_requests"] = backend.requests
            counts[f"{kind}_failures"] = self._health[kind].failures
            counts[f"{kind}_waited"] = backend.waited
            counts[f"{kind}_bytes"] = backend.bytes
            counts["bytes"] += backend.bytes
        return msgspec.structs.replace(stats, counts=counts)

    def adopt(self, auth: Auth) -> None:
        """Do nothing: each source keeps its own credentials."""

    def reconnect(self) -> None:
        """Look at all sources now."""
        self._io.call(self._wake)

    # -- coroutines, on gunj-io ---------------------------------------------------------------------------------------

    async def request(self, method: str, path: str, json: Any = None) -> Any:
        """Raise CommandError: there is no operator to ask."""
        raise CommandError("this session has no operator", "Connect to one: gunj.connect('https://gunj.example.com').")

    async def command(self, command: Command, *, queue: bool = True) -> str:
        """Raise CommandError: there is no operator to command."""
        await self.request("POST", "/commands")
        raise AssertionError("unreachable")

    async def wait_open(self) -> None:
        """Return once a source serves; ConnectError as soon as all have failed for good."""
        await self._until(lambda: bool(self._states() & SERVING) or self._states() <= {State.FAILED})
        if not self._states() & SERVING:
            raise self._no()

    async def wait_synced(self, interest: Interest) -> None:
        """Return once the first answer about alerts or platforms is in; of anything else there is nothing to wait for."""
        if interest.target == "alerts" and self._alerts is not None:
            await self._alerts.looked()
        if interest.target == "platforms" and self._cluster is not None:
            await self._cluster.platforms.listed()

    async def first_answer(self, timeout: float) -> None:
        """Return once every source is known to be there or not; ConnectError where one is something else, or none is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._until(lambda: State.CONNECTING not in self._states())
        states = self._states()
        if State.FAILED in states or not states & SERVING:
            raise self._no()

    # -- on gunj-io ---------------------------------------------------------------------------------------------------

    def _add_health(self, kind: str, probe: Callable[[], Coroutine[Any, Any, str]]) -> None:
        self._health[kind] = SourceHealth(TITLES[kind], probe, self._clock, lambda: self._changed(kind))

    def _stands(self) -> ConnectionStatus:
        """The sources as they stand: the state is the worst of theirs, each is among `transports`."""
        server = ", ".join(f"{health.name} {health.version}".strip() for health in self._health.values())
        return ConnectionStatus.of(tuple(health.status() for health in self._health.values()), server)

    def _start(self) -> None:
        for kind, health in self._health.items():
            self._run(health.run(), f"gunj-health-{kind}")
        if self._alerts is not None:
            self._run(self._alerts.run(), "gunj-alertmanager")
        if self._cluster is not None:
            self._run(self._cluster.run(), "gunj-kubernetes")

    def _follow(self, query: Followed) -> None:
        if not self._closed and query in self._queries:
            self._queries[query] = self._run(query.run(), "gunj-query")

    def _unfollow(self, query: Followed) -> None:
        task = self._queries.pop(query, None)
        if task is not None:
            task.cancel()

    async def _release(self) -> None:
        for backend in self._backends.values():
            await backend.close()

    def _hand_on(self, events: list[Event]) -> None:
        self._counters.received += len(events)
        self._counters.delivered += len(events)
        self._deliver(events)

    def _changed(self, kind: str) -> None:
        if self._health[kind].status().state is State.OPEN:
            for query in list(self._queries):
                query.wake()
        self._tell()

    def _wake(self) -> None:
        for health in self._health.values():
            health.wake()
        if self._alerts is not None:
            self._alerts.wake()
        if self._cluster is not None:
            self._cluster.wake()

    def _states(self) -> set[State]:
        return {health.status().state for health in self._health.values()}

    def _no(self) -> ConnectError:
        status = self.status()
        return ConnectError(
            status.reason or "no source has answered", status.remedy or "Check the addresses, the network and the VPN."
        )


def _there(client: T | None, kind: str) -> T:
    if client is None:
        raise SetupError(f"this session has no {TITLES[kind]}", f"gunj.connect({kind}='http://...').")
    return client
