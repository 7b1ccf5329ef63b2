"""A widget that is opened and closed again and again leaves nothing: no listener, no comm, no memory, no channel."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.browser.lab import Lab, Notebook, until

CYCLES = 1_000 if os.environ.get("GUNJ_SOAK") else 60
BATCH = 24
"""Each kind twice: what is made once is made by then."""
FIRST = """
import gc
import anywidget
import ipywidgets
from IPython.display import display
import gunj_widgets as gunj
from gunj_widgets.widgets.base import room
rt = gunj.connect("demo").wait_ready()
m = rt.metrics("production", ["cpu_usage"], window="1m")
place = ipywidgets.VBox()
rt.record("cycles.gunj").stop()
back = gunj.replay("cycles.gunj")
kinds = {
    "alerts": lambda: gunj.AlertPanel(rt),
    "chart": lambda: gunj.MetricChart(rt, m, height=100),
    "commands": lambda: gunj.CommandPanel(rt, "production"),
    "events": lambda: gunj.EventFeed(rt, "production"),
    "health": lambda: gunj.ComponentHealth(rt, "production"),
    "logs": lambda: gunj.LogViewer(rt, "production", height=100),
    "operations": lambda: gunj.OperationProgress(rt, "production"),
    "platform": lambda: gunj.PlatformCard(rt, "production"),
    "pressure": lambda: gunj.BackpressureMonitor(rt),
    "status": lambda: gunj.ConnectionStatus(rt),
    "timeline": lambda: gunj.IncidentTimeline(rt, "production"),
    "transport": lambda: gunj.ReplayBar(back),
}
made = 0
class Peer(anywidget.AnyWidget):
    _esm = "export default {render({el}) { el.innerHTML = '<p class=\\"gunj\\">a peer</p>'; }};"
def cycle(peer):
    global made
    widget = Peer() if peer else list(kinds.values())[made % len(kinds)]()
    made += 1
    place.children = (widget,)
    return widget
rt
"""
KINDS = """
from gunj_widgets.widgets.dashboard import KINDS
print(sorted(set(kinds) ^ set(KINDS)))
"""
SHOW = "last = cycle({})"
CLOSE = "place.children = (); last.close(); del last"
COUNT = """
from ipywidgets.widgets.widget import _instances
gc.collect()
feed = room(rt).feed
print(len(_instances), len(feed._channels), sum(len(p.views) for p in feed.pages._pages.values()))
"""


@pytest.mark.timeout(3_600 if CYCLES == 1_000 else 1_800)
def test_leaves_nothing(
    open_notebook: Callable[..., Notebook], lab: Lab, record_property: Callable[[str, str], None]
) -> None:
    notebook = open_notebook(lab.write("cycles", FIRST, "place"))
    notebook.run_all()
    page = notebook.page
    until(lambda: page.locator(".gunj[data-kind=status]").count() == 1, 60, "the bystander")
    notebook.wait_idle(60)
    assert notebook.execute(KINDS).strip() == "[]", "each kind that there is has its turn"
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def cycles(count: int, *, peer: bool = False) -> None:
        for n in range(count):
            notebook.execute(SHOW.format(peer))
            until(lambda: page.locator(".gunj").count() == 2, 20, f"widget {n}", every=0.02)
            notebook.execute(CLOSE)
            until(lambda: page.locator(".gunj").count() == 1, 20, f"no widget {n}", every=0.02)

    def seen() -> dict[str, float]:
        devtools.send("HeapProfiler.collectGarbage")
        found = {metric["name"]: metric["value"] for metric in devtools.send("Performance.getMetrics")["metrics"]}
        kernel = dict(zip(("models", "channels", "views"), map(int, notebook.execute(COUNT).split()), strict=True))
        names = ("JSEventListeners", "Nodes", "JSHeapUsedSize")
        return {name: found[name] for name in names} | kernel

    def left(*, peer: bool) -> dict[str, float]:
        """What a cycle leaves behind."""
        cycles(BATCH, peer=peer)
        before = seen()
        cycles(CYCLES, peer=peer)
        after = seen()
        return {name: (after[name] - before[name]) / CYCLES for name in after}

    ours, theirs = left(peer=False), left(peer=True)
    record_property("left by an opening and closing", f"{ours}; by the smallest anywidget there can be {theirs}")
    assert [ours[name] for name in ("models", "channels", "views")] == [0, 0, 0]
    # JupyterLab and anywidget keep a little of each message and module they ever saw, whoever's it was; and the page may not
    # have let go yet of the last one or two, each with a hundred listeners.
    assert ours["JSEventListeners"] < theirs["JSEventListeners"] + max(1, 300 / CYCLES)
    assert ours["Nodes"] < theirs["Nodes"] + 5
    assert ours["JSHeapUsedSize"] < theirs["JSHeapUsedSize"] + 10_000
