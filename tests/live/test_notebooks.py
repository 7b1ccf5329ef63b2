"""Every notebook that needs nothing but the demo operator runs from top to bottom without a word of complaint."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.live.jetstream.servers import NatsServer
from tests.live.sources.kubernetes import TOKEN, KubernetesServer
from tests.live.sources.servers import Stack

ROOT = Path(__file__).parents[2] / "notebooks"
ELSEWHERE = {"01_first_look", "03_logs_around_the_spike", "04_my_prometheus", "06_my_loki"}
"""Run in a real JupyterLab by tests/browser, the last two with servers of their own."""
TOGETHER = "08_investigate_together"
"""Needs a NATS server."""
ALERT = "14_follow_one_alert"
"""Needs a Prometheus and an Alertmanager, and something to happen."""
CLUSTER = "16_what_happened_in_my_cluster"
"""Needs an API server."""
BOOKS = sorted(path.stem for path in ROOT.glob("*.ipynb") if path.stem not in ELSEWHERE)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", BOOKS)
def test_a_notebook_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == TOGETHER:
        with NatsServer(tmp_path / "nats") as server:
            monkeypatch.setenv("GUNJ_NATS_URL", server.url)
            run(name)
    elif name == CLUSTER:
        cluster = KubernetesServer()
        cluster.platform("production", "Degraded", message="grafana lacks a pod")
        cluster.event("e1", "Pod", "production-grafana-0", "BackOff", "back-off pulling")
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, cluster)))
        try:
            run(name)
        finally:
            cluster.close()
    elif name == ALERT:
        stack = Stack(tmp_path, hold="6s", external="{cluster: here}")
        monkeypatch.setenv("PROMETHEUS_URL", stack.prometheus.url)
        monkeypatch.setenv("ALERTMANAGER_URL", stack.alertmanager.url)
        happens = threading.Thread(target=goes_and_comes_back, args=(stack,))
        happens.start()
        try:
            run(name)
        finally:
            happens.join()
            stack.close()
    else:
        run(name)


def kubeconfig(folder: Path, cluster: KubernetesServer) -> Path:
    path = folder / "kubeconfig"
    named = {
        "clusters": [{"name": "here", "cluster": {"server": cluster.url}}],
        "users": [{"name": "me", "user": {"token": TOKEN}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
    }
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "here", **named}))
    return path


def goes_and_comes_back(stack: Stack) -> None:
    """Let the exporter be away until somebody has silenced the alert about that."""
    time.sleep(4)  # the first cells are read before anything happens
    stack.node.kill()
    end = time.monotonic() + 90
    while not stack.alertmanager.get("/api/v2/silences") and time.monotonic() < end:
        time.sleep(0.2)
    stack.node.start()


def run(name: str) -> None:
    book = nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
    assert "?" in book.cells[0].source.splitlines()[0], "its title is a person's question"
    codes = [cell for cell in book.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in codes), "committed without outputs"
    NotebookClient(book, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    said = [o for cell in codes for o in cell.outputs if o.output_type in ("error", "stream")]
    assert said == []
