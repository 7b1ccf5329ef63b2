"""The call that is being written where the cursor stands, as far as it can be read. Pure, and nothing is evaluated."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

__all__ = ["Begun", "begun"]

CALLEE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*$")
KEYWORD = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)")
KEY = re.compile(r"""\s*(['"])(.*?)\1\s*:""", re.DOTALL)
PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Begun:
    """A string that is begun within a call: `rt.metrics("production", "cp` has callee `rt.metrics`, argument 1, text `cp`."""

    callee: str
    argument: int | str
    """Its place, counted from 0, or its name."""
    text: str
    given: dict[int | str, Any] = field(default_factory=dict)
    """The arguments before it that are literals, by place or name."""
    in_dict: bool = False
    key: str | None = None
    """In a dict: whose value it is; None where it is a key itself."""

    def value(self, place: int, name: str) -> Any:
        """Return an argument that was given by its place or name; None where it was not, or is no literal."""
        return self.given.get(place, self.given.get(name))


@dataclass(slots=True)
class _Bracket:
    char: str
    at: int
    commas: list[int] = field(default_factory=list)


def begun(code: str) -> Begun | None:
    """Return what is being written at the end of `code`; None where that is no string within a call."""
    brackets, string = _scan(code)
    call = next((n for n in reversed(range(len(brackets))) if brackets[n].char == "("), None)
    if string is None or call is None:
        return None
    opened, starts = string
    callee = CALLEE.search(code, 0, brackets[call].at)
    if callee is None:
        return None
    *before, own = _pieces(code, brackets[call], opened)
    given = {_place(n, piece): _literal(piece) for n, piece in enumerate(before)}
    braces = [inner for inner in brackets[call + 1 :] if inner.char == "{"]
    key = KEY.match(_pieces(code, braces[0], opened)[-1]) if braces else None
    return Begun(
        callee.group(1),
        _place(len(before), own),
        code[starts:],
        {place: value for place, value in given.items() if value is not None},
        bool(braces),
        key.group(2) if key else None,
    )


def _scan(code: str) -> tuple[list[_Bracket], tuple[int, int] | None]:
    """Return the brackets that are open at the end, and where the open string has its quote and its first character."""
    brackets: list[_Bracket] = []
    string: tuple[int, int] | None = None
    quote, at = "", 0
    while at < len(code):
        char = code[at]
        if quote:
            if char == "\\":
                at += 1
            elif code.startswith(quote, at):
                at += len(quote) - 1
                quote, string = "", None
            elif char == "\n" and len(quote) == 1:
                quote, string = "", None
        elif char in "'\"":
            quote = char * 3 if code.startswith(char * 3, at) else char
            string = (at, at + len(quote))
            at += len(quote) - 1
        elif char == "#":
            at = code.find("\n", at) if "\n" in code[at:] else len(code)
        elif char in "([{":
            brackets.append(_Bracket(char, at))
        elif char in PAIRS and brackets and brackets[-1].char == PAIRS[char]:
            brackets.pop()
        elif char == "," and brackets:
            brackets[-1].commas.append(at)
        at += 1
    return brackets, string


def _pieces(code: str, bracket: _Bracket, end: int) -> list[str]:
    """Return what stands between the commas of a bracket, up to `end`."""
    cuts = [bracket.at, *bracket.commas, end]
    return [code[a + 1 : b] for a, b in pairwise(cuts)]


def _place(n: int, piece: str) -> int | str:
    named = KEYWORD.match(piece)
    return named.group(1) if named else n


def _literal(piece: str) -> Any:
    try:
        return ast.literal_eval(KEYWORD.sub("", piece, count=1).strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
