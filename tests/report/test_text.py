"""Markdown: tables that stay tables, and foreign text that stays text."""

from __future__ import annotations

from gunj_widgets.report.text import text
from tests.report.evidence import EVIL, made


def test_it_tells_everything() -> None:
    told = text(made())
    assert "# loki lost its volume" in told
    assert "| loki | 1 | 1 at 2025-11-24 16:00:00 | 3 G at 2025-11-24 16:00:02 | 2 |" in told
    assert "3 more are left out." in told
    assert "> second line" in told
    assert "| 2025-11-24 16:00:00 | 2025-11-24 16:00:05 | alert | loki | loki |" in told


def test_foreign_text_is_no_markdown_and_no_html() -> None:
    told = text(made(EVIL))
    assert "<script" not in told.replace("\\<", "")
    assert "](" not in told
    rows = [line for line in told.splitlines() if line.startswith("| 2025")]
    assert all(line.replace("\\|", "").count("|") == 6 for line in rows)
