"""A running operation: progress, result, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gunj_widgets.errors import CommandError, NotReadyError
from gunj_widgets.events.alive import Alive
from gunj_widgets.events.records import Operation, OperationStatus
from gunj_widgets.events.shown import Shown, Table
from gunj_widgets.session.doors import Displayable
from gunj_widgets.session.progress import EVERY, Progress
from gunj_widgets.session.waiting import patience
from gunj_widgets.store.retention import Duration

if TYPE_CHECKING:
    import pandas as pd

    from gunj_widgets.session.actions import Actions

__all__ = ["LiveOperations", "OperationHandle"]

DONE = (OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED)


class LiveOperations(Displayable):
    """Operations on all platforms that the session watches. Displays as the OperationProgress."""

    def __init__(self, session: Actions) -> None:
        self.session = session
        self._book = session.store.operations

    @property
    def running(self) -> list[Operation]:
        """Those that have not finished, oldest first."""
        return self._book.running

    @property
    def df(self) -> pd.DataFrame:
        """One row per operation, by id: kind, platform, status, progress, message, error, started, finished; times are UTC."""
        return self._book.df

    def __iter__(self) -> Iterator[Operation]:
        """In the order they were first heard of."""
        return iter(self._book)

    def __len__(self) -> int:
        return len(self._book)

    def __repr__(self) -> str:
        return f"<Operations {len(self)}, {len(self.running)} under way>"


class OperationHandle(Shown, Alive):
    """One operation that this session started; its facts arrive like any other."""

    def __init__(self, session: Actions, operation_id: str, kind: str, platform: str) -> None:
        self.session = session
        self.id = operation_id
        self.kind = kind
        self.platform = platform

    @property
    def record(self) -> Operation:
        """The operation as last seen."""
        found = next((o for o in self.session.store.operations if o.id == self.id), None)
        return found or Operation(id=self.id, kind=self.kind, platform=self.platform)

    @property
    def status(self) -> OperationStatus:
        return self.record.status

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self.record.progress

    @property
    def _words(self) -> str:
        return f"{self.kind} of {self.platform}"

    def wait(self, timeout: Duration | None = 900.0) -> Operation:
        """Return the finished operation; CommandError if it failed, NotReadyError after `timeout` (seconds, or "15m"; None = never),
        SessionClosedError once nobody tells how it goes on."""
        limit = patience(timeout)
        changed = threading.Event()
        undo = self.session.store.operations.listen(lambda _book: changed.set() if self.status in DONE else None)
        end = math.inf if limit is None else time.monotonic() + limit
        try:
            with Progress(self._words) as progress:
                while self.status not in DONE and (left := end - time.monotonic()) > 0:
                    self.session._need_open()
                    changed.wait(min(EVERY, left))
                    progress.to(self.progress)
        finally:
            undo()
        return self._outcome(limit)

    def _outcome(self, timeout: float | None) -> Operation:
        record = self.record
        if record.status not in DONE:
            raise NotReadyError(
                f"{self.kind} of {self.platform} is {record.status} at {record.progress:.0%} after {timeout:g} s",
                "It goes on; wait() again, or cancel() it.",
            )
        if record.status is not OperationStatus.SUCCEEDED:
            raise CommandError(
                f"{self.kind} of {self.platform} {record.status}: {record.error or record.message or 'no reason'}",
                "See the platform's events and logs.",
                operation_id=self.id,
            )
        return record

    async def finished(self, timeout: Duration | None = 900.0) -> Operation:
        """What `wait` does, for a cell that awaits: the kernel goes on meanwhile. `await operation` is the same."""
        limit = patience(timeout)
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        undo = self.session.store.operations.listen(lambda _book: loop.call_soon_threadsafe(changed.set))
        try:
            async with asyncio.timeout(limit):
                with Progress(self._words) as progress:
                    while self.status not in DONE:
                        self.session._need_open()
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(changed.wait(), EVERY)
                        changed.clear()
                        progress.to(self.progress)
        except TimeoutError:
            pass
        finally:
            undo()
        return self._outcome(limit)

    def __await__(self) -> Generator[Any, None, Operation]:
        return self.finished().__await__()

    def cancel(self) -> None:
        """Ask the operator to stop it."""
        self.session.wait(self.session.manager.request("DELETE", f"/api/v1/operations/{quote(self.id, safe='')}", None))

    def _shown(self) -> Table:
        record = self.record
        return repr(self)[1:-1], ("field", "value"), record._shown()[2]

    def __repr__(self) -> str:
        return f"<Operation {self.kind} of {self.platform}: {self.status} {self.progress:.0%}>"
