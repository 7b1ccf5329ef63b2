"""What waits for users' handlers: an Inbox that is bounded in bytes as well, between threads."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from gunj_widgets.backpressure.inbox import Inbox
from gunj_widgets.events.event import Event
from gunj_widgets.routing.subscription import Subscription
from gunj_widgets.settings import PressureSettings

__all__ = ["Backlog", "Call", "discard"]


class Call(NamedTuple):
    """One event for one handler; `pending` is what is still to be awaited where a plain handler returned it."""

    subscription: Subscription
    event: Event
    past: bool
    size: int
    pending: Awaitable[object] | None = None


class Backlog:
    """Calls in order of priority, of which one thread takes. `lost` is told of each that does not begin: it found no room,
    or waited when the session ended.

    `bounds` says how many may wait, and which goes when they are more; `limit` is the bytes of payload that may: a peer
    chooses how large they are. One event alone is taken whatever its size; of several handlers each counts it. `report` is
    told once when so many wait that the handlers must be slow.
    """

    def __init__(
        self,
        limit: int,
        lost: Callable[[Subscription], None],
        report: Callable[[str], None],
        bounds: PressureSettings,
    ) -> None:
        self._inbox: Inbox[Call] = Inbox(capacity=bounds.buffer, policy=bounds.policy)
        self._inbox.listen(self._fell_behind)
        self._limit = limit
        self._lost = lost
        self._report = report
        self._bytes = 0
        self._changed = threading.Condition()
        self.closed = False

    @property
    def depth(self) -> int:
        """Calls that wait."""
        return self._inbox.depth

    def offer(self, call: Call, *, patient: bool = False) -> None:
        """Queue a call, for which less important ones may have to go; `patient`: wait for room instead. After `close`: drop it."""
        with self._changed:
            if patient:
                self._changed.wait_for(lambda: self.closed or self._has_room(call))
            if self.closed:
                discard(call)
                return
            lost = self._admit(call)
            self._changed.notify_all()
        for each in lost:
            self._lose(each)

    def take(self, *, wait: bool) -> Call | None:
        """Return the most important call; None where there is none, or where nothing is to begin any more."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self.closed or self._inbox.depth)
            taken = self._inbox.drain(limit=1)
            if not taken:
                return None
            self._bytes -= taken[0].size
            self._changed.notify_all()
            return taken[0]

    def close(self) -> None:
        """Drop what waits, and take nothing more."""
        with self._changed:
            self.closed = True
            left = self._inbox.drain()
            self._changed.notify_all()
        for each in left:
            self._lose(each)

    def _has_room(self, call: Call) -> bool:
        waiting = self._inbox.depth
        return not waiting or (waiting < self._inbox.capacity and self._bytes + call.size <= self._limit)

    def _admit(self, call: Call) -> list[Call]:
        """Queue a call; return those for which there is no room then."""
        lost: list[Call] = []
        priority = call.subscription.priority
        while self._inbox.depth and self._bytes + call.size > self._limit:
            admission = self._inbox.make_way(call, priority)
            lost += [] if admission.dropped is None else [admission.dropped]
            if not admission.kept:
                return lost
            self._bytes -= 0 if admission.dropped is None else admission.dropped.size
        # The newest of a topic is what a handler that conflates wants to know.
        key = (id(call.subscription), call.event.topic) if self._inbox.policy == "conflate" else None
        admission = self._inbox.offer(call, priority=priority, key=key)
        self._bytes += call.size
        for gone in (admission.dropped, admission.conflated):
            if gone is not None:
                lost.append(gone)
                self._bytes -= gone.size
        return lost

    def _fell_behind(self, slow: bool) -> None:
        if slow:
            self._report(f"handlers are slow: {self._inbox.depth:,} of {self._inbox.capacity:,} calls that may wait do")

    def _lose(self, call: Call) -> None:
        discard(call)
        self._lost(call.subscription)


def discard(call: Call) -> None:
    """Close a coroutine that will not run, so that Python does not warn about it later."""
    if inspect.iscoroutine(call.pending):
        call.pending.close()
