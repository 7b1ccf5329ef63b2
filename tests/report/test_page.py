"""The page: whole, and whatever was in the evidence is text in it. In a browser: tests/browser/test_report.py."""

from __future__ import annotations

from html.parser import HTMLParser

from gunj_widgets.report.manifest import manifest
from gunj_widgets.report.page import page
from tests.report.evidence import EVIL, made


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_it_tells_everything() -> None:
    told = page(made())
    for words in ("loki lost its volume", "rolled back", "3 more are left out", "second line", "no data", "4. Note"):
        assert words in told
    assert all(sha in told for _, sha in manifest(made()))


def test_nothing_foreign_becomes_html_and_nothing_is_fetched() -> None:
    plain, evil = Tags(), Tags()
    plain.feed(page(made()))
    evil.feed(page(made(EVIL)))
    assert evil.tags == plain.tags
    assert evil.attributes == plain.attributes
    assert not evil.tags & {"script", "img", "a", "iframe", "link", "object", "form"}
    assert not evil.attributes & {"src", "href", "onload", "onerror", "style"}
    assert "\u202e" not in page(made(EVIL))


def test_an_empty_one() -> None:
    import msgspec

    told = page(msgspec.structs.replace(made(), pins=[], happenings=[]))
    assert "nothing was pinned" in told
    assert "nothing is known" in told
