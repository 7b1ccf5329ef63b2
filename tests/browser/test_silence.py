"""Alerts silenced by matchers in real JupyterLab: what it would mute is shown first; hostile words; light and dark, narrow and wide.
By themselves with an operator; by one silence that stands at a real Alertmanager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_accessibility import AXE, serious
from tests.live.sources.servers import Stack
from tests.live.sources.test_silences import fire

HOSTILE = "<img src=x onerror=alert(1)> known"
STAGE = "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()"
MATCHERS = 'severity="info", component!="nothing"'
"""The demo has one such alert that stays."""


def looked_at(notebook: Notebook, panel: Any, name: str) -> None:
    """Take a picture, narrow and wide; nothing may stick out."""
    for width in (400, 1000):
        notebook.page.set_viewport_size({"width": width + 150, "height": 900})
        notebook.page.wait_for_timeout(300)
        assert panel.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
        panel.screenshot(path=f"test-output/screenshots/{name.format(width)}.png")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_the_filter_leaves_is_silenced(open_notebook: Callable[..., Notebook], lab: Lab, theme: str) -> None:
    notebook = open_notebook(lab.write(f"silence-{theme}", STAGE, "gunj.AlertPanel(rt)"), theme=theme, height=900)
    notebook.run_all()
    page = notebook.page
    panel = page.locator(".gunj[data-kind=alerts]")
    until(panel.locator("[data-severity=info]").count, 90, "an alert")
    panel.locator("input[type=search]").fill(MATCHERS)
    panel.get_by_role("button", name="Silence these").click()
    form = panel.locator("form.gunj-silence")
    until(lambda: "would mute" in form.inner_text(), 30, "it says what it would mute")
    form.get_by_label("Author").fill("mira")
    form.get_by_label("Comment").fill(HOSTILE)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    looked_at(notebook, panel, f"silence-{{}}-{theme}")
    page.add_script_tag(path=AXE)
    assert serious(page) == []
    form.locator("button[type=submit]").click()
    until(form.is_hidden, 20, "all were silenced")
    muted = notebook.execute(
        f"print([a.annotations.get('silenceComment') for a in rt.alerts.matching({MATCHERS!r}) if a.silenced_until])"
    )
    assert f"mira: {HOSTILE}" in muted
    assert page.locator("img[src=x]").count() == 0
    assert notebook.cell_errors() == []


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_silence_stands_at_the_alertmanager_until_it_is_ended(
    stack: Stack, open_notebook: Callable[..., Notebook], lab: Lab, theme: str
) -> None:
    fire(stack, "Early", team="db", severity="critical", note=HOSTILE)
    setup = f"import gunj_widgets as gunj\nrt = gunj.connect(alertmanager={stack.alertmanager.url!r})"
    written = lab.write(f"standing-{theme}", setup, "gunj.AlertPanel(rt)")
    notebook = open_notebook(written, theme=theme, height=900)
    notebook.run_all()
    page = notebook.page
    panel = page.locator(".gunj[data-kind=alerts]")
    until(panel.locator("[data-fingerprint]", has_text="Early").count, 90, "an alert")
    panel.locator("input[type=search]").fill('team="db"')
    panel.get_by_role("button", name="Silence these").click()
    form = panel.locator("form.gunj-silence")
    until(
        lambda: "and later alerts that match: one silence will stand at Alert" in form.inner_text(), 9, "it says which"
    )
    assert "of those active now: Early" in form.inner_text()
    form.get_by_label("Author").fill("mira")
    form.get_by_label("Comment").fill(HOSTILE)
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    looked_at(notebook, panel, f"standing-{{}}-{theme}")
    page.add_script_tag(path=AXE)
    assert serious(page) == []
    stack.alertmanager.kill()
    form.locator("button[type=submit]").click()
    until(lambda: "Check that Alertmanager runs there" in form.inner_text(), 20, "it says that nobody answers")
    panel.screenshot(path=f"test-output/screenshots/standing-refused-{theme}.png")
    stack.alertmanager.start()
    fire(stack, "Early", team="db", severity="critical", note=HOSTILE)
    form.locator("button[type=submit]").click()
    until(lambda: "one silence stands at Alertmanager at 127.0.0.1" in form.inner_text(), 20, "it says what was done")
    assert form.get_by_role("button", name="Close").evaluate("e => e === document.activeElement"), "keys go on"
    [silence] = stack.alertmanager.get("/api/v2/silences")
    assert (silence["createdBy"], silence["comment"]) == ("mira", HOSTILE)
    fire(stack, "Later", team="db", severity="warning")
    until(lambda: panel.locator("[data-silenced]").count() == 2, 20, "both are shown as silenced")
    assert serious(page) == []
    looked_at(notebook, panel, f"stands-{{}}-{theme}")
    form.get_by_role("button", name="End silence").click()
    until(lambda: "ended" in form.inner_text(), 20, "it says that it ended")
    until(lambda: panel.locator("[data-silenced]").count() == 0, 20, "none is silenced any more")
    assert stack.alertmanager.get("/api/v2/silences")[0]["status"]["state"] == "expired"
    assert page.locator("img[src=x]").count() == 0
    assert notebook.cell_errors() == []
