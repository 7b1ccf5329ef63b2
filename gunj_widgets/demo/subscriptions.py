"""What a client asks to hear about, read from a message or a path and checked against what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gunj_widgets.demo.facts import PLATFORM_EVENTS, Filter
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.world import World

__all__ = ["asked_filter", "filter_of"]

TARGETS = ("platforms", "platform", "metrics", "logs", "alerts")
MAX_NAMES = 100
MAX_NAME = 128


def asked_filter(world: World, message: dict[str, Any]) -> Filter:
    """Return the filter of a v1 `subscribe`; RefusedError says what is wrong with it."""
    target = message.get("target")
    if target not in TARGETS:
        raise RefusedError("there is no such target", f"One of {', '.join(TARGETS)}.", code="bad_request")
    platform = _text(message, "platform")
    if target == "logs":
        component = _text(message, "component")
        return filter_of(world, target, platform, [component] if component else [])
    return filter_of(world, target, platform, _names(message, "metrics" if target == "metrics" else "events"))


def filter_of(world: World, target: str, platform: str | None = None, names: Iterable[str] = ()) -> Filter:
    """Return a target's filter; `names` are metrics, a component, an operation or kinds of events."""
    names = [name for name in names if name]
    if len(names) > MAX_NAMES or any(len(name) > MAX_NAME for name in names):
        raise RefusedError(f"at most {MAX_NAMES} names of {MAX_NAME} characters", code="too_many")
    if target in ("platforms", "alerts", "events"):
        return Filter.of(target)
    if target == "operation":
        world.operation(names[0])
        return Filter.of(target, None, names)
    if not platform:
        raise RefusedError(f"{target} needs a platform", f"There are {', '.join(world.clusters)}.")
    components = world.cluster(platform).state.components
    if target == "logs" and names and names[0] not in components:
        raise RefusedError(
            f"there is no component {names[0]!r}", f"There are {', '.join(components)}.", code="not_found", status=404
        )
    try:
        return Filter.of(target, platform, names)
    except KeyError as error:
        raise RefusedError(
            f"there are no events called {error.args[0]!r}", f"There are {', '.join(PLATFORM_EVENTS)}."
        ) from None


def _text(message: dict[str, Any], name: str) -> str | None:
    value = message.get(name)
    if value is None or isinstance(value, str):
        return value or None
    raise RefusedError(f"{name} is not text")


def _names(message: dict[str, Any], name: str) -> list[str]:
    value = message.get(name) or []
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise RefusedError(f"{name} is not a list of names")
