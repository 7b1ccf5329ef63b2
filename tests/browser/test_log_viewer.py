"""The log viewer in real JupyterLab, on lines whose number and content are known: every control, by mouse and by key."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.lab import Lab, Notebook, until

LINES = """
import time
import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.events.records import LogEntry
rt = gunj.connect("demo").wait_ready()
logs = rt.logs("production", component="mine")
buffer = rt.store.logs(rt.platform("production").record.id)
def say(message, level="info"):
    get_io().call(buffer.append, LogEntry(time=time.time(), level=level, component="mine", message=message))
for n in range(400):
    say(f"{'needle' if n % 50 == 25 else 'hay'} {n}", ("info", "debug", "warn", "error")[n % 4])
say("\\x1b[31mred words\\x1b[0m and plain ones")
say('{"user": {"id": 7}, "ok": true}')
say("long " + "words " * 400)
"""
MATCHES, ALL = 8, 403


@pytest.fixture
def notebook(open_notebook: Callable[..., Notebook], lab: Lab) -> Notebook:
    opened = open_notebook(lab.write("viewer", LINES, "gunj.LogViewer(rt, logs, height=320)"), height=900)
    opened.run_all()
    until(lambda: opened.number("logs", "rows") == ALL, 60, "the lines")
    opened.show("logs")
    return opened


def test_every_control(notebook: Notebook, shoot: Callable[..., object]) -> None:
    page, viewer = notebook.page, notebook.widget("logs")
    log, rows = viewer.locator(".gunj-log"), viewer.locator(".gunj-log-row")
    shown = lambda: notebook.number("logs", "rows")  # noqa: E731

    # Levels: counted, and hidden by a click.
    chip = viewer.locator(".gunj-chip[data-level=debug]")
    assert chip.text_content() == "debug 100"
    chip.click()
    until(lambda: shown() == ALL - 100, 5, "debug lines are hidden")
    chip.click()

    # Search: matches only, with lines around each, or all with the matches marked; n and N walk.
    log.focus()
    page.keyboard.press("/")
    page.keyboard.type("needle")
    until(lambda: f"{MATCHES} matches" in notebook.text("logs"), 10, "the matches")
    if shown() != MATCHES:
        viewer.locator(".gunj-mode").click()
    until(lambda: shown() == MATCHES, 5, "only matches")
    log.focus()
    page.keyboard.press("x")
    until(lambda: shown() > MATCHES and rows.locator("xpath=self::*[@data-context]").count() > 0, 5, "lines around")
    viewer.locator(".gunj-mode").click()
    until(lambda: shown() == ALL, 5, "all lines")
    log.focus()
    page.keyboard.press("n")
    current = viewer.locator(".gunj-log-row[data-current]")
    until(lambda: current.count() == 1 and "needle" in str(current.text_content()), 5, "a match is gone to")
    before = current.text_content()
    page.keyboard.press("N")
    until(lambda: current.count() == 1 and current.text_content() != before, 5, "the match before it")
    assert viewer.locator("mark").count() > 0
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    until(lambda: viewer.locator(".gunj-hits").text_content() == "", 5, "the search is over")

    # What a line holds: colours, JSON, a long one wrapped.
    page.keyboard.press("0")
    red = rows.filter(has_text="red words")
    until(lambda: red.count() == 1, 5, "the newest lines")
    assert "\x1b" not in str(red.text_content())
    assert red.locator("span", has_text=re.compile("^red words$")).count() == 1
    tall = lambda: rows.filter(has_text="long words").evaluate("e => e.offsetHeight")  # noqa: E731
    low = tall()
    page.keyboard.press("w")
    until(lambda: tall() > 3 * low, 5, "the long line is wrapped")
    shoot(notebook, "log-viewer-wrapped", "logs")
    page.keyboard.press("w")
    until(lambda: tall() == low, 5, "and no longer")
    rows.filter(has_text='"user"').click()
    details = viewer.locator(".gunj-log-details")
    until(details.is_visible, 5, "the line in full")
    assert '"id": 7' in str(details.locator("pre[data-json]").text_content())
    shoot(notebook, "log-viewer-details", "logs")
    page.keyboard.press("m")
    until(lambda: viewer.locator(".gunj-log-row[data-mark]").count() == 1, 5, "a mark")
    page.keyboard.press("Escape")

    # Reading: scrolling up pauses, what comes meanwhile is counted, 0 follows again.
    page.keyboard.press("0")
    log.hover()
    page.mouse.wheel(0, -600)
    until(lambda: notebook.attribute("logs", "live") == "paused", 5, "paused by scrolling")
    top = log.evaluate("e => e.scrollTop")
    notebook.execute("[say(f'later {n}') for n in range(7)]")
    until(lambda: "7 new lines" in notebook.text("logs"), 10, "what waits is counted")
    assert log.evaluate("e => e.scrollTop") == top
    log.focus()
    page.keyboard.press("0")
    until(
        lambda: notebook.attribute("logs", "live") == "live" and rows.filter(has_text="later 6").count() == 1, 5, "live"
    )

    # Taking it along.
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("c")
    until(lambda: "later 6" in page.evaluate("() => navigator.clipboard.readText()"), 5, "the lines are copied")
    with page.expect_download() as saved:
        page.keyboard.press("Control+s")
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert (len(lines), lines[-1][-7:]) == (ALL + 7 + 1, "later 6"), "each line, and the mark between them"
    log.focus()
    page.keyboard.press("C")
    until(lambda: shown() == 0, 5, "cleared in this view")
    assert notebook.cell_errors() == []
