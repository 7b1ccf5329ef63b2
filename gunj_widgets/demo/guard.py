"""The door: which Host, which Origin, which token. In front of everything, before a WebSocket is upgraded."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import Service

__all__ = ["SUBPROTOCOL", "Guard", "legacy_dialect", "refusal"]

SUBPROTOCOL = "v1.gunj.operator"
HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""A page that made its own name point at 127.0.0.1 (DNS rebinding) still sends its own name as Host."""
OPEN = frozenset({"/health", "/api/v1/auth/login", "/api/v1/auth/refresh"})
"""Paths that need no token: they tell nothing, or check a secret of their own."""


class Guard:
    """ASGI middleware. Leaves the Grant of a valid token in `scope["state"]["grant"]` and the token beside it."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(scope)
        except RefusedError as error:
            self._service.counts[f"refused_{error.status}"] += 1
            await refusal(error)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        self._check_place(headers)
        if scope["path"] in OPEN:
            return
        token = _token(headers, scope)
        grant = self._service.tokens.check(token, self._service.clock()) if token else None
        if grant is None:
            problem = "the token is not valid" if token else "a token is missing"
            raise RefusedError(
                problem, "Send the header Authorization: Bearer <token>.", code="unauthorized", status=401
            )
        scope.setdefault("state", {}).update(grant=grant, token=token)

    def _check_place(self, headers: Headers) -> None:
        host = _host(f"//{headers.get('host', '')}")
        if host not in HOSTS:
            raise RefusedError(
                "this Host is not served here", "Use 127.0.0.1 or localhost.", code="forbidden", status=403
            )
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{headers['host']}", f"https://{headers['host']}"):
            raise RefusedError("pages of other origins may not talk to this operator", code="forbidden", status=403)


def legacy_dialect(scope: Scope) -> bool:
    """Say whether the client speaks as the operator's UI does: no subprotocol on a WebSocket, `?dialect=legacy` on SSE."""
    if scope["type"] == "websocket":
        return SUBPROTOCOL not in scope.get("subprotocols", [])
    return _query(scope, "dialect") == "legacy"


def refusal(error: RefusedError) -> JSONResponse:
    """Return an error as an HTTP answer; it also refuses a WebSocket."""
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == 429:
        headers["Retry-After"] = str(1 + secrets.randbelow(3))
    return JSONResponse(error.body, error.status, headers)


def _token(headers: Headers, scope: Scope) -> str:
    """Return the bearer token; the URL's only where the legacy dialect knows no other way."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    streams = scope["type"] == "websocket" or scope["path"].startswith("/sse/")
    return _query(scope, "token") if streams and legacy_dialect(scope) else ""


def _query(scope: Scope, name: str) -> str:
    query: bytes = scope.get("query_string", b"")
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
