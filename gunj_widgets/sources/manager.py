"""SourceManager: all sources of one session, in the place where a session with an operator has its ConnectionManager."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import SERVING, State
from gunj_widgets.connection.loop import IOThread
from gunj_widgets.connection.status import ConnectionStats, ConnectionStatus, TransportStatus
from gunj_widgets.connection.transport import Network
from gunj_widgets.errors import AuthError, CommandError, ConnectError, SetupError
from gunj_widgets.events.event import Event
from gunj_widgets.settings import Settings
from gunj_widgets.sources.alertmanager.live import LiveAlertmanager
from gunj_widgets.sources.kubernetes.podlogs import PodLogs
from gunj_widgets.sources.loki.live import LiveTail
from gunj_widgets.sources.opened import TITLES, Key, Opened
from gunj_widgets.sources.prometheus.live import LiveQuery
from gunj_widgets.sources.source import Source
from gunj_widgets.sources.standing import Standing

__all__ = ["SourceManager", "Sources"]

Sources = dict[str, Source]
"""One of TITLES → where it is; `nats` alone is a JetStreamManager's."""
Followed = LiveQuery | LiveTail
"""What `follow` runs."""


class SourceManager(Standing):
    """Each source has a client, a health and tasks of its own, so that none waits for another.

    `sources` are those that the user named: by them the session stands or falls. Others may come and go (`add`, `remove`).
    `deliver(events)` and `on_state(status)` are called on gunj-io. Every plain method may be called from any thread, unless
    it says otherwise; coroutines must be run on gunj-io. `networks` is a seam for tests.
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
        self._rng = rng if rng is not None else Random()
        self._settings = settings if settings is not None else Settings()
        self._deliver = deliver
        self._networks = networks or {}
        self._queries: dict[Followed, asyncio.Task[None] | None] = {}
        self._unreached: dict[Key, TransportStatus] = {}
        self._logs: dict[Interest, _Logs] = {}
        self._lock = threading.Lock()
        self._parts: dict[Key, list[asyncio.Task[None]]] = {}
        self._opened: dict[Key, Opened] = {}  # replaced, never changed: any thread reads it
        self.woken: Callable[[], object] = lambda: None
        """Called on gunj-io when all is to be looked at now."""
        for kind, source in sources.items():
            made = self._make(kind, source)
            self._opened[made.key] = made

    # -- for any thread -----------------------------------------------------------------------------------------------

    def find(self, kind: str, platform: str = "") -> Opened | None:
        """Return the source of a kind that the user named, or that a platform (its id) told of; None where there is none."""
        return self._opened.get((kind, platform))

    def named(self, kind: str) -> Opened:
        """Return the source of a kind that the user named; SetupError where there is none."""
        found = self.find(kind)
        if found is None:
            raise SetupError(f"this session has no {TITLES[kind]}", f"gunj.connect({kind}='http://...').")
        return found

    def alerting(self, fingerprint: str) -> LiveAlertmanager | None:
        """Return the Alertmanager of an alert that one of the sources tells of; None where none of them does, or has any."""
        for one in self._opened.values():
            if one.alerts is not None and one.alerts.active.get(fingerprint) is not None:
                return one.alerts
            if one.rules is not None and one.rules.joined.tells(fingerprint):
                beside = self.find("alertmanager", one.key[1]) or self.find("alertmanager")
                return None if beside is None else beside.alerts
        return None

    def silencer(self) -> Opened | None:
        """Return the Alertmanager at which a silence can stand: the one that the user named, else the only one whose alerts are
        the session's; None where there is none, or several are."""
        telling = [one for one in self._opened.values() if one.alerts is not None and one.follows]
        return self.find("alertmanager") or (telling[0] if len(telling) == 1 else None)

    def followed_by(self, kind: type[Followed]) -> int:
        """Return how many queries of a kind are followed."""
        return sum(isinstance(query, kind) for query in self._queries)

    def follow(self, query: Followed) -> Callable[[], None]:
        """Run a live query; return how to stop it."""
        self._queries[query] = None
        self._io.call(self._follow, query)
        return lambda: self._io.call(self._unfollow, query)

    def watch(self, interest: Interest) -> Callable[[], None]:
        """Follow the logs of a cluster's platform; all else comes by itself, or not at all. Return the release."""
        cluster = self.find("kubernetes")
        if interest.target != "logs" or cluster is None or cluster.cluster is None or interest.platform is None:
            return lambda: None
        with self._lock:
            held = self._logs.get(interest)
            if held is None:
                found = cluster.cluster.logs(interest.platform)
                if found is None:
                    return lambda: None
                held = self._logs[interest] = _Logs(found)
                self._io.call(self._start_logs, held)
            held.holders += 1
        return lambda: self._let_go(interest)

    def _let_go(self, interest: Interest) -> None:
        with self._lock:
            held = self._logs.get(interest)
            if held is None:
                return
            held.holders -= 1
            if not held.holders:
                del self._logs[interest]
                self._io.call(self._stop_logs, held)

    def pod_logs(self, platform: str) -> PodLogs | None:
        """Return what follows the logs of a cluster's platform (its id), if anything does."""
        held = self._logs.get(Interest(target="logs", platform=platform))
        return None if held is None else held.pods

    def interests(self) -> list[Interest]:
        """Return whose logs are followed: there is no operator to subscribe to anything else."""
        return list(self._logs)

    def stats(self) -> ConnectionStats:
        """Every count: as a ConnectionManager's, and requests, failures, bytes and waits of each source."""
        stats = self._counters.snapshot()
        counts = dict(stats.counts)
        for one in self._opened.values():
            each = {"requests": one.backend.requests, "failures": one.health.failures}
            each |= {"waited": one.backend.waited, "bytes": one.backend.bytes}
            for name, count in each.items():
                counts[f"{one.kind}_{name}"] = counts.get(f"{one.kind}_{name}", 0) + count
            counts["bytes"] += one.backend.bytes
        return msgspec.structs.replace(stats, counts=counts)

    def adopt(self, auth: Auth) -> None:
        """Do nothing: each source keeps its own credentials."""

    def look(self) -> None:
        """Look at the alerts now; on gunj-io."""
        for one in self._opened.values():
            for part in (one.alerts, one.rules):
                if part is not None:
                    part.wake()

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
        for one in self._named():
            if interest.target == "alerts" and one.alerts is not None:
                await one.alerts.looked()
            if interest.target == "platforms" and one.cluster is not None:
                await one.cluster.platforms.listed()
        held = self._logs.get(interest)
        if held is not None:
            await held.pods.settled()

    async def first_answer(self, timeout: float) -> None:
        """Return once every source is known to be there or not; ConnectError where one is something else, or none is there."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._until(lambda: State.CONNECTING not in self._states())
        states = self._states()
        if State.FAILED in states or not states & SERVING:
            raise self._no()

    # -- on gunj-io ---------------------------------------------------------------------------------------------------

    def add(self, kind: str, source: Source, platform: tuple[str, str], told: str, remedy: str = "") -> Opened:
        """Open what a platform told of. ConnectError as `Opened`."""
        made = self._make(kind, source, platform, remedy)
        made.told = told
        self._unreached.pop(made.key, None)
        self._opened = {**self._opened, made.key: made}
        self._begin(made)
        self._tell()
        return made

    def follow_alerts(self, one: Opened) -> None:
        """Take a source's alerts for the session's own from now on; a second time does nothing."""
        if not one.follows and one.key in self._parts:
            one.follows = True
            self._parts[one.key] += [self._run(work, "gunj-alerts") for work in one.telling()]

    def run(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run something beside the sources until it ends or we are closed; from any thread."""
        self._io.call(lambda: work.close() if self._closed else self._run(work, name))

    def remove(self, key: Key) -> None:
        """Close what a platform told of."""
        gone = self._opened.get(key)
        self._opened = {known: one for known, one in self._opened.items() if known != key}
        self._unreached.pop(key, None)
        for task in self._parts.pop(key, ()):
            task.cancel()
        if gone is not None:
            self._run(gone.backend.close(), "gunj-close")
            self._tell()

    def unreached(self, key: Key, name: str, reason: str, remedy: str) -> None:
        """Tell that there is no way to what a platform told of."""
        now = self._clock.time()
        self._unreached[key] = TransportStatus(name=name, state=State.FAILED, reason=reason, remedy=remedy, since=now)
        self._tell()

    def discovered(self) -> set[Key]:
        """Return what platforms told of and is open, or could not be."""
        return {key for key in (*self._opened, *self._unreached) if key[1]}

    def transports(self) -> tuple[TransportStatus, ...]:
        """Return how each source is, those first that the user named."""
        return (*(one.health.status() for one in self._opened.values()), *dict(self._unreached).values())

    def _make(self, kind: str, source: Source, platform: tuple[str, str] = ("", ""), remedy: str = "") -> Opened:
        key = (kind, platform[0])
        return Opened(
            kind,
            source,
            settings=self._settings,
            clock=self._clock,
            rng=self._rng,
            changed=lambda: self._changed(key),
            emit=self._hand_on,
            network=self._networks.get(kind),
            platform=platform,
            remedy=remedy,
            owned=lambda: self._owned(platform[0]),
        )

    def _owned(self, platform: str) -> dict[str, dict[str, str]] | None:
        """Return the alerts that an Alertmanager has, the platform's or the one that the user named; None before it answered."""
        one = self.find("alertmanager", platform) or self.find("alertmanager")
        if one is None or one.alerts is None:
            return {}
        expected = not one.alerts.looks and one.health.status().state in (State.CONNECTING, State.OPEN)
        return None if expected and one.follows else one.alerts.active.labels()

    def _named(self) -> list[Opened]:
        return [one for one in self._opened.values() if not one.key[1]]

    def _stands(self) -> ConnectionStatus:
        """The sources as they stand: the state is the worst of those the user named, each is among `transports`."""
        named = self._named()
        server = ", ".join(f"{one.health.name} {one.health.version}".strip() for one in named)
        if not named:
            return ConnectionStatus(state=State.IDLE, since=self._clock.time(), transports=self.transports())
        whole = ConnectionStatus.of(tuple(one.health.status() for one in named), server)
        return msgspec.structs.replace(whole, transports=self.transports())

    def _start(self) -> None:
        for one in self._opened.values():
            self._begin(one)

    def _begin(self, one: Opened) -> None:
        self._parts[one.key] = [self._run(work, f"gunj-{one.kind}") for work in one.work()]

    def _follow(self, query: Followed) -> None:
        if not self._closed and query in self._queries:
            self._queries[query] = self._run(query.run(), "gunj-query")

    def _unfollow(self, query: Followed) -> None:
        task = self._queries.pop(query, None)
        if task is not None:
            task.cancel()

    def _start_logs(self, held: _Logs) -> None:
        if not self._closed:
            held.task = self._run(held.pods.run(), "gunj-pods")

    def _stop_logs(self, held: _Logs) -> None:
        if held.task is not None:
            held.task.cancel()

    async def _release(self) -> None:
        for one in self._opened.values():
            await one.backend.close()

    def _hand_on(self, events: list[Event]) -> None:
        self._counters.received += len(events)
        self._counters.delivered += len(events)
        self._deliver(events)

    def _changed(self, key: Key) -> None:
        one = self._opened.get(key)
        if one is not None and one.health.status().state is State.OPEN:
            for query in list(self._queries):
                query.wake()
        self._tell()

    def _wake(self) -> None:
        for one in self._opened.values():
            one.wake()
        for held in list(self._logs.values()):
            held.pods.wake()
        self.woken()

    def _states(self) -> set[State]:
        return {one.health.status().state for one in self._named()}

    def _no(self) -> ConnectError:
        status = self.status()
        refused = next((one.health.error for one in self._named() if isinstance(one.health.error, AuthError)), None)
        if refused is not None and refused.problem == status.reason:
            return AuthError(refused.problem, refused.remedy, status=refused.status)
        return ConnectError(
            status.reason or "no source has answered", status.remedy or "Check the addresses, the network and the VPN."
        )


@dataclass(eq=False)
class _Logs:
    """Logs of a platform that somebody follows."""

    pods: PodLogs
    holders: int = 0
    task: asyncio.Task[None] | None = None
