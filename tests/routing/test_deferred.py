"""Events that are deferred: called elsewhere and later, counted as though the router had called."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.routing.subscription import Subscription
from tests.routing.events import event


class Later:
    """Keeps what is deferred until it is told to deliver."""

    def __init__(self) -> None:
        self.router = EventRouter()
        self.waiting: deque[tuple[Subscription, Event, bool]] = deque()

    def on(self, handler: Callable[[Any], Any], **options: Any) -> Subscription:
        defer = lambda *call: self.waiting.append(call)  # noqa: E731
        return self.router.subscribe("a.*", handler, defer=defer, **options)

    def publish(self, *data: Any) -> list[int]:
        return [self.router.publish(event("a.b", each)) for each in data]

    def deliver(self) -> list[Any]:
        returned = []
        while self.waiting:
            returned.append(self.router.deliver(*self.waiting.popleft()))
        return returned


def test_nothing_is_called_or_counted_before_it_is_delivered() -> None:
    later, seen = Later(), list[Any]()
    subscription = later.on(seen.append, filter=lambda e: e.data > 1, transform=lambda e: e.data)
    assert later.publish(1, 2, 3) == [0, 0, 0]
    assert (seen, subscription.stats().called, later.router.stats().delivered) == ([], 0, 0)
    later.deliver()
    stats = subscription.stats()
    assert (seen, stats.called, stats.filtered) == ([2, 3], 2, 1)
    assert later.router.stats().delivered == 2


def test_once_is_used_up_by_a_call() -> None:
    later, seen = Later(), list[Any]()
    subscription = later.on(seen.append, filter=lambda e: e.data > 1, transform=lambda e: e.data, once=True)
    later.publish(1, 2, 3)
    assert not subscription.closed
    later.deliver()
    assert (seen, subscription.closed, later.router.stats().delivered) == ([2], True, 1)


def test_closed_is_closed_for_what_waits() -> None:
    later, seen = Later(), list[Any]()
    subscription = later.on(seen.append, filter=seen.append)
    later.publish(1, 2)
    subscription.close()
    later.deliver()
    later.publish(3)
    assert (seen, later.waiting, later.router.stats().delivered) == ([], deque(), 0)
    assert subscription.stats().filtered == 0


@pytest.mark.parametrize("where", ["handler", "filter", "transform"])
def test_a_failure_is_counted_where_it_belongs(where: str) -> None:
    later = Later()
    broken: dict[str, Any] = {where: lambda _e: 1 / 0}
    subscription = later.on(broken.pop("handler", print), **broken)
    later.publish(1)
    assert later.deliver() == [None]
    assert subscription.stats().errors == later.router.stats().errors == 1
    assert subscription.stats().called == (where == "handler")
    assert "ZeroDivisionError" in later.router.stats().last_error


def test_what_an_async_handler_returned_is_for_the_caller_to_await() -> None:
    async def handler(_event: Event) -> None: ...

    later = Later()
    subscription = later.on(handler)
    later.publish(1)
    (pending,) = later.deliver()
    assert inspect.iscoroutine(pending)
    pending.close()
    assert (subscription.stats().called, subscription.stats().errors) == (1, 0)


def test_the_past_is_deferred_before_what_comes_and_counted_apart() -> None:
    later, seen = Later(), list[Any]()
    later.publish(1, 2)
    subscription = later.on(seen.append, transform=lambda e: e.data, replay=True)
    later.publish(3)
    assert [past for _, _, past in later.waiting] == [True, True, False]
    later.deliver()
    later.publish(4)
    later.deliver()
    stats = later.router.stats()
    assert (seen, stats.replayed, stats.delivered, subscription.stats().called) == ([1, 2, 3, 4], 2, 2, 4)


def test_what_was_lost_on_the_way_is_told_by_the_subscription() -> None:
    later = Later()
    subscription = later.on(print)
    later.router.lost(subscription)
    assert subscription.stats().missed == 1
