"""Subscription: what may be passed, what it says of itself, and that closing is final."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern
from gunj_widgets.routing.subscription import Skipped, Subscription


async def asynchronous(event: object) -> bool:
    return True


@pytest.mark.parametrize(
    "wrong",
    [
        {"handler": None},
        {"handler": "print"},
        {"accepts": 3},
        {"accepts": asynchronous},
        {"transform": asynchronous},
        {"priority": float("nan")},
        {"priority": "high"},
    ],
)
def test_what_cannot_be_called_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        Subscription(Pattern("a"), **{"handler": print, **wrong})
    assert caught.value.remedy


def test_an_async_handler_is_fine() -> None:
    assert Subscription(Pattern("a"), asynchronous).stats().called == 0


def test_close_releases_once() -> None:
    released: list[Subscription] = []
    subscription = Subscription(Pattern("a"), print, release=released.append)
    with subscription as entered:
        assert entered is subscription
        assert not subscription.closed
    subscription.close()
    assert subscription.closed
    assert released == [subscription]
    assert subscription.stats().closed


def test_settling_never_reopens_a_closed_subscription() -> None:
    """A replay that ends on one thread must not undo a close() on another."""
    subscription = Subscription(Pattern("a"), print)
    assert subscription.call is print
    subscription.close()
    subscription.settle()
    assert isinstance(subscription.call(Event(topic="a")), Skipped)


def test_stats_are_a_snapshot_and_repr_says_what_it_is() -> None:
    subscription = Subscription(Pattern("a.*"), print, priority=3)
    before = subscription.stats()
    subscription.called = 2
    assert (before.called, subscription.stats().called) == (0, 2)
    assert (before.pattern, before.priority) == ("a.*", 3)
    with pytest.raises(AttributeError):
        before.called = 5  # type: ignore[misc]
    assert repr(subscription) == "<Subscription 'a.*' open, called 2 times>"
