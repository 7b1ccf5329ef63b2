"""A recording in real JupyterLab: the widgets show what was then, say REPLAY, and follow it as it plays."""

from __future__ import annotations

from collections.abc import Callable
from math import sin
from pathlib import Path

import pytest

from gunj_widgets.events.event import Event
from gunj_widgets.recording.recorder import Recorder
from tests.browser.lab import Lab, Notebook, until
from tests.browser.test_accessibility import AXE, RUN

T0 = 1_764_000_000.0
"""2025-11-24 16:00 UTC: long ago."""


@pytest.fixture
def recording(lab: Lab) -> str:
    """Ten minutes: loki degrades after five, and an alert fires; its lines tell why."""
    path = Path(lab.root) / "night.gunj"
    path.unlink(missing_ok=True)
    recorder = Recorder(path, source="gunj.example.com")

    def tell(at: float, topic: str, data: object) -> None:
        recorder.take([Event(topic=topic, data=data, time=T0 + at, arrived=T0 + at)])

    for second in range(600):
        bad = second >= 300
        if second in (0, 300):
            loki = {
                "health": "degraded" if bad else "healthy",
                "phase": "Degraded" if bad else "Ready",
                "version": "2.9.4",
            }
            status = {"name": "production", "namespace": "o", "phase": "Degraded" if bad else "Ready"}
            tell(second, "platform.p1.status", {**status, "components": {"loki": loki}})
        if second == 310:
            alert = {"name": "LokiDown", "state": "firing", "severity": "critical", "startsAt": T0 + 310}
            tell(second, "alert.f1", alert)
        value = 30 + 5 * sin(second / 20) + (40 if bad else 0)
        sample = {"labels": {}, "time": T0 + second, "value": value}
        tell(second, "platform.p1.metrics.cpu_usage", {"metric": "cpu_usage", "unit": "percent", "samples": [sample]})
        line = {
            "timestamp": T0 + second,
            "level": "error" if bad else "info",
            "component": "loki",
            "message": f"line {second}",
        }
        tell(second, "platform.p1.logs", line)
    recorder.stop()
    return path.name


def test_the_widgets_show_what_was_then(
    recording: str, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path]
) -> None:
    book = lab.write(
        "replay",
        f"import gunj_widgets as gunj\nrt = gunj.replay({recording!r})\nrt.player.seek('4m50s')\nrt.platform('production')",
        "rt.metrics('production', 'cpu_usage', window='5m')",
        "rt.logs('production')",
        "rt.player.play(10)\nrt.player",
    )
    notebook = open_notebook(book, theme="dark")
    notebook.run_all()
    notebook.wait_idle(60)
    notebook.show("chart")
    chart = notebook.page.locator(".gunj[data-kind=chart]").first
    until(
        lambda: "REPLAY ×10" in chart.inner_text(), 10, "the badge says that it is a recording, and how fast it plays"
    )
    card = notebook.page.locator(".gunj[data-kind=platform]").first
    until(lambda: "Degraded" in card.inner_text(), 20, "loki degrades as the recording plays")
    viewer = notebook.page.locator(".gunj[data-kind=logs]").first
    until(lambda: "line 3" in viewer.inner_text(), 20, "the lines come as they came")
    bar = notebook.page.locator(".gunj[data-kind=transport]").first
    bar.scroll_into_view_if_needed()
    bar.get_by_role("button", name="Pause").click()
    until(lambda: "‖ REPLAY" in bar.inner_text(), 10, "it pauses")
    scrub = bar.get_by_role("slider", name="Place")
    scrub.focus()
    scrub.press("Home")
    until(lambda: "0 s of 9 min" in bar.inner_text(), 10, "it goes to the beginning")
    notebook.show("platform")
    until(lambda: "Ready" in card.inner_text(), 10, "and there all was well")
    scrub.press("End")
    until(lambda: bar.locator(".gunj-scrub-mark").count() == 1, 10, "the alert is marked")
    until(
        lambda: "dropped" not in notebook.page.locator(".gunj[data-kind=logs]").first.inner_text(),
        10,
        "nothing is lost",
    )
    notebook.show("chart")
    strip = chart.locator(".gunj-strip")
    strip.get_by_role("slider", name="Place").press("Home")
    until(lambda: "Ready" in card.inner_text(), 10, "every view leads through the recording")
    strip.get_by_role("slider", name="Place").press("PageUp")
    for theme in ("dark", "light"):
        notebook.theme(theme)
        notebook.page.wait_for_timeout(1_500)  # the splash of another theme
        shoot(notebook, f"replay-{theme}")
    notebook.page.add_script_tag(path=str(AXE))
    _passed, violations = notebook.page.evaluate(RUN)
    assert violations == []
    assert notebook.cell_errors() == []
