"""The alerts of a Prometheus, with time in our hands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from gunj_widgets.connection.transport import Refused
from gunj_widgets.events.event import Event
from gunj_widgets.sources.prometheus.alerts import LiveRuleAlerts
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend, recorded

CONFIG = "global:\n  scrape_interval: 1s\n  external_labels:\n    cluster: gunj\n"


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.reply: Answer = recorded("prometheus", "alerts")
        self.config: Answer = (200, {"status": "success", "data": {"yaml": CONFIG}})
        self.network = FakeNetwork(lambda path, asked: self.config if path.endswith("config") else self.reply)
        self.owned: Mapping[str, dict[str, str]] | None = {}
        self.events: list[Event] = []
        client = PrometheusClient(backend(self.network, self.clock))
        self.live = LiveRuleAlerts(client, self.events.extend, lambda: self.owned)

    async def run(self, seconds: float) -> None:
        task = asyncio.ensure_future(self.live.run())
        await self.clock.advance(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def asked(self) -> int:
        return sum(path.endswith("alerts") for _, path, _, _ in self.network.asked)


async def test_it_begins_with_the_labels_that_are_added() -> None:
    rig = Rig()
    await rig.run(1)
    theirs: list[dict[str, Any]] = recorded("alertmanager", "alerts")[1]
    assert {event.data["fingerprint"] for event in rig.events} == {one["fingerprint"] for one in theirs}


async def test_a_config_that_is_kept_secret_costs_nothing() -> None:
    for config in [
        (403, {}),
        (404, b"404 page not found"),
        (200, {"status": "success", "data": {"yaml": "global: {"}}),
    ]:
        rig = Rig()
        rig.config = config  # type: ignore[assignment]
        await rig.run(1)
        assert len(rig.events) == 2


async def test_it_waits_for_what_alertmanager_has() -> None:
    rig = Rig()
    rig.owned = None
    await rig.run(10)
    assert rig.events == []
    assert rig.asked() == 0
    rig.owned = {one["fingerprint"]: one["labels"] for one in recorded("alertmanager", "alerts")[1]}
    await rig.run(10)
    assert rig.events == []
    assert rig.asked() >= 4


async def test_a_failed_look_ends_nothing_and_one_without_alerts_is_asked_rarely() -> None:
    rig = Rig()
    await rig.run(1)
    rig.reply = (400, {"status": "error", "errorType": "400", "error": "unsupported path"})
    before = rig.asked()
    await rig.run(300)
    assert len(rig.events) == 2
    assert rig.asked() - before <= 8
    rig.reply = Refused("network", "nothing listens")
    await rig.run(60)
    assert len(rig.events) == 2
