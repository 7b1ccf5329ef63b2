"""One clock in real JupyterLab: a brush in one chart moves the others, the logs, the alerts and the timeline; and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OUTPUT
from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()\nrt.note('deployed 2.1', author='ada')",
    "a = gunj.MetricChart(rt, 'production', 'cpu_usage', height=160)\na",
    "gunj.MetricChart(rt, 'production', 'memory_usage', height=160, stacked=True)",
    "gunj.LogViewer(rt, 'production', height=160)",
    "rt.timeline",
)


def drag(notebook: Notebook, chart: Any, start: float, end: float) -> None:
    area = chart.locator(".u-over").bounding_box()
    mouse, y = notebook.page.mouse, area["y"] + area["height"] / 2
    mouse.move(area["x"] + area["width"] * start, y)
    mouse.down()
    mouse.move(area["x"] + area["width"] * end, y, steps=6)
    mouse.up()


@pytest.mark.parametrize(("theme", "width"), [("light", 1400), ("dark", 800)])
def test_one_clock(open_notebook: Callable[..., Notebook], lab: Lab, theme: str, width: int) -> None:
    notebook = open_notebook(lab.write("range", *CELLS), theme=theme, width=width, height=1500)
    notebook.run_all()
    page = notebook.page
    charts = page.locator(".gunj[data-kind=chart]")
    until(lambda: charts.count() == 2, 60, "two charts")
    first, second = charts.nth(0), charts.nth(1)
    until(lambda: int(first.get_attribute("data-points") or 0) > 300, 60, "samples in the first chart")
    until(lambda: int(second.get_attribute("data-points") or 0) > 300, 30, "samples in the second")
    until(lambda: "deployed 2.1" in notebook.text("timeline"), 30, "the note in the timeline")
    assert int(first.get_attribute("data-marks") or 0) >= 1
    # The cursor in one shows in the other.
    first.scroll_into_view_if_needed()
    area = first.locator(".u-over").bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] * 0.4, area["y"] + 40)
    page.mouse.move(area["x"] + area["width"] * 0.5, area["y"] + 50)

    def cursor(chart: Any) -> float:
        style = chart.locator(".u-cursor-x").get_attribute("style") or ""
        return float(style.split("translate(")[1].split("px")[0]) if "translate(" in style else -1.0

    until(lambda: abs(cursor(second) / max(1.0, cursor(first)) - 1) < 0.1, 5, "the cursor in the other chart")
    assert second.locator(".gunj-tip").is_hidden()
    # A selection is a frame in the kernel.
    first.locator("button", has_text="Select").click()
    drag(notebook, first, 0.3, 0.6)
    first.locator("button", has_text="Select").click()
    until(lambda: first.locator(".gunj-selection").is_visible(), 5, "the selection's bar")
    until(lambda: "Selection" in notebook.execute("print(a.selection)"), 10, "the selection in the kernel")
    rows = int(notebook.execute("print(len(a.selection.df))"))
    assert 0 < rows < int(notebook.execute("print(len(a.frame.df))"))
    assert int(notebook.execute("print(len(eval(a.selection.code)))")) == rows
    first.locator("button", has_text="⋯").click()
    first.locator("button", has_text="Table").click()
    until(lambda: first.locator("tbody tr").count() > 10, 5, "the table")
    page.screenshot(path=Path(OUTPUT) / f"range-{theme}-{width}.png")
    first.locator("button", has_text="Table").click()
    with page.expect_download() as png:
        first.locator("button", has_text="PNG").click()
    png.value.save_as(Path(OUTPUT) / f"chart-export-{theme}.png")
    with page.expect_download() as csv:
        first.locator("button", has_text="CSV").click()
    assert Path(csv.value.path()).read_text().count("\n") > 100
    # A brush moves everything.
    first.locator(".gunj-selection button", has_text="✕").click()
    until(lambda: notebook.execute("print(a.selection)").strip() == "None", 10, "the selection is gone")
    drag(notebook, first, 0.3, 0.6)
    until(lambda: second.get_attribute("data-live") == "paused", 10, "the other chart stands still")
    for kind in ("logs", "timeline"):
        chip = notebook.widget(kind).locator(".gunj-range")
        until(chip.is_visible, 10, f"the stretch on {kind}")
    page.screenshot(path=Path(OUTPUT) / f"range-zoomed-{theme}-{width}.png")
    notebook.execute("rt.range.back()")
    until(lambda: second.get_attribute("data-live") == "live", 10, "back is live again")
    notebook.execute("rt.range.forward()")
    until(lambda: second.get_attribute("data-live") == "paused", 10, "forward is the stretch again")
    notebook.widget("logs").locator(".gunj-range").click()
    until(lambda: first.get_attribute("data-live") == "live", 10, "the chip leads back to live")
    assert notebook.cell_errors() == []
