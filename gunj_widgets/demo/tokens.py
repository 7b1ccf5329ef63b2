"""Tokens: the operator's own, which does not expire, and those that logging in gives, which do and are rotated. Pure."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

import msgspec

from gunj_widgets.demo.refused import RefusedError

__all__ = ["Grant", "Pair", "Tokens"]

REFRESH_LIFETIME = 30 * 86_400.0
MAX_ISSUED = 1000
"""Tokens remembered, of each kind; the oldest go first."""


class Grant(msgspec.Struct, frozen=True):
    """What a valid token allows: everything, until `expires` (epoch seconds; None: for ever)."""

    expires: float | None


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """An access and a refresh token; `lifetime` of the access token in seconds, None: for ever. Never shown."""

    access: str
    refresh: str
    lifetime: float | None

    def __repr__(self) -> str:
        return f"Pair(lifetime={self.lifetime})"


class Issued(msgspec.Struct, frozen=True):
    """`family`: the login it descends from."""

    family: str
    expires: float | None


class Tokens:
    """Knows tokens by their digest only, except its own. `lifetime` of an access token in seconds; None: for ever."""

    def __init__(self, own: str, *, lifetime: float | None = 3600.0) -> None:
        self._own = _bytes(own)
        self._lifetime = lifetime
        self._access: dict[bytes, Issued] = {}
        self._refresh: dict[bytes, Issued] = {}
        self._used: dict[bytes, str] = {}

    def check(self, token: str, now: float) -> Grant | None:
        """Return what the token allows; None where it is not, or no longer, valid."""
        if hmac.compare_digest(_bytes(token), self._own):
            return Grant(None)
        issued = self._access.get(_digest(token))
        if issued is None or (issued.expires is not None and issued.expires <= now):
            return None
        return Grant(issued.expires)

    def login(self, password: str, now: float) -> Pair:
        """Return a new pair. The password is the operator's own token: there is no other secret."""
        if not hmac.compare_digest(_bytes(password), self._own):
            raise _refused("the password is wrong; the demo's is its token")
        return self._issue(secrets.token_hex(8), now)

    def refresh(self, token: str, now: float) -> Pair:
        """Return a new pair for a refresh token, which is then used up. Used twice, it ends its whole family."""
        key = _digest(token)
        family = self._used.get(key)
        if family is not None:
            self._revoke(family)
            raise _refused("the refresh token was used before")
        issued = self._refresh.pop(key, None)
        if issued is None or (issued.expires is not None and issued.expires <= now):
            raise _refused("the refresh token is not valid")
        self._used[key] = issued.family
        _bound(self._used)
        return self._issue(issued.family, now)

    def logout(self, token: str) -> None:
        """End an access token and all that descends from the same login. The operator's own stays."""
        issued = self._access.get(_digest(token))
        if issued is not None:
            self._revoke(issued.family)

    def _issue(self, family: str, now: float) -> Pair:
        pair = Pair(access=secrets.token_urlsafe(32), refresh=secrets.token_urlsafe(32), lifetime=self._lifetime)
        self._access[_digest(pair.access)] = Issued(family, None if self._lifetime is None else now + self._lifetime)
        self._refresh[_digest(pair.refresh)] = Issued(family, now + REFRESH_LIFETIME)
        _bound(self._access)
        _bound(self._refresh)
        return pair

    def _revoke(self, family: str) -> None:
        for book in (self._access, self._refresh):
            for key in [key for key, issued in book.items() if issued.family == family]:
                del book[key]


def _bound(book: dict[bytes, Issued] | dict[bytes, str]) -> None:
    while len(book) > MAX_ISSUED:
        del book[next(iter(book))]


def _digest(token: str) -> bytes:
    return sha256(_bytes(token)).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _refused(problem: str) -> RefusedError:
    return RefusedError(problem, "Log in again.", code="unauthorized", status=401)
