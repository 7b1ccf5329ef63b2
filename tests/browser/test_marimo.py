"""The widgets in a real marimo: shadow roots, no `invoke`, cells that run in a thread; the same feed, live all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import OUTPUT
from tests.browser.lab import OperatorProcess, errors_of, free_port, until
from tests.browser.test_accessibility import AXE, serious

CELLS = {
    "gunj, rt": "import gunj_widgets as gunj\n    rt = gunj.connect('demo').wait_ready()",
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


def test_every_widget_is_live_in_marimo(browser: Browser, url: str) -> None:
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
    page.close()
    assert errors == []
