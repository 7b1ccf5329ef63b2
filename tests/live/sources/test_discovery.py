"""One session with an operator that only lists platforms, or with a cluster: metrics, logs and alerts of the systems they name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import ConnectError, SetupError
from tests.live.client import wait_for
from tests.live.sources.kubernetes import PLATFORMS, KubernetesServer
from tests.live.sources.kubernetes import TOKEN as KUBE
from tests.live.sources.loki import LokiServer
from tests.live.sources.operator import TOKEN, Foreign, RestOperator
from tests.live.sources.servers import Stack
from tests.live.sources.test_tail import until


@pytest.fixture
def loki() -> Iterator[LokiServer]:
    server = LokiServer()
    yield server
    gunj.close_all()
    server.close()


def test_an_operators_platform_brings_metrics_logs_and_alerts(stack: Stack, loki: LokiServer) -> None:
    operator = RestOperator(prometheus=stack.prometheus.url, alertmanager=stack.alertmanager.url, loki=loki.url)
    try:
        rt = gunj.connect(operator.url, token=TOKEN)
        assert [platform.name for platform in rt.platforms] == ["production"]
        frame = rt.promql("node_load1", window="1m")
        until(lambda: len(frame.df.dropna()) >= 3)
        assert rt.promql("node_load1", window="1m", platform="production") is frame
        theirs = rt.promql("node_load1", window="2m", platform="production")
        assert theirs.code == "rt.promql('node_load1', window=120, platform='production')"
        theirs.close()
        loki.push(["a line"], app="api")
        logs = rt.logql('{app="api"}')
        until(lambda: logs.total >= 1)
        stack.node.kill()
        alert = until(lambda: [a for a in rt.alerts.active if a.name == "TargetDown"])[0]
        assert alert.platform == "production"
        assert rt.platform("production").alerts == [alert]
        assert rt.may_acknowledge("of the operator")
        assert not rt.may_acknowledge(alert.fingerprint), "the operator does not know it"
        rt.alerts.silence(alert.fingerprint, 60, "test")
        until(lambda: rt.alerts.active[0].silenced_until)
        [silence] = rt.silences().index
        rt.expire_silence(silence)  # the stack is other tests', too
        stack.node.start()
        until(lambda: not rt.alerts.active, 30)
        assert {one.name for one in rt.status().transports} >= {
            "Prometheus of production",
            "Alertmanager of production",
            "Loki of production",
        }
        assert rt.state == "polling"  # of the operator, which streams nothing
        frame.close()
        logs.close()
    finally:
        gunj.close_all()
        operator.close()


def test_the_operators_token_reaches_nobody_else_unless_told_so() -> None:
    foreign = Foreign()
    operator = RestOperator(prometheus=foreign.url, alertmanager=foreign.url, loki=foreign.url)
    try:
        rt = gunj.connect(operator.url, token=TOKEN)
        with pytest.raises(ConnectError, match=r"answered 401.*trust=\['127\.0\.0\.1'\]"):
            rt.targets()
        until(lambda: rt.status().transports[-1].state == "failed")
        assert foreign.seen
        assert not [headers for headers in foreign.seen if TOKEN in str(headers)]
        rt.close()
        trusting = gunj.connect(operator.url, token=TOKEN, trust="127.0.0.1")
        foreign.seen.clear()
        with pytest.raises(ConnectError, match="401"):
            trusting.targets()
        assert [headers for headers in foreign.seen if TOKEN in str(headers)]
        trusting.close()
        foreign.seen.clear()
        with pytest.raises(SetupError, match="has no Prometheus"):
            gunj.connect(operator.url, token=TOKEN, discover=False).targets()
        assert foreign.seen == []
    finally:
        gunj.close_all()
        operator.close()
        foreign.close()


def test_names_of_the_cluster_are_explained_or_replaced(stack: Stack) -> None:
    inside = "http://production-prometheus.monitoring.svc:9090"
    operator = RestOperator(prometheus=inside, alertmanager="http://production-alertmanager.monitoring.svc:9093")
    try:
        rt = gunj.connect(operator.url, token=TOKEN)
        with pytest.raises(SetupError, match=r"inside the cluster only.*port-forward -n monitoring svc/production-"):
            rt.promql("up")
        failed = until(lambda: [one for one in rt.status().transports if one.name == "Alertmanager of production"])
        assert "inside the cluster" in failed[0].reason
        rt.close()
        rt = gunj.connect(operator.url, token=TOKEN, prometheus=stack.prometheus.url)
        until(lambda: len(rt.promql("up", window="1m").df))  # Prometheus may have only just begun to look
        assert [platform.name for platform in rt.platforms] == ["production"]
    finally:
        gunj.close_all()
        operator.close()


def test_a_clusters_platforms_are_reached_through_the_api_server(stack: Stack) -> None:
    cluster = KubernetesServer()
    cluster.services = {
        "monitoring/prod-prometheus:9090": stack.prometheus.url,
        "monitoring/prod-alertmanager:9093": stack.alertmanager.url,
    }
    told = {
        kind: f"http://prod-{kind}.monitoring.svc:{port}"
        for kind, port in (("prometheus", 9090), ("alertmanager", 9093))
    }
    cluster.platform("prod", endpoints=told)
    try:
        rt = gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=KUBE))
        frame = rt.promql("node_load1", window="1m")
        until(lambda: len(frame.df.dropna()) >= 3)
        stack.node.kill()
        until(lambda: [a for a in rt.alerts.active if a.name == "TargetDown" and a.platform == "prod"])
        wait_for(lambda: {str(one.state) for one in rt.status().transports} == {"open"})
        assert rt.state == "open"
        stack.node.start()
        cluster.delete(PLATFORMS, "prod")
        wait_for(lambda: [one.name for one in rt.status().transports if "of prod" in one.name] == [])
        assert rt.state == "open"
    finally:
        gunj.close_all()
        cluster.close()
