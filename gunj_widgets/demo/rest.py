"""`/api/v1` and `/health`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from hashlib import blake2b
from math import isfinite, nan
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.guard import refusal
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import SERVER, Service
from gunj_widgets.demo.tokens import Pair
from gunj_widgets.events import codec

__all__ = ["routes"]

MAX_BODY = 64 * 1024
MAX_ITEMS = 1_000
MAX_KEY = 200

Handler = Callable[[Request, Service], Awaitable[tuple[int, Any]]]


def routes() -> list[Route]:
    api = "/api/v1"
    platform = f"{api}/platforms/{{platform}}"
    return [
        Route("/health", _route(_health)),
        Route("/ready", _route(_health)),
        Route(f"{api}/platforms", _route(_platforms)),
        Route(platform, _route(_platform)),
        Route(f"{platform}/components", _route(_components)),
        Route(f"{platform}/health", _route(_platform_health)),
        Route(f"{platform}/metrics", _route(_metrics)),
        Route(f"{platform}/logs", _route(_logs)),
        Route(f"{platform}/events", _route(_events)),
        Route(f"{platform}/commands", _route(_commands)),
        Route(f"{platform}/operations/{{kind}}", _route(_start), methods=["POST"]),
        Route(f"{api}/operations/{{id}}", _route(_operation)),
        Route(f"{api}/operations/{{id}}", _route(_cancel), methods=["DELETE"]),
        Route(f"{api}/alerts/active", _route(_alerts)),
        Route(f"{api}/alerts/{{fingerprint}}/ack", _route(_ack), methods=["POST"]),
        Route(f"{api}/alerts/{{fingerprint}}/silence", _route(_silence), methods=["POST"]),
        Route(f"{api}/auth/login", _route(_login), methods=["POST"]),
        Route(f"{api}/auth/refresh", _route(_refresh), methods=["POST"]),
        Route(f"{api}/auth/logout", _route(_logout), methods=["POST"]),
        Route(f"{api}/demo/scenarios", _route(_scenarios)),
        Route(f"{api}/demo/scenarios/{{name}}", _route(_scenario)),
        Route(f"{api}/demo/scenarios/{{name}}", _route(_begin), methods=["POST"]),
        Route(f"{api}/demo/scenarios/{{name}}", _route(_end), methods=["DELETE"]),
        Route(f"{api}/demo/connections", _route(_connections)),
    ]


def _route(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            status, body = await handler(request, request.app.state.service)
        except RefusedError as error:
            return refusal(error)
        headers = {"Cache-Control": "no-store"}
        if body is None:
            return Response(status_code=status, headers=headers)
        text = codec.encode(body)
        if request.method == "GET" and status == 200:
            headers["ETag"] = f'"{blake2b(text.encode(), digest_size=8).hexdigest()}"'
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
        return Response(text, status, headers, media_type="application/json")

    return answer


async def _body(request: Request) -> dict[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise RefusedError(f"a body has at most {MAX_BODY} bytes", code="too_large", status=413)
    try:
        body = msgspec.json.decode(bytes(raw) or b"{}")
    except (msgspec.DecodeError, RecursionError):
        raise RefusedError("the body is not JSON", code="bad_request") from None
    if not isinstance(body, dict):
        raise RefusedError("the body is not a JSON object")
    return body


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = nan
    if not isfinite(number):
        raise RefusedError(f"{name} is not a number", code="validation_error", status=422)
    return number


# -- looking ----------------------------------------------------------------------------------------------------------


async def _health(_request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"status": "ok", "server": SERVER}


async def _platforms(_request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"items": [cluster.state.payload() for cluster in service.world.clusters.values()]}


async def _platform(request: Request, service: Service) -> tuple[int, Any]:
    return 200, service.world.cluster(request.path_params["platform"]).state.payload()


async def _components(request: Request, service: Service) -> tuple[int, Any]:
    state = service.world.cluster(request.path_params["platform"]).state
    return 200, {"items": [part.payload() for part in state.components.values()]}


async def _platform_health(request: Request, service: Service) -> tuple[int, Any]:
    state = service.world.cluster(request.path_params["platform"]).state
    parts = {name: part.payload() for name, part in state.components.items()}
    return 200, {"status": state.health, "components": parts, "lastCheck": service.world.now}


async def _metrics(request: Request, service: Service) -> tuple[int, Any]:
    cluster = service.world.cluster(request.path_params["platform"])
    names = frozenset(filter(None, request.query_params.get("names", "").split(",")))
    return 200, {"items": cluster.metrics.columns(names, _since(request))}


async def _logs(request: Request, service: Service) -> tuple[int, Any]:
    lines = service.world.cluster(request.path_params["platform"]).lines
    component = request.query_params.get("component")
    return 200, {"items": _recent(request, [line for line in lines if component in (None, "", line.name)])}


async def _events(request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"items": _recent(request, service.world.cluster(request.path_params["platform"]).events)}


def _recent(request: Request, facts: Iterable[Fact]) -> list[dict[str, Any]]:
    since = _since(request)
    limit = int(_number(request.query_params.get("limit", MAX_ITEMS), "limit"))
    found = [fact.payload for fact in facts if since is None or fact.time > since]
    return found[-max(1, min(limit, MAX_ITEMS)) :]


def _since(request: Request) -> float | None:
    since = request.query_params.get("since")
    return None if since is None else _number(since, "since")


async def _operation(request: Request, service: Service) -> tuple[int, Any]:
    return 200, service.world.operation(request.path_params["id"]).payload()


async def _alerts(_request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"items": [a.payload() for c in service.world.clusters.values() for a in c.alerts.active]}


async def _scenarios(_request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"items": [msgspec.to_builtins(info) for info in service.world.scenarios()]}


async def _scenario(request: Request, service: Service) -> tuple[int, Any]:
    return 200, msgspec.to_builtins(service.world.scenario(request.path_params["name"]))


async def _connections(_request: Request, service: Service) -> tuple[int, Any]:
    """What there is at this moment: how a test, or a curious person, sees that nothing leaks."""
    return 200, service.stats()


# -- doing ------------------------------------------------------------------------------------------------------------


async def _commands(request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"items": service.world.commands(request.path_params["platform"])}


async def _start(request: Request, service: Service) -> tuple[int, Any]:
    path = request.path_params
    args = await _body(request)
    if args.pop("dry_run", False) is True:
        return 200, {"changes": service.world.dry_run(path["platform"], path["kind"], args)}
    key = args.pop("idempotency_key", None) or request.headers.get("idempotency-key")
    if key is not None and not (isinstance(key, str) and len(key) <= MAX_KEY):
        raise RefusedError(f"an idempotency key is a text of up to {MAX_KEY} characters")
    operation = service.act(service.world.start_operation, path["platform"], path["kind"], args, key)
    return 202, operation.payload()


async def _cancel(request: Request, service: Service) -> tuple[int, Any]:
    return 200, service.act(service.world.cancel_operation, request.path_params["id"]).payload()


async def _ack(request: Request, service: Service) -> tuple[int, Any]:
    by = str((await _body(request)).get("by") or "somebody")[:100]
    return 200, service.act(service.world.acknowledge, request.path_params["fingerprint"], by).payload()


async def _silence(request: Request, service: Service) -> tuple[int, Any]:
    body = await _body(request)
    duration = _number(body.get("duration", 3600), "duration")
    by, comment = str(body.get("by") or "somebody")[:100], str(body.get("comment", ""))[:500]
    alert = service.act(service.world.silence, request.path_params["fingerprint"], duration, by, comment)
    return 200, alert.payload()


async def _begin(request: Request, service: Service) -> tuple[int, Any]:
    body = await _body(request)
    speed = _number(body.get("speed", 1.0), "speed")
    platform = str(body.get("platform", "production"))
    info = service.act(service.world.start_scenario, request.path_params["name"], platform, speed)
    return 202, msgspec.to_builtins(info)


async def _end(request: Request, service: Service) -> tuple[int, Any]:
    return 200, {"stopped": service.act(service.world.stop_scenario, request.path_params["name"])}


# -- tokens -----------------------------------------------------------------------------------------------------------


async def _login(request: Request, service: Service) -> tuple[int, Any]:
    pair = service.tokens.login(str((await _body(request)).get("password", "")), service.clock())
    return 200, _pair(pair)


async def _refresh(request: Request, service: Service) -> tuple[int, Any]:
    body = await _body(request)
    token = body.get("refreshToken") or body.get("refresh_token") or ""
    return 200, _pair(service.tokens.refresh(str(token), service.clock()))


async def _logout(request: Request, service: Service) -> tuple[int, Any]:
    service.tokens.logout(request.scope["state"]["token"])
    return 204, None


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "token": pair.access,
        "refreshToken": pair.refresh,
        "expiresIn": pair.lifetime,
        "tokenType": "Bearer",
    }
