"""What a cluster's live part makes of what is listed. All else, over real sockets: tests/live/sources/test_cluster.py."""

from __future__ import annotations

from gunj_widgets.events.event import Event
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.collection import Change
from gunj_widgets.sources.kubernetes.live import LiveKubernetes
from gunj_widgets.testing import FakeClock
from tests.sources.fake import FakeNetwork, backend


async def test_logs_are_those_of_a_platform_that_is_known() -> None:
    told: list[Event] = []
    client = KubernetesClient(backend(FakeNetwork(lambda path, asked: (200, {})), FakeClock()))
    live = LiveKubernetes(client, told.extend)
    one = {"metadata": {"uid": "u1", "name": "prod", "namespace": "monitoring", "resourceVersion": "1"}, "status": {}}
    live.platforms.collection.listed([one], "1")
    live.platforms._changed([Change(False, one)], None)
    assert [event.topic for event in told] == ["platform.u1.status"]
    logs = live.logs("u1")
    assert logs is not None
    assert (logs.id, logs.name, logs.namespace) == ("u1", "prod", "monitoring")
    assert live.logs("u2") is None
