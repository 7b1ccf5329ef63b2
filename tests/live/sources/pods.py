"""Pods and their logs on the scripted API server: as the kubelet tells them, with `sinceTime` in whole seconds, cuts and restarts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.live.sources.kubernetes import PODS, KubernetesServer, status_reply

Run = list[tuple[int, str]]


class PodServer(KubernetesServer):
    """`say` writes a line, `restart` begins a container anew, `cut_logs` ends all streams in the middle of a line."""

    def __init__(self, seed: int | None = None) -> None:
        self.runs: dict[tuple[str, str], list[Run]] = {}
        self.log_forbidden = False
        self.log_requests = 0
        self.log_streams = self.most_streams = 0
        self._log_cuts = 0
        self._dice = Random(seed)
        super().__init__(
            None,
            [
                Route("/api/v1/namespaces/{namespace}/pods/{name}", self._guarded(self._pod)),
                Route("/api/v1/namespaces/{namespace}/pods/{name}/log", self._guarded(self._log)),
            ],
        )

    def pod(self, name: str, *containers: str, **labels: str) -> None:
        """Make a pod whose containers run."""
        for container in containers:
            self.runs[name, container] = [[]]
        self._tell(name, labels)

    def say(self, pod: str, container: str, *texts: str, ns: int | None = None) -> None:
        run = self.runs[pod, container][-1]
        for text in texts:
            run.append((time.time_ns() if ns is None else ns, text))

    def restart(self, pod: str, container: str) -> None:
        """End the container and begin it anew; streams of the old run end."""
        self.runs[pod, container].append([])
        self._tell(pod)

    def cut_logs(self) -> None:
        self._log_cuts += 1

    def _tell(self, name: str, labels: dict[str, str] | None = None) -> None:
        statuses = [
            {
                "name": container,
                "restartCount": len(runs) - 1,
                "containerID": f"containerd://{name}-{container}-{len(runs)}",
                "state": {"running": {"startedAt": "2026-11-27T00:00:00Z"}},
            }
            for (pod, container), runs in self.runs.items()
            if pod == name
        ]
        before = self.objects[PODS].get(f"monitoring/{name}")
        labels = labels if labels is not None else before["metadata"].get("labels", {}) if before else {}
        self.put(PODS, name, metadata={"labels": labels}, status={"containerStatuses": statuses})

    async def _pod(self, request: Request) -> Response:
        found = self.objects[PODS].get(f"{request.path_params['namespace']}/{request.path_params['name']}")
        return JSONResponse(found) if found is not None else status_reply(404, "pods not found")

    async def _log(self, request: Request) -> Response:
        if self.log_forbidden:
            return status_reply(403, 'pods/log is forbidden: User "sre" cannot get resource "pods/log"')
        self.log_requests += 1
        asked = request.query_params
        runs = self.runs.get((request.path_params["name"], asked["container"]))
        if runs is None:
            return status_reply(404, "pods not found")
        previous = asked.get("previous") == "true"
        if previous and len(runs) < 2:
            return status_reply(400, "previous terminated container not found")
        run = runs[-2] if previous else runs[-1]
        since = 0
        if "sinceTime" in asked:
            since = int(datetime.fromisoformat(asked["sinceTime"]).timestamp()) * 1_000_000_000
        elif "sinceSeconds" in asked:
            since = int((time.time() - int(asked["sinceSeconds"])) * 1e9)
        old = [one for one in run if one[0] >= since]
        old = old[-int(asked["tailLines"]) :] if "tailLines" in asked else old
        if asked.get("follow") != "true":
            return PlainTextResponse("".join(map(_line, old)))
        return StreamingResponse(self._follow(runs, run, old), media_type="text/plain")

    async def _follow(self, runs: list[Run], run: Run, old: Run) -> AsyncIterator[bytes]:
        self.log_streams += 1
        self.most_streams = max(self.most_streams, self.log_streams)
        cuts = self._log_cuts
        try:
            told = len(run)
            yield "".join(map(_line, old)).encode()
            while True:
                ended = runs[-1] is not run
                text = "".join(map(_line, run[told:])).encode()
                told += len(run[told:])
                if self._log_cuts != cuts:
                    yield text[: self._dice.randrange(len(text) + 1)]
                    return
                middle = self._dice.randrange(len(text) + 1)
                yield text[:middle]
                yield text[middle:]
                if ended:
                    return
                await asyncio.sleep(0.01)
        finally:
            self.log_streams -= 1


def _line(one: tuple[int, str]) -> str:
    seconds, rest = divmod(one[0], 1_000_000_000)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f".{rest:09}".rstrip("0").rstrip(".")  # as RFC3339Nano has it: no zeros at the end
    return f"{stamp}{digits}Z {one[1]}\n"


def texts(runs: list[Run]) -> list[str]:
    """All lines that a container ever wrote."""
    return [text for run in runs for _, text in run]
