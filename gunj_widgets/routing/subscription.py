"""Subscription: one handler's place in the router, with its counters and its release."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import msgspec

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.routing.pattern import Pattern

__all__ = ["POSTPONED", "Defer", "Filter", "Handler", "Skipped", "Subscription", "SubscriptionStats", "Transform"]


class Skipped:
    """What `Subscription.call` returns where the handler was not called; `error` says why, if it was a failure."""

    __slots__ = ("error",)

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


SKIPPED = Skipped()
"""Closed, declined by the filter, or deferred."""
POSTPONED = Skipped()
"""A replay is running or has just ended: the router looks at the number of the event before it is delivered."""

Handler = Callable[[Any], Any]
"""Gets the whole Event, or what `transform` made of it. May return an awaitable."""
Filter = Callable[[Event], bool]
Transform = Callable[[Event], Any]
Defer = Callable[["Subscription", Event, bool], object]
"""Takes an event for a subscription to another thread, which hands it to `EventRouter.deliver`; True: it is a past one."""


class SubscriptionStats(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot. `called` counts every call of the handler, `errors` those of them that failed plus failures of
    filter and transform, `filtered` the events the filter declined, `missed` events lost because a replay or a deferred
    handler was slower than new events came. `last_exception` belongs to `last_error`; both are empty while all went well.
    """

    pattern: str
    priority: float
    closed: bool
    called: int
    filtered: int
    errors: int
    missed: int
    last_error: str
    last_exception: Exception | None


class Subscription:
    """Made by `EventRouter.subscribe`. `close()` takes effect at once, from any thread, and may be repeated."""

    __slots__ = (
        "__weakref__",
        "_release",
        "accepts",
        "call",
        "called",
        "closed",
        "defer",
        "errors",
        "filtered",
        "handler",
        "last_error",
        "last_exception",
        "matcher",
        "missed",
        "once",
        "pending",
        "priority",
        "rank",
        "replayed",
        "replayed_to",
        "retired",
        "skipped",
        "transform",
    )

    def __init__(
        self,
        matcher: Pattern,
        handler: Handler,
        *,
        number: int = 0,
        priority: float = 0,
        accepts: Filter | None = None,
        transform: Transform | None = None,
        once: bool = False,
        release: Callable[[Subscription], None] | None = None,
        defer: Defer | None = None,
    ) -> None:
        _check(handler, accepts, transform, priority)
        self.matcher = matcher
        self.handler = handler
        self.priority = priority
        self.rank = (-priority, number)
        self.accepts = accepts
        self.transform = transform
        self.once = once
        self.defer = defer
        self.closed = False
        self.pending: deque[tuple[int, Event]] | None = None
        """Numbered events that wait until a replay is through; None where none is running."""
        self.replayed_to: int | None = None
        """The newest number the replay covered, until a later event has come; None in live operation."""
        self.called = self.skipped = self.replayed = self.retired = 0
        """Live events tried and those of them that were not delivered; past events; what the router's total holds."""
        self.filtered = self.errors = self.missed = 0
        self.last_error = ""
        self.last_exception: Exception | None = None
        self._release = release
        self.call: Callable[[Event], Any] = handler
        """What the router calls for an event: the handler itself where there is nothing else to ask."""
        self.settle()

    def settle(self) -> None:
        """Choose `call` anew."""
        if self.replayed_to is not None:
            self.call = _postpone
        elif self.defer is not None:
            self.call = self.hand_over
        elif self.once or self.accepts is not None or self.transform is not None:
            self.call = self.examine
        else:
            self.call = self.handler
        if self.closed:  # looked at last, for another thread may be in close() meanwhile
            self.call = _skip

    def hand_over(self, event: Event) -> Any:
        """Defer an event: all that there is to ask is asked where the handler runs."""
        if self.defer is not None:
            self.defer(self, event, False)
        return SKIPPED

    def examine(self, event: Event) -> Any:
        """Ask everything there is to ask, then call the handler; returns what it returned, or a Skipped."""
        try:
            if self.accepts is not None and not self.accepts(event):
                self.filtered += 1
                return SKIPPED
            value = event if self.transform is None else self.transform(event)
        except Exception as error:  # the router counts and reports it
            return Skipped(error)
        if self.closed:  # by its own filter or transform, say
            return SKIPPED
        if self.once:
            self.close()
        return self.handler(value)

    @property
    def pattern(self) -> str:
        """The pattern as it was given."""
        return self.matcher.text

    @property
    def calls(self) -> int:
        """How often the handler was called, for live and for past events."""
        return self.called - self.skipped + self.replayed

    def close(self) -> None:
        """Stop: the handler is not called again, not even for an event that is being dispatched right now."""
        if self.closed:
            return
        self.closed = True
        self.call = _skip
        if self._release is not None:
            self._release(self)

    def stats(self) -> SubscriptionStats:
        """Return an immutable snapshot of the counters."""
        return SubscriptionStats(
            pattern=self.pattern,
            priority=self.priority,
            closed=self.closed,
            called=self.calls,
            filtered=self.filtered,
            errors=self.errors,
            missed=self.missed,
            last_error=self.last_error,
            last_exception=self.last_exception,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Subscription {self.pattern!r} {'closed' if self.closed else 'open'}, called {self.calls} times>"


def _skip(_: Event) -> Skipped:
    return SKIPPED


def _postpone(_: Event) -> Skipped:
    return POSTPONED


def _check(handler: object, accepts: object, transform: object, priority: object) -> None:
    if not callable(handler):
        raise SettingsError(f"the handler {handler!r} cannot be called", "Pass a function that takes one event.")
    for name, function in (("filter", accepts), ("transform", transform)):
        if function is not None and (not callable(function) or inspect.iscoroutinefunction(function)):
            raise SettingsError(
                f"{name}={function!r} is not a plain function", "Do what must be awaited in the handler."
            )
    if not isinstance(priority, int | float) or priority != priority:
        raise SettingsError(f"priority={priority!r} is not a number", "Give a number; the bigger one is called first.")
