"""Every widget in a narrow, a usual and a wide cell, light and dark: nothing sticks out, and a picture of each to look at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "rt.platform('production')",
    "m = rt.metrics('production', ['cpu_usage'], window='5m')\nm.plot()",
    "m.plot(facet='component')",
    "gunj.LogViewer(rt, 'production', height=220)",
    "rt.alerts",
    "rt.timeline",
    "gunj.EventFeed(rt)",
    "gunj.OperationProgress(rt)",
    "gunj.CommandPanel(rt, 'production')",
    "gunj.ComponentHealth(rt, 'production')",
    "gunj.BackpressureMonitor(rt)",
    "rt",
)
WIDTHS = (400, 800, 1400)
OUT = """root => {
    const edge = root.getBoundingClientRect().right + 1;
    const clipped = e => { for (let p = e.parentElement; p !== root; p = p.parentElement)
        if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
    const out = [...root.querySelectorAll('*')].find(e => e.getBoundingClientRect().right > edge
        && getComputedStyle(e).visibility !== 'hidden' && !clipped(e));
    return out ? out.className || out.tagName : '';
}"""
"""The first part of a widget that is beyond its right edge, unless whatever holds it scrolls or shortens it."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_widget_fits_its_cell(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., object], theme: str
) -> None:
    notebook = open_notebook(lab.write("widths", *CELLS), theme=theme, height=1200)
    notebook.run_all()
    page = notebook.page
    until(lambda: page.locator(".gunj").count() == len(CELLS) - 1, 90, "all widgets")
    until(lambda: page.locator(".gunj[data-live=live]").count() == len(CELLS) - 1, 60, "all of them live")
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    shown = [(one, one.get_attribute("data-kind")) for one in page.locator(".gunj").all()]
    for width in WIDTHS:
        page.set_viewport_size({"width": width + 150, "height": 1200})
        for n, (one, kind) in enumerate(shown):
            one.scroll_into_view_if_needed()  # a chart out of sight is drawn once it is seen
            until(lambda: one.evaluate(OUT) == "", 5, f"{kind} fits into {width}")  # noqa: B023
            one.screenshot(path=f"test-output/screenshots/{n:02}-{kind}-{width}-{theme}.png")
    assert notebook.cell_errors() == []
