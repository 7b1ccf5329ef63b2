"""Every widget through axe-core, in light, dark and high contrast: nothing serious; by keyboard; without motion."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.lab import Lab, Notebook, until

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
FIRST = """import contextlib
import gunj_widgets as gunj
rt = gunj.connect("demo").wait_ready()
rt.note("rolled back")
with contextlib.suppress(gunj.GunjError):  # the other theme's backup may still be under way
    rt.scenario("loki-volume-full", speed=20)
    rt.command("production", "backup")"""
CELLS = (
    FIRST,
    "rt",
    "rt.platform('production')",
    "gunj.MetricChart(rt, 'production', 'cpu_usage', height=160, window='1m', thresholds=[(30, 'high')])",
    "gunj.MetricChart(rt, 'production', 'cpu_usage', facet='component')",
    "gunj.ComponentHealth(rt, 'production')",
    "gunj.LogViewer(rt, 'production', height=160)",
    "rt.alerts",
    "rt.timeline",
    "gunj.EventFeed(rt)",
    "gunj.OperationProgress(rt)",
    "gunj.BackpressureMonitor(rt)",
    "gunj.CommandPanel(rt, 'production')",
)
RUN = """async () => {
    const all = (root) => [...root.querySelectorAll('*')].flatMap(
        (e) => e.matches('.gunj') ? [e] : e.shadowRoot ? all(e.shadowRoot) : []);
    const found = await axe.run(all(document), {resultTypes: ['violations', 'passes'], rules: {region: {enabled: false}}});
    return [found.passes.length, found.violations.map((v) => ({id: v.id, impact: v.impact, help: v.help,
        nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 160) + ' | ' + (n.any[0]?.message ?? ''))}))];
}"""
"""Also within shadow roots. `region`: landmarks are the page's affair, and the page is the notebook's."""


WALK = """e => {
    const at = document.activeElement, root = at?.closest('.gunj');
    if (root !== e) return null;
    const {left, right, top, bottom} = at.getBoundingClientRect(), style = getComputedStyle(at);
    return {left, right, top, bottom, ring: style.outlineStyle === 'solid' ? parseFloat(style.outlineWidth) : 0,
        color: style.outlineColor, name: at.tagName + ' ' + (at.getAttribute('aria-label') || at.textContent).slice(0, 40)};
}"""
REACHED = """e => [...e.querySelectorAll('button, input, select, summary, [tabindex="0"]')].filter(
    c => !c.disabled && c.checkVisibility({visibilityProperty: true})).length"""
MOVES = """() => {
    const all = [...document.querySelectorAll('.gunj, .gunj *')];
    const seconds = s => s.split(',').some(t => parseFloat(t) > 0);
    return all.filter(e => { const s = getComputedStyle(e);
        return seconds(s.transitionDuration) || (s.animationName !== 'none' && seconds(s.animationDuration));
    }).map(e => e.tagName + '.' + e.className).concat(document.getAnimations().filter(
        a => a.effect?.target?.closest?.('.gunj')).map(String));
}"""
PICTURES = """async ([e, ms]) => {
    const canvas = e.querySelector('canvas'), end = performance.now() + ms;
    let last = '', changes = 0;
    while (performance.now() < end) {
        await new Promise(requestAnimationFrame);
        const now = canvas.toDataURL();
        if (now !== last) changes++;
        last = now;
    }
    return changes;
}"""


def serious(page: Page) -> list[Any]:
    passed, found = page.evaluate(RUN)
    assert passed > 15, "axe looked"
    return [v for v in found if v["impact"] in ("serious", "critical")]


def opened(notebook: Notebook) -> None:
    """Open what is closed at first: the chart's table and selection, a log line, the silence form."""
    chart = notebook.widget("chart")
    chart.locator("button", has_text="⋯").click()
    chart.locator("button", has_text="Table").click()
    chart.locator(".gunj-plot").first.focus()
    for key in ("End", "s", "Shift+ArrowLeft", "s"):
        notebook.page.keyboard.press(key)
    logs = notebook.widget("logs")

    def told() -> bool:
        """The rows move on while they are clicked."""
        logs.locator(".gunj-log-row").first.click()
        return bool(logs.locator(".gunj-log-details").is_visible())

    until(told, 10, "what a line is made of", every=0.3)
    notebook.widget("alerts").locator("[data-fingerprint] button", has_text="Silence").first.click()
    for place in (".gunj-selection", "form.gunj-silence", "form.gunj-command"):
        until(notebook.page.locator(place).first.is_visible, 10, place)


def walked(notebook: Notebook, kind: str) -> list[dict[str, Any]]:
    """Press Tab from before the first control of a widget until the focus leaves it; return where it stopped."""
    page, widget = notebook.page, notebook.widget(kind)
    first = "e => { e.tabIndex = 0; e.focus(); }"
    widget.evaluate(first)
    stops: list[dict[str, Any]] = []
    for _ in range(150):
        page.keyboard.press("Tab")
        stop = widget.evaluate(WALK)
        if stop is None:
            break
        stops.append(stop)
    else:
        pytest.fail(f"the focus does not leave {kind}")
    widget.evaluate("e => e.removeAttribute('tabindex')")
    return stops


def backwards(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether what comes after stands above, or on the same line to the left."""
    beside = min(before["bottom"], after["bottom"]) - max(before["top"], after["top"])
    smaller = min(before["bottom"] - before["top"], after["bottom"] - after["top"])
    if beside > smaller / 2:
        return bool(after["right"] <= before["left"])
    return bool(after["bottom"] <= before["top"] + 2 and after["left"] < before["right"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious(open_notebook: Callable[..., Notebook], lab: Lab, theme: str) -> None:
    notebook = open_notebook(lab.write("axe", *CELLS), theme=theme, width=1200, height=3900)
    notebook.run_all()
    page = notebook.page
    until(lambda: page.locator(".gunj").count() == 12, 60, "twelve widgets")
    until(lambda: notebook.number("chart", "points") > 100, 60, "samples")
    until(lambda: notebook.number("alerts", "active") > 0, 60, "an alert")
    opened(notebook)
    page.add_script_tag(path=AXE)
    assert serious(page) == []
    page.emulate_media(forced_colors="active", color_scheme=theme)
    assert serious(page) == []
    page.emulate_media(forced_colors="none")
    if theme == "light":
        keyboard(notebook)
    else:
        calm(notebook)
    notebook.execute("rt.end_scenario('loki-volume-full')")


def keyboard(notebook: Notebook) -> None:
    """Tab goes through the controls of every widget as they are read, each with a ring around it."""
    kinds = notebook.page.locator(".gunj").evaluate_all("all => [...new Set(all.map(e => e.dataset.kind))]")
    tags = set()
    for kind in kinds:
        stops = walked(notebook, kind)
        tags |= {stop["name"].split()[0] for stop in stops}
        assert [s["name"] for s in stops if s["ring"] < 2] == [], f"no ring in {kind}"
        wrong = [(b["name"], a["name"]) for b, a in pairwise(stops) if backwards(b, a)]
        assert wrong == [], f"Tab goes back in {kind}"
        assert abs(len(stops) - notebook.widget(kind).evaluate(REACHED)) <= 2, f"Tab leaves something out in {kind}"
    assert tags >= {"BUTTON", "INPUT", "SELECT", "SUMMARY"}


def calm(notebook: Notebook) -> None:
    """Who wants less motion gets none; who wants more contrast gets it."""
    page, chart = notebook.page, notebook.widget("chart")
    chart.evaluate("e => e.scrollIntoView({block: 'center'})")
    page.keyboard.press("Escape")
    assert page.evaluate(MOVES) != [], "bars grow smoothly"
    lively = page.evaluate(PICTURES, [chart.element_handle(), 3000])
    page.emulate_media(reduced_motion="reduce")
    still = page.evaluate(PICTURES, [chart.element_handle(), 3000])
    assert page.evaluate(MOVES) == []
    assert still < lively / 1.5, (still, lively)
    shades = "e => ['--gunj-fg', '--gunj-muted'].map(v => getComputedStyle(e).getPropertyValue(v))"
    plain, muted = chart.evaluate(shades)
    assert plain != muted
    page.emulate_media(contrast="more")
    plain, muted = chart.evaluate(shades)
    assert plain == muted
