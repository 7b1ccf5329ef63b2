"""Interest: what someone wants to hear about, in a form that any transport can ask for."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import msgspec

from gunj_widgets.errors import LocalProtocolError, SettingsError

__all__ = ["TARGETS", "Interest"]

TARGETS = ("platforms", "platform", "metrics", "logs", "alerts")
_NEED_PLATFORM = ("platform", "metrics", "logs")
MAX_ID = 120
"""Characters in an interest's id; a longer one is shortened by a hash."""


class Interest(msgspec.Struct, frozen=True):
    """A subscription as a value: equal interests share one, and one numbering on the server.

    `target` is one of TARGETS. `events` filters a platform's facts (status, health, events, operation), `metrics` the
    names of its metrics; empty means all. Order and repeats in them do not matter.
    """

    target: str
    platform: str | None = None
    events: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    component: str | None = None

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise LocalProtocolError(
                f"there is nothing called {self.target!r} to subscribe to", f"One of {', '.join(TARGETS)}."
            )
        if self.target in _NEED_PLATFORM and not self.platform:
            raise LocalProtocolError(f"an interest in {self.target} names a platform")
        for name in (*self.events, *self.metrics):
            if not _is_text(name):
                raise SettingsError(f"{name!r:.80} is no name to subscribe to", 'Names are text: "cpu_usage".')
        msgspec.structs.force_setattr(self, "events", tuple(sorted(set(self.events))))
        msgspec.structs.force_setattr(self, "metrics", tuple(sorted(set(self.metrics))))

    @property
    def id(self) -> str:
        """The subscription's name on the wire: stable over reconnects and sessions, one for each interest."""
        lists = (",".join(quote(name, safe="") for name in names) for names in (self.events, self.metrics))
        parts = [self.target, quote(self.platform or "", safe=""), quote(self.component or "", safe=""), *lists]
        name = "/".join(parts).rstrip("/")
        if len(name) <= MAX_ID:
            return name
        return f"{name[: MAX_ID - 17]}~{blake2b(name.encode(), digest_size=8).hexdigest()}"

    @property
    def sse_path(self) -> str:
        """Path and query of the SSE stream with the same facts, relative to the operator's address."""
        platform = quote(self.platform or "", safe="")
        if self.target in ("platforms", "alerts"):
            return f"/sse/{self.target}"
        if self.target == "metrics":
            query = f"?metrics={','.join(quote(name, safe='') for name in self.metrics)}" if self.metrics else ""
            return f"/sse/platforms/{platform}/metrics{query}"
        if self.target == "logs":
            return f"/sse/platforms/{platform}/logs" + (f"/{quote(self.component, safe='')}" if self.component else "")
        return f"/sse/platforms/{platform}/events" + (
            f"?events={','.join(quote(name, safe='') for name in self.events)}" if self.events else ""
        )

    def subscribe_message(self, since: str | None = None) -> dict[str, Any]:
        """Return the v1 message that asks for this; `since` is the position after which to go on."""
        wanted = {
            "platform": self.platform,
            "events": list(self.events),
            "metrics": list(self.metrics),
            "component": self.component,
            "since": since,
        }
        return {"type": "subscribe", "id": self.id, "target": self.target} | {k: v for k, v in wanted.items() if v}

    def unsubscribe_message(self) -> dict[str, Any]:
        return {"type": "unsubscribe", "id": self.id}

    def legacy_message(self, verb: str) -> dict[str, Any] | None:
        """Return what the operator's UI would send to subscribe or unsubscribe; None where it would send nothing."""
        if self.target == "platform":
            events = list(self.events) or ["status", "health"]
            return {"type": verb, "target": "platform", "id": self.platform} | (
                {"events": events} if verb == "subscribe" else {}
            )
        if self.target == "metrics":
            metrics = {"metrics": list(self.metrics)} if verb == "subscribe" else {}
            return {"type": verb, "target": "metrics", "platformId": self.platform} | metrics
        return None


def _is_text(name: object) -> bool:
    """Say whether it can be told: text, and no half of a character, which is in no encoding."""
    return isinstance(name, str) and not any("\ud800" <= char <= "\udfff" for char in name)
