"""One moment in all views, in real JupyterLab: pointed at in one, marked in the others; and the way about in time from a chart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import OUTPUT
from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "from types import SimpleNamespace\nimport gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "stretch = SimpleNamespace(start=rt.now() - 240, end=rt.now() - 120)\nrt.note('load test', at=stretch, author='ada')",
    "gunj.MetricChart(rt, 'production', ['cpu_usage'], height=170)",
    (
        "lists = [gunj.LogViewer(rt, 'production', height=160), gunj.AlertPanel(rt)]\n"
        "gunj.Dashboard([lists, [gunj.EventFeed(rt, 'production'), rt.timeline]])"
    ),
)


def moved(notebook: Notebook, target: Any, x: float, y: float) -> None:
    """Move the mouse over a part of an element, given in shares of it."""
    target.scroll_into_view_if_needed()
    area = target.bounding_box()
    at = (area["x"] + area["width"] * x, area["y"] + area["height"] * y)
    notebook.page.mouse.move(at[0] - 3, at[1])
    notebook.page.mouse.move(*at, steps=3)


def cursor(chart: Any) -> float:
    style = chart.locator(".u-cursor-x").get_attribute("style") or ""
    return float(style.split("translate(")[1].split("px")[0]) if "translate(" in style else -1.0


@pytest.mark.parametrize(("theme", "width"), [("light", 1400), ("dark", 800)])
def test_one_moment(open_notebook: Callable[..., Notebook], lab: Lab, theme: str, width: int) -> None:
    notebook = open_notebook(lab.write("crosshair", *CELLS), theme=theme, width=width, height=1700)
    notebook.run_all()
    page, chart = notebook.page, notebook.widget("chart")
    logs, timeline = notebook.widget("logs"), notebook.widget("timeline")
    until(lambda: chart.count() and notebook.number("chart", "points") > 300, 60, "samples")
    until(lambda: notebook.number("logs", "rows") > 20, 30, "log lines")
    until(lambda: "load test" in notebook.text("timeline"), 30, "the note in the timeline")
    # From the chart: a line over the timeline, and the row of what happened then.
    moved(notebook, chart.locator(".u-over"), 0.72, 0.4)
    until(timeline.locator(".gunj-tl-point i").is_visible, 5, "the line over the timeline")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUTPUT / f"crosshair-chart-{theme}-{width}.png")
    # From a log line: the cursor in the chart, without a tooltip, and the line over the timeline.
    logs.locator(".gunj-log").focus()
    page.keyboard.press("s")
    moved(notebook, logs.locator(".gunj-log"), 0.5, 0.5)
    until(lambda: cursor(chart) > 0, 5, "the cursor in the chart")
    assert chart.locator(".gunj-tip").is_hidden()
    until(timeline.locator(".gunj-tl-point i").is_visible, 5, "the line over the timeline, from the log")
    # And back: the line that is nearest, of those in sight.
    at, height = (
        logs.locator(".gunj-log-row")
        .nth(10)
        .evaluate(
            "row => { const t = row.querySelector('.gunj-log-time').textContent.split(/[:.]/).map(Number), now = new Date();"
            " return [now - new Date(now).setHours(...t), row.closest('.gunj-log').clientHeight]; }"
        )
    )
    assert height > 100
    moved(notebook, chart.locator(".u-over"), 1 - (at + 400) / 600_000, 0.9)
    until(lambda: logs.locator(".gunj-log-row[data-pointed]").count() == 1, 5, "the nearest log line")
    page.screenshot(path=OUTPUT / f"crosshair-log-{theme}-{width}.png")
    # From the timeline: the log line nearest to it, where that is in sight.
    moved(notebook, timeline.locator(".gunj-tl-bars:visible").first, 0.998, 0.5)
    until(lambda: cursor(chart) > 0, 5, "the cursor in the chart, from the timeline")
    timeline.locator(".gunj-tl-list > li", has_text="CertificateExpiresSoon").hover()
    until(
        lambda: notebook.widget("alerts").locator(".gunj-alert[data-pointed]").count() == 1,
        5,
        "the alert of that moment",
    )
    page.screenshot(path=OUTPUT / f"crosshair-row-{theme}-{width}.png")
    page.mouse.move(2, 2)
    until(lambda: not timeline.locator(".gunj-tl-point i").is_visible(), 5, "nothing is pointed at any more")
    assert page.locator("[data-pointed]").count() == 0
    # Pan with shift and the wheel, and with keys; then back and forward.
    moved(notebook, chart.locator(".u-over"), 0.5, 0.5)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, -150)
    page.keyboard.up("Shift")
    until(lambda: notebook.attribute("chart", "live") == "paused", 5, "the chart stands still where it was panned to")

    def bounds() -> list[int]:
        return list(json.loads(notebook.execute("print([round(t) for t in rt.range.bounds(rt.now()) or ()])")))

    until(bounds, 10, "the session's range follows")
    first = bounds()
    assert first[1] < float(notebook.execute("print(rt.now())")) - 10
    chart.locator(".gunj-plot").focus()
    page.keyboard.press("[")
    until(lambda: bounds()[1] < first[1] - 100, 10, "a quarter further back")
    chart.locator("button", has_text="⋯").click()
    page.screenshot(path=OUTPUT / f"pan-{theme}-{width}.png")
    chart.locator(".gunj-plot").focus()
    page.keyboard.press("Alt+ArrowLeft")
    until(lambda: bounds() == first, 10, "back to the stretch before")
    until(chart.get_by_role("button", name="The range after").is_enabled, 10, "there is a way forward")
    chart.get_by_role("button", name="The range after").click()
    until(lambda: bounds() != first, 10, "and forward")
    # A live stretch narrows the lists, and the chip leads out of it.
    notebook.execute("rt.range.set('now-30s')")
    chip = logs.locator(".gunj-range")
    until(lambda: "last 30 s" in (chip.text_content() or ""), 10, "the live stretch on the logs")
    chip.click()
    until(lambda: notebook.execute("print(rt.range.current)") == "None\n", 10, "the chip leads to all times")
    assert notebook.cell_errors() == []
