"""EventFeed: Kubernetes events, repetitions folded."""

from __future__ import annotations

from gunj_widgets.events.records import KubeEvent
from gunj_widgets.store.kube_events import EventFeed


def event(reason: str = "Pulled", last: float | None = 100.0, **more: object) -> KubeEvent:
    return KubeEvent(reason=reason, platform="production", last=last, **more)  # type: ignore[arg-type]


def test_a_repetition_replaces_the_earlier_one_and_is_new_again() -> None:
    feed = EventFeed()
    feed.append(event("BackOff", 100.0, count=1, first=90.0))
    feed.append(event("Pulled", 110.0))
    feed.append(event("BackOff", 120.0, count=5, first=95.0))
    assert [(e.reason, e.count, e.first, e.last) for e in feed] == [
        ("Pulled", 1, None, 110.0),
        ("BackOff", 5, 90.0, 120.0),
    ]
    assert feed.repeated == 1
    feed.append(event("BackOff", 105.0, count=2))
    assert list(feed)[-1].count == 5, "a report that comes late takes nothing back"
    assert list(feed)[-1].last == 120.0


def test_the_same_reason_elsewhere_is_another_event() -> None:
    feed = EventFeed()
    for more in ({}, {"component": "loki"}, {"type": "Warning"}, {"message": "x"}):
        feed.append(event(**more))
    assert len(feed) == 4


def test_bounds_by_number_and_age() -> None:
    feed = EventFeed(max_age=50, max_rows=3)
    for i in range(5):
        feed.append(event(str(i), 100.0 + i))
    assert [e.reason for e in feed] == ["2", "3", "4"]
    feed.append(event("timeless", None))
    feed.append(event("late", 153.5))
    assert [e.reason for e in feed] == ["4", "timeless", "late"]
    assert feed.evicted == 4
    unbounded = EventFeed(None, None)
    for i in range(500):
        unbounded.append(event(str(i), float(i)))
    assert len(unbounded) == 500


def test_age_and_number_do_not_count_the_same_event_twice() -> None:
    feed = EventFeed(max_age=10, max_rows=2)
    feed.append(event("old", 100.0))
    feed.append(event("new", 109.0))
    feed.append(event("newest", 111.0))
    assert [e.reason for e in feed] == ["new", "newest"]
    assert feed.evicted == 1


def test_df_and_listeners() -> None:
    feed = EventFeed()
    heard: list[object] = []
    feed.listen(heard.append)
    feed.append(event("b", 200.0))
    feed.append(event("a", 100.0))
    assert heard == [feed, feed]
    assert feed.df["reason"].tolist() == ["a", "b"]
    assert feed.df.index.name == "last"
    assert repr(feed) == "<EventFeed 2 events, version 2>"
    feed.clear()
    assert feed.df.empty
