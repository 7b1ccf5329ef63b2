"""The operator's resources and their events, live: a list, then a watch that is taken up again wherever it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gunj_widgets.connection.clock import pause
from gunj_widgets.errors import AuthError, ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.sources.kubernetes.client import WATCH, KubernetesClient
from gunj_widgets.sources.kubernetes.collection import Change, Collection, ExpiredError
from gunj_widgets.sources.kubernetes.facts import gap_event, kube_event, owner_of, platform_event

__all__ = ["LiveKubernetes", "Reflector"]

SOON, MAX_WAIT = 0.2, 30.0
"""Seconds between attempts, at first and at most."""
SILENT = WATCH + 30.0
"""Seconds after which a watch that neither speaks nor ends is taken for dead."""
FORBIDDEN = 60.0
"""Seconds after which what was forbidden is tried again: a role may have been granted."""


class Reflector:
    """Keeps one collection equal to the server's; lives on gunj-io, until cancelled.

    `changed(changes, since)`: `since` is None, or, for a list after a watch that could not be taken up again, when that was
    last heard (epoch seconds): what came and went in between is not known.
    """

    def __init__(
        self,
        client: KubernetesClient,
        path: Callable[[], Awaitable[str]],
        changed: Callable[[list[Change], float | None], object],
    ) -> None:
        self.collection = Collection()
        self.lists = self.watches = 0
        self.problem = ""
        """Why it does not follow at present; nothing while it does."""
        self._client = client
        self._path = path
        self._changed = changed
        self._clock = client.backend.clock
        self._rng = client.backend.rng
        self._wake = asyncio.Event()
        self._listed = asyncio.Event()
        self._failures = 0
        self._heard: float | None = None

    async def listed(self) -> None:
        """Return once there was a first list."""
        await self._listed.wait()

    def wake(self) -> None:
        """Try again now, if it waits."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            began = self._clock.monotonic()
            try:
                await self._follow()
                self.problem = ""
            except ExpiredError:
                self.collection.version = None
            except (ConnectError, QueryError, RemoteProtocolError) as error:
                self.problem = error.problem
                self._failures += 1
                if isinstance(error, RemoteProtocolError):
                    self.collection.version = None  # what could not be read may have changed something
                wait = min(MAX_WAIT, SOON * 2.0 ** min(self._failures, 8)) * self._rng.uniform(0.5, 1.5)
                forbidden = isinstance(error, AuthError) and error.status == 403
                await pause(self._clock, FORBIDDEN if forbidden else wait, self._wake)
                continue
            if self._clock.monotonic() - began < SOON:  # a server that ends each watch at once is not to be hammered
                await pause(self._clock, self._rng.uniform(0.5, 1.5), self._wake)

    async def _follow(self) -> None:
        """List if need be, then watch until the watch ends."""
        path = await self._path()
        version = self.collection.version
        if version is None:
            objects, version = await self._client.list(path)
            self.lists += 1
            self._changed(self.collection.listed(objects, version), self._heard)
            self._listed.set()
            self._failures = 0
            self._heard = self._clock.time()
        self.watches += 1
        lines = self._client.watch(path, version)
        try:
            while True:
                async with asyncio.timeout(SILENT):
                    line = await anext(lines)
                self._failures, self._heard = 0, self._clock.time()
                change = self.collection.told(line)
                if change is not None:
                    self._changed([change], None)
        except (StopAsyncIteration, TimeoutError):
            return
        finally:
            await lines.aclose()  # type: ignore[attr-defined]


class LiveKubernetes:
    """Platforms and what happens to them. `emit(events)` gets facts as every other source tells them; on gunj-io."""

    def __init__(self, client: KubernetesClient, emit: Callable[[list[Event]], object]) -> None:
        self.client = client
        self._emit = emit
        self._path = ""
        self.platforms = Reflector(client, self._platforms_path, self._told_platforms)
        self.events = Reflector(client, self._events_path, self._told_events)
        self.foreign = 0
        """Kubernetes events about other things than platforms."""

    async def run(self) -> None:
        """Follow both, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.platforms.run())
            group.create_task(self._run_events())

    async def version(self) -> str:
        """Return the server's version; ConnectError where it is none, or knows nothing of the operator."""
        found = await self.client.version()
        await self._platforms_path()
        return found

    def wake(self) -> None:
        """Try again now."""
        self.platforms.wake()
        self.events.wake()

    async def _run_events(self) -> None:
        await self.platforms.listed()  # an event is told of a platform that is known
        await self.events.run()

    async def _platforms_path(self) -> str:
        if not self._path:
            self._path = await self.client.platforms()
        return self._path

    async def _events_path(self) -> str:
        return self.client.events()

    def _told_platforms(self, changes: list[Change], since: float | None) -> None:
        now = self.client.backend.clock.time()
        if since is not None:
            self._emit([gap_event(since, now)])  # alone: what was before is not to be mixed with what came after
        if changes:
            self._emit([platform_event(change, now) for change in changes])

    def _told_events(self, changes: list[Change], since: float | None) -> None:
        now = self.client.backend.clock.time()
        found = []
        for change in changes:
            owner = None if change.gone else owner_of(change.object, self.platforms.collection.objects)
            if owner is None:
                self.foreign += not change.gone
            else:
                found.append(kube_event(change, owner, now))
        if found:
            self._emit(found)
