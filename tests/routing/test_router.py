"""EventRouter: order, isolation, re-entrance, replay, threads, and what it holds on to."""

from __future__ import annotations

import asyncio
import gc
import threading
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
from tests.routing.brute import matches

TOPICS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map(".".join)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=4).map(".".join)


def event(topic: str = "a", data: Any = None, arrived: float = 0.0) -> Event:
    return Event(topic=topic, data=data, arrived=arrived)


def numbers(events: list[Event]) -> list[Any]:
    return [found.data for found in events]


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


# -- history and replay ----------------------------------------------------------------------------------------------


def test_history_is_bounded_by_count_and_by_age() -> None:
    router = EventRouter(history=3, history_age=10.0)
    for number in range(5):
        router.publish(event(data=number, arrived=float(number)))
    assert numbers(router.history("**")) == [2, 3, 4]
    router.publish(event(data=5, arrived=13.0))
    assert numbers(router.history("**")) == [3, 4, 5]
    router.publish(event(data=6, arrived=14.5))
    assert numbers(router.history("**")) == [5, 6]
    assert router.stats().history == 2


def test_history_by_pattern_since_and_limit() -> None:
    router = EventRouter()
    for number, topic in enumerate(["a.error", "b", "c.error", "d.x.error", "error"]):
        router.publish(event(topic, number, arrived=float(number)))
    assert numbers(router.history("**.error")) == [0, 2, 3]
    assert numbers(router.history("**.error", since=2.0)) == [2, 3]
    assert numbers(router.history("**.error", limit=1)) == [3]
    assert numbers(router.history("**", 1.0, 2)) == [3, 4]


def test_no_history() -> None:
    router = EventRouter(history=0)
    router.publish(event())
    assert router.history("**") == []
    assert router.replay("**", print) == 0


@pytest.mark.parametrize("wrong", [{"history": -1}, {"history_age": 0.0}])
def test_bad_history_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        EventRouter(**wrong)


def test_replay_hands_over_the_past_and_isolates_errors() -> None:
    reports: list[Any] = []
    router, seen = EventRouter(on_error=lambda s, e, error: reports.append(e.data)), list[int]()
    for number in range(4):
        router.publish(event(data=number, arrived=float(number)))

    def handler(e: Event) -> None:
        seen.append(e.data)
        if e.data == 2:
            raise ValueError

    assert router.replay("a", handler, since=1.0) == 3
    assert seen == [1, 2, 3]
    assert reports == [2]
    assert router.replay("a", handler, limit=1) == 1
    assert router.stats().replayed == 4
    assert router.stats().delivered == 0


def test_subscribe_with_replay_honours_filter_transform_and_once() -> None:
    router, seen, single = EventRouter(), list[int](), list[int]()
    for number in range(4):
        router.publish(event(data=number))
    router.subscribe("a", seen.append, filter=lambda e: e.data % 2 == 1, transform=lambda e: e.data * 10, replay=True)
    router.subscribe("a", lambda e: single.append(e.data), once=True, replay=True)
    router.publish(event(data=5))
    assert seen == [10, 30, 50]
    assert single == [0]


def test_replay_inside_a_handler_sees_the_current_event_once() -> None:
    router, seen = EventRouter(), list[int]()
    router.publish(event(data=0))
    router.subscribe(
        "a", lambda e: router.subscribe("a", lambda x: seen.append(x.data), replay=True) and None, once=True
    )
    router.publish(event(data=1))
    router.publish(event(data=2))
    assert seen == [0, 1, 2]


def test_what_is_published_during_a_replay_comes_after_it() -> None:
    router, seen = EventRouter(), list[int]()
    for number in range(3):
        router.publish(event(data=number))

    def handler(e: Event) -> None:
        seen.append(e.data)
        if e.data < 3:
            router.publish(event(data=e.data + 10))

    router.subscribe("a", handler, replay=True)
    assert seen == [0, 1, 2, 10, 11, 12]
    router.publish(event(data=20))
    assert seen[-1] == 20
    assert numbers(router.history("**")) == [0, 1, 2, 10, 11, 12, 20]


def test_a_replay_that_never_catches_up_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gunj_widgets.routing.router.MAX_PENDING", 3)
    router, seen = EventRouter(history=10), list[int]()
    router.publish(event(data=0))

    def handler(e: Event) -> None:
        seen.append(e.data)
        if e.data == 0:
            for number in range(1, 6):
                router.publish(event(data=number))

    handle = router.subscribe("a", handler, replay=True)
    assert seen == [0, 3, 4, 5]
    assert handle.stats().missed == 2


def test_an_interrupted_replay_leaves_no_subscription() -> None:
    router = EventRouter()
    router.publish(event())

    def interrupt(_: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        router.subscribe("a", interrupt, replay=True)
    assert router.stats().subscriptions == 0
    assert router.publish(event()) == 0


# -- threads ---------------------------------------------------------------------------------------------------------


def run(*bodies: Callable[[], None]) -> None:
    """Run the bodies at once, each on a thread; a failure in one is raised here."""
    failures: list[BaseException] = []

    def guarded(body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(body,), daemon=True) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


class BusyLock:
    """A lock with a rival: something else happens before each acquisition and after each release."""

    def __init__(self, rival: Callable[[], object]) -> None:
        self._lock = threading.Lock()
        self._rival = rival
        self._busy = False

    def _meddle(self) -> None:
        if not self._busy:
            self._busy = True
            self._rival()
            self._busy = False

    def acquire(self, blocking: bool = True) -> bool:
        self._meddle()
        return self._lock.acquire(blocking)

    def release(self) -> None:
        self._lock.release()
        self._meddle()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def test_replay_then_live_with_an_event_in_every_gap() -> None:
    """Whenever the subscribing thread could be interrupted, another event is published."""
    router, seen, count = EventRouter(), list[int](), iter(range(30))

    def rival() -> None:
        number = next(count, None)
        if number is not None:
            router.publish(event(data=number))

    for _ in range(3):
        rival()
    router._lock = BusyLock(rival)  # type: ignore[assignment]
    router.subscribe("a", lambda e: seen.append(e.data), replay=True)
    total = len(router.history("**"))
    assert total > 5
    assert seen == list(range(total))


class Interrupted:
    """Lists and dicts at which the publishing thread is interrupted: `rival` runs before and after each use."""

    def __init__(self, rival: Callable[[str], None]) -> None:
        class Slots(list[Event | None]):
            def __setitem__(self, index: Any, value: Any) -> None:
                rival("before it is written")
                super().__setitem__(index, value)
                rival("written, not numbered")

        class Routes(dict[str, tuple[Subscription, ...]]):
            def __getitem__(self, topic: str) -> tuple[Subscription, ...]:
                rival("numbered, not looked up")
                try:
                    return super().__getitem__(topic)
                finally:
                    rival("looked up, not dispatched")

        self.slots = Slots
        self.routes = Routes


@pytest.mark.parametrize("known", [True, False], ids=["topic-known", "topic-new"])
@pytest.mark.parametrize(
    "moment", ["before it is written", "written, not numbered", "numbered, not looked up", "looked up, not dispatched"]
)
def test_replay_then_live_while_an_event_is_on_its_way(moment: str, known: bool) -> None:
    """At each point of a publish, another thread subscribes with replay: the event arrives once, and in order."""
    router, seen = EventRouter(history=5), list[int]()
    armed = False

    def rival(at: str) -> None:
        nonlocal armed
        if armed and at == moment:
            armed = False
            router.subscribe("*", lambda e: seen.append(e.data), replay=True)

    interrupted = Interrupted(rival)
    router._history.slots = interrupted.slots(router._history.slots)
    router._routes = router._cache.routes = interrupted.routes()
    for number in range(8):
        router.publish(event("a", number))
    armed = True
    same = event("a" if known else "b", 8)
    router.publish(same)
    router.publish(same)  # the very same object twice is still two events
    router.publish(event("a", 9))
    assert not armed
    start = seen[0]
    assert start == (3 if moment in ("before it is written", "written, not numbered") else 4)
    assert seen == [*range(start, 9), 8, 9]


def test_an_event_on_its_way_that_causes_another_still_arrives_once() -> None:
    """The nested one is newer than the replay, and must not make the router forget about the one around it."""
    router, seen = EventRouter(), list[int]()
    armed = True

    def rival(at: str) -> None:
        nonlocal armed
        if armed and at == "numbered, not looked up":
            armed = False
            router.subscribe("*", lambda e: seen.append(e.data), replay=True)

    router.subscribe("a", lambda e: router.publish(event("b", e.data + 10)), priority=1)
    router._routes = router._cache.routes = Interrupted(rival).routes()
    router.publish(event("a", 1))
    router.publish(event("a", 2))
    assert seen == [1, 11, 12, 2]
    assert router.stats().subscriptions == 2
    late = next(handle for handle in router._open if handle.pattern == "*")
    assert late.call is late.handler  # and the way is direct again


@pytest.mark.usefixtures("quick_switch")
def test_replay_then_live_has_no_gap_and_no_double() -> None:
    """Subscribers join at random moments of a fast stream; each must see an unbroken run up to the end."""
    router, total = EventRouter(history=5000), 5000
    seen: list[list[int]] = []
    start = threading.Barrier(3)

    def publisher() -> None:
        start.wait(10)
        for number in range(total):
            router.publish(event(data=number))

    def joiner() -> None:
        start.wait(10)
        while router.stats().published < total:
            mine: list[int] = []
            seen.append(mine)
            router.subscribe("*", lambda e, mine=mine: mine.append(e.data), replay=True)
            if len(seen) > 60:
                return

    run(publisher, joiner, joiner)
    for mine in seen:
        assert mine == list(range(total))


@pytest.mark.usefixtures("quick_switch")
def test_subscribing_and_closing_from_other_threads() -> None:
    router, steady = EventRouter(history=50), list[int]()
    router.subscribe("t.**", lambda e: steady.append(e.data))
    finished = threading.Event()

    def publisher() -> None:
        for number in range(5000):
            router.publish(event(f"t.{number % 7}", number))
        finished.set()

    def churn() -> None:
        patterns = ["t.*", "**", "t.3", "*.5"]
        count = 0
        while not finished.is_set():
            count += 1
            handle = router.subscribe(patterns[count % 4], lambda e: None, priority=count % 3, once=count % 5 == 0)
            router.history("t.*", limit=5)
            handle.close()

    run(publisher, churn, churn)
    assert steady == list(range(5000))
    stats = router.stats()
    assert (stats.subscriptions, stats.patterns, stats.errors) == (1, 1, 0)
    assert router.publish(event("t.3")) == 1


@pytest.fixture
def quick_switch() -> Any:
    """Let threads interleave far more often than usual, so that a race shows."""
    import sys

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_closing_while_the_router_is_locked_does_not_wait() -> None:
    """A finaliser may close a subscription in the middle of the router's own work, on the same thread."""
    router = EventRouter()
    handle = router.subscribe("a", print)
    with router._lock:
        handle.close()
    assert router.publish(event()) == 0
    assert router.stats().subscriptions == 0


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
