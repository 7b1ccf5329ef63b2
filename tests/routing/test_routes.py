"""RouteCache: always what a fresh resolution would give, bounded, and without remains."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.routing import routes
from gunj_widgets.routing.pattern import Pattern
from gunj_widgets.routing.routes import RouteCache
from gunj_widgets.routing.subscription import Subscription
from tests.routing.brute import matches

TOPICS = ["a", "b", "a.b", "a.c", "b.a", "a.b.c", "a.a.a", "c.b.a", "a.b.c.d"]
PATTERNS = st.lists(st.sampled_from(["a", "b", "c", "*", "**"]), min_size=1, max_size=4).map(".".join)


def subscription(pattern: str, number: int, priority: int = 0) -> Subscription:
    return Subscription(Pattern(pattern), print, number=number, priority=priority)


def fresh(topic: str, live: list[Subscription]) -> tuple[Subscription, ...]:
    return tuple(sorted((s for s in live if matches(s.pattern, topic)), key=lambda s: s.rank))


@given(st.lists(st.tuples(PATTERNS, st.integers(-2, 2), st.booleans()), max_size=20))
def test_corrected_routes_equal_fresh_ones(steps: list[tuple[str, int, bool]]) -> None:
    cache, live = RouteCache(), list[Subscription]()
    for topic in TOPICS:
        cache.put(topic, [])
    for number, (pattern, priority, leaves) in enumerate(steps):
        if leaves and live:
            gone = live.pop(number % len(live))
            cache.removed(gone)
        else:
            live.append(subscription(pattern, number, priority))
            cache.added(live[-1])
        for topic in TOPICS:
            assert cache.routes[topic] == fresh(topic, live)


def test_bounded_and_the_tree_with_it() -> None:
    cache = RouteCache(limit=3)
    for number in range(10):
        cache.put(f"platform.p{number}.status", [])
        assert len(cache.routes) <= 3
    assert list(cache.routes) == [f"platform.p{number}.status" for number in (7, 8, 9)]
    assert list(cache._tree["platform"]) == ["p7", "p8", "p9"]


def test_forgetting_keeps_a_topic_that_continues_another() -> None:
    cache = RouteCache(limit=2)
    cache.put("a", [])
    cache.put("a.b", [])
    cache.put("c", [])  # pushes out "a", which is a prefix of "a.b"
    wanted = subscription("**", 1)
    cache.added(wanted)
    assert cache.routes == {"a.b": (wanted,), "c": (wanted,)}
    cache.put("d", [])
    assert "a" not in cache._tree


def test_a_long_route_is_dropped_not_copied() -> None:
    cache = RouteCache()
    many = [subscription("a", number) for number in range(routes.LONG)]
    cache.put("a", many)
    cache.added(subscription("a", 1000))
    assert len(cache.routes["a"]) == routes.LONG + 1
    cache.added(subscription("a", 1001))
    assert "a" not in cache.routes
    cache.put("a", [*many, subscription("a", 1000)])
    cache.removed(many[0])
    assert "a" not in cache.routes


def test_other_topics_are_left_alone() -> None:
    cache = RouteCache()
    for topic in TOPICS:
        cache.put(topic, [])
    before = dict(cache.routes)
    cache.added(subscription("a.b", 1))
    assert [topic for topic in TOPICS if cache.routes[topic] is not before[topic]] == ["a.b"]
    cache.added(subscription("*.a", 2))
    assert [topic for topic in TOPICS if cache.routes[topic] is not before[topic]] == ["a.b", "b.a"]
