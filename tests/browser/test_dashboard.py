"""The dashboard in real JupyterLab: side by side where there is room, under one another where there is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import OUTPUT
from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_accessibility import AXE, serious

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()\nm = rt.metrics('production', 'cpu_usage')",
    "gunj.Dashboard([[rt.platform('production'), m], [rt.logs('production'), rt.alerts], rt.timeline])",
)


@pytest.mark.parametrize(("theme", "width", "columns"), [("light", 1400, 2), ("dark", 800, 1)])
def test_a_dashboard_fits_its_width(
    open_notebook: Callable[..., Notebook], lab: Lab, theme: str, width: int, columns: int
) -> None:
    notebook = open_notebook(lab.write("board", *CELLS), theme=theme, width=width, height=1400)
    notebook.run_all()
    until(lambda: notebook.page.locator(".gunj").count() == 5, 60, "five widgets")
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")

    def beside() -> bool | None:
        """None while one of them is being shown anew, as when its part of the browser code comes."""
        boxes = [notebook.widget(kind).bounding_box() for kind in ("platform", "chart")]
        return abs(boxes[0]["y"] - boxes[1]["y"]) < 30 if boxes[0] and boxes[1] else None

    until(lambda: beside() is (columns == 2), 20, f"{columns} beside one another")
    wide = "e => e.scrollWidth <= e.clientWidth + 1"
    assert notebook.page.locator(".jp-OutputArea-output").last.evaluate(wide), "nothing sticks out"
    notebook.page.screenshot(path=Path(OUTPUT) / f"dashboard-{theme}-{width}.png")
    notebook.page.add_script_tag(path=AXE)
    assert serious(notebook.page) == []
    assert notebook.cell_errors() == []
