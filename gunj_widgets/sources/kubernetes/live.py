"""The operator's resources and their events, live: a list, then a watch that is taken up again wherever it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gunj_widgets.events.event import Event
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.collection import Change
from gunj_widgets.sources.kubernetes.facts import gap_event, kube_event, owner_of, platform_event
from gunj_widgets.sources.kubernetes.podlogs import PodLogs
from gunj_widgets.sources.kubernetes.reflector import Reflector

__all__ = ["LiveKubernetes"]


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

    def logs(self, platform: str) -> PodLogs | None:
        """Return what follows the logs of a platform (its id) once it runs; None where there is no such platform."""
        found = self.platforms.collection.objects.get(platform)
        if found is None:
            return None
        name, namespace = str(found["metadata"].get("name")), str(found["metadata"].get("namespace"))

        def others() -> tuple[str, ...]:
            each = [one["metadata"] for one in self.platforms.collection.objects.values()]
            return tuple(str(one.get("name")) for one in each if one.get("namespace") == namespace)

        return PodLogs(self.client, (platform, name, namespace), emit=self._emit, others=others)

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
