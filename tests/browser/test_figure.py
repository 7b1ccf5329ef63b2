"""The bqplot figure in real JupyterLab: drawn, going on, brushed, and on the session's clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import OUTPUT
from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()\nm = rt.metrics('production', 'cpu_usage')",
    "fig = m.to_bqplot()\nfig",
)
MIDDLE = """line => {
    const at = line.getPointAtLength(line.getTotalLength() / 2);
    const there = new DOMPoint(at.x, at.y).matrixTransform(line.getScreenCTM());
    return [there.x, there.y];
}"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1400), ("dark", 800)])
def test_a_figure_goes_on_and_is_brushed(
    open_notebook: Callable[..., Notebook], lab: Lab, theme: str, width: int
) -> None:
    notebook = open_notebook(lab.write("figure", *CELLS), theme=theme, width=width)
    notebook.run_all()
    page = notebook.page
    lines = page.locator(".bqplot path.line[d]")
    until(lambda: lines.count() >= 5, 60, "the lines are drawn")
    before = lines.first.get_attribute("d")
    until(lambda: lines.first.get_attribute("d") != before, 15, "the lines go on")
    whole = int(notebook.execute("print(len(fig.selection))"))
    area = page.locator(".bqplot rect.overlay, .bqplot .overlay").first.bounding_box()
    assert area is not None
    page.mouse.move(area["x"] + area["width"] * 0.7, area["y"] + area["height"] / 2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.9, area["y"] + area["height"] / 2, steps=5)
    page.mouse.up()
    until(lambda: 0 < int(notebook.execute("print(len(fig.selection))")) < whole, 15, "the brush selects rows")
    moved = "print(rt.range.is_live, rt.range.steps, fig.time_scale.min is not None)"
    until(lambda: notebook.execute(moved).strip() == "False (1, 0) True", 10, "it moves the clock, once")
    page.wait_for_timeout(1_500)
    assert notebook.execute(moved).strip() == "False (1, 0) True", "and nothing goes round in circles"
    page.locator(".bqplot").first.screenshot(path=Path(OUTPUT) / f"figure-{theme}-{width}.png")
    notebook.execute("now = m.df.index[-1].timestamp(); rt.range.zoom(now - 60, now - 30)")
    until(lambda: notebook.execute("print(fig.time_scale.min is not None)").strip() == "True", 10, "the clock moves it")
    notebook.execute("fig.close()")
    assert notebook.cell_errors() == []


def test_without_a_brush_a_line_tells_its_name(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    notebook = open_notebook(lab.write("figure-names", CELLS[0], "m.to_bqplot(brush=False)"))
    notebook.run_all()
    page = notebook.page
    lines = page.locator(".bqplot path.line[d]")
    until(lambda: lines.count() >= 5, 60, "the lines are drawn")
    shown = page.locator(".bqplot_mark_tooltip:visible")

    def told() -> bool:
        x, y = lines.first.evaluate(MIDDLE)
        page.mouse.move(x - 9, y - 9)
        page.mouse.move(x, y, steps=3)
        return shown.count() > 0

    until(told, 20, "the name under the pointer", every=0.3)
    name = str(shown.first.text_content()).removeprefix("series")
    assert name in {"alertmanager", "grafana", "loki", "prometheus", "tempo"}
    assert notebook.cell_errors() == []
