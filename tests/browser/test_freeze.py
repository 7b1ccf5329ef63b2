"""What stays in the saved notebook: frozen outputs that need no kernel, and little enough of the widgets themselves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.conftest import OUTPUT
from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()\np = rt.platform('production')\np",
    "a = gunj.MetricChart(rt, 'production', 'cpu_usage', key='cpu')\na",
    "gunj.MetricChart(rt, 'production', 'memory_usage', key='mem')",
    "gunj.LogViewer(rt, 'production', key='logs')",
    "rt.alerts",
    "rt.timeline",
    "gunj.EventFeed(rt)",
    "gunj.OperationProgress(rt)",
    "gunj.BackpressureMonitor(rt)",
    "rt",
)
MOST = 200_000
"""Bytes of widget state in the file, for ten widgets."""


def saved(lab: Lab, notebook: Notebook) -> dict[str, Any]:
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    path = Path(lab.root) / notebook.name
    read = lambda: json.loads(path.read_text(encoding="utf-8"))  # noqa: E731
    return dict(until(lambda: read() if "image/png" in path.read_text(encoding="utf-8") else None, 20, "the file"))


def test_the_saved_notebook_shows_what_was_frozen(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    notebook = open_notebook(lab.write("freeze", *CELLS, "a.freeze()", "p.view().freeze()"))
    notebook.run_all()
    notebook.wait_idle(90)
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    picture = notebook.page.locator(".jp-OutputArea-output img[src^='data:image/png']")
    until(lambda: picture.count() > 0, 20, "the picture of the chart")
    file = saved(lab, notebook)
    outputs = [o for cell in file["cells"] for o in cell["outputs"]]
    png = next(o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {}))
    assert base64.b64decode(png).startswith(b"\x89PNG")
    html = "".join("".join(o["data"]["text/html"]) for o in outputs if "text/html" in o.get("data", {}))
    assert "prometheus" in html
    assert "<script" not in html
    states = file["metadata"].get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    assert len(json.dumps(states)) < MOST
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "frozen.png").write_bytes(base64.b64decode(png))
    assert notebook.cell_errors() == []


def test_a_chart_out_of_sight_is_frozen_too(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    below = "from IPython.display import HTML; HTML(\"<div style='height:3000px'></div>\")"
    notebook = open_notebook(lab.write("freeze-below", CELLS[0], CELLS[1], below, "'the end'"))
    notebook.run_all()
    notebook.wait_idle(90)
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    notebook.page.get_by_text("'the end'").last.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(500)
    notebook.execute("a.freeze()")
    until(lambda: notebook.execute("print(a._picture_asked)").strip() == "False", 20, "the picture")


def test_running_a_cell_again_with_a_key_leaves_one_widget(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    notebook = open_notebook(lab.write("keyed", CELLS[0], CELLS[1]))
    counts = []
    for _ in range(3):
        notebook.run_all()
        notebook.page.wait_for_timeout(500)
        notebook.wait_idle(60)
        until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
        counted = "print(sum(getattr(w, 'kind', '') == 'chart' for w in _instances.values()))"
        code = f"from ipywidgets.widgets.widget import _instances; {counted}"
        counts.append(int(notebook.execute(code)))
    assert counts == [1, 1, 1]
    assert notebook.cell_errors() == []
