"""A channel: one kind of live content on its way to the browser, shared by every widget that shows it."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Buffers", "Channel", "Marker", "ms", "speakable"]

Body = dict[str, Any]
MAX_SAFE = 2**53 - 1
"""The largest whole number that JavaScript holds exactly."""


class Marker(Protocol):
    """What a channel asks of the feed: take me up, I have something new."""

    def mark(self, channel: Channel) -> None: ...


class Buffers:
    """The binary half of an envelope."""

    def __init__(self) -> None:
        self.items: list[bytes] = []

    def add(self, values: npt.NDArray[Any], dtype: str) -> int:
        """Append `values` as little-endian `dtype`; return the index the body refers to."""
        self.items.append(np.ascontiguousarray(values, dtype=dtype).tobytes())
        return len(self.items) - 1


class Channel:
    """Numbers its parts, and decides between the whole (`snap`) and what is new (`delta`).

    Subclasses say `snap()` and, where content is appended to, `delta()` (None = nothing new).
    All of it runs on gunj-io.
    """

    kind: ClassVar[str]
    priority: ClassVar[int] = 0
    beats: ClassVar[bool] = False
    """Repeat it while nothing changes, so that the browser can tell a quiet kernel from a dead one."""

    together: ClassVar[bool] = False
    """Travel with all others of this kind, as one update: what they bring is drawn in one go."""

    def __init__(self, channel_id: str, feed: Marker) -> None:
        self.id = channel_id
        self.feed = feed
        self.seq = 0
        self.stale = True
        """A snap is due: nothing was sent yet, or a page lost its place."""
        self.holders = 0
        self._undo: list[Callable[[], None]] = []

    def listen(self) -> list[Callable[[], None]]:
        """Begin to watch the sources; return what undoes it."""
        raise NotImplementedError

    def snap(self, buffers: Buffers, now: float) -> Body:
        raise NotImplementedError

    def delta(self, buffers: Buffers, now: float) -> Body | None:
        return self.snap(buffers, now)

    def open(self) -> None:
        self._undo = self.listen()

    def close(self) -> None:
        for undo in self._undo:
            undo()
        self._undo = []

    def changed(self, _holder: object = None) -> None:
        """Say that there is something new. Cheap: it is called for every event."""
        self.feed.mark(self)

    def part(self, buffers: Buffers, now: float) -> dict[str, Any] | None:
        """Return the next part of this channel, or None where there is nothing to say."""
        whole = self.stale
        body = self.snap(buffers, now) if whole else self.delta(buffers, now)
        if body is None:
            return None
        self.stale = False
        self.seq += 1
        op = "snap" if whole or body.pop("whole", False) else "delta"
        return {"ch": self.id, "kind": self.kind, "op": op, "seq": self.seq, "body": body}


class WholeChannel(Channel):
    """A channel whose content is small enough to be sent whole each time: status, platform, alerts."""

    def part(self, buffers: Buffers, now: float) -> dict[str, Any] | None:
        self.stale = True
        return super().part(buffers, now)


def speakable(value: Any) -> Any:
    """Return a peer's JSON as JavaScript can hold it: whole numbers beyond 2**53 as text, what is no number as None."""
    if isinstance(value, dict):
        return {str(name): speakable(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [speakable(member) for member in value]
    if isinstance(value, int) and abs(value) > MAX_SAFE:
        return str(value)
    return None if isinstance(value, float) and not isfinite(value) else value


def ms(time: float | None) -> float | None:
    """Epoch seconds → epoch milliseconds, as the browser wants them; None stays None."""
    return None if time is None else round(time * 1000, 3)
