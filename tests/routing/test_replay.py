"""EventRouter: history, replay that goes live without a gap, and what other threads do meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Subscription
from tests.routing.events import event, numbers

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


def test_history_is_bounded_by_bytes_and_tells_what_it_let_go() -> None:
    router = EventRouter(history=1_000, history_bytes=10_000)
    for number in range(100):
        router.publish(event(data=["x" * 995, number], arrived=float(number)))
    router.weigh(99.0)
    assert [kept.data[1] for kept in router.history("**")] == list(range(91, 100))
    assert (router.stats().history, router.stats().forgotten) == (9, 91)
    router.clear()
    assert (router.stats().history, router.stats().forgotten) == (0, 91)


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
            def get(self, topic: str, default: Any = None) -> Any:
                rival("numbered, not looked up")
                try:
                    return super().get(topic, default)
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
