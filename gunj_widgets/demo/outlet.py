"""One client's way out: control messages first, then the facts of its subscriptions, fairly and without starving others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.service import Service, Subscription
from gunj_widgets.demo.streams import Feed
from gunj_widgets.events import codec

__all__ = ["BURST", "Outlet"]

BURST = 50
"""Messages of one feed before the others, and the loop, get their turn."""
MAX_WAITING = 1_000
MAX_BYTES = 32 << 20
"""Control messages that may wait, snapshots among them, and their size: who asks faster than it reads is closed."""

Envelope = Callable[[str, Feed, int, Fact], dict[str, Any] | None]
"""Puts a numbered fact of a subscription into the client's dialect; None leaves it out."""


class Outlet:
    """Writes to one WebSocket. `overflow` is set as soon as the client has fallen too far behind, even while a send waits."""

    def __init__(self, service: Service, send: Callable[[str], Awaitable[None]], envelope: Envelope) -> None:
        self.overflow = asyncio.Event()
        self._service, self._send, self._envelope = service, send, envelope
        self._wake = asyncio.Event()
        self._waiting: deque[str] = deque()
        self._size = 0
        self._feeds: dict[str, Feed] = {}

    def __contains__(self, id: str) -> bool:
        return id in self._feeds

    def __len__(self) -> int:
        return len(self._feeds)

    def say(self, message: dict[str, Any]) -> None:
        """Queue a control message."""
        text = codec.encode(message)
        if len(self._waiting) >= MAX_WAITING or self._size + len(text) > MAX_BYTES:
            self.overflow.set()
            return
        self._waiting.append(text)
        self._size += len(text)
        self._wake.set()

    def subscribe(self, id: str, filter: Filter, since: str | None) -> Subscription:
        """Join a stream; `say` what must come before its first live fact right after this, without awaiting."""
        self.unsubscribe(id)
        joined = self._service.subscribe(filter, since, lambda: self._notice(id))
        self._feeds[id] = joined.feed
        self._wake.set()
        return joined

    def unsubscribe(self, id: str) -> None:
        """Leave a stream; nothing where there is none of that id."""
        feed = self._feeds.pop(id, None)
        if feed is not None:
            self._service.leave(feed)

    def close(self) -> None:
        """Leave all streams."""
        for id in list(self._feeds):
            self.unsubscribe(id)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                text = self._waiting.popleft()
                self._size -= len(text)
                await self._send(text)
            for id, feed in list(self._feeds.items()):
                await self._drain(id, feed)
            await asyncio.sleep(0)

    async def _drain(self, id: str, feed: Feed) -> None:
        for seq, fact in feed.take(BURST):
            if self._feeds.get(id) is not feed:
                return
            message = self._envelope(id, feed, seq, fact)
            if message is not None:
                await self._send(codec.encode(message))
        if feed.pending:
            self._wake.set()

    def _notice(self, id: str) -> None:
        feed = self._feeds.get(id)
        if feed is not None and feed.lost:
            self.overflow.set()
        self._wake.set()
