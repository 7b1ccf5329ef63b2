"""The bqplot figure in real JupyterLab: drawn, going on, brushed, and on the session's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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


def test_its_times_are_those_of_the_other_views(open_notebook: Callable[..., Notebook], lab: Lab) -> None:
    cells = (CELLS[0] + "\nrt.range.zone = 'Asia/Kathmandu'", "m", "fig = m.to_bqplot()\nfig")
    notebook = open_notebook(lab.write("figure-zone", *cells))
    notebook.run_all()
    page = notebook.page
    axis = page.locator(".bqplot g.axis", has_text="time (")
    until(lambda: axis.locator(".tick text").count() >= 3, 60, "ticks")
    assert "time (Asia/Kathmandu, UTC+05:45)" in str(axis.text_content())

    def agrees() -> bool:
        now, told = datetime.now(ZoneInfo("Asia/Kathmandu")), axis.locator(".tick text").all_text_contents()
        ago = [(now.hour * 60 + now.minute - int(t[:2]) * 60 - int(t[3:])) % 1440 for t in told]
        return len(ago) >= 3 and max(ago) <= 12

    until(agrees, 10, "each tick tells a time of the last minutes, as the clocks there show it")
    page.locator(".bqplot").first.screenshot(path=Path(OUTPUT) / "figure-zone.png")
    notebook.execute("rt.range.zoom(1792890000 - 5000, 1792890000 + 5000); rt.range.zone = 'Europe/Berlin'")
    put_back = ["02:00", "02:30", "02:00", "02:30", "03:00"]
    until(lambda: axis.locator(".tick text").all_text_contents() == put_back, 10, "the night the clocks are put back")
    assert "UTC+02:00 → UTC+01:00" in str(axis.text_content())
    at = [tick.bounding_box()["x"] for tick in axis.locator(".tick").all()]  # type: ignore[index]
    assert at == sorted(at)
    page.locator(".bqplot").first.screenshot(path=Path(OUTPUT) / "figure-put-back.png")
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
