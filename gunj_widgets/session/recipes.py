"""What was asked for, as JSON and as the line of Python that asks for it again. Pure."""

from __future__ import annotations

from typing import Any

__all__ = ["call", "given"]


def given(**asked: Any) -> dict[str, Any]:
    """Return what was asked for, without what was left out (None, or nothing in it)."""
    return {name: value for name, value in asked.items() if value is not None and value not in ("", (), [])}


def call(function: str, *arguments: Any, **named: Any) -> str:
    """Return a call as one would write it: `rt.promql('up', window=600)`."""
    written = [_literal(value) for value in arguments]
    written += [f"{name}={_literal(value)}" for name, value in named.items()]
    return f"{function}({', '.join(written)})"


def _literal(value: Any) -> str:
    """Return a value as Python reads it; whole seconds without a point, whatever their number."""
    return repr(int(value)) if isinstance(value, float) and value.is_integer() else repr(value)
