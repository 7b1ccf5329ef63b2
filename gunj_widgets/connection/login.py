"""Logging in: a password once, then tokens that renew themselves. The password is not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gunj_widgets.connection.address import check_url, hidden, refuse_clear_text
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.transport import Network, Refused
from gunj_widgets.connection.verdict import judge
from gunj_widgets.errors import AuthError, ConnectError, RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.settings import Settings

__all__ = ["Login"]

API = "/api/v1/auth"
AGAIN = "Log in again: gunj.connect(url, token=gunj.login(url))."


class Login:
    """A source of tokens, to be passed as `token=`. Each renewal uses the refresh token up and keeps the next one.

    Made by `gunj.login()`. A refresh token that the operator does not take any more ends it: AuthError, for good.
    """

    def __init__(
        self, url: str, network: Callable[[], Network], settings: Settings, username: str | None = None
    ) -> None:
        url = hidden(url)
        self.url = check_url(url)
        refuse_clear_text(self.url, settings)
        self.username = username
        self._network = network
        self._pair: tuple[Secret, float | None] | None = None
        self._refresh: Secret | None = None

    async def enter(self, password: str) -> None:
        """Send the password, once. AuthError where it is wrong; ConnectError where nobody answers."""
        body = {"password": password}
        if self.username is not None:
            body |= {"username": self.username} | ({"email": self.username} if "@" in self.username else {})
        self._take(
            await self._post("login", body, "the operator does not accept this login", "Check name and password.")
        )

    async def __call__(self) -> tuple[str, float | None]:
        """Return a token and its life in seconds: the first one, then a fresh one for each call."""
        if self._pair is None:
            if self._refresh is None:
                raise AuthError("the login has ended", AGAIN, status=401)
            # What both of the operator's documents call it.
            body = {"refreshToken": self._refresh, "refresh_token": self._refresh}
            self._take(await self._post("refresh", body, "the operator ended this login", AGAIN))
        pair, self._pair = self._pair, None
        assert pair is not None  # noqa: S101  _take leaves one or raises
        return pair

    def identity(self) -> str:
        return f"login:{self.username or ''}"

    async def _post(self, what: str, body: Mapping[str, str], problem: str, remedy: str) -> Any:
        network = self._network()
        try:
            reply = await network.request(
                "POST", f"{API}/{what}", {}, {name: str(value) for name, value in body.items()}
            )
        except Refused as refused:
            verdict = judge(refused, 0.0)
            raise ConnectError(verdict.reason, verdict.remedy, status=verdict.status) from None
        finally:
            await network.close()
        if reply.status in (400, 401, 403, 422):
            raise AuthError(problem, remedy, status=401)
        if reply.status != 200:
            raise ConnectError(
                f"the operator answered {reply.status} to a {what}", "Try again later.", status=reply.status
            )
        try:
            return codec.parse(reply.body)
        except RemoteProtocolError:
            raise ConnectError(
                f"the answer to a {what} is not JSON", "Check the address.", status=reply.status
            ) from None

    def _take(self, answer: Any) -> None:
        """Keep a pair, in any of the operator's three spellings."""
        fields: dict[str, Any] = answer if isinstance(answer, dict) else {}
        inner = fields.get("data")
        fields = inner if isinstance(inner, dict) else fields
        token = _first(fields, "token", "accessToken", "access_token")
        life = _first(fields, "expiresIn", "expires_in")
        refresh = _first(fields, "refreshToken", "refresh_token")
        if not isinstance(token, str) or not token:
            raise ConnectError("the operator let us in and gave no token", "Use token=... instead.")
        known = isinstance(life, int | float) and not isinstance(life, bool) and 0 < life < 1e10
        self._pair = Secret(token), float(life) if known else None
        self._refresh = Secret(refresh) if isinstance(refresh, str) and refresh else None

    def __repr__(self) -> str:
        return f"<Login {self.username or ''} at {self.url}>"


def _first(fields: dict[str, Any], *names: str) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)
