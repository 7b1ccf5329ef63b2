"""The notebook about one's own Prometheus, in real JupyterLab, over a real Prometheus and Alertmanager."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.live.sources.servers import Stack


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("stack"))
    yield made
    made.close()


def test_a_chart_over_real_promql_moves(stack: Stack, lab: Lab, open_notebook: Callable[..., Notebook]) -> None:
    book = (lab.root / "04_my_prometheus.ipynb").read_text(encoding="utf-8")
    book = book.replace("http://127.0.0.1:9090", stack.prometheus.url)
    book = book.replace("http://127.0.0.1:9093", stack.alertmanager.url)
    (lab.root / "own_prometheus.ipynb").write_text(book, encoding="utf-8")
    stack.node.kill()
    notebook = open_notebook("own_prometheus.ipynb")
    notebook.run_all()
    notebook.page.wait_for_selector(".gunj[data-kind=chart]", timeout=30_000, state="attached")
    notebook.wait_idle(60)
    notebook.show("chart")
    first = until(lambda: notebook.number("chart", "points"), 15, "the chart has points")
    until(lambda: notebook.number("chart", "points") >= first + 3, 15, "new points come")
    notebook.show("alerts")
    alert = notebook.page.locator(".gunj[data-kind=alerts] [data-fingerprint]", has_text="TargetDown")
    until(alert.count, 15, "the alert of the target that is down")
    assert notebook.cell_errors() == []
