"""What an operation's arguments ask for: component → version, replicas or True. Every known spelling; strict about the rest."""

from __future__ import annotations

from typing import Any

from gunj_widgets.demo.operations import PLANS
from gunj_widgets.demo.refused import RefusedError

__all__ = ["targets"]

MAX_REPLICAS = 20
MAX_TEXT = 200


def targets(kind: str, args: dict[str, Any], components: list[str]) -> dict[str, Any]:
    """Return what the operation does to which component; RefusedError says what is missing or wrong."""
    if kind not in PLANS:
        raise RefusedError(
            f"there is no operation {kind[:40]!r}", f"Known: {', '.join(PLANS)}.", code="unknown_operation", status=404
        )
    if kind == "upgrade":
        return _versions(args, components)
    if kind == "scale":
        return {_component(args, components): _replicas(args)}
    if kind == "restart":
        return {_component(args, components): True}
    where = "destination" if kind == "backup" else "source"
    if where in args:
        _text(args, where)
    chosen = args.get("components", components)
    if not isinstance(chosen, list) or not chosen:
        raise _wrong("components is a list of component names")
    return {_known(name, components): True for name in chosen}


def _versions(args: dict[str, Any], components: list[str]) -> dict[str, Any]:
    wanted = args.get("targetVersions")
    if wanted is None:
        version = "version" if "version" in args else "targetVersion"
        wanted = {_component(args, components): _text(args, version)}
    if not isinstance(wanted, dict) or not wanted:
        raise _wrong("targetVersions is an object: component → version")
    return {_known(name, components): _text(wanted, name) for name in wanted}


def _component(args: dict[str, Any], components: list[str]) -> str:
    if "component" not in args:
        raise _wrong(f"say which component: {', '.join(components)}")
    return _known(args["component"], components)


def _known(name: Any, components: list[str]) -> str:
    if name not in components:
        raise _wrong(f"there is no component {str(name)[:40]!r}; there are {', '.join(components)}")
    return str(name)


def _replicas(args: dict[str, Any]) -> int:
    count = args.get("replicas")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MAX_REPLICAS:
        raise _wrong(f"replicas is a whole number from 0 to {MAX_REPLICAS}")
    return count


def _text(args: dict[str, Any], name: str) -> str:
    value = args.get(name)
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT:
        raise _wrong(f"{name} is a text of 1 to {MAX_TEXT} characters")
    return value


def _wrong(problem: str) -> RefusedError:
    return RefusedError(problem, code="validation_error", status=422)
