"""One alert of a real Prometheus and Alertmanager in real JupyterLab: pending, firing, silenced from the panel, resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.live.sources.servers import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path, hold="5s", external="{cluster: here}")
    yield made
    made.close()


def test_an_alert_is_silenced_from_the_panel_and_resolves(
    stack: Stack, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path]
) -> None:
    sources = f"prometheus={stack.prometheus.url!r}, alertmanager={stack.alertmanager.url!r}"
    book = lab.write(
        "alert",
        f"import gunj_widgets as gunj\nrt = gunj.connect({sources})\nrt.alerts",
        "rt.promql('up', window='2m')",
    )
    notebook = open_notebook(book)
    notebook.run_all()
    notebook.wait_idle(60)
    notebook.show("alerts")
    panel = notebook.page.locator(".gunj[data-kind=alerts]").first
    row = panel.locator("[data-fingerprint]", has_text="TargetDown")
    stack.node.kill()
    until(lambda: row.count() and "pending" in row.first.inner_text(), 20, "the alert is pending")
    fingerprint = row.first.get_attribute("data-fingerprint")
    until(lambda: "firing" in row.first.inner_text(), 20, "it fires")
    assert row.count() == 1
    assert row.first.get_attribute("data-fingerprint") == fingerprint
    shoot(notebook, "alert-firing", "alerts")

    row.first.get_by_role("button", name="Silence TargetDown").click()
    form = panel.locator("form.gunj-silence")
    until(
        lambda: "TargetDown" in form.inner_text() and "would mute" in form.inner_text(), 5, "it says what it would mute"
    )
    shoot(notebook, "alert-silence-form", "alerts")
    form.locator("button[type=submit]").click()
    until(lambda: row.first.get_attribute("data-silenced") is not None, 15, "the row says that it is silenced")
    (silence,) = stack.alertmanager.get("/api/v2/silences")
    assert silence["status"]["state"] == "active"
    assert {"name": "alertname", "value": "TargetDown", "isRegex": False, "isEqual": True} in silence["matchers"]
    (told,) = stack.alertmanager.get("/api/v2/alerts")
    assert told["status"]["silencedBy"] == [silence["id"]]
    notebook.theme("dark")
    shoot(notebook, "alert-silenced-dark", "alerts")

    stack.node.start()
    until(lambda: "resolved (1)" in panel.inner_text(), 30, "it is resolved")
    panel.locator("details.gunj-resolved summary").click()
    past = panel.locator(".gunj-alert-past[data-fingerprint]", has_text="TargetDown")
    until(past.count, 5, "it is among those that are over")
    assert past.first.get_attribute("data-fingerprint") == fingerprint
    assert panel.locator(".gunj-alert:not(.gunj-alert-past)").count() == 0
    shoot(notebook, "alert-resolved-dark", "alerts")
    assert notebook.cell_errors() == []
