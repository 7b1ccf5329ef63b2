"""Topics and patterns: dotted names, `*` for one segment, `**` for one or more, in any place.

A topic is `segment(.segment)*`. Ids and names are arbitrary strings, so `topic()` escapes what has a meaning here
and `segments()` restores it. The grammar is the seed's, except that an empty segment is an error, not a match.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from gunj_widgets.errors import PatternError, TopicError

__all__ = ["MAX_SEGMENTS", "MAX_TOPIC", "RESET_TOPIC", "check_topic", "escape", "parse_pattern", "segments", "topic"]

MAX_TOPIC = 256
"""Characters in a topic or pattern; a peer controls topics, so they are bounded."""
MAX_SEGMENTS = 16
"""Segments in a topic or pattern, for the same reason."""
RESET_TOPIC = "connection.reset"
"""A fact the client makes where a stream could not be resumed: `{interest, platform, from, to, gap: [epoch s, epoch s]}`."""

ONE = "*"
MANY = "**"

_UNSAFE = re.compile(r"[.*%>\s\x00-\x1f\x7f]")


def escape(name: str) -> str:
    """Return `name` as one topic segment: `.`, `*`, `%`, `>`, spaces and control characters become `%XX`."""
    if not name:
        raise TopicError("a topic segment is empty", "Give the platform, component or metric a name.")
    return _UNSAFE.sub(lambda m: "".join(f"%{b:02X}" for b in m.group().encode()), name)


def topic(*names: str) -> str:
    """Join names into a topic, each escaped: `topic("platform", "prod.eu", "status")` → `platform.prod%2Eeu.status`."""
    return ".".join(map(escape, names))


def segments(text: str) -> list[str]:
    """Split a topic into its names, with the escapes undone."""
    return [unquote(part) if "%" in part else part for part in text.split(".")]


def check_topic(text: str) -> str:
    """Return `text` if it is a topic within bounds, else raise TopicError."""
    if not text or len(text) > MAX_TOPIC:
        raise TopicError(f"a topic has 1 to {MAX_TOPIC} characters, this one {len(text)}", "Shorten the names in it.")
    if text.count(".") >= MAX_SEGMENTS:
        raise TopicError(f"a topic has at most {MAX_SEGMENTS} segments", "Join some of its names with '-' or '/'.")
    if text[0] == "." or text[-1] == "." or ".." in text:
        raise TopicError(f"the topic {text!r} has an empty segment", "Put one name between two dots.")
    return text


def parse_pattern(pattern: str) -> tuple[str, ...]:
    """Split a pattern into segments and check its grammar; raise PatternError with the remedy where it is broken."""
    if not pattern or not hasattr(pattern, "split"):
        raise PatternError(f"a pattern is a non-empty string, not {pattern!r}", "Try 'platform.*.status' or '**'.")
    if len(pattern) > MAX_TOPIC:
        raise PatternError(
            f"a pattern has at most {MAX_TOPIC} characters, this one {len(pattern)}", "Use ** to cover more."
        )
    parts = tuple(pattern.split("."))
    if len(parts) > MAX_SEGMENTS:
        raise PatternError(
            f"a pattern has at most {MAX_SEGMENTS} segments, this one {len(parts)}", "Use ** to cover more."
        )
    for part in parts:
        if not part:
            raise PatternError(
                f"the pattern {pattern!r} has an empty segment", "Put one name, * or ** between two dots."
            )
        if "*" in part and part not in (ONE, MANY):
            raise PatternError(
                f"the pattern {pattern!r} mixes * with text in {part!r}",
                "A wildcard is a whole segment: * is one, ** is one or more.",
            )
    return parts
