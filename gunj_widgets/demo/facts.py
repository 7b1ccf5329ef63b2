"""Facts: what the simulated world says, and the filter that picks them for a subscription. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gunj_widgets.events import codec
from gunj_widgets.events.event import Event

__all__ = ["KINDS", "PLATFORM_EVENTS", "Fact", "Filter"]

KINDS = {
    "platforms": ("status", "deleted"),
    "platform": ("status", "health", "events", "operation"),
    "metrics": ("metrics",),
    "logs": ("logs",),
    "alerts": ("alert",),
    "events": ("status", "events"),
    "operation": ("operation",),
}
"""Targets and the kinds of facts they deliver; the last two exist on SSE only."""

PLATFORM_EVENTS = KINDS["platform"]
"""What `events` of a platform subscription may name."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `time` is UTC epoch seconds; `name` the metric, component, operation or fingerprint.

    `id` is unique for ever, also across restarts. Nobody changes the payload: streams and histories share it.
    """

    id: str
    kind: str
    topic: str
    payload: dict[str, Any]
    time: float
    platform: str = ""
    name: str = ""

    def envelope(self, *, sub: str | None = None, seq: int | None = None, epoch: str | None = None) -> dict[str, Any]:
        """Return the fact as the wire's envelope, numbered where it belongs to a stream."""
        event = Event(topic=self.topic, data=self.payload, id=self.id, time=self.time, sub=sub, seq=seq, epoch=epoch)
        return codec.envelope(event)


class Filter(msgspec.Struct, frozen=True):
    """What a stream consists of. Equal filters share one stream and its numbering, whoever asks and by what transport.

    No platform means all of them; no names means any metric, component or operation.
    """

    kinds: frozenset[str]
    platform: str | None = None
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, target: str, platform: str | None = None, names: Iterable[str] = ()) -> Filter:
        """Return the filter of a target. For `platform`, `names` are kinds of events; unknown ones are a KeyError."""
        kinds = frozenset(KINDS[target])
        wanted = frozenset(names)
        if target != "platform":
            return cls(kinds, platform, wanted)
        if not wanted <= kinds:
            raise KeyError(", ".join(sorted(wanted - kinds)))
        return cls(wanted or kinds, platform)

    def wants(self, fact: Fact) -> bool:
        return (
            fact.kind in self.kinds
            and (self.platform is None or fact.platform == self.platform)
            and (not self.names or fact.name in self.names)
        )
