"""OperationBook: backups, restores, upgrades, scalings and restarts, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd
from msgspec.structs import replace

from gunj_widgets.events.records import Operation, OperationStatus
from gunj_widgets.events.shown import Table
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.tables import shown, table

__all__ = ["FINISHED", "OperationBook"]

FINISHED = frozenset({OperationStatus.SUCCEEDED, OperationStatus.FAILED, OperationStatus.CANCELLED})
_COLUMNS = ("id", "kind", "platform", "status", "progress", "message", "error", "started", "finished")
_TIMES = ("started", "finished")


class OperationBook(Holder):
    """The newest `max_rows` operations by id; finished ones give way first. What is finished does not begin again."""

    def __init__(self, max_rows: int = 100) -> None:
        super().__init__()
        self.max_rows = max_rows
        self._operations: dict[str, Operation] = {}
        self.stale = 0
        """Reports of progress that came after the end, and were not taken."""
        self.evicted = 0
        """Operations forgotten to make room."""

    def put(self, operation: Operation) -> bool:
        """Take in how an operation stands; False where it is known to have finished already."""
        old = self._operations.get(operation.id)
        if old is not None:
            if old.status in FINISHED and operation.status not in FINISHED:
                self.stale += 1
                return False
            operation = replace(
                operation,
                kind=operation.kind or old.kind,
                platform=operation.platform or old.platform,
                stages=operation.stages or old.stages,
                started=old.started if operation.started is None else operation.started,
            )
        with self._lock:
            self._operations[operation.id] = operation
            while len(self._operations) > self.max_rows:
                del self._operations[self._least()]
                self.evicted += 1
            self._version += 1
        self._listeners.tell()
        return True

    def clear(self) -> None:
        self.restore(())

    def restore(self, operations: Iterable[Operation]) -> None:
        """Hold these instead, as one change."""
        with self._lock:
            self._operations = {operation.id: operation for operation in operations}
            self._version += 1
        self._listeners.tell()

    def get(self, operation_id: str) -> Operation | None:
        return self._operations.get(operation_id)

    @property
    def running(self) -> list[Operation]:
        """Those that have not finished, oldest first."""
        return [operation for operation in self if operation.status not in FINISHED]

    @property
    def df(self) -> pd.DataFrame:
        """One row per operation, by id, in the order they were first heard of; times are UTC."""
        return table(_COLUMNS, [_row(o) for o in self], index="id", times=_TIMES)

    def _shown(self) -> Table:
        return shown(self, _COLUMNS, map(_row, reversed(list(self))), _TIMES)

    def __iter__(self) -> Iterator[Operation]:
        """In the order they were first heard of."""
        with self._lock:
            return iter(list(self._operations.values()))

    def __len__(self) -> int:
        return len(self._operations)

    def __repr__(self) -> str:
        return f"<OperationBook {len(self)} operations, {len(self.running)} running, version {self.version}>"

    def _least(self) -> str:
        """The one to forget: the first heard of that finished, else the first."""
        done = (key for key, operation in self._operations.items() if operation.status in FINISHED)
        return next(done, next(iter(self._operations)))


def _row(o: Operation) -> tuple[object, ...]:
    return (o.id, o.kind, o.platform, str(o.status), o.progress, o.message, o.error, o.started, o.finished)
