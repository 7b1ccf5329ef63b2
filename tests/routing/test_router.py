"""EventRouter: order, isolation, re-entrance, and what it holds on to; history and threads: test_replay.py."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import CallbackError, LimitError, PatternError, SettingsError, TopicError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import MAX_DEPTH, EventRouter
from gunj_widgets.routing.routes import MAX_TOPICS
from gunj_widgets.routing.subscription import Subscription
from tests.events.test_shown import bare
from tests.routing.brute import matches
from tests.routing.events import event, numbers

TOPICS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map(".".join)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=4).map(".".join)


# -- who is called, and in which order ---------------------------------------------------------------------------


def test_the_handler_gets_the_whole_event() -> None:
    router, seen = EventRouter(), list[Event]()
    router.subscribe("platform.*.status", seen.append)
    sent = Event(
        topic="platform.prod.status", data={"phase": "Ready"}, id="7", metadata={"trace": "x"}, source="websocket"
    )
    assert router.publish(sent) == 1
    assert seen[0] is sent


def test_nobody_is_zero_handlers() -> None:
    router = EventRouter()
    router.subscribe("alert.**", print)
    assert router.publish(event("alert")) == 0


def test_higher_priority_first_then_order_of_subscribing() -> None:
    router, called = EventRouter(), list[str]()
    for name, pattern, priority in [
        ("late", "a.b", -1),
        ("first-zero", "**", 0),
        ("second-zero", "a.*", 0),
        ("top", "*.b", 10),
        ("third-zero", "a.b", 0),
        ("half", "a.b", 0.5),
    ]:
        router.subscribe(pattern, lambda _, name=name: called.append(name), priority=priority)
    assert router.publish(event("a.b")) == 6
    assert called == ["top", "half", "first-zero", "second-zero", "third-zero", "late"]


class Model:
    """The seed's way: scan all subscriptions with the obvious matcher."""

    def __init__(self) -> None:
        self.live: list[tuple[str, int, int]] = []

    def called(self, topic: str) -> list[int]:
        due = [entry for entry in self.live if matches(entry[0], topic)]
        return [number for _, _, number in sorted(due, key=lambda entry: -entry[1])]


STEPS = st.one_of(
    st.tuples(st.just("subscribe"), PATTERNS, st.integers(-1, 1)),
    st.tuples(st.just("close"), st.integers(0, 50), st.none()),
    st.tuples(st.just("publish"), TOPICS, st.none()),
)


@given(st.lists(STEPS, max_size=40))
def test_agrees_with_a_scan_under_churn(steps: list[tuple[str, Any, Any]]) -> None:
    """The memo, the trie and its corrections never show: every publish calls what a fresh scan would call."""
    router, model, called = EventRouter(), Model(), list[int]()
    opened: list[tuple[Subscription, tuple[str, int, int]]] = []
    for number, (act, what, priority) in enumerate(steps):
        if act == "subscribe":
            handle = router.subscribe(what, lambda _, number=number: called.append(number), priority=priority)
            opened.append((handle, (what, priority, number)))
            model.live.append(opened[-1][1])
        elif act == "close" and opened:
            handle, entry = opened.pop(what % len(opened))
            handle.close()
            model.live.remove(entry)
        elif act == "publish":
            called.clear()
            expected = model.called(what)
            assert router.publish(event(what)) == len(expected)
            assert called == expected
    assert router.stats().subscriptions == len(model.live)


def test_filter_and_transform() -> None:
    router, seen = EventRouter(), list[Any]()
    handle = router.subscribe("a", seen.append, filter=lambda e: e.data > 1, transform=lambda e: e.data * 10)
    assert [router.publish(event(data=n)) for n in (1, 2, 3)] == [0, 1, 1]
    assert seen == [20, 30]
    stats = handle.stats()
    assert (stats.called, stats.filtered, stats.errors) == (2, 1, 0)
    assert router.stats().delivered == 2


def test_transform_may_return_nothing() -> None:
    router, seen = EventRouter(), list[Any]()
    router.subscribe("a", seen.append, transform=lambda e: None)
    router.publish(event())
    assert seen == [None]


def test_once_is_once_even_where_it_answers_itself() -> None:
    router, seen = EventRouter(), list[Any]()

    def handler(e: Event) -> None:
        seen.append(e.data)
        router.publish(event(data=e.data + 1))

    handle = router.subscribe("a", handler, once=True, filter=lambda e: e.data >= 1)
    assert router.publish(event(data=0)) == 0
    assert router.publish(event(data=1)) == 1
    assert seen == [1]
    assert handle.closed
    assert router.stats().subscriptions == 0


@pytest.mark.parametrize("broken", ["", "a..b", "pl*", ".", "a." * 16 + "a"])
def test_broken_patterns_are_refused_everywhere(broken: str) -> None:
    router = EventRouter()
    for use in (
        lambda: router.subscribe(broken, print),
        lambda: router.history(broken),
        lambda: router.replay(broken, print),
    ):
        with pytest.raises(PatternError):
            use()
    assert router.stats().subscriptions == 0


@pytest.mark.parametrize("broken", ["", "a..b", ".a", "a.", "x" * 257, ".".join("a" * 17)])
def test_broken_topics_are_refused_and_leave_nothing(broken: str) -> None:
    router = EventRouter()
    for _ in range(2):  # not only on the first sight of it
        with pytest.raises(TopicError):
            router.publish(event(broken))
    assert router.history("**") == []
    assert (router.stats().published, router.stats().topics) == (0, 0)


def test_a_topic_at_its_limits() -> None:
    router = EventRouter()
    router.subscribe("**", lambda e: None)
    assert router.publish(event("x" * 256)) == 1
    assert router.publish(event(".".join("a" * 16))) == 1


@pytest.mark.parametrize("wrong", [{"handler": 3}, {"filter": 3}, {"transform": 3}])
def test_what_cannot_be_called_is_refused(wrong: dict[str, Any]) -> None:
    router = EventRouter()
    with pytest.raises(SettingsError):
        router.subscribe("a", **{"handler": print, **wrong})
    assert router.stats().subscriptions == 0


def test_topics_remembered_are_bounded() -> None:
    router, seen = EventRouter(history=1), list[str]()
    router.subscribe("t.*", lambda e: seen.append(e.topic))
    for number in range(MAX_TOPICS + 10):
        router.publish(event(f"t.{number}"))
    assert router.stats().topics == MAX_TOPICS
    assert len(seen) == MAX_TOPICS + 10
    router.publish(event("t.0"))
    assert seen[-1] == "t.0"


# -- changes while an event is dispatched --------------------------------------------------------------------------


def test_closing_takes_effect_within_the_same_event() -> None:
    """The seed still called a subscription that an earlier handler of the same event had removed."""
    router, called = EventRouter(), list[str]()
    victims: list[Subscription] = []
    router.subscribe("a", lambda _: [victim.close() for victim in victims] and None, priority=1)
    victims.append(router.subscribe("a", lambda _: called.append("plain")))
    victims.append(router.subscribe("a", lambda _: called.append("filtered"), filter=lambda e: True))
    assert router.publish(event()) == 1
    assert called == []


def test_closing_oneself_from_a_filter() -> None:
    router, called = EventRouter(), list[Event]()
    handles: list[Subscription] = []

    def leave(e: Event) -> bool:
        handles[0].close()
        return True

    handles.append(router.subscribe("a", called.append, filter=leave))
    assert router.publish(event()) == 0
    assert called == []


def test_a_subscription_made_meanwhile_does_not_see_the_event() -> None:
    router, late = EventRouter(), list[Any]()
    router.subscribe("a", lambda e: router.subscribe("a", lambda x: late.append(x.data)), once=True)
    assert router.publish(event(data=1)) == 1
    assert late == []
    router.publish(event(data=2))
    assert late == [2]


def test_nested_publishing_keeps_history_in_publish_order() -> None:
    """The seed stored an event after its handlers, so answers came before their questions."""
    router, seen = EventRouter(), list[str]()
    router.subscribe("question", lambda _: router.publish(event("answer")), priority=1)
    router.subscribe("**", lambda e: seen.append(e.topic))
    assert router.publish(event("question")) == 2
    assert [e.topic for e in router.history("**")] == ["question", "answer"]
    assert seen == ["answer", "question"]


def test_a_handler_that_answers_itself_ends_at_the_depth_limit() -> None:
    router, errors = EventRouter(on_error=lambda s, e, error: errors.append(error)), list[Exception]()
    handle = router.subscribe("a", router.publish)
    assert router.publish(event()) == 1
    assert handle.stats().called == MAX_DEPTH
    assert [type(error) for error in errors] == [LimitError]
    assert isinstance(errors[0], LimitError)
    assert (errors[0].limit, errors[0].value) == ("depth", MAX_DEPTH)
    assert router.stats().published == MAX_DEPTH
    assert len(router.history("**")) == MAX_DEPTH
    assert router.publish(event("b")) == 0  # and the router is whole


def test_depth_is_given_back_after_an_interrupt() -> None:
    router = EventRouter()

    def interrupt(_: Event) -> None:
        raise KeyboardInterrupt

    handle = router.subscribe("a", interrupt)
    for _ in range(MAX_DEPTH + 1):
        with pytest.raises(KeyboardInterrupt):
            router.publish(event())
    handle.close()
    assert router.publish(event()) == 0


# -- errors ----------------------------------------------------------------------------------------------------------


def fail(_: Any) -> Any:
    raise ValueError("handler broke")


@pytest.mark.parametrize("place", ["handler", "filter", "transform", "special-handler"])
def test_errors_are_isolated_counted_and_reported(place: str) -> None:
    reports: list[tuple[Subscription, Event, Exception]] = []
    router, seen = EventRouter(on_error=lambda *report: reports.append(report)), list[Event]()
    options: dict[str, Any] = {"handler": fail} if place == "handler" else {"handler": print, place: fail}
    if place == "special-handler":
        options = {"handler": fail, "filter": lambda e: True}
    broken = router.subscribe("a", priority=1, **options)
    healthy = router.subscribe("a", seen.append)
    sent = event()
    router.publish(sent)
    assert router.publish(sent) == (2 if "handler" in place else 1)
    assert len(seen) == 2
    stats = broken.stats()
    assert stats.errors == 2
    assert stats.last_error == "ValueError: handler broke"
    assert isinstance(stats.last_exception, ValueError)
    assert healthy.stats().errors == 0
    assert healthy.stats().last_exception is None
    assert router.stats().errors == 2
    assert router.stats().last_error == "a: ValueError: handler broke"
    assert [(s, e) for s, e, _ in reports] == [(broken, sent)] * 2
    assert reports[0][2].__traceback__ is not None


def test_a_broken_reporter_is_counted_too() -> None:
    def reporter(*_: object) -> None:
        raise OSError("log is full")

    router = EventRouter(on_error=reporter)
    router.subscribe("a", fail)
    assert router.publish(event()) == 1
    assert router.stats().errors == 2
    assert router.stats().last_error == "on_error: OSError: log is full"


def test_an_error_without_words_still_has_its_name() -> None:
    class WordlessError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def wordless(_: Event) -> None:
        raise WordlessError

    router = EventRouter()
    handle = router.subscribe("a", wordless)
    router.publish(event())
    assert handle.stats().last_error == "WordlessError"


# -- async handlers --------------------------------------------------------------------------------------------------


async def test_async_handlers_run_where_spawn_puts_them() -> None:
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[Any, Any, None]) -> None:
        tasks.append(asyncio.create_task(work))

    router, seen = EventRouter(spawn=spawn), list[Any]()

    async def handler(e: Event) -> None:
        await asyncio.sleep(0)
        seen.append(e.data)
        if e.data == 2:
            raise ValueError("late")

    plain = router.subscribe("a", handler)
    careful = router.subscribe("a", handler, filter=lambda e: True)
    for number in (1, 2):
        assert router.publish(event(data=number)) == 2
    await asyncio.gather(*tasks)
    assert sorted(seen) == [1, 1, 2, 2]
    assert plain.stats().errors == careful.stats().errors == 1
    assert plain.stats().last_error == "ValueError: late"


def test_async_handlers_without_a_loop_are_a_clear_error() -> None:
    """And nothing is left to warn "was never awaited" (warnings are errors here)."""
    router = EventRouter()

    async def handler(e: Event) -> None:
        raise AssertionError("must not run")

    handle = router.subscribe("a", handler)
    assert router.publish(event()) == 1
    gc.collect()
    stats = handle.stats()
    assert stats.errors == 1
    assert isinstance(stats.last_exception, CallbackError)
    assert "spawn" in stats.last_error


def test_a_loop_that_is_closed_is_counted() -> None:
    def spawn(work: Coroutine[Any, Any, None]) -> None:
        raise RuntimeError("loop is closed")

    async def handler(e: Event) -> None:
        raise AssertionError("must not run")

    router = EventRouter(spawn=spawn)
    handle = router.subscribe("a", handler)
    router.publish(event())
    gc.collect()
    assert handle.stats().last_error == "RuntimeError: loop is closed"


def test_other_return_values_are_nobodys_business() -> None:
    router = EventRouter()
    handle = router.subscribe("a", lambda e: 42)
    router.publish(event())
    assert handle.stats().errors == 0


# -- what it holds ---------------------------------------------------------------------------------------------------


def test_a_hundred_openings_and_closings_leave_nothing() -> None:
    class Holder:
        def handler(self, e: Event) -> None: ...

    router = EventRouter(history=0)
    holders = []
    for number in range(100):
        holder = Holder()
        holders.append(weakref.ref(holder))
        topics = ["a.b", f"a.x{number}"]
        handles = [router.subscribe(pattern, holder.handler) for pattern in ("a.*", "**", "a.b")]
        for topic in topics:
            router.publish(event(topic))
        for handle in handles:
            handle.close()
        del holder, handles, handle
    assert router.stats().subscriptions == 0
    assert router.stats().patterns == 0
    gc.collect()
    assert [ref for ref in holders if ref() is not None] == []


def test_clear_closes_and_forgets() -> None:
    router = EventRouter()
    handles = [router.subscribe(pattern, lambda e: None) for pattern in ("a", "*", "**")]
    router.publish(event())
    router.clear()
    assert all(handle.closed for handle in handles)
    assert router.history("**") == []
    stats = router.stats()
    assert (stats.published, stats.delivered, stats.subscriptions, stats.patterns, stats.history) == (1, 3, 0, 0, 0)


def test_the_total_is_the_sum_of_what_happened() -> None:
    """Whoever leaves, and whenever: in its own handler, in its own filter, or before its turn."""
    router, really = EventRouter(), list[str]()
    handles: dict[str, Subscription] = {}

    def leave(name: str) -> Callable[[Event], bool]:
        def act(e: Event) -> bool:
            handles[name].close()
            return True

        return act

    def note(e: Event) -> None:
        really.append(e.topic)

    def note_and_leave(e: Event) -> None:
        really.append(e.topic)
        handles["handler"].close()
        handles["later"].close()

    handles["steady"] = router.subscribe("a", note)
    handles["choosy"] = router.subscribe("a", note, filter=lambda e: e.data == 2)
    handles["once"] = router.subscribe("a", note, once=True)
    handles["filter"] = router.subscribe("a", note, filter=leave("filter"))
    handles["handler"] = router.subscribe("a", note_and_leave)
    handles["later"] = router.subscribe("a", note)
    returned = sum(router.publish(event(data=number)) for number in range(4))
    assert returned == router.stats().delivered == len(really) == 4 + 1 + 1 + 0 + 1 + 0
    calls = {name: handle.stats().called for name, handle in handles.items()}
    assert calls == {"steady": 4, "choosy": 1, "once": 1, "filter": 0, "handler": 1, "later": 0}
    router.clear()
    assert router.stats().delivered == len(really)


def test_stats_are_a_snapshot() -> None:
    router = EventRouter()
    router.subscribe("a", lambda e: None)
    before = router.stats()
    router.publish(event())
    assert (before.published, router.stats().published) == (0, 1)
    assert (router.stats().delivered, router.stats().patterns, router.stats().topics) == (1, 1, 1)
    with pytest.raises(AttributeError):
        before.published = 5  # type: ignore[misc]


@given(st.lists(TOPICS, max_size=30), st.lists(PATTERNS, max_size=4))
def test_many_at_once_are_published_as_one_by_one(topics: list[str], patterns: list[str]) -> None:
    one, many = EventRouter(history=10), EventRouter(history=10)
    called: dict[EventRouter, list[tuple[str, Any, list[Any]]]] = {one: [], many: []}
    for router, calls in called.items():
        for pattern in patterns:
            router.subscribe(
                pattern,
                lambda e, router=router, calls=calls, pattern=pattern: calls.append(
                    (pattern, e.data, numbers(router.history("**")))
                ),
            )
    events = [event(topic, number) for number, topic in enumerate(topics)]
    assert many.publish_many(events) == sum(one.publish(e) for e in events)
    assert called[many] == called[one]
    assert numbers(many.history("**")) == numbers(one.history("**"))
    assert many.stats() == one.stats()


def test_many_at_once_reach_who_subscribes_in_the_middle() -> None:
    router, seen = EventRouter(), list[Event]()
    router.publish(event("b"))  # resolved, and nobody wants it
    router.subscribe("a", lambda e: router.subscribe("b", seen.append), once=True)
    assert router.publish_many([event("b", 1), event("a", 2), event("b", 3)]) == 2
    assert numbers(seen) == [3]
    with pytest.raises(TopicError):
        router.publish_many([event("b", 4), event("x" * 10_000, 5), event("b", 6)])
    assert numbers(seen) == [3, 4]


def test_who_takes_all_comes_and_goes_in_every_route() -> None:
    router, seen = EventRouter(), list[Event]()
    first = router.subscribe("**", lambda e: None)
    for name in "abc":
        router.publish(event(name))
    second = router.subscribe("**", seen.append)
    first.close()
    assert [router.publish(event(name)) for name in "abc"] == [1, 1, 1]
    second.close()
    assert [router.publish(event(name)) for name in "abc"] == [0, 0, 0]
    assert len(seen) == 3


def test_it_shows_how_much_goes_through_it() -> None:
    router = EventRouter()
    router.subscribe("a.*", lambda _event: None)
    router.publish(Event(topic="a.b", data=None))
    assert repr(router) == "<EventRouter 1 subscriptions, 1 events, 0 errors>"
    assert "<td>delivered</td><td>1</td>" in bare(router._repr_html_())


@pytest.mark.parametrize("wrong", ["x", 5, None, Event(topic=5), Event(topic=[])])  # type: ignore[arg-type]
def test_what_is_no_event_is_told_and_not_kept(wrong: Any) -> None:
    router = EventRouter()
    heard: list[Event] = []
    router.subscribe("**", heard.append)
    with pytest.raises(SettingsError, match="an event is|a topic is"):
        router.publish(wrong)
    with pytest.raises(SettingsError, match="an event is|a topic is"):
        router.publish_many([event("a"), wrong, event("b")])
    assert [found.topic for found in heard] == ["a"]
    assert [found.topic for found in router.history("**")] == ["a"]
    assert router.publish(event("c")) == 1


def test_what_holds_no_events_is_told_and_what_raises_for_itself_is_left() -> None:
    router = EventRouter()
    with pytest.raises(SettingsError, match="in a list, not 5"):
        router.publish_many(5)  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="mine"):
        router.publish_many(event(text.mine) for text in ("a",))  # type: ignore[attr-defined]
    assert router.history("**") == []
