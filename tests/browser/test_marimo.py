"""The widgets in a real marimo: shadow roots, no `invoke`, cells that run in a thread; the same feed, live all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import OUTPUT
from tests.browser.lab import OperatorProcess, errors_of, free_port, until
from tests.browser.test_accessibility import AXE, serious

CELLS = {
    "gunj, rt": "import contextlib\n    import gunj_widgets as gunj\n    rt = gunj.connect('demo').wait_ready()\n"
    "    with contextlib.suppress(gunj.GunjError):  # another test's may still be under way\n"
    "        rt.scenario('loki-volume-full', speed=20)",
    "card": "card = rt.platform('production').view()\n    card",
    "chart": "chart = gunj.MetricChart(rt, 'production', 'cpu_usage', height=160)\n    chart",
    "logs": "logs = gunj.LogViewer(rt, 'production', height=160)\n    logs",
    "alerts": "alerts = rt.alerts.view()\n    alerts",
    "timeline": "timeline = rt.timeline.view()\n    timeline",
    "status": "status = gunj.ConnectionStatus(rt)\n    status",
    "health": "health = gunj.ComponentHealth(rt, 'production')\n    health",
    "events": "events = gunj.EventFeed(rt)\n    events",
    "operations": "operations = gunj.OperationProgress(rt)\n    operations",
    "commands": "commands = gunj.CommandPanel(rt, 'production')\n    commands",
    "pressure": "pressure = gunj.BackpressureMonitor(rt)\n    pressure",
    "facets": "facets = gunj.MetricChart(rt, 'production', 'cpu_usage', facet='component')\n    facets",
}
SAID = {
    "status": "heartbeat",
    "health": "prometheus",
    "events": "warning",
    "operations": "under way",
    "commands": "Dry run",
    "pressure": "pace within",
}


@pytest.fixture
def url(tmp_path: Path, operator: OperatorProcess) -> Iterator[str]:
    arguments = {names: "" if names == "gunj, rt" else "gunj, rt" for names in CELLS}
    cells = [
        f"@app.cell\ndef _({arguments[names]}):\n    {code}\n    return {names},\n" for names, code in CELLS.items()
    ]
    app = tmp_path / "app.py"
    app.write_text(
        "\n".join(["import marimo", "app = marimo.App()", *cells, "if __name__ == '__main__':\n    app.run()"])
    )
    port = free_port()
    command = [sys.executable, "-m", "marimo", "run", str(app), "--headless", "--port", str(port), "--host", "127.0.0.1",
               "--no-token"]  # fmt: skip
    own = {"GUNJ_DEMO_URL": operator.url, "GUNJ_DEMO_TOKEN": operator.token}
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1100, "height": 3600})
    errors = errors_of(page)

    def opened() -> bool:
        try:
            return page.goto(url) is not None
        except Exception as error:  # the server still starts: playwright has no narrower class for a refused connection
            if "ERR_CONNECTION_REFUSED" not in str(error):
                raise
            return False

    until(opened, 60, "marimo answers", every=0.5)
    until(lambda: page.locator(".gunj[data-live=live]").count() == len(CELLS) - 1, 60, "all widgets are live")
    yield page
    page.close()
    assert errors == []


def test_every_widget_is_live_in_marimo(page: Page) -> None:
    chart = page.locator(".gunj[data-kind=chart]").first
    until(lambda: int(chart.get_attribute("data-points") or 0) > 100, 30, "samples")
    before = float(chart.get_attribute("data-last-x") or 0)
    until(lambda: float(chart.get_attribute("data-last-x") or 0) > before, 15, "the chart moves")
    assert page.locator(".gunj[data-kind=logs]").evaluate("e => e.getRootNode() instanceof ShadowRoot")
    until(
        lambda: int(page.locator(".gunj[data-kind=chart]").last.get_attribute("data-points") or 0) > 100, 30, "facets"
    )
    for kind, words in SAID.items():
        until(page.locator(f".gunj[data-kind={kind}]", has_text=words).first.is_visible, 20, f"{kind} says {words}")
    page.locator(".gunj[data-kind=commands] button", has_text="Dry run").locator("visible=true").click()
    until(page.locator(".gunj-command-outcome li:visible").count, 15, "a dry run is heard and answered")
    page.add_script_tag(path=AXE)
    assert serious(page) == []
    chart.locator("button", has_text="Pause").click()
    until(lambda: chart.get_attribute("data-live") == "paused", 10, "pause acts in the browser")
    chip = page.locator(".gunj[data-kind=logs] .gunj-range")
    until(chip.is_visible, 10, "and reaches the kernel: the logs show that stretch")
    page.screenshot(path=OUTPUT / "marimo.png")


def test_what_one_does_to_a_widget_works_in_marimo(page: Page) -> None:
    def widget(kind: str) -> Locator:
        return page.locator(f".gunj[data-kind={kind}]").first

    def number(kind: str, name: str) -> float:
        return float(widget(kind).get_attribute(f"data-{name}") or 0)

    logs = widget("logs")
    until(lambda: number("logs", "rows") > 20, 60, "lines")
    logs.locator(".gunj-chip[data-level=info]").click()
    until(lambda: logs.locator(".gunj-log-row").filter(has_text="INFO").count() == 0, 10, "a level is hidden")
    logs.locator(".gunj-log").press("/")
    assert logs.get_by_role("searchbox").evaluate("e => e.getRootNode().activeElement === e"), "keys reach the list"
    logs.get_by_role("searchbox").fill("/e/")
    until(logs.locator("mark").count, 10, "matches are marked")
    logs.locator(".gunj-log").press("w")
    assert logs.locator("button", has_text="wrap").get_attribute("aria-pressed") == "true"
    logs.locator(".gunj-log").press("s")
    until(lambda: logs.get_attribute("data-live") == "paused", 10, "the tail stands")
    logs.locator(".gunj-log").press("s")

    chart = widget("chart")
    until(lambda: number("chart", "points") > 100, 60, "samples")
    lines = chart.locator(".gunj-legend-item")
    lines.first.click(modifiers=["Alt"])
    until(lambda: lines.and_(page.locator("[aria-pressed=true]")).count() == 1, 5, "one line alone")
    plot = chart.locator(".gunj-plot").first
    for key in ("End", "s", "Shift+ArrowLeft", "s"):
        plot.press(key)
    until(chart.locator(".gunj-selection").is_visible, 10, "a selection")
    chart.locator("button", has_text="⋯").click()
    chart.locator("button", has_text="Table").click()
    until(chart.locator("table").is_visible, 10, "the samples as a table")
    chart.locator(".gunj-selection button", has_text="Zoom").click()
    until(lambda: chart.get_attribute("data-live") == "paused", 10, "the chart stands at what was zoomed to")
    until(widget("timeline").locator(".gunj-range").is_visible, 10, "and so do the others")
    chart.locator("button", has_text="Back to live").click()

    alerts = widget("alerts")
    until(lambda: number("alerts", "active") > 0, 60, "an alert")
    alerts.get_by_role("searchbox").fill('name="there is no such alert"')
    until(lambda: number("alerts", "shown") == 0, 10, "matchers narrow the list")
    alerts.get_by_role("searchbox").fill("")
    alert = alerts.locator("[data-fingerprint]").first
    until(alert.is_visible, 10, "the list is whole again")
    alert.locator("button", has_text="Silence").click()
    alerts.locator("form.gunj-silence button[type=submit], form.gunj-silence button.gunj-primary").first.click()
    until(alerts.locator("[data-fingerprint]", has_text="silenced").count, 15, "the operator silenced it")

    events = widget("events")
    until(lambda: number("events", "rows") > 0, 60, "events")
    events.locator("button", has_text="warning").first.click()
    until(lambda: events.locator(".gunj-event[data-type=normal]").count() == 0, 10, "only warnings")
    moments = widget("timeline").locator("[data-key]")
    until(moments.count, 30, "moments")
    moments.first.click()
    until(moments.and_(page.locator("[aria-current=true]")).count, 10, "a moment is chosen")
