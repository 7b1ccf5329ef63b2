"""How deep arrays and objects of a peer's JSON may be nested, told without walking over the value. Pure."""

from __future__ import annotations

import re

from gunj_widgets.errors import RemoteProtocolError

__all__ = ["MAX_NESTING", "check_nesting"]

MAX_NESTING = 64
"""Arrays and objects inside each other. A peer controls it, and every later walk over the value pays for it."""
_JSON_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))


def check_nesting(data: bytes | str) -> None:
    """Raise RemoteProtocolError where arrays and objects of valid JSON are nested deeper than MAX_NESTING.

    Almost every frame has fewer brackets than that and is done after two counts. For the rest, strings are cut out and
    the innermost pairs removed, once per allowed level: what is left was too deep. Only for JSON that was decoded
    already: an unterminated string would make cutting quadratic.
    """
    opening = data.count(b"[") + data.count(b"{") if isinstance(data, bytes) else data.count("[") + data.count("{")
    if opening <= MAX_NESTING:
        return
    raw = data if isinstance(data, bytes) else data.encode(errors="replace")
    if b"\\" in raw:
        raw = _JSON_STRING.sub(b"", raw)
    brackets = raw.translate(_ONE_KIND, _NO_STRUCTURE).replace(b'""', b"")
    if b'"' in brackets:
        brackets = _JSON_STRING.sub(b"", brackets)
    for _ in range(MAX_NESTING):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise RemoteProtocolError(f"a message is nested deeper than {MAX_NESTING} levels")
