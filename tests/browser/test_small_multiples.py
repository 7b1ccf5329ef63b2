"""Charts split by a label, components by themselves, and both in high contrast, in real JupyterLab."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import pytest

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    'import gunj_widgets as gunj\nrt = gunj.connect("demo").wait_ready()',
    "m = rt.metrics('production', ['cpu_usage'], window='5m')\nm.plot(facet='component')",
    "gunj.ComponentHealth(rt, 'production')",
)
INK = """e => [...e.querySelectorAll('canvas.gunj-traces')].map((c) => {
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    let n = 0;
    for (let i = 3; i < d.length; i += 4) n += d[i] > 0;
    return n;
})"""
LABELS = "e => [...e.querySelectorAll('.gunj-plot')].map(p => p.getAttribute('aria-label'))"


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook], lab: Lab) -> Notebook:
    opened = open_notebook(lab.write("facets", *CELLS), height=1200)
    opened.run_all()
    until(lambda: opened.number("chart", "points") > 100, 60, "samples")
    until(lambda: opened.widget("health").locator("li").count() == 5, 30, "the components")
    return opened


def test_each_component_has_a_plot_on_one_clock_and_crosshair(notebook: Notebook, shoot: Callable[..., object]) -> None:
    page, chart = notebook.page, notebook.widget("chart")
    assert chart.evaluate(LABELS) == [
        f"Chart: production: cpu_usage, {name}" for name in ("alertmanager", "grafana", "loki", "prometheus", "tempo")
    ]
    until(lambda: all(ink > 50 for ink in chart.evaluate(INK)), 10, "lines in each")
    plots = chart.locator(".u-over")
    box = plots.nth(0).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    shown = "e => e.querySelector('.u-cursor-x').style.transform"
    until(lambda: "translate" in plots.nth(3).evaluate(shown), 5, "the crosshair in another plot")
    until(lambda: chart.locator(".gunj-tip:not([hidden])").count() == 1, 5, "one tooltip")
    shoot(notebook, "facets-light", "chart")
    shoot(notebook, "health-light", "health")
    page.mouse.move(5, 5)
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=5)
    page.mouse.up()
    until(lambda: "showing" in notebook.text("chart"), 10, "a zoom in one is a zoom in all")
    chart.locator("button", has_text="⋯").click()
    with page.expect_download() as saved:
        chart.locator("button", has_text="Parquet").click()
    rows = pd.read_parquet(io.BytesIO(saved.value.path().read_bytes()))
    assert set(rows["component"]) == {"alertmanager", "grafana", "loki", "prometheus", "tempo"}
    assert 20 < len(rows) < notebook.number("chart", "points")


def test_in_high_contrast_everything_is_still_told(notebook: Notebook, shoot: Callable[..., object]) -> None:
    notebook.page.emulate_media(forced_colors="active", color_scheme="dark")
    chart = notebook.widget("chart")
    until(lambda: all(ink > 50 for ink in chart.evaluate(INK)), 10, "lines in each")
    colors = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    until(lambda: chart.evaluate(colors) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"], 10, "the reader's colours")
    shoot(notebook, "facets-contrast", "chart")
    shoot(notebook, "health-contrast", "health")
    assert "healthy" in notebook.text("health")
