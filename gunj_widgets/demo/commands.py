"""What a platform's commands are, for whoever builds a form of it, and what each would do, without doing it."""

from __future__ import annotations

from typing import Any

from gunj_widgets.demo.state import PlatformState
from gunj_widgets.demo.targets import MAX_REPLICAS, MAX_TEXT

__all__ = ["changes", "commands"]


def commands(platform: PlatformState) -> list[dict[str, Any]]:
    """Describe each command: title, what it does, whether it destroys, and its arguments with type and bounds."""
    names = list(platform.components)
    component = {"name": "component", "title": "Component", "type": "choice", "choices": names, "required": True}
    several = {"name": "components", "title": "Components", "type": "choices", "choices": names, "default": names}
    replicas = {
        "name": "replicas", "title": "Replicas", "type": "integer", "minimum": 0, "maximum": MAX_REPLICAS, "required": True,
    }  # fmt: skip
    version = {"name": "version", "title": "Version", "type": "text", "maximum": MAX_TEXT, "required": True}
    place = {"type": "text", "maximum": MAX_TEXT, "help": "s3://bucket/path; empty = the platform's own"}
    return [
        _command("backup", "Back up", "Writes configuration and data away.", several, {**place, "name": "destination", "title": "To"}),
        _command("restore", "Restore", "Replaces what the components hold by what was backed up.", several,
                 {**place, "name": "source", "title": "From"}, destroys=True),
        _command("upgrade", "Upgrade", "Rolls a component out in another version.", component, version),
        _command("scale", "Scale", "Changes how many replicas a component has; 0 stops it.", component, replicas),
        _command("restart", "Restart", "Restarts the pods of a component, one after the other.", component),
    ]  # fmt: skip


def changes(kind: str, aims: dict[str, Any], platform: PlatformState) -> list[str]:
    """Say what a command would change, one line a component."""
    lines = []
    for name, aim in aims.items():
        now = platform.components[name]
        if kind == "scale":
            lines.append(f"{name}: {now.replicas} → {aim} replicas")
        elif kind == "upgrade":
            lines.append(f"{name}: {now.version} → {aim}")
        else:
            lines.append(f"{name}: {kind}")
    return lines


def _command(name: str, title: str, words: str, *arguments: dict[str, Any], destroys: bool = False) -> dict[str, Any]:
    return {"name": name, "title": title, "description": words, "destroys": destroys, "arguments": list(arguments)}
