"""One zone in real JupyterLab: set in a cell or clicked in one view, and the times of all are in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()\nrt.range.zone = 'Asia/Kolkata'",
    "gunj.MetricChart(rt, 'production', 'cpu_usage', height=160)",
    "gunj.LogViewer(rt, 'production', height=160)",
    "gunj.EventFeed(rt)",
    "rt.alerts",
    "rt.timeline",
)


def minute(notebook: Notebook, kind: str) -> int:
    """The minute of the newest time that a widget shows; demo and kernel have one clock."""
    found = re.findall(r"\b\d\d:(\d\d):\d\d", notebook.text(kind))
    return int(found[-1]) if found else -1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_times_are_in_one_zone(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., Path], theme: str
) -> None:
    notebook = open_notebook(lab.write("zone", *CELLS), theme=theme, height=1900)
    notebook.run_all()
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    until(lambda: notebook.number("logs", "rows") > 5, 30, "lines")
    now = int(notebook.execute("print(int(rt.now() // 60 % 60))"))
    there = {(now + 30 + late) % 60 for late in (-1, 0, 1)}
    until(lambda: minute(notebook, "chart") in there, 10, "the chart tells half an hour beside UTC")
    until(lambda: minute(notebook, "logs") in there, 10, "so do the log lines")
    for kind in ("logs", "events", "alerts", "timeline"):
        assert "kolkata" in notebook.text(kind), kind
    shoot(notebook, f"zone-kolkata-{theme}")

    notebook.widget("events").locator("button", has_text="Kolkata").click()
    until(lambda: "local time" in notebook.text("logs"), 10, "the next one, in all views")
    notebook.show("logs")
    notebook.widget("logs").locator(".gunj-log").focus()
    notebook.page.keyboard.press("t")
    until(lambda: notebook.execute("print(rt.range.zone)").strip() == "UTC", 10, "the log viewer's key")
    until(lambda: notebook.widget("timeline").locator("button", has_text="UTC").is_visible(), 10, "UTC in the timeline")
    chart = notebook.widget("chart")
    notebook.show("chart")
    chart.locator("button", has_text="⋯").click()
    shoot(notebook, f"zone-utc-{theme}")
    chart.locator("button", has_text="UTC").click()
    until(lambda: "kolkata" in notebook.text("logs"), 10, "and to the named one again, from the chart")
    assert notebook.cell_errors() == []
