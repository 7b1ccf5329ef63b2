"""`rt.stats()` has every count it promises, those of the handlers and of the feed among them."""

from __future__ import annotations

import pytest

from gunj_widgets.session import stats as module
from gunj_widgets.session.stats import FeedStats, SessionStats, count_feed, fed
from tests.events.test_shown import bare
from tests.session.conftest import Rig, until


@pytest.fixture
def unfed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_feed", FeedStats)


@pytest.mark.usefixtures("unfed")
def test_before_the_first_widget_nothing_was_shown(rig: Rig) -> None:
    stats = rig.session.stats()
    assert {name: stats[name] for name in FeedStats().counts} == FeedStats().counts
    assert (stats["dropped"], stats.rate) == (0, None)
    assert "updates a second" not in repr(stats) + bare(stats._repr_html_())


@pytest.mark.usefixtures("unfed")
def test_what_the_feed_tells_is_among_the_counts(rig: Rig) -> None:
    told = FeedStats(rate=62.5, conflated=7, dropped=3, expired=1, envelopes=40, envelopes_lost=2, feed_errors=1)
    count_feed(lambda: told)
    stats = rig.session.stats()
    assert fed() is told
    assert {name: stats[name] for name in told.counts} == told.counts
    assert set(told.counts) == {
        "conflated",
        "dropped",
        "expired",
        "envelopes",
        "envelopes_lost",
        "feed_errors",
        "slow_pages",
    }
    assert stats.rate == 62.5
    assert "62.5 updates a second" in repr(stats)
    assert "<td>62.5</td>" in bare(stats._repr_html_())


def test_what_became_of_events_for_handlers_is_counted(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    before = rt.stats()
    rt.on("platform.*.status", lambda event: 1 / 0)
    rt.on("platform.*.status", print, filter=lambda event: False, replay=True)
    rig.do(rig.operator.platform, "staging", namespace="test", phase="Ready")
    until(lambda: rt.stats()["handler_errors"] == 1)
    after = rt.stats()
    assert after["handler_calls"] == before["handler_calls"] + 1
    assert after["history"] > before["history"]
    assert {"handler_replayed", "handler_dropped", "handler_timeouts", "handler_blocked"} <= set(after.counts)
    rt.router.lost(rt.on("x.*", print))
    assert rt.stats()["handler_dropped"] == 1


def test_a_cell_shows_all_counts_and_the_last_problem() -> None:
    stats = SessionStats(state="open", counts={"received": 3, "lost": 0}, last_problem="<script>")
    html = bare(stats._repr_html_())
    assert "<td>received</td><td>3</td>" in html
    assert "<td>lost</td><td>0</td>" in html
    assert "<td>&lt;script&gt;</td>" in html
