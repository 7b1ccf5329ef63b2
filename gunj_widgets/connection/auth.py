"""The token: where it comes from, when it is renewed, and how it stays out of sight."""

from __future__ import annotations

import asyncio
import base64
import binascii
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from gunj_widgets.errors import AuthError

__all__ = ["Auth", "TokenFile"]

RENEW_AT = 0.8
"""Share of a token's life after which it is renewed, while the old one still works."""
SOURCE_TIMEOUT = 15.0
"""Seconds a token function may take."""
HIDDEN = "***"


class TokenFile:
    """A file that holds the token, read anew at each renewal: a mounted Kubernetes secret, `~/.gunj/token`."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()

    def read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "not text"
            raise AuthError(f"cannot read the token file {self.path}: {why}", "Name a readable file.") from None

    def __repr__(self) -> str:
        return f"TokenFile({str(self.path)!r})"


class Auth:
    """A bearer token and its source. Asked for by any number of tasks, fetched once; never shown, never pickled."""

    def __init__(
        self, source: str | TokenFile | Callable[[], Any] | None = None, *, now: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._now = now
        self._token: str | None = None
        self._obtained = 0.0
        self._expires: float | None = None
        self._fetching: asyncio.Task[str | None] | None = None
        self._known: list[str] = []

    @classmethod
    def of(cls, token: Auth | str | TokenFile | Callable[[], Any] | None) -> Auth:
        """Return the Auth for a token, a function or coroutine function that returns one, a TokenFile, or nothing."""
        return token if isinstance(token, Auth) else cls(token or None)

    @property
    def exists(self) -> bool:
        return self._source is not None

    @property
    def renewable(self) -> bool:
        """Whether asking the source again can give another token."""
        return self._source is not None and not isinstance(self._source, str)

    def identity(self) -> str:
        """Text that differs between sources. It may be the token: hash it before keeping it."""
        source = self._source
        if source is None or isinstance(source, str):
            return f"token:{source or ''}"
        if isinstance(source, TokenFile):
            return f"file:{source.path}"
        return f"function:{getattr(source, '__module__', '')}.{getattr(source, '__qualname__', repr(type(source)))}"

    async def headers(self) -> dict[str, str]:
        """Return the Authorization header, or nothing where there is no token."""
        token = await self.token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    async def token(self) -> str | None:
        """Return the token, fetched on first use and when its time is over."""
        now = self._now()
        if self._token is not None and (self._expires is None or now < self._expires or not self.renewable):
            return self._token
        return await self.renew()

    async def renew(self) -> str | None:
        """Ask the source again; all who ask meanwhile share one answer. AuthError if it gives none."""
        if self._source is None:
            return None
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return await asyncio.shield(self._fetching)

    def expires(self, at: float | None) -> None:
        """Take over what the server says about the end of the token's life (epoch seconds)."""
        if at is not None:
            self._expires = at

    def renew_in(self, now: float) -> float | None:
        """Return the seconds until 80 % of the token's life is over; None where that is unknown or would not help."""
        if self._expires is None or not self.renewable or self._token is None:
            return None
        return max(0.0, self._obtained + RENEW_AT * (self._expires - self._obtained) - now)

    def redact(self, text: str) -> str:
        """Return `text` without any token this object ever held."""
        for token in self._known:
            text = text.replace(token, HIDDEN)
        return text

    def _fetched(self, task: asyncio.Task[str | None]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # whoever awaited it was told; without this asyncio would tell the log as well

    async def _fetch(self) -> str | None:
        try:
            async with asyncio.timeout(SOURCE_TIMEOUT):
                found = await self._ask()
        except TimeoutError:
            raise AuthError(f"the token function took over {SOURCE_TIMEOUT:g} s", "Let it return sooner.") from None
        except AuthError:
            raise
        except Exception as error:  # a user's function may raise anything; only its type is safe to show
            raise AuthError(
                f"the token function raised {type(error).__name__}", "Call it in a cell to see why."
            ) from None
        token = _clean(found)
        self._known = [*self._known[-3:], token] if token not in self._known else self._known
        self._token, self._obtained, self._expires = token, self._now(), _expiry(token)
        return token

    async def _ask(self) -> object:
        source = self._source
        if isinstance(source, str):
            return source
        if isinstance(source, TokenFile):
            return await asyncio.to_thread(source.read)
        if inspect.iscoroutinefunction(source):
            return await source()
        found = await asyncio.to_thread(source) if source is not None else None
        return await found if inspect.isawaitable(found) else found

    def __repr__(self) -> str:
        kind = (
            "no token"
            if self._source is None
            else "token"
            if isinstance(self._source, str)
            else type(self._source).__name__
        )
        return f"<Auth: {kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Auth holds a token and is not pickled")


def _clean(token: object) -> str:
    """Return the token, fit for a header: visible ASCII only, so that nothing can be smuggled in behind it."""
    if isinstance(token, bytes):
        token = token.decode("latin-1")
    if not isinstance(token, str) or not token.strip():
        raise AuthError(f"the token is empty or not text ({type(token).__name__})", "Pass the token itself, as text.")
    token = token.strip().removeprefix("Bearer ").strip()
    if not all("!" <= letter <= "~" for letter in token):
        raise AuthError(
            "the token has characters that do not belong in one", "Check for spaces, line breaks and quotes."
        )
    return token


def _expiry(token: str) -> float | None:
    """Return a JWT's `exp` in epoch seconds, else None. Read, not verified: it only times the renewal."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None
    found = claims.get("exp") if isinstance(claims, dict) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
