"""What must not be written down: fields with a secret's name, and bearer tokens in text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from gunj_widgets.arguments import named
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec

__all__ = ["HIDDEN", "SECRETS", "Redaction"]

HIDDEN = "[redacted]"
FIELDS = ("what is to be left out are names of fields", 'As in redact=["email"].')
SECRETS = ("password", "passwd", "secret", "token", "authorization", "apikey", "api_key", "credential", "cookie")
"""A field whose name holds one of these, in any case, is left out."""
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}")


class Redaction:
    """Knows what is left out: SECRETS, and the fields a user names besides."""

    def __init__(self, fields: Iterable[str] = ()) -> None:
        self.names = tuple(dict.fromkeys([*SECRETS, *(name.lower() for name in named(fields, *FIELDS) if name)]))
        self._signs = [sign.encode() for sign in (*self.names, "bearer", "basic ")]
        self.hidden = 0
        """Values left out."""

    def raws(self, payloads: list[msgspec.Raw]) -> list[msgspec.Raw]:
        """Return payloads without their secrets; the same ones, where all together show no sign of any."""
        return [self.raw(payload) for payload in payloads] if self._suspects(b"\n".join(payloads)) else payloads

    def raw(self, payload: msgspec.Raw) -> msgspec.Raw:
        """Return a payload without its secrets: the same one, where it shows no sign of any."""
        if not self._suspects(bytes(payload)):
            return payload
        try:
            value = codec.parse(bytes(payload))
        except RemoteProtocolError:
            return payload  # nobody can read it, neither now nor later
        return msgspec.Raw(codec.encode(self.value(value)).encode())

    def value(self, value: Any) -> Any:
        """Return a JSON value without its secrets."""
        if isinstance(value, dict):
            return {key: self._member(key, member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.value(member) for member in value]
        if isinstance(value, str):
            text, count = _BEARER.subn(rf"\1 {HIDDEN}", value)
            self.hidden += count
            return text
        return value

    def _suspects(self, text: bytes) -> bool:
        low = text.lower()  # and plain searches: a twelfth of what one regular expression takes
        return any(sign in low for sign in self._signs)

    def _member(self, key: str, member: Any) -> Any:
        low = key.lower()
        if member is not None and any(name in low for name in self.names):
            self.hidden += 1
            return HIDDEN
        return self.value(member)
