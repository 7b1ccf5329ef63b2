"""CommandPanel: forms for what a platform's operator can be asked to do, tried before they are meant."""

from __future__ import annotations

from typing import Any, ClassVar

from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import speakable
from gunj_widgets.widgets.operations import OperationsChannel
from gunj_widgets.widgets.status import asked_of, status_channel
from gunj_widgets.widgets.still import Still

__all__ = ["CommandPanel"]

MAX_COMMANDS = 50
MAX_ARGUMENTS = 30
TEXT = 500
KNOWN = ("backup", "restore", "upgrade", "scale", "restart")
"""What every operator of this kind can do; one that describes nothing takes their arguments as JSON."""
DESTROYS = ("restore",)


class CommandPanel(LiveWidget):
    """Offers an operator's commands as typed forms: try (dry run), then do; what destroys is asked for twice.

    `CommandPanel(rt, "production")`. What runs is shown below, with its progress; `OperationProgress` has its stages.
    """

    kind: ClassVar[str] = "commands"

    def __init__(
        self, session: Session, platform: str, *, namespace: str | None = None, title: str | None = None, **kwargs: Any
    ) -> None:
        self.platform = handle = session.platform(platform, namespace=namespace)
        described = session.commands(platform, namespace=namespace)
        self.commands = [_command(c) for c in described[:MAX_COMMANDS] if c.get("name")] or [_plain(n) for n in KNOWN]
        super().__init__(
            session,
            {
                "status": status_channel(session),
                "operations": (
                    f"operations:{session.number}:{handle.id}",
                    lambda channel_id, feed: OperationsChannel(channel_id, feed, session, handle),
                ),
            },
            {
                "title": title or f"{handle.name}: commands",
                "platform": handle.id,
                "commands": self.commands,
                "described": bool(described),
            },
            recipe={**asked_of(handle), "title": title},
            **kwargs,
        )

    def still(self) -> Still:
        rows = [(c["title"], c["description"], "destroys" if c["destroys"] else "") for c in self.commands]
        under = [
            (f"{o.kind}: {o.status}", f"{o.progress:.0%} {o.message or o.error}", "") for o in self.platform.operations
        ]
        return Still(
            f"{self.platform.name}: commands", self.summary(), ("command", "what it does", ""), [*rows, *under]
        )

    def summary(self) -> str:
        return f"{self.platform.name}: {', '.join(c['name'] for c in self.commands)}"


def _command(described: dict[str, Any]) -> dict[str, Any]:
    """Return a command as the browser takes it: bounded, and nothing in it but text, numbers and lists."""
    arguments = described.get("arguments")
    return {
        "name": str(described["name"])[:TEXT],
        "title": str(described.get("title") or described["name"])[:TEXT],
        "description": str(described.get("description") or "")[:TEXT],
        "destroys": described.get("destroys") is True,
        "arguments": [
            _argument(a)
            for a in (arguments if isinstance(arguments, list) else [])[:MAX_ARGUMENTS]
            if isinstance(a, dict)
        ],
    }


def _argument(described: dict[str, Any]) -> dict[str, Any]:
    choices = described.get("choices")
    default = described.get("default")
    return {
        "name": str(described.get("name") or "")[:TEXT],
        "title": str(described.get("title") or described.get("name") or "")[:TEXT],
        "type": str(described.get("type") or "text")[:TEXT],
        "help": str(described.get("help") or "")[:TEXT],
        "choices": [str(c)[:TEXT] for c in choices[:200]] if isinstance(choices, list) else [],
        "required": described.get("required") is True,
        "minimum": speakable(described.get("minimum")),
        "maximum": speakable(described.get("maximum")),
        "default": [str(d)[:TEXT] for d in default[:200]] if isinstance(default, list) else speakable(default),
    }


def _plain(name: str) -> dict[str, Any]:
    words = {"name": "", "title": "Arguments (JSON)", "type": "json", "help": '{"component": "loki"}'}
    return _command({"name": name, "destroys": name in DESTROYS, "arguments": [words]})
