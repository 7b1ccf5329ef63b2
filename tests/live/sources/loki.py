"""A Loki on a real socket, as the real one was measured: exact answers, and a tail that leaves out lines when they are many.

Debian has no package of Loki. What is imitated here is in the recorded replies (`tests/contract/loki`) and in what was seen of
the real one: times in nanoseconds, start included and end not, at most 5,000 lines a page, errors as plain text, structured
metadata among the labels, a tail that sends each half second and names only a part of what it drops.
"""

from __future__ import annotations

import asyncio
import bisect
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.live.sources.servers import AppServer

PAGE = 5_000
TICK = 0.5
PER_TICK = 1_000
"""Lines that a tail sends in one tick; of the others it names those of every second hundred."""
SELECTOR = re.compile(r'\s*\{\s*(\w+)\s*=\s*"([^"]*)"\s*\}\s*(?:\|=\s*"([^"]*)"\s*)?')

Labels = tuple[tuple[str, str], ...]
Entry = tuple[int, Labels, str]


@dataclass
class Tail:
    socket: WebSocket
    label: tuple[str, str]
    needle: str
    waiting: list[Entry] = field(default_factory=list)
    cut: asyncio.Event = field(default_factory=asyncio.Event)


class LokiServer(AppServer):
    """Serves until `close`. `push` may be called from any thread; `refuse` is an answer that is given instead of any other."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.tails: list[Tail] = []
        self.asked: list[str] = []
        self.refuse: Response | None = None
        self.max_tails = 10
        self.dropped = 0
        """Lines that tails left out, named or not."""
        self._lock = threading.Lock()
        app = Starlette(
            routes=[
                Route("/loki/api/v1/query_range", self._range),
                Route("/loki/api/v1/query", self._instant),
                Route("/loki/api/v1/labels", self._labels),
                Route("/loki/api/v1/label/{name}/values", self._values),
                Route("/loki/api/v1/status/buildinfo", self._buildinfo),
                WebSocketRoute("/loki/api/v1/tail", self._tail),
            ]
        )
        super().__init__(app, ws_ping_interval=1.0, ws="websockets-sansio")

    def push(self, lines: list[str], *, ns: int | None = None, **labels: str) -> None:
        """Take lines in, one nanosecond apart (all at `ns` where it is given)."""
        now = time.time_ns()
        key = tuple(sorted(labels.items()))
        entries = [(now + i if ns is None else ns, key, line) for i, line in enumerate(lines)]
        with self._lock:
            for entry in entries:
                bisect.insort(self.entries, entry)
            for tail in self.tails:
                if tail.label in key:
                    tail.waiting += [entry for entry in entries if tail.needle in entry[2]]

    def cut(self) -> None:
        """End all tails, as the server does after an hour."""
        for tail in list(self.tails):
            tail.cut.set()

    def _matching(self, query: str) -> list[Entry]:
        found = SELECTOR.fullmatch(query)
        if found is None:
            raise SyntaxError(query)
        with self._lock:
            every = list(self.entries)
        return [e for e in every if (found[1], found[2]) in e[1] and (found[3] or "") in e[2]]

    async def _range(self, request: Request) -> Response:
        asked = request.query_params
        self.asked.append(asked["query"])
        if self.refuse is not None:
            return self.refuse
        if asked["query"].startswith("sum"):
            return JSONResponse(_success("matrix", self._counts(asked)))
        limit = int(asked.get("limit", "100"))
        if limit > PAGE:
            text = f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {PAGE})"
            return PlainTextResponse(text, 400)
        try:
            entries = self._matching(asked["query"])
        except SyntaxError:
            end = asked["query"].rstrip()
            text = f"parse error at line 1, col {len(end) + 1}: syntax error: unexpected $end, expecting STRING"
            return PlainTextResponse(text, 400)
        start, end_ns = int(asked["start"]), int(asked["end"])
        entries = [e for e in entries if start <= e[0] < end_ns]
        page = entries[:limit] if asked.get("direction") == "forward" else entries[-limit:]
        return JSONResponse(_success("streams", _streams(page)))

    def _counts(self, asked: Any) -> list[dict[str, Any]]:
        """Answer every query that gives numbers as `sum(count_over_time(...[5s]))` would be."""
        start, end, step = (float(asked[name]) for name in ("start", "end", "step"))
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        with self._lock:
            seconds = [e[0] / 1e9 for e in self.entries]
        values = [[t, str(bisect.bisect(seconds, t) - bisect.bisect(seconds, t - 5))] for t in times]
        return [{"metric": {}, "values": values}]

    async def _instant(self, request: Request) -> Response:
        self.asked.append(request.query_params["query"])
        return JSONResponse(_success("vector", [{"metric": {}, "value": [time.time(), "1"]}]))

    async def _labels(self, request: Request) -> Response:
        return self.refuse or JSONResponse(
            {"status": "success", "data": sorted({name for e in self.entries for name, _ in e[1]})}
        )

    async def _values(self, request: Request) -> Response:
        name = request.path_params["name"]
        found = {value for e in self.entries for label, value in e[1] if label == name}
        return JSONResponse({"status": "success", "data": sorted(found)})

    async def _buildinfo(self, request: Request) -> Response:
        return self.refuse or JSONResponse({"version": "3.8.0", "branch": "main"})

    async def _tail(self, socket: WebSocket) -> None:
        found = SELECTOR.fullmatch(socket.query_params["query"])
        if found is None or self.refuse is not None:
            await socket.send_denial_response(PlainTextResponse("parse error", 400))
            return
        if len(self.tails) >= self.max_tails:
            text = (
                f"max concurrent tail requests limit exceeded, count > limit ({len(self.tails) + 1} > {self.max_tails})"
            )
            await socket.send_denial_response(PlainTextResponse(text, 400))
            return
        await socket.accept()
        tail = Tail(socket, (found[1], found[2]), found[3] or "")
        start = int(socket.query_params["start"])
        with self._lock:  # what is there already comes too, however often it came before
            every = [e for e in self.entries if e[0] >= start and tail.label in e[1] and tail.needle in e[2]]
            tail.waiting += every
            self.tails.append(tail)
        watch = asyncio.ensure_future(_until_gone(socket))
        try:
            while not tail.cut.is_set() and not watch.done():
                await self._send(tail)
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK):
                        await tail.cut.wait()
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self.tails.remove(tail)
            watch.cancel()
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(1011, "reached tail max duration limit")

    async def _send(self, tail: Tail) -> None:
        with self._lock:
            waiting, tail.waiting = tail.waiting, []
        if not waiting:
            return
        sent, rest = waiting[:PER_TICK], waiting[PER_TICK:]
        self.dropped += len(rest)
        named = [e for i, e in enumerate(rest) if i // 100 % 2]
        message: dict[str, Any] = {"streams": _streams(sent)}
        if named:
            message["dropped_entries"] = [{"labels": dict(e[1]), "timestamp": str(e[0])} for e in named]
        await tail.socket.send_json(message)


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _streams(entries: list[Entry]) -> list[dict[str, Any]]:
    streams: dict[Labels, list[list[str]]] = {}
    for ns, labels, line in entries:
        streams.setdefault(labels, []).append([str(ns), line])
    return [{"stream": dict(labels), "values": values} for labels, values in streams.items()]


def _success(kind: str, result: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result, "stats": {}}}
