"""The main job: the first notebook in real JupyterLab and Chromium, its widgets moving, come what may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from tests.browser.lab import Notebook, OperatorProcess, until

KINDS = ("status", "platform", "chart", "logs", "alerts")


def picture(notebook: Notebook, kind: str = "chart") -> str:
    """A digest of the pixels of a widget's canvas, as the browser has them."""
    pixels = notebook.widget(kind).locator("canvas").first.evaluate("c => c.toDataURL()")
    return hashlib.sha256(pixels.encode()).hexdigest()


def lines(notebook: Notebook) -> float:
    return notebook.number("logs", "total")


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook], operator: OperatorProcess) -> Notebook:
    opened = open_notebook()
    opened.run_all()
    return opened


def redrawn(notebook: Notebook, before: str) -> bool:
    """Whether the chart's picture is another one. It is drawn only while in sight, and what is above it may still grow."""
    notebook.show("chart")
    return picture(notebook) != before


def test_widgets_live_within_ten_seconds(notebook: Notebook, shoot: Callable[..., object]) -> None:
    for kind in KINDS:
        notebook.page.wait_for_selector(f".gunj[data-kind={kind}]", timeout=30_000, state="attached")
    until(lambda: notebook.attribute("platform", "phase"), 10, "the card shows a phase")
    until(lambda: notebook.attribute("platform", "live") == "live", 10, "the card is live")
    first = lines(notebook)
    until(lambda: lines(notebook) >= first + 30, 10, "30 new log lines")
    until(lambda: notebook.page.locator(".gunj[data-kind=alerts] [data-fingerprint]").count(), 10, "alert rows")
    notebook.show("chart")
    before = picture(notebook)
    until(lambda: redrawn(notebook, before), 12, "the chart's pixels change")
    assert notebook.number("chart", "points") > 100
    notebook.wait_idle(60)
    assert notebook.cell_errors() == []
    for kind in KINDS:
        notebook.show(kind)
        shoot(notebook, f"first-look-{kind}-light", kind)
    notebook.theme("dark")
    for kind in KINDS:
        notebook.show(kind)
        shoot(notebook, f"first-look-{kind}-dark", kind)
    shoot(notebook, "first-look-page-dark")


def test_incident_changes_health_and_alerts(notebook: Notebook, shoot: Callable[..., object]) -> None:
    loki = notebook.page.locator(".gunj[data-kind=platform] [data-component=loki]").first
    until(
        lambda: loki.count() and loki.get_attribute("data-health") in ("degraded", "unhealthy"),
        40,
        "loki's health dot changes",
    )
    mine = notebook.page.locator(".gunj[data-kind=alerts] [data-fingerprint]", has_text="Loki")
    until(mine.count, 20, "an alert about Loki")
    notebook.show("platform")
    shoot(notebook, "incident-platform", "platform")
    notebook.show("alerts")
    shoot(notebook, "incident-alerts", "alerts")


def test_everything_moves_while_a_cell_sleeps(notebook: Notebook) -> None:
    until(lambda: lines(notebook) > 0, 40, "log lines")
    notebook.wait_idle(60)
    notebook.execute("import time; time.sleep(30)", wait=False)
    first = lines(notebook)
    notebook.show("chart")
    before = picture(notebook)
    until(lambda: lines(notebook) >= first + 20, 10, "log lines while the cell sleeps")
    until(lambda: redrawn(notebook, before), 12, "the chart while the cell sleeps")
    assert notebook.attribute("platform", "live") == "live"
    assert notebook.running(), "the cell ended before the widgets were looked at"


def test_a_view_mounted_while_a_cell_sleeps_fills(notebook: Notebook) -> None:
    """The control comm is served while a cell runs: a page that reloads then gets its snapshots at once."""
    until(lambda: lines(notebook) > 0, 40, "log lines")
    notebook.wait_idle(60)
    answer = notebook.execute("print(len(rt.manager.interests()))").strip()
    assert answer.isdigit()
    notebook.execute("import time; time.sleep(12)", wait=False)
    sent = notebook.page.evaluate("() => performance.now()")
    ack = notebook.page.locator(".gunj[data-kind=alerts] [data-fingerprint] button").first
    ack.click()
    until(
        lambda: notebook.page.locator(".gunj[data-kind=alerts] [data-acknowledged=true]").count(),
        6,
        "an acknowledgement served while the cell sleeps",
    )
    assert notebook.page.evaluate("() => performance.now()") - sent < 8_000
    assert notebook.running(), "the cell ended before the answer came"


def test_reload_brings_everything_back(notebook: Notebook, shoot: Callable[..., object]) -> None:
    until(lambda: lines(notebook) > 0, 40, "log lines")
    notebook.wait_idle(60)
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    notebook.page.reload(wait_until="domcontentloaded")
    for kind in KINDS:
        notebook.page.wait_for_selector(f".gunj[data-kind={kind}]", timeout=60_000, state="attached")
    until(lambda: notebook.attribute("platform", "phase"), 15, "the card's phase after the reload")
    until(lambda: notebook.number("chart", "points") > 100, 15, "the chart's history after the reload")
    first = lines(notebook)
    until(lambda: lines(notebook) >= first + 10, 15, "new log lines after the reload")
    shoot(notebook, "after-reload")
