"""The operator UI's dialect: no answers and no numbering, double nesting for platforms, bare payloads on streams."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gunj_widgets.demo.conversation import Conversation, End
from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.streams import Feed
from gunj_widgets.demo.subscriptions import filter_of
from gunj_widgets.events.codec import Control

__all__ = ["Legacy", "legacy_envelope", "legacy_lines"]

NESTED = ("status", "health")
"""Kinds whose payload is `{type, payload}` once more."""
TIMES = ("timestamp", "updated", "startsAt", "endsAt", "silencedUntil", "lastTransitionTime")
"""Fields that are times: RFC 3339 here, for the UI hands them to Date(), which takes a number for milliseconds."""
ALERTS = "alerts"


class Legacy(Conversation):
    """What the UI sends and expects. It asks for platforms; alerts and heartbeats come unasked."""

    async def greet(self) -> End | None:
        self.outlet.say({"type": "heartbeat", "payload": {"time": self.service.clock()}})
        self.outlet.subscribe(ALERTS, Filter.of("alerts"), None)
        for cluster in self.service.world.clusters.values():
            for alert in cluster.alerts.active:
                payload = _stamped(alert.payload())
                self.outlet.say({"type": f"alert.{alert.fingerprint}.{alert.status}", "payload": payload})
        return None

    def hear(self, message: Control) -> None:
        """Act on a (un)subscribe for a platform; a ping and all else is taken without a word, as there is no answer."""
        platform = message.fields.get("id")
        if message.fields.get("target") != "platform" or not isinstance(platform, str):
            return
        if message.type == "unsubscribe":
            self.outlet.unsubscribe(f"platform:{platform}")
        elif message.type == "subscribe":
            self._subscribe(platform, message.fields.get("events"))

    def envelope(self, id: str, feed: Feed, seq: int, fact: Fact) -> dict[str, Any] | None:
        return legacy_envelope(fact)

    def _subscribe(self, platform: str, events: Any) -> None:
        names = [name for name in events if isinstance(name, str)] if isinstance(events, list) else list(NESTED)
        try:
            filter = filter_of(self.service.world, "platform", platform, names)
        except RefusedError:
            self.service.counts["legacy_ignored"] += 1
            return
        self.outlet.subscribe(f"platform:{platform}", filter, None)
        state = self.service.world.cluster(platform).state
        about = f"platform.{state.id}"
        if "status" in filter.kinds:
            self.outlet.say({"type": f"{about}.status", "payload": _nested("status", state.payload())})
        if "health" in filter.kinds:
            for part in state.components.values():
                where = f"{about}.component.{part.name}.health"
                self.outlet.say({"type": where, "payload": _nested("health", part.payload())})


def legacy_envelope(fact: Fact) -> dict[str, Any]:
    """Put a fact into the shape that the UI expects on its WebSocket."""
    payload = _nested(fact.kind, fact.payload) if fact.kind in NESTED else _stamped(fact.payload)
    return {"id": fact.id, "type": fact.topic, "payload": payload, "timestamp": _rfc3339(fact.time)}


def legacy_lines(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a payload as the UI's streams carry it: as it is, but a metric's samples one by one, the last of a column."""
    if "metric" not in payload:
        return [_stamped(payload)]
    rows = [(s["labels"], s["time"], s["value"]) for s in payload.get("samples", ())]
    rows += [(s["labels"], s["times"][-1], s["values"][-1]) for s in payload.get("series", ())]
    return [
        {"timestamp": _rfc3339(time), "metric": payload["metric"], "value": value, "labels": labels}
        for labels, time, value in rows
    ]


def _nested(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "payload": _stamped({**payload, "details": {"message": payload["message"]}})}


def _stamped(value: Any) -> Any:
    """Return the payload with its times as text."""
    if isinstance(value, list):
        return [_stamped(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _rfc3339(member) if name in TIMES and isinstance(member, float) else _stamped(member)
        for name, member in value.items()
    }


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
