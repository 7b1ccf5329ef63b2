"""Regular expressions that cannot stall the kernel: RE2 where it is installed, else only what is provably cheap.

Python's `re` backtracks: `(a+)+$` on 26 characters holds the interpreter, and with it every heartbeat, for seconds.
"""

from __future__ import annotations

import re
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
    try:
        compiled, limit = _compiled(pattern)
    except _errors() as error:
        problem = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise SettingsError(
            f"the regex {pattern!r:.80} is wrong: {problem!s:.120}", "Correct it, or use search= for plain text."
        ) from None
    search = compiled.search
    return lambda text: search(text[:limit]) is not None


def _compiled(pattern: str) -> tuple[Any, int]:
    """Return the pattern, compiled, and how much of a line it may look at."""
    if (re2 := _re2()) is not None:
        options = re2.Options()
        options.log_errors = False  # to stderr, that is: into the cell
        return re2.compile(pattern, options), MAX_LINE
    if _ways(import_module("re._parser").parse(pattern)) > MAX_WAYS:
        raise SettingsError(
            f"the regex {pattern!r:.80} could stall the kernel",
            "Run: pip install 'gunj-widgets[regex]'. Or use search=.",
        )
    return re.compile(pattern), MAX_LINE_PLAIN


def _re2() -> Any:
    try:
        return import_module("re2")
    except ModuleNotFoundError:
        return None


def _errors() -> tuple[type[Exception], ...]:
    """What compiling may raise: both engines' own error, and what too deep or too large a pattern does to the parser."""
    re2 = _re2()
    return (re.error, RecursionError, OverflowError, *(() if re2 is None else (re2.error,)))


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
