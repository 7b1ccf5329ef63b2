"""The running operator, without the network: the world on a clock, its streams, and who listens. Lives on one loop."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.operations import OperationState
from gunj_widgets.demo.snapshots import parts, snapshot
from gunj_widgets.demo.streams import Feed, Streams
from gunj_widgets.demo.tokens import Tokens
from gunj_widgets.demo.world import TICK, World

__all__ = ["SERVER", "Service", "ServiceOptions", "Subscription"]

SERVER = "gunj-operator/demo"
"""What the operator calls itself."""
PRUNE_EVERY = 30.0


class ServiceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen about an operator, beside address and token."""

    seed: int = 7
    ring: int = 10_000
    """Facts each stream keeps for those who come back."""
    max_lag: int = 5_000
    """Facts a subscriber may fall behind before it is closed with 1013."""
    heartbeat: float = 10.0
    """Seconds between heartbeats, pings and SSE comments."""
    retry: float | None = 2.0
    """Seconds after which SSE clients are advised to come back; None: they are not."""
    hello_timeout: float = 5.0
    token_lifetime: float | None = 3600.0
    """Seconds an access token lives that logging in gave; None: for ever. The operator's own token never expires."""
    max_connections: int = 200


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to someone who subscribes: where the feed stands, and the snapshot's parts where it could not resume."""

    feed: Feed
    position: str
    recovered: bool
    parts: list[dict[str, Any]]


class Service:
    """`clock` is epoch seconds. Everything here is called on the loop that runs it."""

    def __init__(
        self, token: str, options: ServiceOptions | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.options = options or ServiceOptions()
        self.clock = clock
        self.epoch = secrets.token_hex(4)
        self.tokens = Tokens(token, lifetime=self.options.token_lifetime)
        self.world = World(Random(self.options.seed), clock(), prefix=self.epoch)
        self.streams = Streams(self.epoch, size=self.options.ring)
        self.counts: Counter[str] = Counter()
        self.closing = asyncio.Event()
        self.open: Counter[str] = Counter()
        """WebSockets and SSE streams that are open now."""
        self._endings: dict[str, list[Callable[[], None]]] = {}
        self._pruned = clock()

    async def run(self) -> None:
        """Let the world live until cancelled."""
        while True:
            self.step()
            await asyncio.sleep(TICK)

    def step(self) -> None:
        """Let the world live until now."""
        now = self.clock()
        self._publish(self.world.step(now))
        if abs(now - self._pruned) > PRUNE_EVERY:
            self._pruned = now
            self.streams.prune(now)

    def act(self, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Do something to the world, tell at once what came of it, and return its result."""
        try:
            return action(*args, **kwargs)
        finally:
            self._publish(self.world.drain())

    def subscribe(self, filter: Filter, since: str | None, wake: Callable[[], None]) -> Subscription:
        """Join the filter's stream after `since`, or now with a snapshot: no fact is missing or double in between."""
        stream = self.streams.open(filter, self.clock())
        seq = stream.after(since)
        recovered = seq is not None
        feed = Feed(stream, stream.seq if seq is None else seq, max_lag=self.options.max_lag, wake=wake)
        self.counts["resumed" if recovered else "snapshots"] += 1
        return Subscription(
            feed=feed,
            position=feed.position,
            recovered=recovered,
            parts=[] if recovered else parts(stream.position, snapshot(self.world, filter)),
        )

    def when_ended(self, operation: OperationState, call: Callable[[], None]) -> None:
        """Call once, when the operation has ended; now, if it has."""
        if operation.running:
            self._endings.setdefault(operation.id, []).append(call)
        else:
            call()

    def leave(self, feed: Feed) -> None:
        """Give a feed back."""
        feed.close(self.clock())

    @property
    def full(self) -> bool:
        """Whether no further connection is taken."""
        return self.open.total() >= self.options.max_connections

    def close(self) -> None:
        """Ask everything that streams to end."""
        self.closing.set()

    def stats(self) -> dict[str, int]:
        """Counts so far, and what there is at this moment."""
        now = {
            "websockets": self.open["websocket"],
            "event_streams": self.open["sse"],
            "streams": len(self.streams),
            "feeds": self.streams.feeds,
        }
        return {**self.counts, **now}

    def _publish(self, facts: list[Fact]) -> None:
        self.counts["facts"] += len(facts)
        self.streams.publish(facts)
        if self._endings:
            for fact in facts:
                if fact.kind == "operation" and fact.payload["completedAt"] is not None:
                    for call in self._endings.pop(fact.name, ()):
                        call()
