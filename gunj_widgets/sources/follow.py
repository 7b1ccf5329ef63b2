"""What every followed query does: load its history, look again and again, and tell how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from gunj_widgets.connection.clock import pause
from gunj_widgets.errors import ConnectError, GunjError, QueryError, RemoteProtocolError
from gunj_widgets.sources.backend import Backend
from gunj_widgets.sources.pace import Pace

__all__ = ["LOOKBACK", "FollowStatus", "Follower"]

LOOKBACK = 3600.0
"""Seconds of absence that are fetched afterwards; what lies before is a gap, and marked as one."""
PASSING = (429, 500, 502, 503, 504)


class FollowStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a query stands. `phase`: loading, live, waiting (asked again by itself) or failed (the query is wrong)."""

    phase: str = "loading"
    reason: str = ""
    remedy: str = ""


S = TypeVar("S", bound=FollowStatus)


class Follower(Generic[S]):
    """Follows one query until cancelled; lives on gunj-io. Subclasses say `_load`, `_look` and `_looked`."""

    def __init__(self, backend: Backend, status: S, pace: Pace, changed: Callable[[], object]) -> None:
        self.status = status
        self.error: GunjError | None = None
        """Why it failed or waits; None while all is well."""
        self._clock = backend.clock
        self._pace = pace
        self._changed = changed
        self._loaded = False
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()

    async def run(self) -> None:
        """Load, then follow until cancelled; returns only where the query itself is wrong."""
        while True:
            started = self._clock.monotonic()
            try:
                await (self._look() if self._loaded else self._load())
            except (ConnectError, RemoteProtocolError, QueryError) as error:
                self.error = error
                if self._is_wrong(error):
                    self._tell(phase="failed", reason=error.problem, remedy=error.remedy)
                    self._settled.set()
                    return
                self._tell(phase="waiting", reason=error.problem, remedy=error.remedy)
                delay = self._pace.failed()
            else:
                self.error = None
                self._loaded = True
                told = self._looked(self._clock.monotonic() - started)
                self._tell(phase="live", reason="", remedy="", **told)
                delay = self._pace.wait(self._clock.time())
            self._settled.set()
            await pause(self._clock, delay, self._wake)

    async def settled(self) -> None:
        """Return once the first attempt to load it has ended, well or not; `error` tells."""
        await self._settled.wait()

    def wake(self) -> None:
        """Look again at once, if it waits for its server."""
        if self.status.phase == "waiting":
            self._wake.set()

    async def _load(self) -> None:
        """Fetch the history."""
        raise NotImplementedError

    async def _look(self) -> None:
        """Fetch what came since, and what may have come late before that."""
        raise NotImplementedError

    def _looked(self, took: float) -> dict[str, object]:
        """Tell the pace of a look that went well and took so many seconds; return what is new in the status."""
        raise NotImplementedError

    def _is_wrong(self, error: GunjError) -> bool:
        """Whether asking again cannot help. What was answered once may fail for a while, as during a roll-out."""
        return isinstance(error, QueryError) and not self._loaded and error.status not in PASSING

    def _tell(self, **changes: object) -> None:
        status = msgspec.structs.replace(self.status, **changes)
        if status != self.status:
            self.status = status
            self._changed()
