"""What benchmarks/browser.py runs in a notebook: the same samples for our charts and for each peer, as cells."""

from __future__ import annotations

from pathlib import Path

CHARTS, SERIES, POINTS, RATE = 10, 10, 3_000, 60
UPLOT = Path(__file__).parents[1] / "js" / "node_modules" / "uplot" / "dist"

COMMON = f"""
import threading, time, ipywidgets
import numpy as np
SPAN = {POINTS} / {RATE}
past = time.time() - SPAN + np.arange({POINTS}) / {RATE}
grid = ipywidgets.Layout(grid_template_columns="repeat(2, 1fr)", width="100%")
stop = threading.Event()
def every(rate, push):
    def run():
        due = time.monotonic()
        while not stop.is_set():
            due += 1 / rate
            push(time.time())
            time.sleep(max(0.0, due - time.monotonic()))
    threading.Thread(target=run, daemon=True).start()
"""

FRAMES = f"""
import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.session.handles import LiveMetrics
rt = gunj.connect("demo").wait_ready()
frames, labels = [], [{{"pod": f"p{{n}}"}} for n in range({SERIES})]
for n in range({CHARTS}):
    frame = gunj.MetricFrame(SPAN * 2)
    for k, label in enumerate(labels):
        frame.extend("cpu", label, past, np.sin(past / 5 + k) + k)
    frames.append(LiveMetrics.over(frame, window=SPAN).attach(rt, f"bench{{n}}", f"chart {{n}}", SPAN, lambda: None))
def push(now):
    for frame in frames:
        frame.extend_many([("cpu", label, [now], [float(np.sin(now / 5 + k) + k)], "") for k, label in enumerate(labels)])
waits = []
"""
"""Our session's frames."""

FED = f"every({RATE}, lambda now: get_io().call(push, now))  # as a session does: its store is written on gunj-io\n"

OURS = (
    FED
    + """
from gunj_widgets.widgets.base import room
charts = [gunj.MetricChart(rt, f, height=130, legend=False, marks=False) for f in frames]
feed = room(rt).feed
passed = feed._send
def timed(envelope, buffers):
    if any(part["kind"] == "metrics" for part in envelope["parts"]):
        waits.append((frames[0].series[0].last_time, time.time()))
    passed(envelope, buffers)
feed._send = timed
ipywidgets.GridBox(charts, layout=grid)
"""
)

BQPLOT = FED + "ipywidgets.GridBox([f.to_bqplot(rate=2, max_points=100_000) for f in frames], layout=grid)"

PLOTLY = f"""
import plotly.graph_objects as go
def figure():
    made = go.FigureWidget(layout=dict(height=150, margin=dict(l=30, r=5, t=5, b=20), showlegend=False))
    for k in range({SERIES}):
        made.add_scatter(x=past, y=np.sin(past / 5 + k) + k, mode="lines")
    return made
figures = [figure() for _ in range({CHARTS})]
def push(now):
    x = now - SPAN + np.arange({POINTS}) / {RATE}
    for made in figures:
        with made.batch_update():
            for k, line in enumerate(made.data):
                line.x, line.y = x, np.sin(x / 5 + k) + k
every(2, push)
ipywidgets.GridBox(figures, layout=grid)
"""

UPLOT_VIEW = """
const CHARTS = @CHARTS, SERIES = @SERIES, POINTS = @POINTS;
export default { render({ model, el }) {
	const style = document.createElement('style'); style.textContent = model.get('css'); el.append(style);
	const box = document.createElement('div'); box.className = 'peer-uplot';
	box.style.cssText = 'display:grid;grid-template-columns:repeat(2,1fr)'; el.append(box);
	const past = new Float64Array(model.get('past').buffer.slice(model.get('past').byteOffset));
	const charts = [];
	requestAnimationFrame(() => {
		for (let c = 0; c < CHARTS; c++) {
			const host = document.createElement('div'); box.append(host);
			const data = [past.slice()];
			const series = [{}];
			for (let k = 0; k < SERIES; k++) {
				data.push(past.map((t) => Math.sin(t / 5 + k) + k));
				series.push({ stroke: `hsl(${k * 36} 70% 45%)`, width: 1 });
			}
			charts.push(new uPlot({ width: box.clientWidth / 2 - 10, height: 130, series, legend: { show: false } }, data, host));
		}
	});
	let due = false, newest = 0;
	model.on('msg:custom', ({ t, y }) => {
		newest = t * 1000;
		for (const chart of charts) chart.data.forEach((column, k) => {
			column.copyWithin(0, 1); column[POINTS - 1] = k === 0 ? t : y[k - 1];
		});
		if (due) return;
		due = true;
		requestAnimationFrame(() => {
			due = false;
			for (const chart of charts) chart.setData(chart.data);
			box.dataset.drawnX = newest;
		});
	});
} };
"""
for name, number in {"@CHARTS": CHARTS, "@SERIES": SERIES, "@POINTS": POINTS}.items():
    UPLOT_VIEW = UPLOT_VIEW.replace(name, str(number))

UPLOT_FULL = f"""
import anywidget, traitlets
from pathlib import Path
class Peer(anywidget.AnyWidget):
    _esm = Path({str(UPLOT / "uPlot.esm.js")!r}).read_text().replace("export {{ uPlot as default }};", "") + {UPLOT_VIEW!r}
    css = traitlets.Unicode(Path({str(UPLOT / "uPlot.min.css")!r}).read_text()).tag(sync=True)
    past = traitlets.Bytes(past.tobytes()).tag(sync=True)
peer = Peer()
every({RATE}, lambda now: peer.send({{"t": now, "y": [float(np.sin(now / 5 + k) + k) for k in range({SERIES})]}}))
peer
"""
"""As fast as uPlot goes without us: only what is new is sent, once for all charts, and each is drawn once a frame."""

LINES = 100_000
LOGS = f"""
import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.events.records import LogEntry
rt = gunj.connect("demo", retention={{"logs_rows": {LINES}, "logs_age": 36000.0}}).wait_ready()
logs = rt.logs("production")
buffer = rt.store.logs(rt.platform("production").record.id)
told = 0
def add(count):
    global told
    now = time.time()
    for _ in range(count):
        told += 1
        buffer.append(LogEntry(
            time=now, level=("info", "debug", "warn", "error")[told % 4], component="loki", message=f"line {{told}}: " + "words " * 15
        ))
get_io().call(add, {LINES})
every(50, lambda now: get_io().call(add, 40))
"""
"""A hundred thousand lines, and two thousand more a second."""
