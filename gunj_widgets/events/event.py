"""The Event: one decoded fact on its way from the wire to whoever wants it."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["Event"]


class Event(msgspec.Struct, kw_only=True, gc=False, rename={"topic": "type", "data": "payload", "time": "timestamp"}):
    """One fact with its routing key. In JSON it has the wire's field names, so that the codec decodes straight into it.

    `topic` is the routing key; `data` the payload as decoded JSON (a dict for everything the operator sends).
    `time` is when it happened and `arrived` when we got it: both UTC epoch seconds as float. `time` is None
    where the sender did not say; `when` then falls back to `arrived`. Order by `seq`, never by `time`.
    `seq` counts from 1 within (`sub`, `epoch`); both are None outside the v1 dialect.
    `id` is unique per fact and is how duplicates are recognised. `source` names the transport it came by.
    """

    topic: str
    data: Any = None
    id: str | None = None
    time: float | None = None
    arrived: float = 0.0
    seq: int | None = None
    epoch: str | None = None
    sub: str | None = None
    source: str = "local"
    metadata: dict[str, Any] | None = None

    @property
    def when(self) -> float:
        """Epoch seconds of the fact itself, or of its arrival where the sender did not say."""
        return self.arrived if self.time is None else self.time
