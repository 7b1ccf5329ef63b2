"""Ten live charts in a real JupyterLab: frames a second, how old a sample is when it is on the screen, what the page costs.

The peers show the same samples: uPlot drawing everything anew, at the same rate; bqplot and plotly at the two updates a second
that they bear. Then the log viewer, a hidden tab, and where the time goes between a sample and the screen. Takes some minutes, so it
is run by itself: `python benchmarks/browser.py [rounds]`, all kinds in turn in each round.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import browser_peers as peers
import psutil
from browser_peers import CHARTS, POINTS, RATE, SERIES
from measure import show
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.lab import CHROMIUM, FLAGS, Lab, Notebook, until

SECONDS = 10
SHOWN = ".gunj[data-kind=chart], .bqplot, .js-plotly-plot, .peer-uplot .uplot"
OURS, UPLOT, BQPLOT, PLOTLY = (
    (peers.COMMON + peers.FRAMES, peers.OURS),
    (peers.COMMON, peers.UPLOT_FULL),
    (peers.COMMON + peers.FRAMES, peers.BQPLOT),
    (peers.COMMON, peers.PLOTLY),
)
KINDS = {
    "gunj, stock server": (False, OURS),
    "gunj, with the extension": (True, OURS),
    "uPlot, all drawn anew": (True, UPLOT),
    "bqplot at 2/s": (True, BQPLOT),
    "plotly FigureWidget at 2/s": (True, PLOTLY),
}
WATCH = """async (seconds) => {
    const gaps = [], ages = [], painted = [];
    const seen = new Map();
    const charts = [...document.querySelectorAll('.gunj[data-kind=chart], .peer-uplot')];
    const channel = new MessageChannel();
    // Runs in the first task after the frame: what is drawn by then is what the frame shows.
    channel.port1.onmessage = () => {
        const now = Date.now();
        for (const chart of charts) {
            const x = Number(chart.dataset.drawnX);
            const before = seen.get(chart);
            if (!x || before === x) continue;
            seen.set(chart, x);
            painted.push([x, now]);
            // Each sample counts, also those that a newer one came with.
            if (before) for (let t = x; t > before + 8; t -= 1000 / RATE) ages.push(now - t);
        }
    };
    const end = performance.now() + seconds * 1000;
    let last = null;
    await new Promise((done) => {
        setTimeout(done, seconds * 3000);
        const frame = (now) => {
            if (last !== null) gaps.push(now - last);
            last = now;
            channel.port2.postMessage(0);
            if (now < end) requestAnimationFrame(frame); else done();
        };
        requestAnimationFrame(frame);
    });
    return {gaps, ages, painted};
}""".replace("RATE", str(RATE))
SCROLL = """async (seconds) => {
    const log = document.querySelector('.gunj[data-kind=logs] .gunj-log');
    const gaps = [], end = performance.now() + seconds * 1000;
    let last = null;
    await new Promise((done) => {
        const frame = (now) => {
            if (last !== null) gaps.push(now - last);
            last = now;
            // Up and down through all of it, a few screens a frame, as somebody does who looks for something.
            log.scrollTop = (Math.sin(now / 900) / 2 + 0.5) * log.scrollHeight;
            if (now < end) requestAnimationFrame(frame); else done();
        };
        requestAnimationFrame(frame);
    });
    return gaps;
}"""
HIDE = """() => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""
"""Headless Chromium shows every page; what is measured is what we do in one that says it is hidden."""
TELL = "import json; print(json.dumps(sorted(waits)))"


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


class Burning:
    """CPU of the processes of the browser that draw pages, since it was made."""

    def __init__(self) -> None:
        own = psutil.Process()
        self._family = [p for p in own.children(recursive=True) if "--type=renderer" in " ".join(p.cmdline())]
        self._before = {p.pid: sum(p.cpu_times()[:2]) for p in self._family}

    def seconds(self) -> float:
        return sum(sum(p.cpu_times()[:2]) - self._before[p.pid] for p in self._family if p.is_running())


@contextmanager
def laboratory(place: Path, name: str, *, nodelay: bool) -> Iterator[Lab]:
    root = place / name / "notebooks"
    root.mkdir(parents=True)
    lab = Lab(root, {}, nodelay=nodelay)
    try:
        yield lab
    finally:
        lab.stop()


def measured(browser: Browser, lab: Lab, name: str, cells: tuple[str, ...]) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1600, "height": 1300})
    page.set_default_timeout(120_000)
    notebook = Notebook(page, lab, lab.write(name, *cells))
    notebook.open()
    notebook.run_all()
    shown = page.locator(SHOWN)
    until(lambda: shown.count() >= CHARTS, 90, "the charts")
    shown.first.evaluate("e => e.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(6_000)
    burning = Burning()
    seen = page.evaluate(WATCH, SECONDS)
    spent = burning.seconds() / SECONDS
    waits = json.loads(notebook.execute(TELL)) if cells == OURS else []
    notebook.shut()
    page.close()
    sent = {round(sample * 1000): moment * 1000 for sample, moment in waits}
    return {
        "gaps": seen["gaps"],
        "ages": seen["ages"],
        "cpu": spent,
        "waits": [(moment - sample) * 1000 for sample, moment in waits],
        "ways": [at - sent[round(x)] for x, at in seen["painted"] if round(x) in sent],
    }


def scrolled(browser: Browser, lab: Lab) -> list[float]:
    """Milliseconds between frames while a hundred thousand lines are scrolled through."""
    page = browser.new_page(viewport={"width": 1600, "height": 1300})
    notebook = Notebook(page, lab, lab.write("logs", peers.COMMON + peers.LOGS, "gunj.LogViewer(rt, logs, height=600)"))
    notebook.open()
    notebook.run_all()
    until(lambda: notebook.number("logs", "total") >= peers.LINES, 120, "the lines")
    until(lambda: page.locator(".gunj-log").evaluate("e => e.scrollHeight") > 1_000_000, 60, "them on the page")
    gaps = page.evaluate(SCROLL, SECONDS)
    notebook.shut()
    page.close()
    return list(gaps)


def hidden(browser: Browser, lab: Lab) -> tuple[float, float]:
    """Share of a core that a page with ten live charts takes while hidden, and without any widget."""
    spent = []
    for cells in ((peers.COMMON, "1"), OURS):
        page = browser.new_page(viewport={"width": 1600, "height": 1300})
        notebook = Notebook(page, lab, lab.write(f"hidden{len(spent)}", *cells))
        notebook.open()
        notebook.run_all()
        page.wait_for_timeout(8_000)
        page.evaluate(HIDE)
        page.wait_for_timeout(1_000)
        burning = Burning()
        page.wait_for_timeout(SECONDS * 1_000)
        spent.append(burning.seconds() / SECONDS)
        notebook.shut()
        page.close()
    return spent[1], spent[0]


def row(label: str, runs: list[dict[str, Any]]) -> tuple[str, ...]:
    gaps = [gap for run in runs for gap in run["gaps"]]
    ages = [age for run in runs for age in run["ages"]]
    waits = [wait for run in runs for wait in run["waits"]]
    ways = [way for run in runs for way in run["ways"]]
    times = [
        f"{percentile(some, 0.5):.0f} / {percentile(some, 0.95):.0f} ms" if some else "–"
        for some in (waits, ways, ages)
    ]
    cpu = statistics.median(run["cpu"] for run in runs)
    return (label, f"{1000 / statistics.mean(gaps):.1f}", f"{percentile(gaps, 0.95):.0f} ms", *times, f"{cpu:.0%}")


def main(rounds: int, only: str) -> None:
    runs: dict[str, list[dict[str, Any]]] = {label: [] for label in KINDS if only in label}
    with tempfile.TemporaryDirectory() as made, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for number in range(rounds):
            for n, label in enumerate(runs):
                nodelay, cells = KINDS[label]
                with laboratory(Path(made), f"{number}-{n}", nodelay=nodelay) as lab:
                    runs[label].append(measured(browser, lab, "bench", cells))
        with laboratory(Path(made), "more", nodelay=True) as lab:
            gaps, (away, bare) = scrolled(browser, lab), hidden(browser, lab)
        browser.close()
    show(
        f"{CHARTS} charts x {SERIES} series x {POINTS:,} points, {RATE} updates/s "
        "(goal 58 fps; kernel to paint p95 50 ms, with the extension 30 ms; CPU a third of uPlot's; times as p50 / p95)",
        ("", "fps", "frame p95", "sample to send", "send to paint", "sample to paint", "renderer CPU"),
        [row(label, seen) for label, seen in runs.items()],
    )
    show(
        f"{peers.LINES:,} log lines at 2,000/s while scrolling (goal 50 fps); ten charts in a hidden tab (goal 1 %)",
        ("", "seen"),
        [
            ("frames a second", f"{1000 / statistics.mean(gaps):.1f}"),
            ("between frames, p95", f"{percentile(gaps, 0.95):.0f} ms"),
            ("renderer CPU of the hidden page", f"{away:.1%}"),
            ("of a hidden page without widgets", f"{bare:.1%}"),
        ],
    )


if __name__ == "__main__":
    main(int(next(iter(sys.argv[1:]), 1)), next(iter(sys.argv[2:]), ""))
