"""A platform of a cluster, in real JupyterLab: the card as everywhere else, its events, and a change that is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.live.sources.kubernetes import TOKEN, KubernetesServer

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
    assert notebook.errors == []
