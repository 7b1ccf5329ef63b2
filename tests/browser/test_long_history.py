"""A history of 200,000 samples in real JupyterLab: thinned for the whole, complete for what is zoomed to."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_range import drag

HISTORY = """
import time
import numpy as np
import gunj_widgets as gunj
from gunj_widgets.session.handles import LiveMetrics
rt = gunj.connect("demo").wait_ready()
frame = gunj.MetricFrame(None)
times = time.time() - 100_000 + np.arange(100_000)
values = np.sin(times / 3_000)
values[50_000] = 9.0
for n in range(2):
    frame.extend("m", {"n": str(n)}, times, values + n)
live = LiveMetrics.over(frame, window=100_000.0).attach(rt, "long", "a long day", 100_000.0, lambda: None)
"""


def test_what_is_zoomed_to_comes_in_full(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    notebook = open_notebook(lab.write("long", HISTORY, "gunj.MetricChart(rt, live, marks=False, legend=False)"))
    notebook.run_all()
    until(lambda: 0 < notebook.number("chart", "points") <= 8_100, 60, "a thinned history")
    until(lambda: " downsampled" in notebook.text("chart"), 10, "it says so")
    chart = notebook.widget("chart")
    drag(notebook, chart, 0.49, 0.51)
    until(
        lambda: "showing" in notebook.text("chart") and "downsampled" not in notebook.text("chart"),
        15,
        "all of the stretch",
    )
    chart.locator("button", has_text="⋯").click()
    with notebook.page.expect_download() as csv:
        chart.locator("button", has_text="CSV").click()
    lines = csv.value.path().read_text().splitlines()
    assert 1_500 < len(lines) < 2_500, "a fiftieth of the day, second by second"
    chart.locator("button", has_text="Back to live").click()
    until(lambda: " downsampled" in notebook.text("chart"), 10, "the whole again")
    assert notebook.cell_errors() == []
