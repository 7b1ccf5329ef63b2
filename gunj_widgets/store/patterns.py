"""Regular expressions that cannot stall the kernel: RE2 where it is installed, else only what is provably cheap.

Python's `re` backtracks: `(a+)+$` on 26 characters holds the interpreter, and with it every heartbeat, for seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from math import prod
from typing import Any

from gunj_widgets.errors import SettingsError

__all__ = ["MAX_LINE", "MAX_PATTERN", "matcher"]

MAX_PATTERN = 1_000
"""Characters in a pattern."""
MAX_LINE = 10_000
"""Characters of a line that RE2, whose time is linear, looks at."""
MAX_LINE_PLAIN = 1_000
"""Characters of a line that Python's `re` looks at."""
MAX_WAYS = 10_000
"""Ways in which a pattern for `re` may match at one place: with the line, the bound on the work."""


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a text contains the pattern; SettingsError where wrong or dangerous."""
    if len(pattern) > MAX_PATTERN:
        raise SettingsError(f"the regex has {len(pattern)} characters", f"Use at most {MAX_PATTERN}.")
    engine, limit = _engine()
    try:
        if limit == MAX_LINE_PLAIN and _ways(import_module("re._parser").parse(pattern)) > MAX_WAYS:
            raise SettingsError(
                f"the regex {pattern!r:.80} could stall the kernel", "Run: pip install google-re2. Or use search=."
            )
        search = engine.compile(pattern).search
    except engine.error as error:
        problem = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        raise SettingsError(
            f"the regex {pattern!r:.80} is wrong: {problem}", "Correct it, or use search= for plain text."
        ) from None
    return lambda text: search(text[:limit]) is not None


def _engine() -> tuple[Any, int]:
    try:
        return import_module("re2"), MAX_LINE
    except ModuleNotFoundError:
        return import_module("re"), MAX_LINE_PLAIN


def _ways(items: Iterable[tuple[Any, Any]]) -> float:
    """Bound the number of ways a parsed pattern can match at one place: what backtracking may have to try."""
    return prod(_ways_of(str(kind), detail) for kind, detail in items)


def _ways_of(kind: str, detail: Any) -> float:
    if kind in ("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "CATEGORY"):
        return 1
    if kind == "SUBPATTERN":
        return _ways(detail[-1])
    if kind == "BRANCH":
        return sum(_ways(branch) for branch in detail[1])
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, body = detail
        if _ways(body) > 1:
            return float("inf")  # a choice within a repeat
        return float(min(int(high), MAX_LINE_PLAIN) - min(int(low), MAX_LINE_PLAIN) + 1)
    return float("inf")  # back references, look-around and whatever else there may be
