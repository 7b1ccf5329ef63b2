"""Books: all that a store holds but samples, as plain data, so that it can be put away and held again."""

from __future__ import annotations

import msgspec

from gunj_widgets.events.records import Alert, KubeEvent, LogEntry, Operation, Platform, Query
from gunj_widgets.store.gaps import Gap
from gunj_widgets.store.held import Held
from gunj_widgets.store.log_filter import GapLine
from gunj_widgets.store.notes import Note
from gunj_widgets.store.store import Store

__all__ = ["Books", "LogState", "books", "restore"]


class LogState(msgspec.Struct, kw_only=True):
    """Lines in the order they came; `marks` are the places of those of our own, which say that some are missing."""

    lines: list[LogEntry]
    marks: list[int]
    newest: float | None
    total: int


class Books(msgspec.Struct, kw_only=True):
    """A store at one moment. `frame_gaps` by platform, in microseconds."""

    platforms: list[Platform]
    alerts: tuple[list[Alert], list[Alert]]
    operations: list[Operation]
    events: list[KubeEvent]
    notes: list[Note]
    queries: list[Query]
    gaps: list[Gap]
    logs: dict[str, LogState]
    frame_gaps: dict[str, list[tuple[int, int]]]
    pruned: int


def books(store: Store) -> Books:
    """Return what a store holds."""
    logs = {}
    for platform, buffer in store.buffers().items():
        lines = buffer.entries
        marks = [n for n, line in enumerate(lines) if isinstance(line, GapLine)]
        logs[platform] = LogState(lines=lines, marks=marks, newest=buffer.newest, total=buffer.total)
    return Books(
        platforms=list(store.platforms),
        alerts=store.alerts.dump(),
        operations=list(store.operations),
        events=list(store.events),
        notes=list(store.notes),
        queries=list(store.queries),
        gaps=store.gaps,
        logs=logs,
        frame_gaps={platform: frame.gaps for platform, frame in store.frames().items()},
        pruned=store.pruned,
    )


def restore(store: Store, books: Books, frames: dict[str, Held]) -> None:
    """Have a store hold this, and nothing else."""
    store.platforms.restore(books.platforms)
    store.alerts.restore(*books.alerts)
    store.operations.restore(books.operations)
    store.events.restore(books.events)
    store.notes.restore(books.notes)
    store.queries.clear()
    for query in books.queries:
        store.follow(query)  # before its lines: it says how many are kept
    for platform, state in books.logs.items():
        marks = set(state.marks)
        lines = [_mark(line) if n in marks else line for n, line in enumerate(state.lines)]
        store.logs(platform).restore(lines, state.newest, state.total)
    for platform, held in frames.items():
        store.frame(platform).restore(held)
    for platform, frame in store.frames().items():
        if platform not in frames:
            frame.clear()
    for platform, buffer in store.buffers().items():
        if platform not in books.logs:
            buffer.clear()
    store.begin_from(books.gaps, books.pruned)


def _mark(line: LogEntry) -> GapLine:
    return GapLine(time=line.time, message=line.message, metadata=line.metadata)
