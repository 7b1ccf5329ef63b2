"""A platform of a cluster, in real JupyterLab: the card as everywhere else, its events, and a change that is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.live.sources.kubernetes import TOKEN, KubernetesServer
from tests.live.sources.pods import PodServer

COMPONENTS = {
    "prometheus": {"phase": "Ready", "version": "2.48.0", "replicas": 2, "readyReplicas": 2},
    "grafana": {"phase": "Degraded", "version": "10.2.0", "replicas": 2, "readyReplicas": 1, "message": "1 of 2 ready"},
}


@pytest.fixture
def cluster() -> Iterator[KubernetesServer]:
    server = KubernetesServer()
    server.platform("production", "Degraded", componentStatuses=COMPONENTS, message="grafana lacks a pod")
    server.event("e1", "Pod", "production-grafana-1", "BackOff", "Back-off pulling image")
    yield server
    server.close()


def test_the_card_of_a_clusters_platform(
    cluster: KubernetesServer, lab: Lab, open_notebook: Callable[..., Notebook]
) -> None:
    source = f"gunj.Source(url={cluster.url!r}, token={TOKEN!r})"
    book = lab.write(
        "cluster",
        f"import gunj_widgets as gunj\nrt = gunj.connect(kubernetes={source})\nrt.platform('production')",
        "gunj.EventFeed(rt, 'production')",
    )
    notebook = open_notebook(book)
    notebook.run_all()
    notebook.wait_idle(60)
    notebook.show("platform")
    card = notebook.page.locator(".gunj[data-kind=platform]").first
    until(lambda: "Degraded" in card.inner_text() and "BackOff" in card.inner_text(), 15, "the card is there")
    cluster.platform("production", "Ready", componentStatuses={"grafana": {"phase": "Ready"}})
    until(lambda: "Ready" in card.inner_text(), 15, "the change is seen")
    feed = notebook.page.locator(".gunj[data-kind=events]").first
    until(lambda: "Pod production-grafana-1" in feed.inner_text(), 15, "the feed says what it happened to")
    assert notebook.cell_errors() == []


def test_the_logs_of_its_pods(lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path]) -> None:
    server = PodServer(1)
    try:
        server.platform("production")
        server.pod("production-loki-0", "loki", **{"app.kubernetes.io/component": "loki"})
        server.pod("production-grafana-0", "grafana", **{"app.kubernetes.io/component": "grafana"})
        for n in range(20):
            server.say("production-loki-0", "loki", f'level=info msg="flushed chunk {n}"')
        source = f"gunj.Source(url={server.url!r}, token={TOKEN!r})"
        book = lab.write(
            "pods", f"import gunj_widgets as gunj\nrt = gunj.connect(kubernetes={source})\nrt.logs('production')"
        )
        notebook = open_notebook(book)
        notebook.run_all()
        notebook.wait_idle(60)
        viewer = notebook.page.locator(".gunj[data-kind=logs]").first
        until(lambda: notebook.number("logs", "total") == 20, 15, "the history is there")
        server.say("production-loki-0", "loki", 'level=error msg="no space left on device"')
        server.cut_logs()
        server.restart("production-loki-0", "loki")
        server.say("production-grafana-0", "grafana", "level=warn logger=alerting a datasource is slow")
        until(lambda: "no space left on device" in viewer.inner_text(), 15, "a line from before a restart")
        until(lambda: "a datasource is slow" in viewer.inner_text(), 15, "a line of another pod")
        shoot(notebook, "pod-logs", "logs")
        assert notebook.number("logs", "total") == 22
        assert notebook.cell_errors() == []
    finally:
        server.close()
