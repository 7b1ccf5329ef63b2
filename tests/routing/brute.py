"""The obvious matcher: tries every way. Slow, short, and trusted by the tests."""

from __future__ import annotations


def matches(pattern: str, topic: str) -> bool:
    return _fits(tuple(pattern.split(".")), tuple(topic.split(".")))


def _fits(parts: tuple[str, ...], names: tuple[str, ...]) -> bool:
    if not parts or not names:
        return not parts and not names
    first, rest = parts[0], parts[1:]
    if first == "**":
        return any(_fits(rest, names[taken:]) for taken in range(1, len(names) + 1))
    return first in ("*", names[0]) and _fits(rest, names[1:])
