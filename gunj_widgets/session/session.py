"""Session: one connection to one operator, everything it has told us, and the handles on it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

from gunj_widgets.arguments import named
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import SERVING
from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.manager import ConnectionManager, ConnectionStatus
from gunj_widgets.connection.samples import BadMessage
from gunj_widgets.connection.tls import Verify
from gunj_widgets.connection.transport import Network
from gunj_widgets.connection.turns import shorten
from gunj_widgets.errors import (
    GunjError,
    LimitError,
    NotReadyError,
    SettingsError,
    SetupError,
)
from gunj_widgets.events.alive import Alive
from gunj_widgets.events.records import Health
from gunj_widgets.recording.player import Player
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.session.actions import Actions
from gunj_widgets.session.backends import Trust, added, discover, merged
from gunj_widgets.session.callbacks import Callbacks
from gunj_widgets.session.handles import (
    LiveAlerts,
    LiveEvents,
    LiveLogs,
    LiveMetrics,
    LiveTimeline,
    PlatformHandle,
)
from gunj_widgets.session.life import Life
from gunj_widgets.session.listening import Listening
from gunj_widgets.session.logql import LogQueries
from gunj_widgets.session.memory import ALERTS, PLATFORMS, Manager, Memory
from gunj_widgets.session.narrowing import ALL, Names, Narrowing
from gunj_widgets.session.notes import Notes
from gunj_widgets.session.platforms import LivePlatforms
from gunj_widgets.session.pods import LivePodLogs
from gunj_widgets.session.progress import Share, unknown, waited
from gunj_widgets.session.receiving import Receiving
from gunj_widgets.session.recipes import given
from gunj_widgets.session.recordings import Recordings
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.session.stats import SessionStats, fed, handled
from gunj_widgets.session.time_range import SessionRange
from gunj_widgets.session.waiting import patience
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.manager import JetStreamManager
from gunj_widgets.sources.manager import SourceManager, Sources
from gunj_widgets.sources.source import Source
from gunj_widgets.store.retention import Duration, seconds
from gunj_widgets.store.store import Store

__all__ = ["Session"]

T = TypeVar("T")

METRICS = 'As in "cpu", ["cpu", "mem"]; () = all.'

FIRST_LOOK = 3.0
"""Seconds that a new handle waits for its first content at most; a server that is slower fills it later."""


class Session(Listening, Notes, Actions, LogQueries, Receiving, Recordings, Alive):
    """Live state of one operator. Made by `connect()`; displays as its connection status. `network` is a seam for tests."""

    _numbers = itertools.count(1)

    def __init__(
        self,
        url: str,
        *,
        auth: Any = None,
        settings: Settings | None = None,
        demo: bool = False,
        verify: Verify = True,
        network: Network | None = None,
        sources: Sources | None = None,
        player: Player | None = None,
        since: float | None = None,
        operator: bool = False,
        trust: Trust = (),
    ) -> None:
        self.number = next(self._numbers)
        self.url = url
        self.settings = settings if settings is not None else Settings.load()
        self.store = Store(self.settings.retention, self._note)
        self.router = EventRouter(
            self.settings.retention.history,
            self.settings.retention.history_age,
            history_bytes=self.settings.limits.history_bytes,
            on_error=lambda failed, _event, _error: self._note(
                f"a handler of {failed.pattern!r} raised {failed.last_error}"
            ),
        )
        self._demo = demo
        self._io = get_io()
        self._lock = threading.RLock()
        self._callbacks = Callbacks(
            self.router, self._note, self.settings.limits.handler_backlog, self.settings.pressure, self._io
        )
        self._last_problem = ""
        self._listeners: list[Callable[[ConnectionStatus], None]] = []
        self._handles: dict[Any, Any] = {}
        self.receivers = {}
        self.life = Life(f"the session with {self.address} is closed", "Run gunj.connect(...) again.")
        """Whether it is open; who waits for something of it is told when it is not."""
        self._known = False
        """The operator's platforms have been told once; from then on what is remembered can be asked for at any time."""
        self._memory = Memory(self.store, self.router)
        self.manager: Manager
        if player is not None:
            self.manager = ReplayManager(
                player,
                deliver=self._memory.take,
                remember=self._memory.remember,
                forget=self.router.forget,
                store=self.store,
                on_state=self._state_changed,
                io=self._io,
            )
            self.manager.session = self
        elif sources is not None and "nats" in sources:
            self.manager = JetStreamManager(
                sources["nats"],
                deliver=self._memory.take,
                settings=self.settings,
                since=since,
                on_state=self._state_changed,
                io=self._io,
            )
        elif operator or not sources:
            self.manager = ConnectionManager(
                url,
                deliver=self._memory.take,
                auth=auth,
                settings=self.settings,
                verify=verify,
                on_state=self._state_changed,
                io=self._io,
                network=network,
            )
        else:
            self.manager = self._sourced(sources)
        self.backends = self.discovery = None
        if isinstance(self.manager, SourceManager):
            self.backends = self.manager
        elif isinstance(self.manager, ConnectionManager):
            self.backends = self._sourced(sources or {})
            self.backends.start()
        self._memory.follow(self.manager)
        self.manager.start()
        if self.backends is not None:
            own = Source(url=url, token=auth, verify=verify) if self.backends is not self.manager else None
            self.discovery = discover(self.backends, self.manager, sources or {}, own, self.store, trust)
        lengthen = shorten(self.settings.feed.turn)  # now that nothing can fail any more, and leave it so
        self.life.listen(lambda _life: lengthen())
        self._standing = [self.manager.watch(PLATFORMS), self.manager.watch(ALERTS)]
        self.alerts = LiveAlerts(self)
        """All alerts: `.active`, `.critical`, `.has_critical`, `.df`; displays as the AlertPanel."""
        self.events = LiveEvents(self)
        """Kubernetes events: `.warnings`, `.df`; displays as the EventFeed."""
        self.timeline = LiveTimeline(self)
        """Alerts, operations, events, notes and gaps in one order: `.df`; displays as the IncidentTimeline."""
        self.range = SessionRange(self._io.call, self.now)
        """The time that all charts show: `rt.range.set("now-15m")`, `.zoom`, `.back()`, `.live()`."""

    # -- time ---------------------------------------------------------------------------------------------

    @property
    def player(self) -> ReplayManager:
        """Where a recording stands, and the way about in it; SetupError in a live session."""
        if not isinstance(self.manager, ReplayManager):
            raise SetupError("this session is live", "gunj.replay(path) opens a recording.")
        return self.manager

    @property
    def is_replay(self) -> bool:
        """Whether it is a recording, with a `.player`, that `gunj.replay` opened."""
        return isinstance(self.manager, ReplayManager)

    def now(self) -> float:
        """Epoch seconds: what time it is, or was in the recording."""
        return self.manager.now() if isinstance(self.manager, ReplayManager) else time.time()

    # -- state --------------------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Host and port, for people to read."""
        return urlsplit(self.url).netloc.rpartition("@")[2] or self.url

    @property
    def is_demo(self) -> bool:
        """Whether its operator is the embedded one, or another that calls itself a demo: nothing there is real."""
        return self._demo or "demo" in self.status().server

    def status(self) -> ConnectionStatus:
        """The connection in full: state, reason, remedy, countdown, each transport and each source."""
        return merged(self.manager.status(), self.backends, self.manager)

    @property
    def state(self) -> str:
        """One of idle, connecting, open, polling, waiting, closing, closed, failed."""
        return str(self.status().state)

    @property
    def reason(self) -> str:
        """Why the connection is in its state, in a few words; "" where there is nothing to say. `status().remedy`: what to do."""
        return self.status().reason

    @property
    def is_connected(self) -> bool:
        """Whether all that is watched is streamed; while something is only polled, it is not."""
        return self.state == "open"

    @property
    def is_healthy(self) -> bool:
        """Connected, and no transport that is open has said nothing for longer than it should."""
        return self.is_connected and self.status().silent_since is None

    @property
    def health(self) -> dict[str, Health]:
        """Health of each platform, as "namespace/name"."""
        return {f"{p.namespace}/{p.name}": p.health for p in self.store.platforms}

    @property
    def reconnect_attempts(self) -> int:
        """Attempts to connect that failed, in a row; 0 while all is well."""
        return self.status().attempt

    @property
    def last_heartbeat(self) -> float | None:
        """Epoch seconds of the server's last heartbeat; None before the first."""
        return self.status().last_heartbeat

    def stats(self) -> SessionStats:
        """Every count of the session, each under its own name: what was received and what of it stored, duplicate or malformed,
        what handlers were called for (`handler_...`), and what the feed showed, conflated or dropped, at which pace."""
        counts = added(dict(self.manager.stats().counts), self.backends, self.manager)
        for name, count in self.store.stats().counts.items():
            counts[name] = counts.get(name, 0) + count
        feed = fed()
        counts |= handled(self.router.stats()) | self._callbacks.counts | feed.counts
        return SessionStats(state=self.state, counts=counts, rate=feed.rate, last_problem=self._last_problem)

    def malformed(self) -> list[BadMessage]:
        """The newest messages that could not be used, at most 100, cut and without secrets; `stats()` counts them all."""
        return self.manager.samples.newest()

    def wait_ready(self, timeout: Duration | None = 10.0) -> Self:
        """Return once the platforms are known; NotReadyError with the last reason after `timeout` (seconds, or "10s"; None =
        wait for ever)."""
        limit = patience(timeout)
        self.wait(self._ready(limit), None if limit is None else limit + 2.0)
        return self

    async def ready(self, timeout: Duration | None = 10.0) -> Self:
        """As `wait_ready`, to be awaited in a cell; None = for ever."""
        limit = patience(timeout)
        self._need_open()
        await asyncio.wrap_future(self._io.run(self._ready(limit)))
        return self

    async def _ready(self, timeout: float | None) -> None:
        try:
            async with asyncio.timeout(timeout):
                await self.manager.wait_open()
                await self.manager.wait_synced(PLATFORMS)
        except TimeoutError:
            status = self.status()
            raise NotReadyError(
                f"{self.address} was not ready within {timeout:g} s: {status.state}, {status.reason or 'no answer'}",
                status.remedy or "The session keeps trying; display it to watch, or call wait_ready() again.",
            ) from None
        await asyncio.sleep(0)  # what the snapshot brought is handed on at the loop's next turn
        self._known = True

    # -- what is there ------------------------------------------------------------------------------------

    @property
    def platforms(self) -> LivePlatforms:
        """A handle on every platform of the operator; `.df`."""
        self._need_ready()
        return LivePlatforms(self)

    def platform(self, name: str, namespace: str | None = None) -> PlatformHandle:
        """Return the platform, the same handle each time; UnknownPlatformError lists what there is."""
        self._need_ready()
        platform = self.store.platforms.get(name, namespace)

        def make() -> PlatformHandle:
            handle = PlatformHandle(self, platform)
            self._watch(
                Interest(target="platform", platform=platform.id), "platforms", limit=self.settings.limits.platforms
            )
            return handle

        return self._memo(("platform", platform.id), make)

    def metrics(
        self,
        platform: str,
        metrics: str | Sequence[str] = (),
        *,
        window: Duration = "10m",
        namespace: str | None = None,
    ) -> LiveMetrics:
        """Return a frame that fills itself with these metrics of a platform (none named: all) of the last `window`.

        SetupError in a session without an operator, where nobody would fill it.
        """
        names = tuple(sorted(set(named(metrics, "metrics are names", METRICS))))
        if "" in names:
            raise SettingsError("a metric without a name", METRICS)
        handle = self.platform(platform, namespace)
        self._need_operator("metrics", "prometheus", "promql")
        return self.follow_metrics(handle, names, seconds(window))

    def follow_metrics(self, handle: PlatformHandle, names: tuple[str, ...], span: float) -> LiveMetrics:
        """As `metrics`; without an operator the frame stays empty, which a card that has more to show can bear."""
        key = ("metrics", handle.id, names, span)

        def make() -> LiveMetrics:
            interest = Interest(target="metrics", platform=handle.id, metrics=names)
            release = self._watch(interest, "metric_streams", limit=self.settings.limits.metric_streams)
            title = f"{handle.name}: {', '.join(names) or 'all metrics'}"
            frame = LiveMetrics.over(self.store.frame(handle.id), names or None, window=span)
            frame.source, frame.names = handle, names
            return frame.attach(self, _label(key), title, span, lambda: self._drop(key, release))

        return self._memo(key, make)

    def logs(
        self,
        platform: str,
        *,
        level: Names = None,
        component: Names = None,
        search: str | None = None,
        regex: str | None = None,
        namespace: str | None = None,
    ) -> LiveLogs:
        """Return a live, filtered tail of a platform's logs; `search` is a case-insensitive substring, `regex` an RE2 pattern.

        SetupError as `metrics`; SettingsError for a pattern that is wrong or could stall the kernel.
        With a cluster they are those of its pods, each line once, through cuts and restarts.
        """
        narrowing = Narrowing.of(level, component, search, regex)
        handle = self.platform(platform, namespace)
        if self.backends is None or self.backends.find("kubernetes") is None:
            self._need_operator("logs", "loki", "logql")
        return self.follow_logs(handle, narrowing)

    def follow_logs(self, handle: PlatformHandle, narrowing: Narrowing = ALL) -> LiveLogs:
        """As `logs`; without an operator they stay empty, as for `follow_metrics`."""
        key = ("logs", handle.id, narrowing)

        def make() -> LiveLogs:
            buffer = narrowing.on(self.store.logs(handle.id))
            interest = Interest(target="logs", platform=handle.id)
            release = self._watch(interest, "log_streams", limit=self.settings.limits.log_streams)
            title = f"{handle.name} logs" + (f": {narrowing}" if narrowing.asked else "")
            pods = None if self.backends is None else self.backends.pod_logs(handle.id)
            kind = LiveLogs if pods is None else LivePodLogs
            label = _label((*key[:2], *narrowing.asked.items()))
            made = kind(self, buffer, label, title, lambda: self._drop(key, release))
            if isinstance(made, LivePodLogs) and pods is not None:
                made.pods = pods
            made.recipe = {"platform": handle.name, **given(namespace=handle.namespace), **narrowing.asked}
            return made

        return self._memo(key, make)

    # -- life ---------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether it is closed for good: its data stays readable, anything that asks the operator raises SessionClosedError."""
        return self.life.over

    def close(self) -> None:
        """Let go of this session, which is one object for all who connect; when the last lets go, the connection closes. What
        was received stays readable.

        Each line that connects holds it once, however often it is run, and so does each `with` until its end.
        `gunj.close_all()` closes it whoever holds it.
        """
        from gunj_widgets.session.connect import release  # the registry knows who else holds it

        release(self)

    def shut(self) -> None:
        """Close the connection whoever else holds the session."""
        if self.life.end():
            if self._io.is_alive:  # else we were forked off, and what runs there is the parent's
                self._callbacks.close()
                self._io.finish(self._close_receivers, 1.0)
            if self.backends is not None and self.backends is not self.manager:
                self.backends.close()
            self.manager.close()

    def __enter__(self) -> Self:
        from gunj_widgets.session.connect import enter

        enter(self)
        return self

    def __exit__(self, *_exc: object) -> None:
        from gunj_widgets.session.connect import leave

        leave(self)

    async def __aenter__(self) -> Self:
        self.__enter__()
        try:
            return await self.ready()
        except BaseException:  # nobody will leave what was not entered
            self.__exit__()
            raise

    async def __aexit__(self, *_exc: object) -> None:
        self.__exit__()

    def __repr__(self) -> str:
        return f"<Session {self.address} {self.state}>"

    def wait(
        self, work: Coroutine[Any, Any, Any], timeout: float | None = 10.0, words: str = "", share: Share = unknown
    ) -> Any:
        """Run a coroutine on gunj-io and return its result to this thread; where there are words for it, show how far it is."""
        if self.closed or self._io.is_here:
            work.close()
        self._need_open()
        if self._io.is_here:
            raise SetupError(
                "what is told by listen() cannot wait for an answer: it holds up all that comes",
                "Use rt.on(...) or on_update(...), whose callbacks may.",
            )
        future: Future[Any] = self._io.run(work)
        try:
            return waited(future, words, share, timeout) if words else future.result(timeout)
        except FutureTimeout:
            if future.done():
                raise
            raise NotReadyError(
                f"{self.address} did not answer within {timeout:g} s", "Display the session to see why."
            ) from None
        finally:
            future.cancel()  # whoever waits no longer, be it by Ctrl-C, does not want it done later either

    # -- inside -------------------------------------------------------------------------------------------

    def _sourced(self, sources: Sources) -> SourceManager:
        return SourceManager(
            sources,
            deliver=self._memory.take,
            settings=self.settings,
            on_state=self._state_changed,
            io=self._io,
        )

    def _state_changed(self, _status: ConnectionStatus) -> None:
        if self.discovery is not None:
            self.discovery.wake()
        status = self.status()
        for listener in list(self._listeners):
            listener(status)

    def _note(self, problem: str) -> None:
        self._last_problem = problem[:500]

    def _need_open(self) -> None:
        """Raise SessionClosedError where nothing will come any more."""
        self.life.check()

    def _need_ready(self) -> None:
        if not self._known:
            self.wait_ready()

    def _need_operator(self, what: str, kind: str, verb: str) -> None:
        """Raise where a platform's metrics or logs would stay empty for ever: a cluster tells of neither."""
        if isinstance(self.manager, SourceManager):
            raise SetupError(
                f"this session has no operator, and nobody else tells the {what} of a platform",
                f"Ask where they are: gunj.connect({kind}='http://...', ...), then rt.{verb}(...).",
            )

    def _memo(self, key: Any, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._handles:
                self._handles[key] = make()
            handle: T = self._handles[key]
            return handle

    def _drop(self, key: Any, release: Callable[[], None]) -> None:
        with self._lock:
            if self._handles.pop(key, None) is not None:
                release()

    def _watch(self, interest: Interest, limit_name: str, *, limit: int) -> Callable[[], None]:
        watched = {i for i in self.manager.interests() if i.target == interest.target}
        if interest not in watched and len(watched) >= limit:
            raise LimitError(
                f"this session already follows {limit} {limit_name.replace('_', ' ')}",
                f"Close one (.close()), or raise the limit: Settings.load(limits={{'{limit_name}': {limit * 2}}}).",
                limit=limit_name,
                value=limit,
            )
        release = self.manager.watch(interest)
        if self.status().state in SERVING and not self._io.is_here:
            self._io.run(self._synced(interest)).result(FIRST_LOOK * 2)
        return release

    async def _synced(self, interest: Interest) -> None:
        """Give the first snapshot a moment to arrive, so that the next line of a cell has something to look at."""
        with contextlib.suppress(TimeoutError, GunjError):
            async with asyncio.timeout(FIRST_LOOK):
                await self.manager.wait_synced(interest)
                await asyncio.sleep(0)


def _label(key: tuple[Any, ...]) -> str:
    """A short, stable channel name for a handle's key."""
    return quote("|".join(str(part) for part in key[1:]), safe="|,")
