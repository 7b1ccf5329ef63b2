"""Stills: text and HTML that hold what was shown, and nothing that runs."""

from __future__ import annotations

import pytest

from gunj_widgets.widgets.still import MAX_ROWS, Still, stamp
from tests.events.test_shown import bare

EVIL = '<script>alert(1)</script>\x1b[31m\u202e\0"&'


def test_both_forms_hold_title_words_and_table() -> None:
    still = Still("production", "1/2 healthy", ("component", "health"), [("loki", "degraded"), ("tempo", None)])
    lines = still.text.splitlines()
    assert lines[0] == "production"
    assert lines[1].startswith("1/2 healthy; frozen at 20")
    assert lines[2:] == ["component  health", "loki       degraded", "tempo"]
    assert "<td>loki</td><td>degraded</td>" in bare(still.html)
    assert "<table>" not in Still("a", "b").html


@pytest.mark.parametrize("where", ["title", "words", "column", "cell"])
def test_whatever_a_peer_says_is_text(where: str) -> None:
    said = {name: EVIL if name == where else "x" for name in ("title", "words", "column", "cell")}
    still = Still(said["title"], said["words"], (said["column"],), [(said["cell"],)])
    assert "<script" not in still.html
    assert "&lt;script&gt;" in still.html
    for text in (still.html, still.text):
        assert not {"\x1b", "\u202e", "\0"} & set(text)


def test_what_is_too_much_is_cut_and_told() -> None:
    still = Still("logs", "many", ("n",), [(n,) for n in range(MAX_ROWS + 5)], total=9_000)
    assert f"{MAX_ROWS} of 9000 rows" in still.text
    assert still.html.count("<tr>") == MAX_ROWS + 1
    assert len(Still("x" * 10_000_000, "").html) < 3_000


def test_times_are_utc() -> None:
    assert stamp(0.0) == "1970-01-01 00:00:00 UTC"
    assert stamp(None) == ""
