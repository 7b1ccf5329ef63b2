"""The two one would reach for, Perspective and Panel: one more sample, reading all of them, and one live chart in a real JupyterLab.

They are not among what development needs: `pip install -e '.[rivals]'` into an environment of its own, then
`python benchmarks/run.py rivals`. Perspective draws one widget a page, so one chart is what is compared.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import rival_cells as cells
from browser import Burning, laboratory, percentile
from frames import KEPT, T0, Ticks, filled, labels_of
from measure import by_turns, show
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.lab import CHROMIUM, FLAGS, Lab, Notebook, until

SECONDS = 10
ROUNDS = 3
ASKED = 20
"""Cells run meanwhile, to see how soon the kernel has time for its user."""
COUNT = """() => {
    window.inked = 0;
    const draws = ['stroke', 'fill', 'fillRect', 'clearRect', 'drawImage', 'putImageData', 'drawArrays', 'drawElements',
        'drawArraysInstanced', 'drawElementsInstanced', 'transferFromImageBitmap'];
    const kinds = [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D, WebGLRenderingContext, WebGL2RenderingContext,
        ImageBitmapRenderingContext];
    for (const { prototype } of kinds) for (const name of draws) {
        const draw = prototype[name];
        if (draw) prototype[name] = function (...given) { window.inked++; return draw.apply(this, given); };
    }
}"""
WATCH = """async (seconds) => {
    const gaps = [], end = performance.now() + seconds * 1000;
    let last = null, before = window.inked, draws = 0;
    await new Promise((done) => {
        setTimeout(done, seconds * 3000);
        const frame = (now) => {
            if (last !== null) gaps.push(now - last);
            last = now;
            draws += window.inked !== before;
            before = window.inked;
            if (now < end) requestAnimationFrame(frame); else done();
        };
        requestAnimationFrame(frame);
    });
    return {gaps, draws: draws / seconds};
}"""
"""Frames in which anything was drawn on any canvas of the page, whoever draws it."""


def ours() -> tuple[Callable[[], int], Callable[[], int]]:
    frame, ticks = filled()
    labels = labels_of(1_000)

    def write() -> int:
        now = ticks.next()
        for pod in labels:
            frame.append("cpu", pod, now, 1.5)
        return len(labels)

    def read() -> int:
        assert frame.df.size >= KEPT
        return 1

    return write, read


def perspective(looked_at: bool) -> tuple[Callable[[], int], Callable[[], int]]:
    from perspective import Server

    table = Server().new_local_client().table({"time": "datetime", "pod": "string", "value": "float"}, limit=KEPT)
    times = pd.to_datetime(T0 + np.arange(KEPT) // 1_000, unit="s")
    table.update(pd.DataFrame({"time": times, "pod": [f"p{n % 1_000}" for n in range(KEPT)], "value": 1.5}))
    view = table.view()
    if not looked_at:
        view.delete()
    ticks = Ticks()
    ticks.now += KEPT / 1_000

    def write() -> int:
        table.update([{"time": int(ticks.next() * 1000), "pod": "p1", "value": 1.5}])
        table.size()  # what was written is there
        return 1

    def read() -> int:
        assert len(view.to_dataframe()) == KEPT
        return 1

    return write, read


def panel() -> tuple[Callable[[], int], Callable[[], int]]:
    from bokeh.models import ColumnDataSource

    stamps = (T0 + np.arange(KEPT) // 1_000) * 1000
    pods = np.array([f"p{n % 1_000}" for n in range(KEPT)], object)
    source = ColumnDataSource({"time": stamps, "pod": pods, "value": np.full(KEPT, 1.5)})
    ticks = Ticks()
    ticks.now += KEPT / 1_000

    def write() -> int:
        source.stream({"time": [ticks.next() * 1000], "pod": ["p1"], "value": [1.5]}, rollover=KEPT)
        return 1

    def read() -> int:
        assert len(pd.DataFrame(source.data)) == KEPT
        return 1

    return write, read


def in_the_kernel() -> None:
    (write, read), (table, view), (unseen, _), (stream, columns) = (
        ours(),
        perspective(True),
        perspective(False),
        panel(),
    )
    names = ("gunj", "Perspective, looked at", "Perspective, not looked at", "Panel")
    written = by_turns(dict(zip(names, (write, table, unseen, stream), strict=True)), rounds=5)
    rows = [(name, f"{written[name] / 1000:,.1f}", written.ratio(name, names[0], ",.0f")) for name in names]
    show(f"One sample more, {KEPT:,} kept", ("", "µs CPU", "x gunj"), rows)
    readers = dict(zip((names[0], names[1], names[3]), (read, view, columns), strict=True))
    found = by_turns(readers, rounds=5)
    rows = [(name, f"{found[name] / 1e6:,.1f}", found.ratio(name, names[0], ",.0f")) for name in readers]
    show(f"{KEPT:,} samples as a DataFrame", ("", "ms CPU", "x gunj"), rows)


def kernel() -> psutil.Process:
    family = psutil.Process().children(recursive=True)
    return next(each for each in family if "ipykernel_launcher" in " ".join(each.cmdline()))


def watched(browser: Browser, lab: Lab, shown: str, code: tuple[str, ...]) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1600, "height": 1300})
    page.set_default_timeout(120_000)
    page.add_init_script(f"({COUNT})()")
    notebook = Notebook(page, lab, lab.write("rivals", *code))
    notebook.open()
    notebook.run_all()
    until(lambda: page.locator(shown).count() > 0, 90, "the chart")
    page.locator(shown).first.evaluate("e => e.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(8_000)
    burning, busy = Burning(), kernel()
    before = sum(busy.cpu_times()[:2])
    seen = page.evaluate(WATCH, SECONDS)
    spent = burning.seconds() / SECONDS, (sum(busy.cpu_times()[:2]) - before) / SECONDS
    answers = []
    for _ in range(ASKED):
        began = time.perf_counter()
        notebook.execute("1")
        answers.append((time.perf_counter() - began) * 1000)
    notebook.shut()
    page.close()
    return {**seen, "page": spent[0], "kernel": spent[1], "answers": answers}


def in_the_browser() -> None:
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in cells.KINDS}
    with tempfile.TemporaryDirectory() as made, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for turn in range(ROUNDS):
            for n, (name, (shown, code)) in enumerate(cells.KINDS.items()):
                with laboratory(Path(made), f"{turn}-{n}", nodelay=False) as lab:
                    runs[name].append(watched(browser, lab, shown, code))
        browser.close()
    rows = []
    for name, seen in runs.items():
        gaps = [gap for run in seen for gap in run["gaps"]]
        answers = [answer for run in seen for answer in run["answers"]]
        middle = {key: statistics.median(run[key] for run in seen) for key in ("draws", "page", "kernel")}
        rows.append(
            (
                name,
                f"{middle['draws']:.1f}",
                f"{1000 / statistics.mean(gaps):.0f}",
                f"{percentile(gaps, 0.95):.0f} ms",
                f"{middle['page']:.0%}",
                f"{middle['kernel']:.0%}",
                f"{percentile(answers, 0.5):.0f} / {percentile(answers, 0.95):.0f} ms",
            )
        )
    show(
        f"One chart of {cells.SERIES} series x {cells.POINTS:,} points, stock server, {ROUNDS} rounds of {SECONDS} s",
        ("", "draws/s", "fps", "frame p95", "page CPU", "kernel CPU", "a cell is answered, p50 / p95"),
        rows,
    )


if __name__ == "__main__":
    in_the_kernel()
    in_the_browser()
