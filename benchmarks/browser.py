"""Ten live charts in a real JupyterLab: frames a second, how old a sample is when it is on the screen, what the page costs.

The peer is bqplot with the same samples, at the two updates a second that it bears. Takes two and a half minutes, so it is run by
itself: `python benchmarks/browser.py`.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from measure import show
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.lab import CHROMIUM, FLAGS, Lab, Notebook, until

SECONDS = 15
CHARTS, SERIES, POINTS, RATE = 10, 10, 3_000, 60
FEED = f"""
import threading, time
import numpy as np
import gunj_widgets as gunj
from gunj_widgets.session.handles import LiveMetrics
rt = gunj.connect("demo").wait_ready()
span = {POINTS} / {RATE}
frames, labels = [], [{{"pod": f"p{{n}}"}} for n in range({SERIES})]
past = time.time() - span + np.arange({POINTS}) / {RATE}
for n in range({CHARTS}):
    frame = gunj.MetricFrame(span * 2)
    for k, label in enumerate(labels):
        frame.extend("cpu", label, past, np.sin(past / 5 + k) + k)
    frames.append(LiveMetrics.over(frame, window=span).attach(rt, f"bench{{n}}", f"chart {{n}}", span, lambda: None))
stop = threading.Event()
def feed():
    due = time.monotonic()
    while not stop.is_set():
        due += 1 / {RATE}
        now = time.time()
        for frame in frames:
            frame.extend_many([("cpu", label, [now], [float(np.sin(now / 5 + k) + k)], "") for k, label in enumerate(labels)])
        time.sleep(max(0.0, due - time.monotonic()))
threading.Thread(target=feed, daemon=True).start()
import ipywidgets
grid = ipywidgets.Layout(grid_template_columns="repeat(2, 1fr)", width="100%")
"""
OURS = (
    "ipywidgets.GridBox([gunj.MetricChart(rt, f, height=130, legend=False, marks=False) for f in frames], layout=grid)"
)
PEER = "ipywidgets.GridBox([f.to_bqplot(rate=2, max_points=100_000) for f in frames], layout=grid)"
WATCH = """async (seconds) => {
    const gaps = [], ages = [], arrived = [];
    const seen = new WeakMap();
    const charts = [...document.querySelectorAll('.gunj[data-kind=chart]')];
    const channel = new MessageChannel();
    const after = [];
    channel.port1.onmessage = () => { const now = Date.now(); for (const t of after.splice(0)) ages.push(now - t); };
    const end = performance.now() + seconds * 1000;
    let last = null;
    await new Promise((done) => {
        const frame = (now) => {
            if (last !== null) gaps.push(now - last);
            last = now;
            for (const chart of charts) {
                const x = Number(chart.dataset.lastX);
                if (x && seen.get(chart) !== x) { seen.set(chart, x); after.push(x); }
            }
            channel.port2.postMessage(0);
            if (now < end) requestAnimationFrame(frame); else done();
        };
        requestAnimationFrame(frame);
    });
    return {gaps, ages};
}"""
"""A sample counts as shown in the first task after the frame in which its chart took it in."""


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def renderer(browser_pid: int) -> list[psutil.Process]:
    """The processes of the browser that draw pages."""
    family = psutil.Process(browser_pid).children(recursive=True)
    return [p for p in family if "--type=renderer" in " ".join(p.cmdline())]


def measured(page: Any, cell: str, lab: Lab, *, name: str) -> dict[str, float]:
    notebook = Notebook(page, lab, lab.write(name, FEED, cell))
    notebook.open()
    notebook.run_all()
    shown = page.locator(".gunj[data-kind=chart], .bqplot")
    until(lambda: shown.count() >= CHARTS, 60, "the charts")
    page.wait_for_timeout(5_000)
    own = psutil.Process()
    chromium = next(
        p for p in own.children(recursive=True) if "--type=" not in " ".join(p.cmdline()) and "chrom" in p.name()
    )
    before = {p.pid: sum(p.cpu_times()[:2]) for p in renderer(chromium.pid)}
    seen = page.evaluate(WATCH, SECONDS)
    spent = sum(sum(p.cpu_times()[:2]) - before.get(p.pid, 0.0) for p in renderer(chromium.pid)) / SECONDS
    notebook.execute("stop.set()")
    notebook.shut()
    gaps = seen["gaps"]
    return {
        "fps": 1000 / statistics.mean(gaps),
        "slow": percentile(gaps, 0.95),
        "median": percentile(seen["ages"], 0.5),
        "p95": percentile(seen["ages"], 0.95),
        "cpu": spent,
    }


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for label, on, cell in (
            ("gunj, stock server", "false", OURS),
            ("gunj, with the extension", "true", OURS),
            ("bqplot at 2/s", "true", PEER),
        ):
            root = Path(place) / label.replace(" ", "-") / "notebooks"
            root.mkdir(parents=True)
            lab = Lab(root, {"GUNJ_FEED__MAX_RATE": "25"} if on == "false" else {}, nodelay=on == "true")
            page = browser.new_page(viewport={"width": 1600, "height": 1300})
            seen = measured(page, cell, lab, name="bench")
            page.close()
            lab.stop()
            age = ("–", "–") if cell is PEER else (f"{seen['median']:.0f} ms", f"{seen['p95']:.0f} ms")
            rows.append((label, f"{seen['fps']:.1f}", f"{seen['slow']:.0f} ms", *age, f"{seen['cpu']:.0%}"))
        browser.close()
    show(
        f"{CHARTS} charts x {SERIES} series x {POINTS:,} points, {RATE} updates/s (goal 58 fps; p95 50 ms, with the extension 30 ms)",
        ("", "fps", "frame p95", "sample to paint", "p95", "renderer CPU"),
        rows,
    )


if __name__ == "__main__":
    main()
