"""Questions to an API server: which version of the operator's resource it serves, lists in pages, and watches."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gunj_widgets.connection.transport import Lost, Reply
from gunj_widgets.errors import ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.sources.backend import Backend, message_of, said
from gunj_widgets.sources.kubernetes.collection import ExpiredError, Fields, split

__all__ = ["EVENTS", "GROUP", "KubernetesClient"]

GROUP = "observability.io"
RESOURCE = "observabilityplatforms"
EVENTS = "events"
PAGE = 500
MAX_OBJECTS = 10_000
WATCH = 240
"""Seconds after which the server is asked to end a watch: a connection that died unseen costs no more."""


class KubernetesClient:
    """One cluster, or one namespace of it."""

    def __init__(self, backend: Backend, namespace: str | None = None) -> None:
        self.backend = backend
        self.namespace = namespace
        self.served = ""
        """The version of the operator's resource that the server serves; known after `platforms`."""

    async def platforms(self) -> str:
        """Return the path of the operator's resources. ConnectError where the cluster knows none."""
        reply = await self.backend.get(f"/apis/{GROUP}")
        if reply.status == 404:
            raise ConnectError(
                f"the cluster at {self.backend.place} knows no {RESOURCE}.{GROUP}",
                "Install the Gunj Operator's CRDs there, or choose another context.",
                status=404,
            )
        group = said(_ok(reply))
        versions = [str(one.get("version")) for one in group.get("versions") or [] if isinstance(one, dict)]
        preferred = group.get("preferredVersion")
        first = str(preferred.get("version")) if isinstance(preferred, dict) else ""
        self.served = first if first in versions else next(iter(versions), "v1beta1")
        return self._path(f"/apis/{GROUP}/{self.served}", RESOURCE)

    def events(self) -> str:
        """Return the path of what happened."""
        return self._path("/api/v1", EVENTS)

    async def list(self, path: str) -> tuple[list[Fields], str]:
        """Return all objects of a collection and the version they are of; in pages, and at most 10,000."""
        objects: list[Fields] = []
        params = {"limit": str(PAGE)}
        while True:
            reply = await self.backend.get(path, params)
            if reply.status == 410:  # a page took too long: the rest is of another time
                raise ExpiredError
            found = said(_ok(reply))
            items, about = found.get("items"), found.get("metadata")
            if not isinstance(items, list) or not isinstance(about, dict):
                raise RemoteProtocolError("a list is not as Kubernetes gives it")
            objects += [one for one in items if isinstance(one, dict)]
            more = about.get("continue")
            if not more or len(objects) >= MAX_OBJECTS:
                return objects[:MAX_OBJECTS], str(about.get("resourceVersion") or "")
            params = {"limit": str(PAGE), "continue": str(more)}

    async def watch(self, path: str, version: str) -> AsyncIterator[bytes]:
        """Return the lines of a watch from a version on, until the server ends it. ExpiredError: list anew."""
        params = {
            "watch": "1",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH),
        }
        try:
            stream = await self.backend.stream(path, params)
        except ConnectError as error:
            if error.status == 410:
                raise ExpiredError from None
            raise
        rest = b""
        try:
            async for chunk in stream.chunks():
                lines, rest = split(rest, chunk)
                for line in lines:
                    yield line
        except Lost:
            return  # half a line tells nothing; the watch goes on from the last whole one
        finally:
            await stream.close()

    async def pod(self, namespace: str, name: str) -> Fields | None:
        """Return a pod; None where there is none of that name."""
        reply = await self.backend.get(f"/api/v1/namespaces/{namespace}/pods/{name}")
        return None if reply.status == 404 else said(_ok(reply))

    async def version(self) -> str:
        """Return the server's version; ConnectError where what answers is no API server."""
        reply = await self.backend.get("/version")
        found = said(reply)
        if reply.status != 200 or "gitVersion" not in found:
            raise ConnectError(
                f"{self.backend.url} answers, but is no Kubernetes API server ({reply.status})",
                "Give the address of the API server, as `kubectl cluster-info` tells it.",
                status=reply.status,
            )
        return str(found["gitVersion"])[:40]

    def _path(self, api: str, resource: str) -> str:
        return f"{api}/namespaces/{self.namespace}/{resource}" if self.namespace else f"{api}/{resource}"


def _ok(reply: Reply) -> Reply:
    if reply.status == 200:
        return reply
    raise QueryError(f"Kubernetes answered {reply.status}{message_of(reply)}", status=reply.status)
