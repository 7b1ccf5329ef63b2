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

from gunj_widgets.arguments import kept_at
from gunj_widgets.connection.clock import Clock, pause
from gunj_widgets.connection.secret import HIDDEN, Secret
from gunj_widgets.errors import AuthError, GunjError, SettingsError

__all__ = ["Auth", "TokenFile", "is_final"]

RENEW_AT = 0.8
"""Share of a token's life after which it is renewed, while the old one still works."""
SOURCE_TIMEOUT = 15.0
"""Seconds a token function may take."""
LOOK = 30.0
"""Seconds between two looks at how old the token is, at most: a laptop that slept aged it unseen."""
SOONEST = 1.0
"""Seconds between two renewals on schedule, at least, however short a life a server gives."""
TRY_AGAIN = 5.0
"""Seconds until a renewal on schedule that failed is tried again."""
REMEMBERED = 4
"""Tokens kept for `redact`: what a server says may still name the one before."""
FINAL = (401, 403)

Source = str | Callable[[], Any] | None


class TokenFile:
    """A file that holds the token, read anew at each renewal: a mounted Kubernetes secret, `~/.gunj/token`."""

    def __init__(self, path: str | Path) -> None:
        self.path = kept_at(path)

    def __call__(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "not text"
            raise AuthError(f"cannot read the token file {self.path}: {why}", "Name a readable file.") from None

    def stamp(self) -> tuple[int, int] | None:
        """What differs once the file was written anew; None while it cannot be read."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def identity(self) -> str:
        return f"file:{self.path}"

    def __repr__(self) -> str:
        return f"TokenFile({str(self.path)!r})"


class Auth:
    """A bearer token and its source. Asked for by any number of tasks, fetched once; never shown, never pickled.

    The source is the token itself, or a function or coroutine function that returns one, or `(token, seconds of its
    life)`. A function says that there will be no token any more by raising AuthError(..., status=401). Lives on gunj-io.
    """

    def __init__(self, source: Source = None, *, now: Callable[[], float] = time.time) -> None:
        self.generation = 0
        """How many tokens there have been: tells whether the one a server refused is still ours."""
        self._source = Secret(source) if isinstance(source, str) else source
        self._now = now
        self._token: Secret | None = None
        self._stamp: tuple[int, int] | None = None
        self._obtained = 0.0
        self._expires: float | None = None
        self._fetching: asyncio.Task[Secret | None] | None = None
        self._known: list[Secret] = []
        self._listeners: list[Callable[[Secret], None]] = []
        self._changed = asyncio.Event()

    @classmethod
    def of(cls, token: Auth | Source) -> Auth:
        """Return the Auth for a token, a function or coroutine function that returns one, a TokenFile, or nothing.

        SettingsError for anything else, which is not shown.
        """
        if not (token is None or isinstance(token, str | Auth) or callable(token)):
            raise SettingsError(
                f"a token is text or a function that returns one, not of type {type(token).__name__}",
                'As in token="…", or token=gunj.TokenFile(path).',
            )
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
        if hasattr(source, "identity"):
            return str(source.identity())
        return _identity_of(source)

    def adopt(self, other: Auth) -> None:
        """Ask another source from now on: the same identity, logged in again."""
        if other.renewable and other is not self:
            self._source = other._source
            self._expires = self._now()  # whatever we hold is the old source's
            self._changed.set()

    async def headers(self) -> dict[str, str]:
        """Return the Authorization header, or nothing where there is no token."""
        token = await self.token()
        return {"Authorization": Secret(f"Bearer {token}")} if token else {}

    async def token(self) -> str | None:
        """Return the token, fetched on first use, when its time is over, and when its file was written anew."""
        if self._token is not None and not (self.renewable and (self._is_over() or self._is_rewritten())):
            return self._token
        return await self.renew()

    async def renew(self, since: int | None = None) -> str | None:
        """Ask the source again; all who ask meanwhile share one answer. AuthError if it gives none.

        `since` is the `generation` that was refused: where a newer one is there already, that is the answer.
        """
        if self._source is None:
            return None
        if since is not None and since != self.generation:
            return self._token
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return await asyncio.shield(self._fetching)

    def expires(self, at: float | None) -> None:
        """Take over what the server says about the end of the token's life (epoch seconds)."""
        if at is not None:
            self._expires = at
            self._changed.set()

    def recheck(self) -> None:
        """Look now whether the token's time is over: the machine slept, and the timer that waits for it with it."""
        self._changed.set()

    def renew_in(self, now: float) -> float | None:
        """Return the seconds until 80 % of the token's life is over; None where that is unknown or would not help."""
        if self._expires is None or not self.renewable or self._token is None:
            return None
        return max(0.0, self._obtained + RENEW_AT * (self._expires - self._obtained) - now)

    async def keep(self, clock: Clock, problem: Callable[[str], None]) -> None:
        """Renew the token in time, for ever; `problem(text)` is told what went wrong."""
        while True:
            due = self.renew_in(self._now())
            await pause(clock, LOOK if due is None else min(due, LOOK), self._changed)
            due = self.renew_in(self._now())
            rewritten = self._is_rewritten()
            if not rewritten and (due is None or due > 0.0):
                continue
            try:
                await self.renew()
                await clock.sleep(SOONEST)
            except AuthError as error:
                problem(error.problem)
                if is_final(error):
                    await self._changed.wait()  # there is no use in asking again
                else:
                    await clock.sleep(TRY_AGAIN)

    def listen(self, callback: Callable[[Secret], None]) -> Callable[[], None]:
        """Call `callback(token)` after each renewal; return how to stop."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def redact(self, text: str) -> str:
        """Return `text` without any token this object held lately."""
        for token in self._known:
            text = text.replace(token, HIDDEN)
        return text

    def _is_over(self) -> bool:
        return self._expires is not None and self._now() >= self._expires

    def _is_rewritten(self) -> bool:
        return isinstance(self._source, TokenFile) and self._source.stamp() not in (None, self._stamp)

    def _fetched(self, task: asyncio.Task[Secret | None]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # whoever awaited it was told; without this asyncio would tell the log as well

    async def _fetch(self) -> Secret | None:
        stamp = self._source.stamp() if isinstance(self._source, TokenFile) else None
        try:
            async with asyncio.timeout(SOURCE_TIMEOUT):
                token, expires = _read(await self._ask(), self._now())
        except TimeoutError:
            raise AuthError(f"the token function took over {SOURCE_TIMEOUT:g} s", "Let it return sooner.") from None
        except AuthError:
            raise
        except GunjError as error:
            raise AuthError(error.problem, error.remedy) from None
        except Exception as error:  # a user's function may raise anything; only its type is safe to show
            raise AuthError(
                f"the token function raised {type(error).__name__}", "Call it in a cell to see why."
            ) from None
        if token not in self._known:
            self._known = [*self._known[1 - REMEMBERED :], token]
        self._token, self._obtained, self._stamp = token, self._now(), stamp
        # An end that is over already is told by another clock than ours, or of no use: then the server decides.
        self._expires = expires if expires is not None and expires > self._obtained else None
        self.generation += 1
        self._changed.set()
        if self.generation > 1:
            for listener in list(self._listeners):
                listener(token)
        return token

    async def _ask(self) -> object:
        source = self._source
        if source is None or isinstance(source, str):
            return source
        if inspect.iscoroutinefunction(source) or inspect.iscoroutinefunction(getattr(source, "__call__", None)):  # noqa: B004
            return await source()
        found = await asyncio.to_thread(source)
        return await found if inspect.isawaitable(found) else found

    def __repr__(self) -> str:
        source = self._source
        kind = "no token" if source is None else "token" if isinstance(source, str) else type(source).__name__
        return f"<Auth: {kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Auth holds a token and is not pickled")


def is_final(error: AuthError) -> bool:
    """Say whether the source itself was refused, so that asking it again is of no use."""
    return error.status in FINAL


def _identity_of(source: Callable[[], Any]) -> str:
    """Tell token functions apart: by their code and by what they hold on to, so that a cell run again is the same one."""
    name = f"{getattr(source, '__module__', '')}.{getattr(source, '__qualname__', repr(type(source)))}"
    code = getattr(source, "__code__", None)
    if code is None:
        return f"function:{name}:{id(source)}"
    cells = [cell.cell_contents for cell in getattr(source, "__closure__", None) or ()]
    held = [
        repr(v) if isinstance(v, str | int | bytes) else id(v)
        for v in [*cells, *(getattr(source, "__defaults__", None) or ())]
    ]
    constants = [constant for constant in code.co_consts if not inspect.iscode(constant)]
    return f"function:{name}:{code.co_filename}:{code.co_firstlineno}:{code.co_names}{constants}{held}"


def _read(found: object, now: float) -> tuple[Secret, float | None]:
    """Return the token a source gave and when it ends: as the source says, or as the token itself does."""
    life = None
    if isinstance(found, tuple) and len(found) == 2:
        found, life = found
    token = _clean(found)
    if isinstance(life, int | float) and not isinstance(life, bool):
        return token, now + life
    return token, _expiry(token)


def _clean(token: object) -> Secret:
    """Return the token, fit for a header: visible ASCII only, so that nothing can be smuggled in behind it."""
    if isinstance(token, bytes):
        token = token.decode("latin-1")
    if not isinstance(token, str) or not token.strip():
        kind, token = type(token).__name__, None
        raise AuthError(f"the token is empty or not text ({kind})", "Pass the token itself, as text.")
    token = Secret(token.strip().removeprefix("Bearer ").strip())
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
    except (binascii.Error, ValueError, RecursionError, msgspec.DecodeError):
        return None
    found = claims.get("exp") if isinstance(claims, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if abs(found) < 1e12 else None
