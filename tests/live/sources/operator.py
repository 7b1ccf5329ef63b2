"""An operator as the public code has it: platforms by REST, no stream of anything, no alerts, and endpoints in the status."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.live.sources.servers import AppServer

TOKEN = "operator-token-canary"


class RestOperator(AppServer):
    """Serves until `close`; `endpoints` may be changed at any time."""

    def __init__(self, **endpoints: str) -> None:
        self.endpoints = endpoints
        self.names = ["production"]
        routes = [
            Route("/api/v1/platforms", self._platforms),
            Route("/api/v1/platforms/{name}", self._platform),
            Route("/api/v1/platforms/{name}/events", self._events),
            Route("/health", lambda request: JSONResponse({"status": "ok"})),
        ]
        super().__init__(Starlette(routes=routes), ws="none")

    def _one(self, name: str) -> dict[str, Any]:
        about = {"name": name, "namespace": "monitoring", "uid": f"uid-{name}"}
        return {"metadata": about, "status": {"phase": "Ready", "endpoints": self.endpoints}}

    async def _platforms(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": "unauthorized"}, 401)
        return JSONResponse({"items": [self._one(name) for name in self.names], "metadata": {"total": 1}})

    async def _platform(self, request: Request) -> Response:
        return JSONResponse(self._one(request.path_params["name"]))

    async def _events(self, request: Request) -> Response:
        return JSONResponse({"items": []})


class Foreign(AppServer):
    """Any host that a platform may name: it keeps the headers of whoever asks, and refuses."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []
        super().__init__(Starlette(routes=[Route("/{path:path}", self._refuse, methods=["GET", "POST"])]))

    async def _refuse(self, request: Request) -> Response:
        self.seen.append(dict(request.headers))
        return PlainTextResponse("no", 401)
