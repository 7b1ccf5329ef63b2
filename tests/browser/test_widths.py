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


ODD = """
import json, time
import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.events import codec
rt, long, t = gunj.connect("demo").wait_ready(), "x" * 200, time.time()
part = {"component": long, "status": "degraded", "message": long, "replicas": 3, "readyReplicas": 1, "updated": t}
condition = {"type": long, "status": "False", "reason": long, "message": long, "lastTransitionTime": t}
facts = {
    "platform.odd.status": {"id": "odd", "name": long, "phase": "Degraded", "message": long, "health": "degraded",
        "components": {long: part, "ok": part}, "conditions": [condition], "updated": t},
    "platform.odd.events": {"type": "Warning", "reason": long, "message": long, "component": long, "lastTimestamp": t},
    "alert.odd.firing": {"fingerprint": "odd", "status": "firing", "name": long, "severity": "critical",
        "platform": "odd", "component": long, "annotations": {"summary": long}, "startsAt": t},
}
for kind, payload in facts.items():
    frame = json.dumps({"type": kind, "payload": payload, "id": kind, "timestamp": t})
    get_io().call(rt._memory.take, codec.decode(frame, arrived=t, source="test"))
"""
BEYOND = """root => [...root.querySelectorAll('li, td, th, section, p')].map(box => {
    const edge = box.getBoundingClientRect().right + 1;
    const out = [...box.querySelectorAll('*')].find(e => e.getBoundingClientRect().right > edge);
    return getComputedStyle(box).overflowX === 'visible' && out ? `${box.className} ${out.className || out.tagName}` : '';
}).filter(Boolean).join()"""
"""What is beyond the right edge of the row, or of the cell, that it is in: there it lies over its neighbour."""


def test_a_long_name_without_spaces_stays_in_its_place(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., object]
) -> None:
    shown = (
        "gunj.PlatformCard(rt, 'odd')",
        "gunj.ComponentHealth(rt, 'odd')",
        "rt.alerts",
        "gunj.EventFeed(rt, 'odd')",
    )
    notebook = open_notebook(lab.write("odd", ODD, *shown), height=1200)
    notebook.run_all()
    page = notebook.page
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    for kind in ("platform", "health", "alerts", "events"):
        page.wait_for_selector(f".gunj[data-kind={kind}]", state="attached")
        until(lambda: "x" * 200 in notebook.text(kind), 30, f"{kind} with the name")  # noqa: B023
        for width in (320, 800):
            page.set_viewport_size({"width": width + 150, "height": 1200})
            notebook.show(kind)
            for script in (OUT, BEYOND):
                until(lambda: notebook.widget(kind).evaluate(script) == "", 5, f"{kind} holds it at {width}")  # noqa: B023
        shoot(notebook, f"long-name-{kind}", kind)
    assert notebook.cell_errors() == []
