"""Topics and patterns of ours ⇄ subjects and filters of NATS. Pure.

The two grammars agree but for two things: NATS knows `>` only at the end, and a subject must not hold a wildcard.
"""

from __future__ import annotations

from functools import lru_cache

from gunj_widgets.errors import TopicError
from gunj_widgets.events.topics import MANY, ONE, check_topic, parse_pattern

__all__ = ["ASK", "NOTES", "PREFIX", "filter_of", "subject_of", "topic_of"]

PREFIX = "gunj.v1."
"""Before every topic: the version of what the messages hold."""
NOTES = "$KV.GUNJ_NOTES."
"""Before the key of a note, in the key-value bucket that all notebooks share."""
ASK = "gunj.ask."
"""Before what a relay is asked to do: `command.{platform}.{name}` or `request.{method}`."""


@lru_cache(maxsize=4096)
def subject_of(topic: str) -> str:
    """Return the subject a topic is published under; TopicError where NATS would take it for something else."""
    check_topic(topic)
    if any(letter in "*> \t\r\n\x00" for letter in topic):
        raise TopicError(f"the topic {topic!r} cannot be a subject of NATS", "Make it with topic(), which escapes.")
    return NOTES + topic.removeprefix("note.") if topic.startswith("note.") else PREFIX + topic


@lru_cache(maxsize=4096)
def topic_of(subject: str) -> str | None:
    """Return the topic of a subject; None where it is none of ours."""
    if subject.startswith(NOTES):
        subject = f"{PREFIX}note.{subject.removeprefix(NOTES)}"
    if not subject.startswith(PREFIX):
        return None
    try:
        return check_topic(subject.removeprefix(PREFIX))
    except TopicError:
        return None


def filter_of(pattern: str) -> tuple[str, bool]:
    """Return the narrowest filter that lets all of a pattern's topics through, and whether it lets through nothing else.

    NATS has no `**` in the middle: from there on everything comes, and the pattern itself must sort it out.
    """
    parts = parse_pattern(pattern)
    if MANY not in parts:
        return PREFIX + ".".join(parts), True
    first = parts.index(MANY)
    head = "".join(f"{part}." for part in parts[:first])
    rest = parts[first + 1 :]
    if any(part not in (ONE, MANY) for part in rest):
        return f"{PREFIX}{head}>", False
    # `**.*` asks for two segments at least, which is still one filter: each wildcard but the last stands for one
    return f"{PREFIX}{head}{'*.' * len(rest)}>", True
