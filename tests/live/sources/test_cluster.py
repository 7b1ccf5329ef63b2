"""A session with a cluster, over real sockets: platforms and events through cuts, expired versions and refusals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import ConnectError, SetupError
from gunj_widgets.session.session import Session
from tests.live.client import wait_for
from tests.live.sources.kubernetes import EVENTS, PLATFORMS, TOKEN, KubernetesServer


@pytest.fixture
def cluster() -> Iterator[KubernetesServer]:
    server = KubernetesServer()
    yield server
    gunj.close_all()
    server.close()


def connected(cluster: KubernetesServer, **source: str) -> Session:
    return gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=TOKEN, **source))  # type: ignore[arg-type]


def phases(rt: Session) -> dict[str, str]:
    return {platform.name: str(platform.phase) for platform in rt.store.platforms}


def test_platforms_components_and_events_as_everywhere_else(cluster: KubernetesServer) -> None:
    health = {"grafana": {"phase": "Ready", "version": "10.2.0", "replicas": 2, "readyReplicas": 1}}
    cluster.platform("prod", "Degraded", componentStatuses=health, message="grafana lacks a pod")
    cluster.platform("staging")
    cluster.event("e1", "ObservabilityPlatform", "prod", "ReconcileError", "image not found")
    cluster.event("e2", "Pod", "prod-grafana-0", "BackOff", "back-off pulling")
    cluster.event("e3", "Pod", "somebody-else-0", "Killing")
    rt = connected(cluster)
    prod = rt.platform("prod")
    assert (str(prod.phase), prod.namespace) == ("Degraded", "monitoring")
    assert prod.components["grafana"].ready == 1
    assert [platform.name for platform in rt.platforms] == ["prod", "staging"]
    wait_for(lambda: len(prod.events) == 2)
    assert {event.reason for event in prod.events} == {"ReconcileError", "BackOff"}
    cluster.platform("prod", "Ready", message="all is well")
    wait_for(lambda: prod.phase == "Ready")
    cluster.put(PLATFORMS, "prod", metadata={"deletionTimestamp": "2026-11-24T00:00:00Z"}, status={"phase": "Ready"})
    wait_for(lambda: prod.phase == "Deleting")
    cluster.delete(PLATFORMS, "prod")
    wait_for(lambda: phases(rt) == {"staging": "Ready"})
    assert rt.status().server == "Kubernetes v1.36.0"
    assert rt.state == "open"


def test_one_namespace(cluster: KubernetesServer) -> None:
    cluster.platform("prod")
    cluster.put(PLATFORMS, "other", "elsewhere", status={"phase": "Ready"})
    rt = connected(cluster, namespace="monitoring")
    assert [platform.name for platform in rt.platforms] == ["prod"]


def test_a_version_that_is_too_old_is_listed_anew_and_the_gap_marked(cluster: KubernetesServer) -> None:
    for n in range(900):  # two pages
        cluster.put(PLATFORMS, f"p{n:04}", status={"phase": "Ready"})
    rt = connected(cluster)
    assert len(rt.platforms) == 900
    cluster.cut()
    cluster.delete(PLATFORMS, "p0007")
    cluster.platform("p0008", "Failed")
    cluster.expire()
    wait_for(lambda: phases(rt).get("p0008") == "Failed" and "p0007" not in phases(rt))
    assert [gap.kind for gap in rt.store.gaps] == ["kubernetes"]
    assert rt.stats()["malformed"] == 0


@pytest.mark.parametrize("seed", range(3))
def test_whatever_befalls_the_watch_we_end_up_with_what_the_server_has(seed: int) -> None:
    cluster, rng = KubernetesServer(seed), Random(seed)
    try:
        rt = connected(cluster)
        for _ in range(200):
            name = f"p{rng.randrange(12)}"
            match rng.randrange(12):
                case 0:
                    cluster.delete(PLATFORMS, name)
                case 1:
                    cluster.cut()
                case 2 if rng.random() < 0.3:
                    cluster.expire()
                case _:
                    cluster.platform(name, rng.choice(["Pending", "Installing", "Ready", "Failed", "Degraded"]))
            time.sleep(rng.random() / 50)
        wanted = {one["metadata"]["name"]: one["status"]["phase"] for one in cluster.objects[PLATFORMS].values()}
        wait_for(lambda: phases(rt) == wanted)
        assert cluster.watches > 2
        assert rt.stats()["malformed"] == 0
    finally:
        gunj.close_all()
        cluster.close()


def test_a_token_that_was_renewed_is_fetched_anew(cluster: KubernetesServer) -> None:
    cluster.platform("prod")
    tokens = [TOKEN]
    rt = gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=lambda: tokens[-1]))
    cluster.token = "another"
    tokens.append("another")
    cluster.cut()
    cluster.platform("prod", "Failed")
    wait_for(lambda: phases(rt) == {"prod": "Failed"})


def test_what_is_refused_says_what_to_do(cluster: KubernetesServer) -> None:
    with pytest.raises(ConnectError, match=r"answered 401.*credentials"):
        gunj.connect(kubernetes=gunj.Source(url=cluster.url, token="wrong"))
    cluster.forbidden = {PLATFORMS}
    rt = gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=TOKEN), wait=None)
    wait_for(lambda: rt.state == "failed")
    assert 'User "sre" cannot list' in rt.reason
    assert "gunj-platform-viewer" in rt.status().remedy
    cluster.forbidden = set()
    cluster.platform("prod")
    rt.manager.reconnect()
    wait_for(lambda: phases(rt) == {"prod": "Ready"})


def test_a_cluster_without_the_operator_says_so(cluster: KubernetesServer) -> None:
    cluster.installed = False
    with pytest.raises(ConnectError, match="knows no observabilityplatforms"):
        connected(cluster)
    rt = gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=TOKEN), wait=None)
    wait_for(lambda: rt.state == "failed")
    cluster.installed = True
    cluster.platform("prod")
    rt.manager.reconnect()
    wait_for(lambda: phases(rt) == {"prod": "Ready"})
    assert [platform.name for platform in rt.platforms] == ["prod"]


def test_events_may_be_forbidden_and_platforms_still_come(cluster: KubernetesServer) -> None:
    cluster.forbidden = {EVENTS}
    cluster.platform("prod")
    rt = gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=TOKEN), wait=None)
    wait_for(lambda: phases(rt) == {"prod": "Ready"})
    cluster.platform("prod", "Failed")
    wait_for(lambda: phases(rt) == {"prod": "Failed"})


def test_metrics_say_where_to_ask_and_the_card_lives_without(cluster: KubernetesServer) -> None:
    cluster.platform("production")
    rt = connected(cluster).wait_ready()
    with pytest.raises(SetupError, match="metrics of a platform") as caught:
        rt.metrics("production")
    assert "prometheus=" in caught.value.remedy
    assert "rt.promql" in caught.value.remedy
    assert rt.platform("production").logs().total == 0
    card = gunj.PlatformCard(rt, "production")
    assert "production Ready" in card.summary()
    card.close()
