"""How the logs of a platform's pods stand, with time in our hands. All else, over real sockets: tests/live/sources/test_pod_logs.py."""

from __future__ import annotations

import asyncio
from typing import Any

from gunj_widgets.events.event import Event
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.podlogs import MAX_CONTAINERS, PodLogs
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, backend
from tests.sources.kubernetes.test_reflector import Body, Network


def pod(name: str, count: int = 1, restarts: int = 0) -> dict[str, Any]:
    state = {"containerID": f"c{restarts}", "restartCount": restarts, "state": {"running": {}}}
    about = {"name": name, "namespace": "monitoring", "uid": name, "resourceVersion": f"{restarts + 1}"}
    return {"metadata": about, "status": {"containerStatuses": [{"name": f"m{n}", **state} for n in range(count)]}}


class Rig:
    def __init__(self, *pods: dict[str, Any]) -> None:
        self.pods = {one["metadata"]["name"]: one for one in pods}
        self.clock = FakeClock()
        self.network = Network(self.answer)
        self.network.bodies = []
        self.events: list[Event] = []
        client = KubernetesClient(backend(self.network, self.clock))
        self.logs = PodLogs(client, ("u1", "prod", "monitoring"), emit=self.events.extend)

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        name = path.rpartition("/")[2]
        if name == "pods":
            return 200, {"items": list(self.pods.values()), "metadata": {"resourceVersion": "5"}}
        return (200, self.pods[name]) if name in self.pods else (404, {})


async def test_lines_are_events_of_the_platform() -> None:
    rig = Rig(pod("prod-a-0"))
    task = asyncio.ensure_future(rig.logs.run())
    # the first stream is the watch of the pods, the second the log
    rig.network.bodies = [Body([]), Body([b"2026-11-27T22:00:00.5Z level=error boom"])]
    await rig.clock.advance(5)
    (event,) = [one for one in rig.events if ".logs." in one.topic]
    assert event.topic == "platform.u1.logs.m0"
    (item,) = event.data["items"]
    assert (item["ns"], item["level"], item["message"]) == (1795816800_500000000, "error", "level=error boom")
    assert rig.logs.status.containers == 1
    task.cancel()


async def test_no_more_containers_than_the_bound_and_the_rest_is_counted() -> None:
    rig = Rig(pod("prod-a-0", MAX_CONTAINERS + 7))
    task = asyncio.ensure_future(rig.logs.run())
    await rig.clock.advance(1)
    assert (rig.logs.status.containers, rig.logs.status.left_out) == (MAX_CONTAINERS, 7)
    task.cancel()


async def test_runs_that_nobody_can_tell_any_more_are_a_gap() -> None:
    rig = Rig(pod("prod-a-0"))
    rig.network.bodies = [Body([]), Body([b"2026-11-27T22:00:00Z one"])]
    task = asyncio.ensure_future(rig.logs.run())
    await rig.clock.advance(0.1)
    rig.pods["prod-a-0"] = pod("prod-a-0", restarts=3)
    await rig.clock.advance(20)
    assert rig.logs.status.gaps == 1
    (gap,) = [one for one in rig.events if one.topic == "connection.reset"]
    assert gap.data["gap"][0] == 1795816800
    task.cancel()
