"""The operator as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute

from gunj_widgets.demo import rest, sse
from gunj_widgets.demo.guard import Guard
from gunj_widgets.demo.service import Service
from gunj_widgets.demo.websocket import websocket

__all__ = ["create_app"]


def create_app(service: Service) -> Starlette:
    """Return the application that serves `service`; whoever runs it also runs `service.run()`."""
    routes = [WebSocketRoute("/ws", websocket), *sse.routes(), *rest.routes()]
    app = Starlette(routes=routes, middleware=[Middleware(Guard, service=service)])
    app.state.service = service
    return app
