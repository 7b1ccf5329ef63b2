"""Back ends of platforms: opened when asked for, followed where nobody else tells alerts, and never with a stray token."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import SetupError, UnknownPlatformError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Platform
from gunj_widgets.sources.discovery import Discovery, resolves
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.source import Source
from gunj_widgets.store.platforms import PlatformBook
from gunj_widgets.testing import FakeClock, InlineIO
from tests.sources.fake import Answer, FakeNetwork, recorded


class Rig:
    def __init__(
        self, *, cluster: bool = False, trust: tuple[str, ...] = (), own: str = "https://gunj.example.com"
    ) -> None:
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.names: set[str] = set()
        self.nobody_tells = True
        self.networks = {kind: FakeNetwork(self.answer) for kind in ("prometheus", "alertmanager", "loki")}
        self.book = PlatformBook()
        self.manager = SourceManager(
            {}, deliver=self.events.extend, clock=self.clock, io=InlineIO(), networks=dict(self.networks)
        )
        self.discovery = Discovery(
            self.manager,
            self.book,
            Source.of(Source(url=own, token="canary")),
            cluster=cluster,
            trust=trust,
            alerts=lambda: self.nobody_tells,
            clock=self.clock,
            resolve=self.resolve,
        )
        self.manager.start()
        self.manager.run(self.discovery.run(), "discovery")

    async def resolve(self, host: str) -> bool:
        return host in self.names

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        replies: dict[str, Any] = {
            "/api/v1/status/buildinfo": recorded("prometheus", "buildinfo"),
            "/api/v2/status": recorded("alertmanager", "status"),
            "/api/v2/alerts": recorded("alertmanager", "alerts"),
        }
        return replies.get(path, (404, b"404 page not found"))  # type: ignore[no-any-return]

    def platform(self, name: str, **endpoints: str) -> None:
        self.book.put(Platform(id=f"uid-{name}", name=name, namespace="monitoring", endpoints=endpoints))

    def transports(self) -> dict[str, State]:
        return {one.name: one.state for one in self.manager.status().transports}


async def test_the_only_one_needs_no_name_and_several_do() -> None:
    rig = Rig()
    rig.platform("prod", prometheus="https://p.example.com")
    rig.platform("other", loki="https://l.example.com")
    found = await rig.discovery.open("prometheus")
    assert found.backend.url == "https://p.example.com"
    assert await rig.discovery.open("prometheus", "prod") is found
    rig.platform("staging", prometheus="https://s.example.com")
    with pytest.raises(SetupError, match=r"several platforms have a Prometheus: prod, staging.*platform='prod'"):
        await rig.discovery.open("prometheus")
    with pytest.raises(SetupError, match=r"'other' does not tell where its Prometheus is"):
        await rig.discovery.open("prometheus", "other")
    with pytest.raises(UnknownPlatformError):
        await rig.discovery.open("prometheus", "nobody")
    for name in ("east", "west"):
        rig.platform(name, alertmanager=f"https://{name}.example.com")
    with pytest.raises(SetupError, match="several platforms have an Alertmanager: east, west"):
        await rig.discovery.open("alertmanager")


async def test_the_token_goes_to_our_own_host_only() -> None:
    rig = Rig(trust=("trusted.example.com",))
    rig.platform("own", loki="https://gunj.example.com/loki")
    rig.platform("foreign", loki="https://evil.example.com")
    rig.platform("friend", loki="https://trusted.example.com")
    for name, sent in (("own", True), ("foreign", False), ("friend", True)):
        found = await rig.discovery.open("loki", name)
        await found.backend.get("/x")
        assert ("Authorization" in rig.networks["loki"].headers) is sent, name


async def test_a_name_of_the_cluster_says_how_to_get_there() -> None:
    rig = Rig()
    rig.platform("prod", prometheus="http://prod-prometheus.monitoring.svc:9090", alertmanager="http://am:9093")
    with pytest.raises(SetupError, match="known inside the cluster only") as caught:
        await rig.discovery.open("prometheus")
    assert "port-forward -n monitoring svc/prod-prometheus 9090" in caught.value.remedy
    assert "prometheus='http://127.0.0.1:9090'" in caught.value.remedy
    await rig.clock.advance(0)
    assert rig.transports() == {"Alertmanager of prod": State.FAILED, "Prometheus of prod": State.FAILED}
    assert "inside the cluster" in rig.manager.status().transports[0].reason
    rig.names |= {"am", "prod-prometheus.monitoring.svc"}
    rig.manager.reconnect()
    await rig.clock.advance(1)
    assert rig.transports() == {"Alertmanager of prod": State.OPEN, "Prometheus of prod": State.OPEN}


async def test_through_the_api_server_where_there_is_one() -> None:
    rig = Rig(cluster=True, own="https://10.0.0.1:6443")
    rig.platform("prod", prometheus="http://prod-prometheus.monitoring.svc:9090")
    found = await rig.discovery.open("prometheus")
    assert found.backend.url == "https://10.0.0.1:6443/api/v1/namespaces/monitoring/services/prod-prometheus:9090/proxy"


async def test_alerts_are_followed_where_nobody_else_tells_them() -> None:
    rig = Rig()
    rig.nobody_tells = False
    rig.platform("prod", alertmanager="https://a.example.com")
    rig.platform("staging", alertmanager="https://b.example.com")
    await rig.clock.advance(5)
    assert rig.transports() == {}
    await rig.discovery.open("alertmanager", "prod")
    await rig.clock.advance(5)
    assert rig.events == []
    rig.nobody_tells = True
    rig.discovery.wake()
    await rig.clock.advance(5)
    each = len(recorded("alertmanager", "alerts")[1])
    assert len({event.topic for event in rig.events}) == len(rig.events) == 2 * each
    assert {event.data["platform"] for event in rig.events} == {"prod", "staging"}
    fingerprint = rig.events[0].data["fingerprint"]
    one = rig.manager.alerting(fingerprint)
    assert one is not None
    assert one.active.get(fingerprint) is not None
    assert rig.manager.status().state is State.IDLE


async def test_what_is_told_no_longer_is_closed_and_what_moved_is_opened_anew() -> None:
    rig = Rig()
    rig.platform("prod", prometheus="https://p.example.com", alertmanager="https://a.example.com")
    first = await rig.discovery.open("prometheus")
    await rig.clock.advance(1)
    rig.platform("prod", prometheus="https://q.example.com", alertmanager="https://a.example.com")
    await rig.clock.advance(1)
    assert rig.transports().keys() == {"Alertmanager of prod", "Prometheus of prod"}
    second = await rig.discovery.open("prometheus")
    assert (second.backend.url, second is first) == ("https://q.example.com", False)
    rig.book.remove("uid-prod")
    await rig.clock.advance(1)
    assert rig.transports() == {}


async def test_a_trusted_host_without_tls_is_refused_in_words() -> None:
    rig = Rig(trust=("p.example.com",))
    rig.platform("prod", prometheus="http://p.example.com")
    with pytest.raises(SetupError, match="clear text"):
        await rig.discovery.open("prometheus")


async def test_whether_a_name_is_known() -> None:
    assert await resolves("127.0.0.1")
    assert not await resolves("nobody.invalid")
    await asyncio.sleep(0)
