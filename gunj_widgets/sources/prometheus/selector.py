"""Is an expression a plain selector? Only then are there raw samples to follow. Pure."""

from __future__ import annotations

import re

__all__ = ["is_selector", "name_of"]

# Each alternative begins with another character, so that nothing can be made to backtrack.
_MATCHERS = r"""\{(?:[^{}"'`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}"""
_SELECTOR = re.compile(rf"\s*(?:([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:{_MATCHERS})?|{_MATCHERS})\s*")
KEYWORDS = {"bool", "on", "ignoring", "group_left", "group_right", "by", "without", "offset", "inf", "nan"}


def is_selector(expression: str) -> bool:
    """Say whether `expression` selects series as they are: `up`, `up{job="x"}`, `{__name__=~"node_.+"}`."""
    found = _SELECTOR.fullmatch(expression)
    return found is not None and (found[1] or "").lower() not in KEYWORDS


def name_of(labels: dict[str, str], expression: str) -> str:
    """Return a series' metric name: its own, or the expression where a function or operator took it away."""
    return labels.get("__name__") or " ".join(expression.split())[:120]
