"""Notebook 03, as a person works with it: from the alert to the lines, by keys, and no way to stall the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.lab import Notebook, until

BOOK = "03_logs_around_the_spike.ipynb"


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook]) -> Notebook:
    opened = open_notebook(BOOK)
    opened.run_all()
    until(lambda: opened.number("logs", "rows") > 20, 60, "log lines")
    return opened


def test_from_the_alert_to_the_lines(notebook: Notebook, shoot: Callable[..., object]) -> None:
    page = notebook.page
    notebook.wait_idle(90)
    assert notebook.cell_errors() == []
    # Alerts: narrowed by the matchers it began with, grouped, and a silence that shows what it would mute.
    panel = notebook.widget("alerts")
    until(lambda: panel.locator("[data-fingerprint]").count(), 30, "alerts about loki or grafana")
    assert panel.locator(".gunj-group").first.text_content().startswith("component: ")
    notebook.show("alerts")
    # The incident's own alerts end with it; this one stays.
    lasting = panel.locator("[data-fingerprint]", has_text="CertificateExpiresSoon")
    lasting.locator("button", has_text="Silence").click()
    until(lambda: "would mute" in notebook.text("alerts"), 5, "the preview of a silence")
    shoot(notebook, "logs-alerts-silence", "alerts")
    panel.locator("form button[type=submit]").click()
    until(
        lambda: lasting.get_attribute("data-silenced") is not None,
        10,
        "the alert is silenced, by the operator's own word",
    )
    # Logs: search, walk, look around, pause.
    notebook.show("logs")
    log = notebook.widget("logs").locator(".gunj-log")
    log.focus()
    page.keyboard.press("/")
    page.keyboard.type("/error|fail|full/")
    until(lambda: re.search(r"[1-9]\d* matches", notebook.text("logs")), 10, "matches")
    page.keyboard.press("Escape")
    until(lambda: "matches" not in notebook.text("logs"), 5, "the search is over")
    page.keyboard.press("s")
    until(lambda: notebook.attribute("logs", "live") == "paused", 5, "the view is paused")
    seen = log.evaluate("e => e.scrollTop")
    until(lambda: re.search(r"\d+ new line", notebook.text("logs")), 20, "lines that wait are counted")
    assert log.evaluate("e => e.scrollTop") == seen
    page.keyboard.press("m")
    page.keyboard.press("0")
    until(lambda: notebook.attribute("logs", "live") == "live", 5, "the view follows again")
    shoot(notebook, "logs-light", "logs")
    # What Kubernetes said, and the backup that the notebook began.
    until(lambda: notebook.number("events", "rows") > 0, 20, "Kubernetes events")
    assert "backup" in notebook.text("operations")
    notebook.theme("dark")
    for kind in ("logs", "alerts", "events", "operations"):
        notebook.show(kind)
        shoot(notebook, f"logs-{kind}-dark", kind)


def test_a_hostile_expression_does_not_stall_the_page(notebook: Notebook) -> None:
    notebook.execute(
        "from gunj_widgets.connection.loop import get_io\nfrom gunj_widgets.events.records import LogEntry\n"
        "import time\nget_io().call(rt.store.logs('production').extend,"
        " [LogEntry(time=time.time(), component='x', message='a' * 9000 + '!') for _ in range(50)])"
    )
    until(lambda: "!" in notebook.text("logs") or notebook.number("logs", "total") > 50, 10, "the long lines")
    notebook.show("logs")
    box = notebook.widget("logs").locator("input")
    notebook.page.evaluate(
        "() => { window.longest = 0; let last = performance.now(); const tick = () => { const now = performance.now();"
        " window.longest = Math.max(window.longest, now - last); last = now; window.raf = requestAnimationFrame(tick); };"
        " tick(); }"
    )
    box.fill("/(a+)+$/")
    until(lambda: "matches" in notebook.text("logs") and "searched" not in notebook.text("logs"), 30, "the search ends")
    # The browser's own engine would need longer than the universe is old for one of these lines.
    assert notebook.page.evaluate("() => window.longest") < 5_000
