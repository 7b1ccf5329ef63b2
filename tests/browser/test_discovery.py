"""An operator that only lists platforms, in real JupyterLab: the chart of a back end it names, and the health of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.live.sources.operator import TOKEN, RestOperator
from tests.live.sources.prometheus import FaultyPrometheus


@pytest.fixture
def platforms() -> Iterator[RestOperator]:
    prometheus = FaultyPrometheus()
    made = RestOperator(
        prometheus=f"{prometheus.url}/fine", alertmanager="http://production-alertmanager.monitoring.svc:9093"
    )
    yield made
    made.close()
    prometheus.close()


def test_a_chart_of_a_platforms_prometheus_and_the_health_of_each(
    platforms: RestOperator, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path]
) -> None:
    book = lab.write(
        "discovered",
        f"import gunj_widgets as gunj\nrt = gunj.connect({platforms.url!r}, token={TOKEN!r})\nrt",
        "rt.promql('good', platform='production', window='1m')",
    )
    notebook = open_notebook(book)
    notebook.run_all()
    notebook.wait_idle(60)
    status = notebook.page.locator(".gunj[data-kind=status]").first
    until(lambda: "Prometheus of production" in status.inner_text(), 15, "the source is told")
    until(lambda: "known inside the cluster only" in status.inner_text(), 15, "and why another cannot be reached")
    first = until(lambda: notebook.number("chart", "last-x"), 15, "the chart has points")
    until(lambda: notebook.number("chart", "last-x") > first, 15, "it goes on")
    shoot(notebook, "discovered")
    notebook.theme("dark")
    until(lambda: notebook.page.locator("body[data-jp-theme-light=false]").count(), 10, "it is dark")
    notebook.page.wait_for_timeout(1500)
    shoot(notebook, "discovered-dark")
    assert TOKEN not in str(notebook.outputs())
    assert notebook.cell_errors() == []
