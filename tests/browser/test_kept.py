"""A cell with `key=` that runs again in real JupyterLab: what was set by hand stays; alerts silenced by matchers, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_accessibility import AXE, RUN

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "gunj.LogViewer(rt, 'production', key='logs', height=200)",
    "gunj.AlertPanel(rt, key='alerts')",
    "chart = gunj.MetricChart(rt, 'production', 'cpu_usage', key='cpu', height=160)\nchart",
)
LOOK = """() => [...document.querySelectorAll('.gunj')].map(root => [root.dataset.kind,
    [...root.querySelectorAll('.gunj-log-bar [aria-pressed], .gunj-alert-bar [aria-pressed], .gunj-legend [aria-pressed]')]
        .map(e => e.getAttribute('aria-pressed')),
    [...root.querySelectorAll('input[type=search], select')].map(e => e.value),
    [...root.querySelectorAll('.gunj-group')].map(e => e.textContent.split(':')[0])[0] ?? '',
    root.querySelector('.gunj-samples')?.hidden])"""
"""What a user has set, of each widget."""


def test_what_was_set_by_hand_stays_when_the_cells_run_again(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., Path]
) -> None:
    notebook = open_notebook(lab.write("kept", *CELLS), height=1400)
    notebook.run_all()
    page = notebook.page
    until(lambda: page.locator(".gunj[data-live=live]").count() == 3, 60, "all of them live")
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    begun = page.evaluate(LOOK)
    logs, alerts, chart = (page.locator(f".gunj[data-kind={kind}]") for kind in ("logs", "alerts", "chart"))
    logs.locator("button[data-level=info]").click()
    logs.get_by_role("button", name="wrap").click()
    logs.locator("input[type=search]").fill("/lo.i/")
    alerts.locator("input[type=search]").fill('severity=~"warning|critical"')
    alerts.get_by_label("Group alerts by").select_option("component")
    chart.locator(".gunj-legend-item").first.click(modifiers=["Alt"])
    chart.get_by_role("button", name="⋯").click()
    chart.get_by_role("button", name="Table").click()
    page.wait_for_timeout(500)
    left = page.evaluate(LOOK)
    assert left != begun
    notebook.run_all()
    page.wait_for_timeout(500)
    notebook.wait_idle(60)
    until(lambda: page.locator(".gunj[data-live=live]").count() == 3, 60, "all of them live again")
    until(lambda: page.evaluate(LOOK) == left, 20, "all is as it was left")
    assert notebook.execute("print(chart._kept['table'])").strip() == "True"
    shoot(notebook, "kept", "chart")
    assert notebook.cell_errors() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_the_filter_leaves_is_silenced(open_notebook: Callable[..., Notebook], lab: Lab, theme: str) -> None:
    stage = f"{CELLS[0]}\nimport contextlib\nwith contextlib.suppress(gunj.GunjError):\n    rt.scenario('loki-volume-full', speed=20)"
    notebook = open_notebook(lab.write(f"silence-{theme}", stage, "gunj.AlertPanel(rt)"), theme=theme, height=900)
    notebook.run_all()
    page = notebook.page
    panel = page.locator(".gunj[data-kind=alerts]")
    until(lambda: notebook.number("alerts", "active") > 0, 90, "an alert")
    panel.locator("input[type=search]").fill('component="loki", severity!="nothing"')
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
    page.evaluate(AXE.read_text(encoding="utf-8"))
    _, found = page.evaluate(RUN)
    serious = [
        one
        for one in found
        if one["impact"] in ("serious", "critical") and any(".gunj" in n or "gunj-" in n for n in one["nodes"])
    ]
    assert serious == []
    form.locator("button[type=submit]").click()
    until(form.is_hidden, 20, "all were silenced")
    muted = notebook.execute(
        "print([a.annotations.get('silenceComment') for a in rt.alerts.matching('component=\"loki\"') if a.silenced_until])"
    )
    assert "mira: <img src=x onerror=alert(1)> known" in muted
    assert page.locator("img[src=x]").count() == 0
    assert notebook.cell_errors() == []
