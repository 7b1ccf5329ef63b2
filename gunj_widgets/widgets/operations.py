"""OperationProgress: how far backups, restores, upgrades, scalings and restarts are, and a way to stop them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gunj_widgets.events.records import Operation
from gunj_widgets.session.handles import PlatformHandle
from gunj_widgets.session.session import Session
from gunj_widgets.store.operations import FINISHED
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, WholeChannel, ms
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import asked_of, status_channel
from gunj_widgets.widgets.still import Still, stamp

__all__ = ["OperationProgress", "OperationsChannel"]

NEWEST = 50
TEXT = 2_000
"""Characters of a message sent to the browser."""


class OperationsChannel(WholeChannel):
    """The newest operations of one platform, or of all the session hears of."""

    kind = "operations"
    priority = 7

    def __init__(self, channel_id: str, feed: Feed, session: Session, handle: PlatformHandle | None) -> None:
        super().__init__(channel_id, feed)
        self.book = session.store.operations
        self.platforms = session.store.platforms
        self.handle = handle

    def listen(self) -> list[Callable[[], None]]:
        return [self.book.listen(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        operations = self.handle.operations if self.handle is not None else list(self.book)
        called = self.platforms.whose().called
        return {"operations": [_operation(o, called(o.platform)) for o in operations[: -NEWEST - 1 : -1]]}


def _operation(operation: Operation, platform: str) -> dict[str, Any]:
    return {
        "id": operation.id,
        "kind": operation.kind,
        "platform": platform,
        "status": operation.status,
        "progress": operation.progress,
        "stages": [
            {"name": s.name, "status": s.status, "progress": s.progress, "message": s.message[:TEXT]}
            for s in operation.stages
        ],
        "message": operation.message[:TEXT],
        "error": operation.error[:TEXT],
        "startedMs": ms(operation.started),
        "finishedMs": ms(operation.finished),
    }


class OperationProgress(LiveWidget):
    """Shows operations with their stages, the time they will still take, and a button that stops them.

    `OperationProgress(rt, "production")`; without a platform, the operations of all platforms that the session watches.
    """

    kind: ClassVar[str] = "operations"

    def __init__(
        self,
        session: Session,
        platform: str | None = None,
        *,
        namespace: str | None = None,
        title: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.platform = handle = None if platform is None else session.platform(platform, namespace=namespace)
        super().__init__(
            session,
            {
                "status": status_channel(session),
                "operations": (
                    f"operations:{session.number}:{'' if handle is None else handle.id}",
                    lambda channel_id, feed: OperationsChannel(channel_id, feed, session, handle),
                ),
            },
            {"title": title},
            recipe={**asked_of(handle), "title": title},
            **kwargs,
        )

    def still(self) -> Still:
        operations = self.platform.operations if self.platform is not None else list(self.session.store.operations)
        called = self.session.store.platforms.whose().called
        rows = [
            (
                o.kind,
                called(o.platform),
                o.status,
                f"{o.progress:.0%}",
                stamp(o.started),
                stamp(o.finished),
                o.error or o.message,
            )
            for o in reversed(operations)
        ]
        columns = ("operation", "platform", "status", "progress", "started", "finished", "message")
        return Still("Operations", self.summary(), columns, rows)

    def summary(self) -> str:
        operations = self.platform.operations if self.platform is not None else list(self.session.store.operations)
        running = sum(operation.status not in FINISHED for operation in operations)
        return f"{running} operations under way, {len(operations) - running} finished"
