"""What benchmarks/rivals.py runs in a notebook: the same ten series for our chart and for each rival's, as their own guides show it."""

from __future__ import annotations

import browser_peers as peers

SERIES, POINTS, RATE = peers.SERIES, peers.POINTS, peers.RATE
SLOW = 10
"""Updates a second that Perspective bears beside its widget: at 60 its kernel has no time left to show one."""

NAMES = f"""
names = [f"p{{k}}" for k in range({SERIES})]
def values(now):
    return {{name: np.sin(now / 5 + k) + k for k, name in enumerate(names)}}
"""

OURS = f"""
import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.session.handles import LiveMetrics
rt = gunj.connect("demo").wait_ready()
frame = gunj.MetricFrame(SPAN * 2)
for name, column in values(past).items():
    frame.extend("cpu", {{"pod": name}}, past, column)
live = LiveMetrics.over(frame, window=SPAN).attach(rt, "rivals", "a chart", SPAN, lambda: None)
def push(now):
    frame.extend_many([("cpu", {{"pod": name}}, [now], [float(value)], "") for name, value in values(now).items()])
every({RATE}, lambda now: get_io().call(push, now))
gunj.MetricChart(rt, live, height=400, marks=False)
"""

PERSPECTIVE = f"""
import pandas as pd, perspective
from perspective.widget import PerspectiveWidget
table = perspective.Server().new_local_client().table(
    {{"time": "datetime", **{{name: "float" for name in names}}}}, limit={POINTS}
)
table.update(pd.DataFrame({{"time": pd.to_datetime(past, unit="s"), **values(past)}}))
def push(now):
    table.update([{{"time": int(now * 1000), **{{name: float(value) for name, value in values(now).items()}}}}])
every({SLOW}, push)
PerspectiveWidget(table, plugin="Y Line", group_by=["time"], columns=names)
"""

PANEL = f"""
import panel as pn
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
pn.extension(inline=True)
source = ColumnDataSource({{"time": past * 1000, **values(past)}})
plot = figure(x_axis_type="datetime", height=400, sizing_mode="stretch_width")
for name in names:
    plot.line("time", name, source=source)
pane = pn.pane.Bokeh(plot)
def push():
    now = time.time()
    row = {{name: [float(value)] for name, value in values(now).items()}}
    source.stream({{"time": [now * 1000], **row}}, rollover={POINTS})
    pn.io.push_notebook(pane)
"""

BEFORE = peers.COMMON + NAMES
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    f"gunj, {RATE} updates/s": (".gunj[data-kind=chart] canvas", (BEFORE, OURS)),
    f"Panel (Bokeh), {RATE}/s asked for": (
        ".bk-panel-models-layout-Column, .bk-Figure",
        (BEFORE + PANEL, "pane", f"timer = pn.state.add_periodic_callback(push, period={1000 // RATE})"),
    ),
    f"Perspective, {SLOW}/s": ("perspective-viewer", (BEFORE, PERSPECTIVE)),
}
"""By name: what shows that the chart is there, and the cells."""
