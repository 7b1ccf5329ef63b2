"""A back end that answers from a function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gunj_widgets.connection.network import WebReply
from gunj_widgets.connection.transport import Link, Refused, Stream
from gunj_widgets.settings import Settings
from gunj_widgets.sources.backend import Backend
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import FakeClock

CONTRACT = Path(__file__).parents[1] / "contract"

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]] | Refused
Answering = Callable[[str, dict[str, list[str]]], Answer]


def recorded(kind: str, name: str) -> tuple[int, Any]:
    """Return status and body of an answer that a real server gave."""
    found = json.loads((CONTRACT / kind / f"{name}.json").read_text(encoding="utf-8"))
    return found["status"], found["body"]


def success(result: Any, kind: str = "matrix", **more: Any) -> tuple[int, Any]:
    """Return what Prometheus wraps a result in."""
    return 200, {"status": "success", "data": {"resultType": kind, "result": result}, **more}


class FakeNetwork:
    """`answer(path, parameters)` gives status and body, or a Refused to raise; `asked` remembers method, path and all else."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, dict[str, list[str]], Any]] = []
        self.headers: Mapping[str, str] = {}
        self.closed = False

    async def request(self, method: str, path: str, headers: Mapping[str, str], json: Any = None) -> WebReply:
        parts = urlsplit(path)
        parameters = parse_qs(parts.query)
        self.asked.append((method, parts.path, parameters, json))
        self.headers = headers
        found = self.answer(parts.path, parameters)
        if isinstance(found, Refused):
            raise found
        status, body, more = found if len(found) == 3 else (*found, {})
        raw = body if isinstance(body, bytes) else b"" if body is None else _dump(body)
        return WebReply(status, more, raw)

    async def websocket(self, path: str, headers: Mapping[str, str], subprotocol: str) -> Link:
        raise Refused("status", "no WebSocket here")

    async def stream(self, path: str, headers: Mapping[str, str]) -> Stream:
        raise Refused("status", "no stream here")

    async def close(self) -> None:
        self.closed = True


def backend(network: FakeNetwork, clock: FakeClock, *, told: Any = lambda error: None, **source: Any) -> Backend:
    return Backend(
        "Prometheus",
        Source.of(Source(url="http://127.0.0.1:9090", **source)),
        settings=Settings(),
        clock=clock,
        rng=Random(1),
        network=network,
        told=told,
    )


def _dump(body: Any) -> bytes:
    return json.dumps(body).encode()
