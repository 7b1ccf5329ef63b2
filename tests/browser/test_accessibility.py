"""Every widget through axe-core, in light and in dark: nothing serious."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
FIRST = """import contextlib
import gunj_widgets as gunj
rt = gunj.connect("demo").wait_ready()
rt.note("rolled back")
with contextlib.suppress(gunj.GunjError):  # the other theme's backup may still be under way
    rt.scenario("loki-volume-full", speed=20)
    rt.command("production", "backup")"""
CELLS = (
    FIRST,
    "rt",
    "rt.platform('production')",
    "gunj.MetricChart(rt, 'production', 'cpu_usage', height=160, thresholds=[(30, 'high')])",
    "gunj.MetricChart(rt, 'production', 'cpu_usage', facet='component')",
    "gunj.ComponentHealth(rt, 'production')",
    "gunj.LogViewer(rt, 'production', height=160)",
    "rt.alerts",
    "rt.timeline",
    "gunj.EventFeed(rt)",
    "gunj.OperationProgress(rt)",
    "gunj.BackpressureMonitor(rt)",
)
RUN = """async () => {
    const found = await axe.run('.gunj', {resultTypes: ['violations', 'passes'], rules: {region: {enabled: false}}});
    return [found.passes.length, found.violations.map((v) => ({id: v.id, impact: v.impact, help: v.help,
        nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 160) + ' | ' + (n.any[0]?.message ?? ''))}))];
}"""
"""`region`: landmarks are the page's affair, and the page is the notebook's."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious(open_notebook: Callable[..., Notebook], lab: Lab, theme: str) -> None:
    notebook = open_notebook(lab.write("axe", *CELLS), theme=theme, width=1200, height=3900)
    notebook.run_all()
    page = notebook.page
    until(lambda: page.locator(".gunj").count() == 11, 60, "eleven widgets")
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    until(lambda: notebook.number("alerts", "active") > 0, 60, "an alert")
    chart = notebook.widget("chart")
    chart.locator("button", has_text="⋯").click()
    chart.locator("button", has_text="Table").click()
    page.add_script_tag(path=AXE)
    passed, found = page.evaluate(RUN)
    assert passed > 15, "axe looked"
    notebook.execute("rt.end_scenario('loki-volume-full')")
    assert [v for v in found if v["impact"] in ("serious", "critical")] == []
