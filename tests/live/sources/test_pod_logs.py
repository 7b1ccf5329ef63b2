"""Logs of a cluster's pods over real sockets: each line once and in order, through cuts, restarts and more containers than streams."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

import gunj_widgets as gunj
from gunj_widgets.session.pods import LivePodLogs
from gunj_widgets.session.session import Session
from gunj_widgets.sources.kubernetes import podlogs
from tests.live.client import wait_for
from tests.live.sources.kubernetes import PODS, TOKEN
from tests.live.sources.pods import PodServer, texts


@pytest.fixture
def cluster() -> Iterator[PodServer]:
    server = PodServer(7)
    server.platform("prod")
    yield server
    gunj.close_all()
    server.close()


def connected(cluster: PodServer) -> Session:
    retention = {"logs_rows": 50_000}
    return gunj.connect(kubernetes=gunj.Source(url=cluster.url, token=TOKEN), retention=retention)


def held(logs: gunj.LogViewer | LivePodLogs) -> list[str]:
    return list(logs.df["message"])


def test_lines_of_the_platforms_pods_with_component_and_level(cluster: PodServer) -> None:
    cluster.platform("prod-eu")
    cluster.pod("prod-loki-0", "loki", "sidecar", **{"app.kubernetes.io/component": "loki"})
    cluster.pod("prod-eu-loki-0", "loki")
    cluster.pod("somebody-else-0", "main")
    cluster.say("prod-loki-0", "loki", 'level=warn msg="slow"', "E1127 10:00:00.000000 1 main.go:1] boom")
    cluster.say("prod-eu-loki-0", "loki", "not ours")
    rt = connected(cluster)
    logs = rt.logs("prod")
    assert isinstance(logs, LivePodLogs)
    wait_for(lambda: len(held(logs)) == 2)
    assert list(logs.df["level"]) == ["warn", "error"]
    assert set(logs.df["component"]) == {"loki"}
    assert logs.df["metadata"].iloc[0] == {"pod": "prod-loki-0", "container": "loki"}
    cluster.say("prod-loki-0", "sidecar", "later")
    wait_for(lambda: held(logs)[-1] == "later")
    assert rt.logs("prod", level="error").filtered == 1
    cluster.pod("prod-grafana-0", "grafana")
    cluster.say("prod-grafana-0", "grafana", "a new pod")
    wait_for(lambda: held(logs)[-1] == "a new pod")
    assert (logs.status.containers, logs.status.followed, logs.status.gaps) == (3, 3, 0)
    cluster.delete(PODS, "prod-grafana-0")
    del cluster.runs["prod-grafana-0", "grafana"]
    cluster.cut_logs()
    wait_for(lambda: logs.status.containers == 2)
    assert logs.notice == ""
    logs.close()
    rt.logs("prod", level="error").close()
    wait_for(lambda: cluster.log_streams == 0)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_befalls_the_streams_each_line_comes_once(cluster: PodServer, seed: int) -> None:
    rng = Random(seed)
    names = [("prod-a-0", "main"), ("prod-b-0", "main"), ("prod-b-0", "side")]
    cluster.pod("prod-a-0", "main")
    cluster.pod("prod-b-0", "main", "side")
    rt = connected(cluster)
    logs = rt.logs("prod")
    wait_for(lambda: cluster.log_streams == 3)
    written = 0
    for _ in range(400):
        where = rng.choice(names)
        match rng.randrange(40):
            case 0:
                cluster.cut_logs()
            case 1:
                cluster.cut()
            case 2:
                cluster.cut_logs()
                cluster.say(*where, "last words")
                cluster.restart(*where)
                time.sleep(0.6)  # between two restarts: of what was before the last the API server knows nothing
                wait_for(
                    lambda: cluster.log_streams == 3
                )  # on a busy machine it takes longer until all is asked for again
            case 3:
                moment = time.time_ns()  # twice the same line in one nanosecond is two lines
                cluster.say(*where, "twin", "twin", ns=moment)
            case _:
                cluster.say(*where, *(f"{where[1]} {written + n}" for n in range(20)))
                written += 20
        time.sleep(rng.random() / 100)
    wanted = Counter(text for one in names for text in texts(cluster.runs[one]))
    wait_for(lambda: logs.total >= wanted.total(), 20)
    time.sleep(1.0)
    assert Counter(held(logs)) - wanted == Counter(), "lines too many"
    assert wanted - Counter(held(logs)) == Counter(), "lines too few"
    assert logs.status.repeated > 0
    for pod, name in names:
        mine = [row.message for row in logs.df.itertuples() if row.metadata == {"pod": pod, "container": name}]
        assert mine == texts(cluster.runs[pod, name])


def test_more_containers_than_streams_lose_nothing(cluster: PodServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podlogs, "POLL", 0.3)
    count = podlogs.STREAMS + 15
    for n in range(count):
        cluster.pod(f"prod-{n}", "main")
    rt = connected(cluster)
    logs = rt.logs("prod")
    wait_for(lambda: logs.status.followed == podlogs.STREAMS)
    for n in range(count):
        cluster.say(f"prod-{n}", "main", f"line of {n}")
    wait_for(lambda: logs.total == count)
    time.sleep(1.0)
    assert sorted(held(logs)) == sorted(f"line of {n}" for n in range(count))
    assert cluster.most_streams <= podlogs.STREAMS


def test_what_is_forbidden_is_said_where_lines_would_be(cluster: PodServer) -> None:
    cluster.forbidden = {PODS}
    rt = connected(cluster)
    logs = rt.logs("prod")
    assert isinstance(logs, LivePodLogs)
    wait_for(lambda: "forbidden" in logs.notice or "403" in logs.notice)
    assert "pods/log" in logs.status.remedy
    assert rt.platform("prod").phase == "Ready"
    cluster.forbidden = set()
    cluster.pod("prod-a-0", "main")
    cluster.say("prod-a-0", "main", "hello")
    rt.reconnect()
    wait_for(lambda: held(logs) == ["hello"])
    assert logs.notice == ""
