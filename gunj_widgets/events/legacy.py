"""The shapes of the operator UI and its documents, brought to today's topics. Received, never sent."""

from __future__ import annotations

from typing import Any

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.topics import escape, topic
from gunj_widgets.events.values import text

__all__ = ["OLD_TYPES", "bare_topic", "modern", "nested"]

_STATUS = frozenset(
    {
        "platform_update",
        "platform.created",
        "platform.updated",
        "platform.failed",
        "platform.status.changed",
        "platform.status_changed",
    }
)
OLD_TYPES = _STATUS | {"platform.deleted", "metrics_update", "alert"}
"""Types that name no platform or alert themselves: the payload does."""


def nested(payload: object) -> bool:
    """Say whether a payload is itself `{type, payload}`, as the UI expects of platform events."""
    return isinstance(payload, dict) and "payload" in payload and isinstance(payload.get("type"), str)


def modern(kind: str, payload: Any) -> tuple[str, Any]:
    """Return topic and payload in today's shape: double nesting unwrapped, old types given a name from the payload."""
    inner = ""
    if nested(payload):
        inner, payload = payload["type"], payload["payload"]
    if kind in OLD_TYPES:
        return _by_payload(kind, payload)
    names = kind.split(".")
    if inner in ("status", "health") and names[0] == "platform" and len(names) > 1 and names[-1] != inner:
        return _platform_topic(names[1], inner, payload), payload
    return kind, payload


def bare_topic(target: str, platform: str, payload: Any) -> str:
    """Return the topic of a payload without an envelope, as on the UI's SSE streams; `target` is what was asked for."""
    if target == "alerts":
        return _by_payload("alert", payload)[0]
    fields = payload if isinstance(payload, dict) else {}
    if target == "logs":
        return topic("platform", platform, "logs", text(fields, "component") or "platform")
    if target == "metrics":
        return topic("platform", platform, "metrics", text(fields, "metric", "name") or "all")
    return topic("platform", platform or _name(fields, "platform"), "events" if "reason" in fields else "status")


def _by_payload(kind: str, payload: Any) -> tuple[str, Any]:
    if not isinstance(payload, dict):
        raise RemoteProtocolError(f"a {kind!r} message has no payload object")
    if kind == "alert":
        labels = payload.get("labels")
        name = text(payload, "fingerprint", "id", "name")
        name = name or (text(labels, "alertname") if isinstance(labels, dict) else "")
        state = payload.get("status") or payload.get("state")
        return topic("alert", _given(name, kind), state.lower() if isinstance(state, str) else "firing"), payload
    if isinstance(payload.get("platform"), dict):
        payload = payload["platform"]
    name = escape(_name(payload, kind))
    if kind == "metrics_update":
        return f"platform.{name}.metrics.{escape(text(payload, 'metric', 'name') or 'all')}", payload
    return f"platform.{name}.{'deleted' if kind == 'platform.deleted' else 'status'}", payload


def _platform_topic(name: str, inner: str, payload: Any) -> str:
    if inner == "status":
        return f"platform.{name}.status"
    component = text(payload, "component", "name") if isinstance(payload, dict) else ""
    return f"platform.{name}.component.{escape(_given(component, 'health'))}.health"


def _name(payload: dict[str, Any], kind: str) -> str:
    return _given(text(payload, "id", "platformId", "platform_id", "name", "platform"), kind)


def _given(name: str, kind: str) -> str:
    if not name:
        raise RemoteProtocolError(f"a {kind!r} message does not say what it is about")
    return name
