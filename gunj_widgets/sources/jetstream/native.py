"""The operator's own event bus → events of ours: its stream, its subjects and its two kinds of messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import topic
from gunj_widgets.events.values import moment

__all__ = ["COMPONENTS", "PLATFORMS", "STREAM", "Key", "decode"]

STREAM = "GUNJ_EVENTS"
PLATFORMS = "platform.*.*.events"
"""`platform.{namespace}.{name}.events`: what happened to a platform, and its phase then."""
COMPONENTS = "component.*.*.*.state"
"""`component.{namespace}.{platform}.{component}.state`."""

Key = tuple[str, str]
"""Namespace and name of a platform."""


class _Platform(msgspec.Struct):
    type: str = ""
    phase: str = ""
    message: str = ""
    timestamp: str | float | None = None


class _Component(msgspec.Struct):
    state: str = ""
    ready: bool | None = None
    message: str = ""
    timestamp: str | float | None = None


def decode(subject: str, data: bytes, id: str, ids: Mapping[Key, str], arrived: float, source: str) -> list[Event]:
    """Return what a message tells. `ids`: of platforms that are known under an id. RemoteProtocolError where it makes no sense."""
    kind, namespace, name, *rest = map(unquote, subject.split("."))
    platform = ids.get((namespace, name), f"{namespace}/{name}")
    about = {"namespace": namespace, "name": name}
    try:
        if kind == "platform" and rest == ["events"]:
            told = msgspec.json.decode(data, type=_Platform)
            time = moment(told.timestamp)
            found = _happened(platform, told, {**about, "phase": told.phase, "message": told.message}, time)
        elif kind == "component" and len(rest) == 2:
            state = msgspec.json.decode(data, type=_Component)
            time = moment(state.timestamp)
            part = {"phase": state.state, "message": state.message, "updated": time}
            health = {True: "healthy", False: "unhealthy" if state.state.lower() == "failed" else "degraded"}
            if state.ready is not None:
                part["health"] = health[state.ready]
            found = [(topic("platform", platform, "component", rest[0], "health"), part)]
        else:
            raise RemoteProtocolError(f"nothing is known of the subject {subject[:100]!r}")
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise RemoteProtocolError("a message of the operator's bus makes no sense") from None
    return [
        Event(topic=name, data=fact, id=f"{id}:{n}", time=time, arrived=arrived, source=source)
        for n, (name, fact) in enumerate(found)
    ]


def _happened(platform: str, told: _Platform, status: dict[str, str], time: float | None) -> list[tuple[str, object]]:
    """Return the status that a platform has now, and what happened to it."""
    reason = "".join(word.capitalize() for word in told.type.replace("_", ".").split(".")) or "Changed"
    warning = told.phase in ("Failed", "Degraded") or "fail" in told.type.lower()
    event = {
        "reason": reason if reason.startswith("Platform") else f"Platform{reason}",
        "message": told.message,
        "type": "Warning" if warning else "Normal",
        "lastTimestamp": time,
    }
    happened: tuple[str, object] = (topic("platform", platform, "events"), event)
    if told.type.rpartition(".")[2] == "deleted":
        return [happened, (topic("platform", platform, "deleted"), {"id": platform})]
    if not told.phase:
        return [happened]
    return [(topic("platform", platform, "status"), {**status, "updated": time}), happened]
