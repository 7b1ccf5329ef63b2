"""Logs of a platform's pods, live: each container's followed, taken up again after a cut where it stood, each line once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from gunj_widgets.connection.clock import pause
from gunj_widgets.connection.transport import Lost
from gunj_widgets.errors import AuthError, ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import RESET_TOPIC, topic
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.collection import Change
from gunj_widgets.sources.kubernetes.pods import NS, Container, Lines, Replay, containers, is_of, level_of, said
from gunj_widgets.sources.kubernetes.reflector import Reflector
from gunj_widgets.store.holder import Listeners

__all__ = ["PodLogStatus", "PodLogs"]

STREAMS = 20
"""Logs followed at the same time; the others are asked for every few seconds, and lose as little."""
MAX_CONTAINERS = 200
POLL = 5.0
SOON, MAX_WAIT = 0.5, 30.0
"""Seconds between attempts, at first and at most."""
HISTORY, TAIL = 300, 500
"""Seconds and lines of each container to begin with."""
QUIET = 600.0
"""Seconds after which a log that says nothing is asked for anew: a connection that died unseen costs no line."""


class PodLogStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the logs of a platform stand. `left_out`: containers over the bound; `problem`: why none come, if so."""

    containers: int = 0
    followed: int = 0
    lines: int = 0
    repeated: int = 0
    cut: int = 0
    gaps: int = 0
    left_out: int = 0
    problem: str = ""
    remedy: str = ""


class PodLogs:
    """Follows the pods of one platform until cancelled. `emit(events)` gets lines, as `platform.{id}.logs.{component}`.

    `others()` are the names of the other platforms of its namespace. Gaps are told as events, each new status to
    `listeners`. On gunj-io.
    """

    def __init__(
        self,
        client: KubernetesClient,
        platform: tuple[str, str, str],
        *,
        emit: Callable[[list[Event]], object],
        others: Callable[[], tuple[str, ...]] = tuple,
        streams: int = STREAMS,
    ) -> None:
        self.id, self.name, self.namespace = platform
        self.status = PodLogStatus()
        self.slots = asyncio.Semaphore(streams)
        self.client = client
        self.listeners = Listeners()
        self.lines = 0
        self._emit = emit
        self._others = others
        self._tails: dict[tuple[str, str], _Tail] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self.pods = Reflector(client, self._path, self._told, self._asked)

    async def run(self) -> None:
        """Follow, until cancelled."""
        try:
            await self.pods.run()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def settled(self) -> None:
        """Return once the pods are known and each log has been asked for, or it is known that none can be."""
        await self.pods.tried()
        for tail in list(self._tails.values()):
            await tail.first.wait()

    def wake(self) -> None:
        """Look again now."""
        self.pods.wake()
        for tail in self._tails.values():
            tail.woken.set()

    def hand_on(self, container: Container, lines: Iterable[tuple[int, str]]) -> None:
        """Tell new lines of one container."""
        about = {"pod": container.pod, "container": container.name}
        items = [
            {"timestamp": ns / NS, "ns": ns, "level": level_of(text), "message": text, "metadata": about}
            for ns, text in lines
        ]
        if items:
            self.lines += len(items)
            now = self.client.backend.clock.time()
            name = topic("platform", self.id, "logs", container.component)
            self._emit([Event(topic=name, data={"items": items}, arrived=now, time=now, source="kubernetes")])
        self.tell()

    def tell(self, **changes: object) -> None:
        """Work out the status; tell if it is another."""
        tails = self._tails.values()
        found = msgspec.structs.replace(
            self.status,
            containers=len(tails),
            followed=sum(tail.follows for tail in tails),
            lines=self.lines,
            repeated=sum(tail.replay.repeated for tail in tails),
            cut=sum(tail.cut for tail in tails),
            **changes,
        )
        if found != self.status:
            self.status = found
            self.listeners.tell()

    def lost(self, start: int, end: float) -> None:
        """Mark a stretch from nanoseconds on to epoch seconds of which lines may be missing."""
        data = {"interest": f"logs/{self.id}", "platform": self.id, "from": None, "to": None, "gap": [start / NS, end]}
        self._emit([Event(topic=RESET_TOPIC, data=data, arrived=end, time=end, source="kubernetes")])
        self.tell(gaps=self.status.gaps + 1)

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods"

    def _asked(self, error: ConnectError | QueryError | RemoteProtocolError | None) -> None:
        """Take in how asking for the pods went."""
        remedy = "" if error is None else error.remedy
        if isinstance(error, AuthError) and error.status == 403:
            remedy = "Bind a role with get, list and watch on pods, and get on pods/log."
        self.tell(problem="" if error is None else error.problem, remedy=remedy)

    def _told(self, changes: list[Change], since: float | None) -> None:
        """Begin with what was started, and end with what is gone."""
        others = self._others()
        wanted: dict[tuple[str, str], Container] = {}
        for pod in self.pods.collection.objects.values():
            if is_of(pod, self.name, others):
                wanted.update((one.key, one) for one in containers(pod))
        for key in [key for key in self._tails if key not in wanted]:
            self._tails[key].gone = True
            self._tails[key].woken.set()
        room = MAX_CONTAINERS - len(self._tails)
        fresh = [one for key, one in wanted.items() if key not in self._tails]
        for key, tail in self._tails.items():
            if key in wanted:
                tail.told(wanted[key])
        loop = asyncio.get_running_loop()
        for one in fresh[:room]:
            tail = self._tails[one.key] = _Tail(self, one)
            task = self._tasks[one.key] = loop.create_task(tail.run(), name="gunj-pod-log")
            task.add_done_callback(lambda done, key=one.key: self._ended(key, done))  # type: ignore[misc]
        self.tell(left_out=max(0, len(fresh) - max(0, room)))

    def _ended(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._tails.pop(key, None)
        self._tasks.pop(key, None)
        if not task.cancelled() and task.exception() is not None:  # a bug of ours: it must not end unseen
            self.tell(problem=f"{type(task.exception()).__name__}: {task.exception()}")


class _Tail:
    """The log of one container, through its restarts."""

    def __init__(self, owner: PodLogs, container: Container) -> None:
        self.container = container
        self.replay = Replay()
        self.follows = False
        self.gone = False
        self.cut = 0
        self.first = asyncio.Event()
        """Set once it has been asked for."""
        self.woken = asyncio.Event()
        self._owner = owner
        self._run = container.run
        self._restarts = container.restarts
        self._clock = owner.client.backend.clock
        self._rng = owner.client.backend.rng

    def told(self, container: Container) -> None:
        """Take in how the container is now."""
        if container != self.container:
            self.container = container
            self.woken.set()

    async def run(self) -> None:
        failures = 0
        while True:
            wait = 0.0
            try:
                done = await self._once()
                failures = 0
                if done and self.gone:
                    return
                wait = POLL if not self.container.running or not self.follows else SOON
            except (ConnectError, QueryError, RemoteProtocolError) as error:
                if self.gone and getattr(error, "status", None) == 404:
                    return
                failures += 1
                wait = min(MAX_WAIT, SOON * 2.0 ** min(failures, 7))
            finally:
                self.follows = False
                self.first.set()
            if self.gone and failures > 3:
                return
            await pause(self._clock, wait * self._rng.uniform(0.75, 1.25), self.woken)

    async def _once(self) -> bool:
        """Read once: what an earlier run of the container wrote, then this one's, to the end or for as long as it lasts."""
        container = await self._now()
        if container.run != self._run:
            await self._earlier(container)
        slots = self._owner.slots
        if not container.running or slots.locked():
            await self._read(follow=False, whole=not container.running)
            return True
        async with slots:
            self.follows = True
            self._owner.tell()
            await self._read(follow=True, whole=False)
        return self.gone

    async def _now(self) -> Container:
        """Ask which run of the container there is: the watch may be late to tell, and a log does not say whose it is."""
        pod = await self._owner.client.pod(self.container.namespace, self.container.pod)
        if pod is None:
            self.gone = True
            return self.container
        self.container = next((one for one in containers(pod) if one.key == self.container.key), self.container)
        return self.container

    async def _earlier(self, container: Container) -> None:
        """It was started again: what it wrote before that, and nobody has read, the API server still has of its last run."""
        newest, missed = self.replay.newest, container.restarts - self._restarts
        if newest and missed > 1:
            self._owner.lost(newest, self._clock.time())
        try:
            await self._read(follow=False, whole=True, previous=True)
        except (ConnectError, QueryError):
            if newest:
                self._owner.lost(newest, self._clock.time())
        self._run, self._restarts = container.run, container.restarts

    async def _read(self, *, follow: bool, whole: bool, previous: bool = False) -> None:
        """Read lines and tell those that are new; `whole`: no more will come, so that the last needs no end."""
        since = self.replay.since()
        self.replay.begin()
        params = {"container": self.container.name, "timestamps": "true"}
        if since is None:
            params |= {"sinceSeconds": str(HISTORY), "tailLines": str(TAIL)}
        else:
            params["sinceTime"] = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        params |= {name: "true" for name, on in (("follow", follow), ("previous", previous)) if on}
        path = f"/api/v1/namespaces/{self.container.namespace}/pods/{self.container.pod}/log"
        stream = await self._owner.client.backend.stream(path, params)
        lines = Lines()
        chunks = stream.chunks()
        try:
            if not previous and (await self._now()).run != self._run:
                return  # started again meanwhile: this may be the new run's, and of the old one not all is read
            with contextlib.suppress(Lost, TimeoutError):
                while True:
                    async with asyncio.timeout(QUIET):
                        chunk = await anext(chunks)
                    self._take(lines.feed(chunk))
                    self.first.set()
            if whole and lines.rest:
                self._take([lines.rest])
        finally:
            self.cut += lines.cut
            await stream.close()

    def _take(self, lines: list[bytes]) -> None:
        told = [one for one in map(said, lines) if one is not None]
        self._owner.hand_on(self.container, [one for one in told if self.replay.is_new(*one)])
