"""The report in a real browser, from a file: it asks nobody for anything, runs nothing, and fits its page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from gunj_widgets.report.page import page as page_of
from tests.report.evidence import EVIL, made


def test_a_report_needs_neither_network_nor_kernel(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page_of(made(EVIL)), encoding="utf-8")
    context = browser.new_context(offline=True, viewport={"width": 400, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append("a dialog"))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    assert said == []
    assert page.locator("svg[role=img] path").count() >= 3
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("a, img, script, iframe").count() == 0
    context.close()
