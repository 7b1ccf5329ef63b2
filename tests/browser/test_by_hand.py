"""What a user sets by hand in real JupyterLab: there after the cell is run again and after the page is reloaded."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator

from tests.browser.lab import Lab, Notebook, until

WIDGETS = """
chart = gunj.MetricChart(rt, "production", "cpu_usage", key="chart", height=160)
logs = gunj.LogViewer(rt, "production", key="logs", height=160)
alerts = gunj.AlertPanel(rt, key="alerts")
from IPython.display import display
display(chart, logs, alerts)
"""
CELLS = ("import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()", WIDGETS)


def pressed(widget: Locator) -> list[str | None]:
    return [button.get_attribute("aria-pressed") for button in widget.locator(".gunj-legend-item").all()]


def test_it_survives_another_run_and_a_reload(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., object]
) -> None:
    notebook = open_notebook(lab.write("by-hand", *CELLS), height=1000)
    notebook.run_all()
    notebook.wait_idle(90)
    until(lambda: notebook.number("chart", "points") > 50 and notebook.number("logs", "rows") > 5, 60, "data")

    chart, logs, alerts = (notebook.widget(kind) for kind in ("chart", "logs", "alerts"))
    chart.locator(".gunj-legend-item").first.click(modifiers=["Alt"])
    until(lambda: pressed(chart).count("true") == 1, 5, "one line alone")
    logs.locator(".gunj-chip[data-level=info]").click()
    logs.get_by_role("searchbox").fill("e")
    alerts.get_by_role("searchbox").fill('component!="grafana"')
    alerts.get_by_role("combobox").select_option("severity")
    wanted = pressed(chart)
    lines = logs.locator(".gunj-log")
    until(lambda: logs.locator(".gunj-log-row").count() > 3, 30, "lines that pass, to be read and marked")
    lines.focus()
    notebook.page.keyboard.press("1")
    until(lambda: notebook.attribute("logs", "live") == "paused", 5, "the log stands still")
    until(lambda: lines.evaluate("e => e.scrollTop") < 100, 10, "its first lines")

    def marked_one() -> bool:
        """What is marked is the selected line, and a key may come before the lines that it moves over are there."""
        if logs.locator("[data-mark]").count() == 0:
            notebook.page.keyboard.press("j")
            notebook.page.wait_for_timeout(200)
            notebook.page.keyboard.press("m")
            notebook.page.wait_for_timeout(200)
        return logs.locator("[data-mark]").count() == 1

    until(marked_one, 10, "a line with a mark")
    marked = logs.locator("[data-mark]").inner_text()
    place = lines.evaluate("e => e.scrollTop")

    def as_it_was(what: str) -> None:
        # A run puts the new widgets where the old ones were.
        until(lambda: chart.count() == 1 and len(pressed(chart)) == len(wanted), 60, f"the chart, {what}")
        until(lambda: pressed(chart) == wanted, 10, f"the same line alone, {what}")
        until(lambda: logs.count() == 1 and notebook.number("logs", "rows") > 0, 30, f"lines, {what}")
        assert logs.locator(".gunj-chip[data-level=info]").get_attribute("aria-pressed") == "false"
        assert logs.get_by_role("searchbox").input_value() == "e"
        until(lambda: notebook.attribute("logs", "live") == "paused", 10, f"the log stands still, {what}")
        until(
            lambda: logs.locator("[data-mark]").all_inner_texts() == [marked],
            10,
            f"the same line with its mark, {what}",
        )
        until(lambda: abs(lines.evaluate("e => e.scrollTop") - place) < 60, 10, f"where it was read, {place}, {what}")
        until(lambda: "new line" in logs.locator(".gunj-more").inner_text(), 20, f"what came since, {what}")
        assert alerts.get_by_role("searchbox").input_value() == 'component!="grafana"'
        assert alerts.get_by_role("combobox").input_value() == "severity"

    kept = "print(logs._by_hand['marks'], logs._by_hand['place'])"
    until(lambda: notebook.execute(kept).count("'id'") == 2, 10, "the kernel knows the mark and the place")
    until(lambda: "severity" in notebook.execute("print(alerts._by_hand, logs._by_hand)"), 10, "the kernel knows it")
    notebook.run_all()
    notebook.wait_idle(90)
    as_it_was("after another run")
    shoot(notebook, "by-hand", "alerts")

    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(1_000)
    notebook.page.reload(wait_until="domcontentloaded")
    as_it_was("after a reload")
