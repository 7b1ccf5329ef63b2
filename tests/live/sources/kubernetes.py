"""An API server on a real socket that does what real ones do to a watch: ends it, cuts it in a line, forgets the past.

What it answers has the shape of the recorded replies (`tests/contract/kubernetes`): lists in pages, watches as lines of JSON,
resourceVersions that count all changes, and 410 as an ERROR line for a version that is too old.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from random import Random
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.live.sources.servers import AppServer

GROUP = "observability.io"
TOKEN = "kube-token"
PLATFORMS, EVENTS, PODS = "observabilityplatforms", "events", "pods"

Fields = dict[str, Any]


class KubernetesServer(AppServer):
    """Serves until `close`. `put`, `delete`, `expire` and `cut` may be called from any thread."""

    def __init__(self, seed: int | None = None, more: Sequence[Route] = ()) -> None:
        self.objects: dict[str, dict[str, Fields]] = {PLATFORMS: {}, EVENTS: {}, PODS: {}}
        self.token = TOKEN
        self.installed = True
        self.forbidden: set[str] = set()
        self.lists = self.watches = 0
        self.services: dict[str, str] = {}
        """namespace/name:port → where that is served in truth."""
        self._rng = Random(seed) if seed is not None else None
        """With dice: watches end at any byte, lines come in pieces and bookmarks in between."""
        self._version = 100
        self._oldest = 0
        self._log: list[tuple[int, str, str, Fields]] = []
        self._cuts = 0
        self._lock = threading.Lock()
        routes = [
            *more,
            Route("/version", self._guarded(self._about)),
            Route("/apis/observability.io", self._guarded(self._group)),
            Route("/apis/observability.io/v1beta1/{resource}", self._guarded(self._collection)),
            Route("/apis/observability.io/v1beta1/namespaces/{namespace}/{resource}", self._guarded(self._collection)),
            Route("/api/v1/{resource}", self._guarded(self._collection)),
            Route("/api/v1/namespaces/{namespace}/{resource}", self._guarded(self._collection)),
            Route("/api/v1/namespaces/{namespace}/services/{service}/proxy/{path:path}", self._guarded(self._service)),
        ]
        super().__init__(Starlette(routes=routes))

    def close(self) -> None:
        self.cut()
        super().close()

    def put(self, resource: str, name: str, namespace: str = "monitoring", **fields: Any) -> Fields:
        """Make or change an object."""
        with self._lock:
            self._version += 1
            key = f"{namespace}/{name}"
            before = self.objects[resource].get(key)
            uid = before["metadata"]["uid"] if before else f"uid-{self._version}"
            about = {"name": name, "namespace": namespace, "uid": uid, "resourceVersion": str(self._version)}
            about |= fields.pop("metadata", {})
            made = {"kind": "ObservabilityPlatform" if resource == PLATFORMS else "Event", "metadata": about, **fields}
            self.objects[resource][key] = made
            self._log.append((self._version, resource, "MODIFIED" if before else "ADDED", made))
            return made

    def platform(self, name: str, phase: str = "Ready", **status: Any) -> Fields:
        """Make or change a platform."""
        return self.put(PLATFORMS, name, spec={"components": {}}, status={"phase": phase, **status})

    def event(self, name: str, kind: str, about: str, reason: str, message: str = "") -> Fields:
        """Tell that something happened to an object."""
        involved = {"kind": kind, "name": about, "namespace": "monitoring"}
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return self.put(
            EVENTS, name, involvedObject=involved, reason=reason, message=message, type="Warning", lastTimestamp=moment
        )

    def delete(self, resource: str, name: str, namespace: str = "monitoring") -> None:
        with self._lock:
            gone = self.objects[resource].pop(f"{namespace}/{name}", None)
            if gone is not None:
                self._version += 1
                last = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self._version)}}
                self._log.append((self._version, resource, "DELETED", last))

    def expire(self) -> None:
        """Forget what was: whoever asks for what followed an earlier version is told 410."""
        with self._lock:
            self._version += 1
            self._oldest = self._version

    def cut(self) -> None:
        """End all watches."""
        self._cuts += 1

    def _guarded(self, endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return status_reply(401, "Unauthorized")
            resource = request.path_params.get("resource", "")
            if resource in self.forbidden:
                return status_reply(403, f'{resource} is forbidden: User "sre" cannot list resource "{resource}"')
            answer: Response = await endpoint(request)
            return answer

        return guarded

    async def _about(self, request: Request) -> Response:
        return JSONResponse({"major": "1", "minor": "36", "gitVersion": "v1.36.0"})

    async def _group(self, request: Request) -> Response:
        if not self.installed:
            return status_reply(404, "the server could not find the requested resource")
        served = [{"groupVersion": f"{GROUP}/{v}", "version": v} for v in ("v1beta1", "v1alpha1")]
        return JSONResponse({"kind": "APIGroup", "name": GROUP, "versions": served, "preferredVersion": served[0]})

    async def _collection(self, request: Request) -> Response:
        resource, namespace = request.path_params["resource"], request.path_params.get("namespace")
        if request.query_params.get("watch") == "1":
            self.watches += 1
            version = int(request.query_params["resourceVersion"])
            return StreamingResponse(self._lines(resource, namespace, version), media_type="application/json")
        with self._lock:
            every = [one for one in self.objects[resource].values() if namespace in (None, _namespace(one))]
            version = self._version
        first, limit = int(request.query_params.get("continue") or 0), int(request.query_params.get("limit") or 500)
        self.lists += not first
        page, rest = every[first : first + limit], every[first + limit :]
        about = {"resourceVersion": str(version), "continue": str(first + limit) if rest else ""}
        return JSONResponse({"kind": "List", "metadata": about, "items": page})

    async def _service(self, request: Request) -> Response:
        """What the API server's proxy does: asks a service, without the user's token."""
        at = request.path_params
        place = self.services.get(f"{at['namespace']}/{at['service']}")
        if place is None:
            return status_reply(404, f'services "{at["service"]}" not found')
        async with httpx.AsyncClient() as client:
            url = f"{place}/{at['path']}?{request.url.query}"
            answer = await client.request(request.method, url, content=await request.body())
        kind = answer.headers.get("content-type")
        return Response(answer.content, answer.status_code, {"content-type": kind} if kind else None)

    async def _lines(self, resource: str, namespace: str | None, version: int) -> AsyncIterator[bytes]:
        if version < self._oldest:
            yield _expired(version)
            return
        cuts = self._cuts
        while self._cuts == cuts:
            if version < self._oldest and self._log and self._rng and self._rng.random() < 0.5:
                yield _expired(version)
                return
            with self._lock:
                fresh = [e for e in self._log if e[0] > version and e[1] == resource]
                newest = self._version
            for number, _, kind, one in fresh:
                version = number
                if namespace in (None, _namespace(one)):
                    line = json.dumps({"type": kind, "object": one}).encode() + b"\n"
                    if self._rng and self._rng.random() < 0.1:
                        yield line[: self._rng.randrange(len(line))]
                        return  # cut in the middle of a line
                    middle = self._rng.randrange(len(line)) if self._rng else 0
                    yield line[:middle]
                    yield line[middle:]
            if self._rng and self._rng.random() < 0.3:
                version = max(version, newest)
                mark = {"kind": "ObservabilityPlatform", "metadata": {"resourceVersion": str(version)}}
                yield json.dumps({"type": "BOOKMARK", "object": mark}).encode() + b"\n"
            await asyncio.sleep(0.02)


def _expired(version: int) -> bytes:
    about = {"kind": "Status", "code": 410, "reason": "Expired", "message": f"too old resource version: {version}"}
    return json.dumps({"type": "ERROR", "object": about}).encode() + b"\n"


def _namespace(one: Fields) -> str:
    return str(one["metadata"]["namespace"])


def status_reply(code: int, message: str) -> Response:
    return JSONResponse({"kind": "Status", "status": "Failure", "code": code, "message": message}, code)
