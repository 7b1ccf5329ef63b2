"""A Prometheus on a real socket that answers as one does when it is asked wrongly, is worn out, or holds too much.

What it does is in the address (`/refusing`, `/page`; all else under `/fine`) and in the query: `good`, `nothing`, `many`, `huge`,
`slow`, `wrong`, `impossible`, `impatient`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.live.sources.servers import AppServer

MANY = 10_000
HUGE = 70 << 20


class FaultyPrometheus(AppServer):
    """Serves until `close`; `asked` are the queries that came."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        routes = [
            Route("/fine/api/v1/status/buildinfo", lambda r: _ok({"version": "2.42.0"})),
            Route("/fine/api/v1/alerts", lambda r: _ok({"alerts": []})),
            Route("/fine/api/v1/query", self._query),
            Route("/refusing/{path:path}", lambda r: PlainTextResponse("unauthorized", 401)),
            Route("/page/{path:path}", lambda r: HTMLResponse("<html><title>Welcome to nginx!</title></html>")),
        ]
        super().__init__(Starlette(routes=routes))

    async def _query(self, request: Request) -> Response:
        query = request.query_params["query"]
        self.asked.append(query)
        counted = query.startswith("count(")
        name = re.sub(r"^count\(|\n\)$|\[\d+ms\]$", "", query)
        if name == "wrong":
            return _error(400, "bad_data", 'invalid parameter "query": 1:3: parse error: unexpected "}"')
        if name == "impossible":
            return _error(
                422, "execution", "found duplicate series for the match group: many-to-many matching not allowed"
            )
        if name == "impatient":
            return PlainTextResponse("too many requests", 429, {"Retry-After": "1"})
        if name == "slow":
            await asyncio.sleep(20)
        if counted:
            return _result("vector", [{"metric": {}, "value": [time.time(), str(MANY if name == "many" else 1)]}])
        if name == "huge":
            return StreamingResponse(_endless(), media_type="application/json")
        seconds = int(re.findall(r"\[(\d+)ms\]$", query)[0]) // 1000
        now = int(time.time())
        values = [[t, "NaN" if name == "nothing" else str(t % 60)] for t in range(now - seconds + 1, now + 1)]
        return _result("matrix", [{"metric": {"__name__": name}, "values": values}])


async def _endless() -> AsyncIterator[bytes]:
    yield b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":['
    piece = b'[1795816800,"1"],' * 4_000
    for _ in range(HUGE // len(piece) + 1):
        yield piece


def _ok(data: Any) -> Response:
    return JSONResponse({"status": "success", "data": data})


def _result(kind: str, result: Any) -> Response:
    return _ok({"resultType": kind, "result": result})


def _error(status: int, kind: str, words: str) -> Response:
    return JSONResponse({"status": "error", "errorType": kind, "error": words}, status)
