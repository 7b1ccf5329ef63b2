"""A day of PromQL in real JupyterLab: a zoom asks the server for finer points; with the server away the coarse ones stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_range import drag
from tests.live.sources.servers import Stack

ASK = """
import gunj_widgets as gunj
rt = gunj.connect(prometheus="{url}")
m = rt.promql("sin(vector(time() / 3000))", window="1d")
chart = m.plot(height=260)
"""


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("stack"))
    yield made
    made.close()


def rows(notebook: Notebook) -> int:
    """How many moments the chart shows, as its CSV has them."""
    chart = notebook.widget("chart")
    if not chart.locator("button", has_text="CSV").is_visible():
        chart.locator("button", has_text="⋯").click()
    with notebook.page.expect_download() as csv:
        chart.locator("button", has_text="CSV").click()
    return len(csv.value.path().read_text().splitlines()) - 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_zoom_asks_the_server_for_finer_points(
    stack: Stack, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path], theme: str
) -> None:
    notebook = open_notebook(lab.write("zoom", ASK.format(url=stack.prometheus.url), "chart"), theme=theme)
    notebook.run_all()
    until(lambda: notebook.number("chart", "points") >= 280, 60, "a day, a point each five minutes")
    shoot(notebook, f"zoom-whole-day-{theme}", "chart")
    chart = notebook.widget("chart")
    drag(notebook, chart, 0.50, 0.52)
    until(lambda: rows(notebook) > 300, 15, "half an hour, a point each few seconds")
    shoot(notebook, f"zoom-finer-{theme}", "chart")
    stack.prometheus.kill()
    drag(notebook, chart, 0.4, 0.6)
    until(lambda: "no finer points: prometheus" in notebook.text("chart"), 45, "it says why there are none")
    assert rows(notebook) > 60, "those it had are still there"
    shoot(notebook, f"zoom-refused-{theme}", "chart")
    chart.locator("button", has_text="Back to live").click()
    until(lambda: rows(notebook) >= 280, 10, "the day again, from what is kept")
    until(lambda: "finer" not in notebook.text("chart"), 5, "nothing is said any more")
    assert notebook.cell_errors() == []
