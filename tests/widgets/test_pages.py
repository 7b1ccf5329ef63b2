"""Who is looking, and how far behind."""

from __future__ import annotations

import pytest

from gunj_widgets.widgets.pages import FORGIVE_AFTER, MAX_PAGES, Pages


@pytest.fixture
def pages() -> Pages:
    return Pages(timeout=6.0)


def credit(n: int, **more: object) -> dict[str, object]:
    return {"n": n, "fps": 60, "paintMs": 4, "hidden": False, "views": 1, **more}


def test_nobody_looks_at_first(pages: Pages) -> None:
    assert pages.visible() == []
    assert pages.outstanding(10) == 0
    assert pages.worst() == (None, None)


def test_hello_makes_a_page_visible_with_nothing_outstanding(pages: Pages) -> None:
    pages.hello("p", "v", newest=7, now=0.0)
    assert len(pages.visible()) == 1
    assert pages.outstanding(7) == 0
    assert pages.outstanding(10) == 3


def test_the_slowest_visible_page_counts(pages: Pages) -> None:
    pages.hello("fast", "v", 0, 0.0)
    pages.hello("slow", "v", 0, 0.0)
    pages.credit("fast", credit(9), newest=10, now=0.1)
    pages.credit("slow", credit(4, fps=12, paintMs=80), newest=10, now=0.1)
    assert pages.outstanding(10) == 6
    assert pages.worst() == (12, 0.08)
    pages.credit("slow", credit(4, hidden=True), newest=10, now=0.2)
    assert pages.outstanding(10) == 1


def test_the_last_bye_forgets_the_page(pages: Pages) -> None:
    pages.hello("p", "a", 0, 0.0)
    pages.hello("p", "b", 0, 0.0)
    pages.bye("p", "a")
    assert pages.visible()
    pages.bye("p", "b")
    pages.bye("p", "b")
    assert len(pages) == 0


def test_silence_up_to_the_timeout_is_forgiven_and_not_longer(pages: Pages) -> None:
    pages.hello("p", "v", 0, 0.0)
    pages.expire(6.0)
    assert len(pages) == 1
    pages.expire(6.001)
    assert len(pages) == 0


def test_a_page_that_was_silent_is_known_again_by_its_credit(pages: Pages) -> None:
    pages.hello("p", "v", 0, 0.0)
    pages.expire(60.0)
    pages.credit("p", credit(3), newest=5, now=61.0)
    assert len(pages.visible()) == 1


def test_nonsense_from_a_browser_does_no_harm(pages: Pages) -> None:
    for n in (None, "x", 1e300, -5, True, [1]):
        pages.credit("p", {"n": n, "fps": "fast", "paintMs": None, "views": n}, newest=3, now=0.0)
    assert pages.outstanding(3) <= 3
    for i in range(MAX_PAGES * 2):
        pages.hello(f"p{i}", "v", 0, float(i))
    assert len(pages) == MAX_PAGES


def test_a_credit_never_claims_more_than_was_sent(pages: Pages) -> None:
    pages.hello("p", "v", 0, 0.0)
    pages.credit("p", credit(1000), newest=5, now=0.0)
    assert pages.outstanding(6) == 1


def test_lost_envelopes_are_forgiven_only_where_the_page_showed_life_after_them(pages: Pages) -> None:
    pages.hello("p", "v", 0, 0.0)
    assert not pages.forgive(0, last_sent=0.0, now=100.0), "nothing is outstanding"
    assert not pages.forgive(4, last_sent=10.0, now=10.0 + FORGIVE_AFTER), "silent since: it may be painting"
    pages.credit("p", credit(0), newest=4, now=10.0 + FORGIVE_AFTER)
    assert not pages.forgive(4, last_sent=10.0, now=10.0 + FORGIVE_AFTER - 0.01)
    assert pages.forgive(4, last_sent=10.0, now=10.0 + FORGIVE_AFTER)
    assert pages.outstanding(4) == 0
