"""Streams: facts numbered 1, 2, 3 … without holes, kept in a ring, read by any number of subscribers at their own pace. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.refused import RefusedError

__all__ = ["Feed", "Stream", "Streams"]

LINGER = 900.0
"""Seconds a stream goes on being numbered after its last subscriber left, so that one who comes back can resume."""
MAX_STREAMS = 500


class Stream:
    """One filter's facts. `seq` is the number of the newest; the last `size` are kept."""

    def __init__(self, filter: Filter, epoch: str, size: int) -> None:
        self.filter, self.epoch, self.size = filter, epoch, size
        self.seq = 0
        self.feeds: set[Feed] = set()
        self.idle_since: float | None = None
        self._ring: list[Fact] = []

    @property
    def position(self) -> str:
        return f"{self.epoch}:{self.seq}"

    @property
    def oldest(self) -> int:
        """The number of the oldest fact that is kept; one more than the newest where there is none."""
        return self.seq - len(self._ring) + 1

    def publish(self, fact: Fact) -> None:
        if len(self._ring) < self.size:
            self._ring.append(fact)
        else:
            self._ring[self.seq % self.size] = fact
        self.seq += 1
        for feed in tuple(self.feeds):
            feed.notice()

    def fact(self, seq: int) -> Fact:
        """Return the fact of this number, which must be kept still."""
        return self._ring[(seq - 1) % self.size]

    def after(self, position: str | None) -> int | None:
        """Return the number after which someone at `position` goes on; None where that is no longer possible."""
        epoch, _, digits = (position or "").rpartition(":")
        if epoch != self.epoch or not digits.isascii() or not digits.isdigit():
            return None
        seq = int(digits[:18])
        return seq if self.oldest - 1 <= seq <= self.seq else None


class Feed:
    """One subscriber's place in a stream. It may fall behind by `max_lag` facts beyond where it began; then it is `lost`.

    `wake` is called whenever there is something to take, or when it has been lost.
    """

    def __init__(self, stream: Stream, seq: int, *, max_lag: int, wake: Callable[[], None]) -> None:
        self.stream = stream
        self.seq = seq
        self.lost = False
        self._wake = wake
        self._max_lag = max_lag
        self._allowed = max_lag + stream.seq - seq
        stream.feeds.add(self)
        stream.idle_since = None

    @property
    def position(self) -> str:
        return f"{self.stream.epoch}:{self.seq}"

    @property
    def pending(self) -> int:
        return 0 if self.lost else self.stream.seq - self.seq

    def notice(self) -> None:
        """A fact was published."""
        if self.stream.seq - self.seq > self._allowed or self.seq < self.stream.oldest - 1:
            self.lost = True
        self._wake()

    def take(self, limit: int) -> list[tuple[int, Fact]]:
        """Return up to `limit` facts with their numbers, and move on."""
        if self.lost:
            return []
        first, last = self.seq + 1, min(self.seq + limit, self.stream.seq)
        self.seq = max(self.seq, last)
        if self.seq == self.stream.seq:
            self._allowed = self._max_lag
        return [(seq, self.stream.fact(seq)) for seq in range(first, last + 1)]

    def close(self, now: float) -> None:
        """Leave the stream; a second time does nothing."""
        self.lost = True
        self.stream.feeds.discard(self)
        if not self.stream.feeds and self.stream.idle_since is None:
            self.stream.idle_since = now


class Streams:
    """All streams. Each has an epoch of its own: one that was forgotten and came back is not mistaken for the old one."""

    def __init__(self, epoch: str, *, size: int = 10_000) -> None:
        self.epoch, self.size = epoch, size
        self._streams: dict[Filter, Stream] = {}
        self._made = 0

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def feeds(self) -> int:
        return sum(len(stream.feeds) for stream in self._streams.values())

    def publish(self, facts: Iterable[Fact]) -> None:
        streams = list(self._streams.values())
        for fact in facts:
            for stream in streams:
                if stream.filter.wants(fact):
                    stream.publish(fact)

    def open(self, filter: Filter, now: float) -> Stream:
        """Return the filter's stream, begun now if nobody asked for it before; RefusedError where there are too many."""
        stream = self._streams.get(filter)
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                self._make_room()
            self._made += 1
            stream = self._streams[filter] = Stream(filter, f"{self.epoch}.{self._made}", self.size)
            stream.idle_since = now
        return stream

    def prune(self, now: float) -> None:
        """Forget streams that nobody has listened to for a while."""
        for filter, stream in list(self._streams.items()):
            if stream.idle_since is not None and now - stream.idle_since > LINGER:
                del self._streams[filter]

    def _make_room(self) -> None:
        idle = [stream for stream in self._streams.values() if stream.idle_since is not None]
        if not idle:
            raise RefusedError("there are too many different subscriptions", code="too_many", status=429)
        del self._streams[min(idle, key=lambda stream: stream.idle_since or 0.0).filter]
