"""One client's way out: control messages first, then the facts of its subscriptions, fairly and without starving others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from gunj_widgets.demo.facts import Filter
from gunj_widgets.demo.service import Service, Subscription
from gunj_widgets.demo.streams import Feed
from gunj_widgets.events import codec

__all__ = ["BURST", "Outlet"]

BURST = 50
"""Messages of one feed before the others, and the loop, get their turn."""
MAX_CONTROL = 1_000
"""Answers that may wait: who asks faster than it reads is closed."""

Send = Callable[[str], Awaitable[None]]


class Outlet:
    """Writes to one WebSocket. `lost` is true once the client fell too far behind."""

    def __init__(self, service: Service, send: Send) -> None:
        self.lost = False
        self._service, self._send = service, send
        self._wake = asyncio.Event()
        self._control: deque[dict[str, Any]] = deque()
        self._feeds: dict[str, Feed] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._feeds

    def __len__(self) -> int:
        return len(self._feeds)

    def say(self, message: dict[str, Any]) -> None:
        """Queue a control message."""
        if len(self._control) >= MAX_CONTROL:
            self.lost = True
        else:
            self._control.append(message)
        self._wake.set()

    def subscribe(self, id: str, filter: Filter, since: str | None) -> Subscription:
        """Join a stream; `say` what must come before its first live fact right after this, without awaiting."""
        self.unsubscribe(id)
        joined = self._service.subscribe(filter, since, self._wake.set)
        self._feeds[id] = joined.feed
        self._wake.set()
        return joined

    def unsubscribe(self, id: str) -> bool:
        feed = self._feeds.pop(id, None)
        if feed is not None:
            self._service.leave(feed)
        return feed is not None

    def close(self) -> None:
        for id in list(self._feeds):
            self.unsubscribe(id)

    async def run(self, envelope: Callable[[str, Feed, int, Any], dict[str, Any] | None]) -> None:
        """Write until cancelled or lost. `envelope` puts a numbered fact into the client's dialect; None leaves it out."""
        while not self.lost:
            await self._wake.wait()
            self._wake.clear()
            while self._control and not self.lost:
                await self._send(codec.encode(self._control.popleft()))
            for id, feed in list(self._feeds.items()):
                if feed.lost and self._feeds.get(id) is feed:
                    self.lost = True
                    return
                await self._drain(id, feed, envelope)
            await asyncio.sleep(0)

    async def _drain(
        self, id: str, feed: Feed, envelope: Callable[[str, Feed, int, Any], dict[str, Any] | None]
    ) -> None:
        for seq, fact in feed.take(BURST):
            if self._feeds.get(id) is not feed:
                return
            message = envelope(id, feed, seq, fact)
            if message is not None:
                await self._send(codec.encode(message))
        if feed.pending:
            self._wake.set()
