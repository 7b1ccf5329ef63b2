"""Discovery: opens what the platforms of a session tell of in `status.endpoints`, when it is asked for."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from gunj_widgets.arguments import with_article
from gunj_widgets.connection.clock import Clock, SystemClock, pause
from gunj_widgets.errors import ConnectError, GunjError, SetupError
from gunj_widgets.events.records import Platform
from gunj_widgets.sources.endpoints import Service, backends, service_of, source_for, through_api
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.opened import TITLES, Opened
from gunj_widgets.sources.source import Source
from gunj_widgets.store.platforms import PlatformBook

__all__ = ["Discovery", "resolves"]

AGAIN = 60.0
"""Seconds after which what could not be reached is tried again."""
ALERTING = {"alertmanager", "prometheus"}
"""Who tells of alerts; the one of those that fire, the other of those that are pending."""
MAX_OPENED = 16
"""Platforms whose alerts are followed at once."""
RESOLVE = 3.0
"""Seconds a name server may take."""


async def resolves(host: str) -> bool:
    """Say whether a name is known here."""
    try:
        async with asyncio.timeout(RESOLVE):
            await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return False
    return True


class Discovery:
    """Opens back ends of platforms in a SourceManager. All of it runs on gunj-io.

    Metrics and logs are opened when somebody asks; alerts as soon as a platform tells where they are, while `alerts()` says
    that nobody else tells them. `own` are the credentials of whoever told us of the platforms: see `endpoints.source_for`.
    With `cluster`, what bears a name inside the cluster is reached through the API server.
    """

    def __init__(
        self,
        manager: SourceManager,
        book: PlatformBook,
        own: Source,
        *,
        cluster: bool = False,
        trust: Sequence[str] = (),
        alerts: Callable[[], bool] = lambda: True,
        clock: Clock | None = None,
        resolve: Callable[[str], Awaitable[bool]] = resolves,
    ) -> None:
        self._manager = manager
        self._book = book
        self._own = own
        self._cluster = cluster
        self._trust = tuple(trust)
        self._alerts = alerts
        self._clock = clock if clock is not None else SystemClock()
        self._resolve = resolve
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._undo: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Follow what platforms tell, until cancelled."""
        self._manager.woken = self.wake
        self._undo = self._book.listen(lambda _book: self.wake())
        try:
            while True:
                self._wake.clear()
                await self._look()
                if not self._wake.is_set():
                    await pause(self._clock, AGAIN, self._wake)
        finally:
            self._undo()

    def wake(self) -> None:
        """Look now."""
        self._wake.set()

    async def open(self, kind: str, name: str | None = None, namespace: str | None = None) -> Opened:
        """Return a platform's back end, opened; without a name that of the only platform that has one.

        SetupError says why there is none: no platform tells, several do, or the name is known inside the cluster only.
        """
        title = TITLES[kind]
        platforms = list(self._book) if name is None else [self._book.get(name, namespace)]
        having = [p for p in platforms if kind in backends(p.endpoints)]
        if not having:
            whose = "no platform tells" if name is None else f"{name!r} does not tell"
            raise SetupError(
                f"{whose} where its {title} is (status.endpoints.{kind})",
                f"Say where: gunj.connect(..., {kind}='http://...').",
            )
        if len(having) > 1:
            names = ", ".join(sorted(p.name for p in having))
            raise SetupError(
                f"several platforms have {with_article(title)}: {names}", f"Say whose: platform={having[0].name!r}."
            )
        return await self._open(kind, having[0])

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Close what is told no longer, and open those whose alerts nobody else tells."""
        known = {p.id: p for p in self._book}
        for key in self._manager.discovered():
            found = self._manager.find(*key)
            platform = known.get(key[1])
            told = backends(platform.endpoints).get(key[0]) if platform is not None else None
            if told is None or (found is not None and found.told != told):
                self._manager.remove(key)
        if not self._alerts():
            return
        having = [p for p in known.values() if ALERTING & backends(p.endpoints).keys()]
        for platform in having[:MAX_OPENED]:
            for kind in sorted(ALERTING & backends(platform.endpoints).keys()):
                try:
                    self._manager.follow_alerts(await self._open(kind, platform))
                except GunjError as error:
                    title = f"{TITLES[kind]} of {platform.name}"
                    self._manager.unreached((kind, platform.id), title, error.problem, error.remedy)

    async def _open(self, kind: str, platform: Platform) -> Opened:
        async with self._lock:
            url = backends(platform.endpoints)[kind]
            found = self._manager.find(kind, platform.id)
            if found is not None and found.told == url:
                return found
            source, remedy = await self._way(kind, url, platform)
            if found is not None:
                self._manager.remove(found.key)
            try:
                return self._manager.add(kind, Source.of(source), (platform.id, platform.name), url, remedy)
            except ConnectError as error:
                raise SetupError(f"{TITLES[kind]} of {platform.name}: {error.problem}", error.remedy) from None

    async def _way(self, kind: str, url: str, platform: Platform) -> tuple[Source, str]:
        """Return how to get there, and what helps where that refuses us."""
        service = service_of(url, platform.namespace)
        if service is None or await self._resolve(urlsplit(url).hostname or ""):
            return source_for(url, self._own, self._trust)
        if self._cluster:
            remedy = "The API server's proxy is asked: it needs the right to get services/proxy there."
            return through_api(service, self._own), remedy
        raise SetupError(self._nowhere(kind, service, platform), _forward(kind, service))

    def _nowhere(self, kind: str, service: Service, platform: Platform) -> str:
        place = f"{service.name}.{service.namespace}:{service.port}"
        return f"{place} is known inside the cluster only: the {TITLES[kind]} of {platform.name}"


def _forward(kind: str, service: Service) -> str:
    return (
        f"Forward it, `kubectl port-forward -n {service.namespace} svc/{service.name} {service.port}`, and say so: "
        f"gunj.connect(..., {kind}='{service.scheme}://127.0.0.1:{service.port}'); or gunj.connect(kubernetes=True)."
    )
