"""Reflector: keeps one collection equal to the server's: a list, then a watch that is taken up again wherever it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from gunj_widgets.connection.clock import pause
from gunj_widgets.errors import AuthError, ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.sources.kubernetes.client import WATCH, KubernetesClient
from gunj_widgets.sources.kubernetes.collection import Change, Collection, ExpiredError

__all__ = ["Reflector"]

SOON, MAX_WAIT = 0.2, 30.0
"""Seconds between attempts, at first and at most."""
SILENT = WATCH + 30.0
"""Seconds after which a watch that neither speaks nor ends is taken for dead."""
FORBIDDEN = 60.0
"""Seconds after which what was forbidden is tried again: a role may have been granted."""


Problem: TypeAlias = ConnectError | QueryError | RemoteProtocolError


class Reflector:
    """Keeps one collection equal to the server's; lives on gunj-io, until cancelled.

    `changed(changes, since)`: `since` is None, or, for a list after a watch that could not be taken up again, when that was
    last heard (epoch seconds): what came and went in between is not known. `asked(error)`: how asking went.
    """

    def __init__(
        self,
        client: KubernetesClient,
        path: Callable[[], Awaitable[str]],
        changed: Callable[[list[Change], float | None], object],
        asked: Callable[[Problem | None], object] = lambda error: None,
    ) -> None:
        self.collection = Collection()
        self.lists = self.watches = 0
        self.problem = ""
        """Why it does not follow at present; nothing while it does."""
        self._client = client
        self._path = path
        self._changed = changed
        self._asked = asked
        self._clock = client.backend.clock
        self._rng = client.backend.rng
        self._wake = asyncio.Event()
        self._listed = asyncio.Event()
        self._tried = asyncio.Event()
        self._failures = 0
        self._heard: float | None = None

    async def listed(self) -> None:
        """Return once there was a first list."""
        await self._listed.wait()

    async def tried(self) -> None:
        """Return once there was a first list, or it is known why there is none."""
        await self._tried.wait()

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
                self._asked(error)
                self._tried.set()
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
            self._tried.set()
            self._asked(None)
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
