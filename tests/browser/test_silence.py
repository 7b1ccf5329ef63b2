"""Alerts silenced by matchers in real JupyterLab: what it would mute is shown first; hostile words; light and dark, narrow and wide."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_accessibility import AXE, serious

STAGE = "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()"
MATCHERS = 'severity="info", component!="nothing"'
"""The demo has one such alert that stays."""


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
    form.get_by_label("Comment").fill("<img src=x onerror=alert(1)> known")
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    for width in (400, 1000):
        page.set_viewport_size({"width": width + 150, "height": 900})
        page.wait_for_timeout(300)
        assert panel.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
        panel.screenshot(path=f"test-output/screenshots/silence-{width}-{theme}.png")
    page.add_script_tag(path=AXE)
    assert serious(page) == []
    form.locator("button[type=submit]").click()
    until(form.is_hidden, 20, "all were silenced")
    muted = notebook.execute(
        f"print([a.annotations.get('silenceComment') for a in rt.alerts.matching({MATCHERS!r}) if a.silenced_until])"
    )
    assert "mira: <img src=x onerror=alert(1)> known" in muted
    assert page.locator("img[src=x]").count() == 0
    assert notebook.cell_errors() == []
