"""The newest messages that could not be used, cut and without secrets: what one sends to whoever runs the server."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

import msgspec

from gunj_widgets.connection.secret import HIDDEN

__all__ = ["KEPT", "BadMessage", "Samples"]

KEPT = 100
SHOWN = 200
"""Characters of a message that are kept."""
LOOKED_AT = 2000
"""Bytes of a message that are searched for secrets; more than is shown, so that none is cut in half."""

_SECRETS = re.compile(
    r"""((?:pass(?:word|wd)?|secret|token|authorization|api[_-]?key|cookie|credential)\w*["']?\s*[:=]\s*["']?)[^"',}\s][^"',}]*"""
    r"|(bearer\s+)\S+",
    re.IGNORECASE,
)


class BadMessage(msgspec.Struct, frozen=True):
    """One message: when it came (epoch seconds), what was wrong with it, and how it begins."""

    time: float
    problem: str
    text: str


class Samples:
    """At most KEPT of them, the oldest leave first. Added to on gunj-io, read from anywhere."""

    def __init__(self, redact: Callable[[str], str] = str) -> None:
        self._redact = redact
        self._kept: deque[BadMessage] = deque(maxlen=KEPT)

    def add(self, time: float, problem: str, raw: bytes | str) -> None:
        start = raw[:LOOKED_AT]
        text = start.decode(errors="backslashreplace") if isinstance(start, bytes) else start
        self._kept.append(BadMessage(time, self._safe(problem), self._safe(text)))

    def newest(self) -> list[BadMessage]:
        """Return them, oldest first."""
        return list(self._kept)

    def _safe(self, text: str) -> str:
        """Cut, without secrets, and with nothing in it that a terminal would obey."""
        text = _SECRETS.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", self._redact(text))
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:SHOWN])
