"""The operator as an ASGI application."""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute

from gunj_widgets.demo import rest, sse
from gunj_widgets.demo.guard import Guard, refusal
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import Service
from gunj_widgets.demo.websocket import websocket

__all__ = ["create_app"]


def create_app(service: Service) -> Starlette:
    """Return the application that serves `service`; whoever runs it also runs `service.run()`."""
    routes = [WebSocketRoute("/ws", websocket), *sse.routes(), *rest.routes()]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, service=service)],
        exception_handlers={HTTPException: _not_served, Exception: _fault},
    )
    app.state.service = service
    return app


def _not_served(_request: Request, error: Exception) -> Response:
    """Answer what no route serves (404, 405) as every other error."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    phrase = HTTPStatus(status).phrase
    return refusal(RefusedError(phrase, code=phrase.lower().replace(" ", "_"), status=status))


def _fault(_request: Request, _error: Exception) -> Response:
    """Answer when it is our fault; the traceback goes to the log, never to the client."""
    return refusal(RefusedError("the demo operator failed to answer", code="internal_error", status=500))
