"""EventRouter: who wants which event, in which order, and what happened before they asked."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from itertools import count
from threading import Lock
from typing import Any

import msgspec

from gunj_widgets.arguments import needed
from gunj_widgets.errors import CallbackError, LimitError, SettingsError, TopicError
from gunj_widgets.events.alive import Alive
from gunj_widgets.events.event import Event
from gunj_widgets.events.shown import Shown, Table
from gunj_widgets.events.topics import check_topic
from gunj_widgets.routing.history import History, pick
from gunj_widgets.routing.pattern import Pattern
from gunj_widgets.routing.routes import Route, RouteCache
from gunj_widgets.routing.subscription import POSTPONED, Defer, Filter, Handler, Skipped, Subscription, Transform
from gunj_widgets.routing.trie import PatternTrie

__all__ = ["MAX_DEPTH", "MAX_PENDING", "EventRouter", "RouterStats"]

MAX_DEPTH = 16
"""How deep handlers may publish out of one another; a handler that answers itself ends here, not in a crash."""
MAX_PENDING = 10_000
"""Events that may wait for a running replay; past it the oldest is counted as missed."""
NO_EVENT = (TypeError, AttributeError)
"""What publishing raises of what is no event; looked at only then."""
EVENT = 'As in gunj.Event(topic="me.deploy", data={}, arrived=time.time()).'

OnError = Callable[[Subscription, Event, Exception], object]
Spawn = Callable[[Coroutine[Any, Any, None]], object]


class RouterStats(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot. `delivered` counts handler calls for live events, `replayed` those for past ones, `errors` failures
    of handlers, filters, transforms and of `on_error` itself, `missed` events that found no room before a deferred
    handler or a replay, `forgotten` those that left the history early because it weighed too much; `topics` is the size of
    the memo of resolved topics.
    """

    published: int
    delivered: int
    replayed: int
    errors: int
    missed: int
    subscriptions: int
    patterns: int
    history: int
    forgotten: int
    topics: int
    last_error: str


class EventRouter(Shown, Alive):
    """Routes events by topic to the subscriptions whose pattern matches.

    `history` is the number of past events kept, `history_age` their age in seconds, `history_bytes` what their payloads may
    weigh as JSON (None = no such bound).
    `on_error(subscription, event, error)` is told of every failure in a handler, filter or transform; the failure
    itself goes no further. `spawn(coroutine)` starts what an async handler returned; the router has no loop of its own.

    Order: higher priority first, then the order of subscribing. An event is in the history before the first handler
    sees it, so history order is publish order even where handlers publish. `publish` belongs to one thread;
    everything else may come from any thread.
    """

    def __init__(
        self,
        history: int = 1000,
        history_age: float | None = None,
        *,
        history_bytes: int | None = None,
        on_error: OnError | None = None,
        spawn: Spawn | None = None,
    ) -> None:
        self._history = History(history, history_age, history_bytes)
        self._on_error = on_error
        self._spawn = spawn
        self._lock = Lock()  # trie, cache and rare counters; never held while foreign code runs, never for an event
        self._trie: PatternTrie[Subscription] = PatternTrie()
        self._cache = RouteCache()
        self._routes = self._cache.routes
        self._open: dict[Subscription, None] = {}
        self._closing: deque[Subscription] = deque()
        self._numbers = count(1)
        self._depth = 0
        self._refused = self._retired = self._replayed = self._errors = self._missed = 0
        self._last_error = ""

    # -- subscribing ---------------------------------------------------------------------------------------------

    def subscribe(
        self,
        pattern: str,
        handler: Handler,
        *,
        priority: float = 0,
        filter: Filter | None = None,
        transform: Transform | None = None,
        once: bool = False,
        replay: bool = False,
        defer: Defer | None = None,
    ) -> Subscription:
        """Call `handler(event)` for each event from now on whose topic matches; returns the Subscription to close.

        `filter(event)` decides whether the handler is called, `transform(event)` what it is given, `once` closes
        before the first call. `replay` first hands over the matching history, in this thread, then goes live: no
        event is left out or seen twice, and order holds. An event that is being dispatched is not delivered to a
        subscription made meanwhile. `defer(subscription, event, past)` takes the events elsewhere, where filter, transform
        and handler run: see `deliver`. Raises PatternError or SettingsError.
        """
        matcher = Pattern(pattern)
        subscription = Subscription(
            matcher,
            handler,
            number=next(self._numbers),
            priority=priority,
            accepts=filter,
            transform=transform,
            once=once,
            release=self._close,
            defer=defer,
        )
        if replay:
            subscription.pending = deque()
            subscription.replayed_to = 0
            subscription.settle()
        with self._lock:
            self._trie.add(matcher.parts, subscription)
            self._open[subscription] = None
            self._cache.added(subscription)
        self._sweep()
        if replay:
            self._catch_up(subscription)
        return subscription

    def _catch_up(self, subscription: Subscription) -> None:
        """Deliver the past, then what came meanwhile; all in the caller's thread.

        The subscription is in the routes already and the snapshot is taken now, so every event is in one or the other,
        and the few that are in both are known by their number.
        """
        past, newest = self._history.snapshot()
        subscription.replayed_to = newest
        try:
            for event in pick(past, subscription.matcher):
                self._replay_one(subscription, event)
            while (postponed := self._next_postponed(subscription)) is not None:
                number, event = postponed
                if number > newest:
                    self._replay_one(subscription, event)
        except BaseException:  # an interrupt: nobody will ever hold this subscription, so it must not stay
            subscription.close()
            raise

    def _next_postponed(self, subscription: Subscription) -> tuple[int, Event] | None:
        with self._lock:
            if subscription.pending:
                return subscription.pending.popleft()
            subscription.pending = None  # from now on events are delivered as they come
            return None

    def _close(self, subscription: Subscription) -> None:
        self._closing.append(subscription)
        self._sweep()

    def _sweep(self) -> None:
        """Take closed subscriptions out of the tables.

        Never waits: a finaliser may close a subscription in the middle of our own locked section, and whoever holds
        the lock sweeps afterwards. Until then a closed subscription costs one look per event and is never called.
        """
        while self._closing and self._lock.acquire(blocking=False):
            try:
                while self._closing:
                    subscription = self._closing.popleft()
                    if subscription in self._open:
                        del self._open[subscription]
                        self._trie.remove(subscription.matcher.parts, subscription)
                        self._cache.removed(subscription)
                        self._retire(subscription)
            finally:
                self._lock.release()

    def weigh(self, now: float) -> None:
        """Hold the history to `history_bytes`. For the thread that publishes, after each batch; `now` in epoch seconds."""
        self._history.weigh(now)

    def forget(self) -> None:
        """Forget the history; subscriptions stay."""
        self._history.clear()

    def clear(self) -> None:
        """Close every subscription and forget the history. The counters stay."""
        with self._lock:
            subscriptions = list(self._open)
        self._history.clear()
        for subscription in subscriptions:
            subscription.close()

    # -- publishing ----------------------------------------------------------------------------------------------

    def publish(self, event: Event) -> int:
        """Publish one event, as `publish_many` does."""
        return self.publish_many((event,))

    def publish_many(self, events: Iterable[Event]) -> int:
        """Remember each event, hand it to everyone who wants it, one after the other; return the number of handlers called.

        Raises SettingsError for what is no event, TopicError where a topic is over its bounds, LimitError where handlers
        publish out of each other more than MAX_DEPTH deep; that event is not kept, nor any after it. What handlers raise is
        counted, never passed on.
        """
        depth = self._depth
        if depth >= MAX_DEPTH:
            raise LimitError(
                f"handlers publish out of one another more than {MAX_DEPTH} deep",
                "A handler probably answers its own event; give the answer another topic.",
                limit="depth",
                value=MAX_DEPTH,
            )
        history, routes, called = self._history, self._routes, 0
        number = 0  # apart: three at once cost nothing, of four Python makes a tuple
        self._depth = depth + 1
        try:
            for event in events:
                number = history.newest + 1
                history.slots[number % history.size] = event
                history.newest = number
                route = routes.get(event.topic)
                if route is None:
                    route = self._resolve(event.topic, number)
                for subscription in route:
                    subscription.called += 1
                    called += 1
                    call = subscription.call  # apart: a slot is read quicker than a method is looked up
                    try:
                        result = call(event)
                    except Exception as error:  # isolation: counted and reported, the others go on
                        self.failed(subscription, event, error)
                    else:
                        if result is not None and not self._after(subscription, event, result, number):
                            called -= 1
                            self._uncount(subscription)
        except NO_EVENT:
            if number:
                self._check(event, number)
            needed(events, Iterable, "events come in a list", EVENT)
            raise
        finally:
            self._depth = depth
        return called

    def _check(self, event: Any, number: int) -> None:
        """Raise SettingsError, and forget it, where what was just written is no event."""
        try:
            needed(event, Event, "an event is a gunj.Event", EVENT)
            needed(event.topic, str, "a topic is text", EVENT)
        except SettingsError:
            self._history.take_back(number)
            self._refused += 1
            raise

    def _resolve(self, topic: str, number: int) -> Route:
        try:
            check_topic(topic)
        except TopicError:
            self._history.take_back(number)
            self._refused += 1
            raise
        with self._lock:
            route = self._cache.put(topic, self._trie.match(topic))
        self._sweep()
        return route

    def _after(self, subscription: Subscription, event: Event, result: object, number: int) -> bool:
        """Deal with what `Subscription.call` returned; True if the handler was called."""
        if result is POSTPONED:
            return not self._postponed(subscription, event, number) and self._call(subscription, event)
        if isinstance(result, Skipped):
            if result.error is not None:
                self.failed(subscription, event, result.error)
            return False
        if inspect.isawaitable(result):
            self._start(subscription, event, result)
        return True

    def _uncount(self, subscription: Subscription, skipped: int = 1) -> None:
        with self._lock:
            subscription.skipped += skipped
            if subscription not in self._open:
                self._retire(subscription)

    def _retire(self, subscription: Subscription) -> None:
        """Keep the calls of a closed subscription in the total, also where a last one is taken back afterwards."""
        delivered = subscription.called - subscription.skipped
        self._retired += delivered - subscription.retired
        subscription.retired = delivered

    def _postponed(self, subscription: Subscription, event: Event, number: int) -> bool:
        """Let the event wait for the replay, or leave it out as replayed already; False if it is due now.

        An event may be on its way to a subscription that has just replayed it. Once a later one comes and no dispatch
        is under way around it, there can be no such event any more, and the subscription is called directly.
        """
        with self._lock:
            if subscription.pending is not None:
                if len(subscription.pending) >= MAX_PENDING:
                    subscription.pending.popleft()
                    subscription.missed += 1
                    self._missed += 1
                subscription.pending.append((number, event))
                return True
            if subscription.replayed_to is None or number > subscription.replayed_to:
                if self._depth == 1:
                    subscription.replayed_to = None
                    subscription.settle()
                return False
            return True

    def _call(self, subscription: Subscription, event: Event) -> bool:
        if subscription.closed:
            return False
        try:
            result = (subscription.examine if subscription.defer is None else subscription.hand_over)(event)
        except Exception as error:  # isolation, as in publish
            self.failed(subscription, event, error)
            return True
        return result is None or self._after(subscription, event, result, 0)

    def _start(self, subscription: Subscription, event: Event, result: Awaitable[object]) -> None:
        """Start what an async handler returned."""
        if self._spawn is None:
            _discard(result)
            problem = f"the handler of {subscription.pattern!r} is async, and this router has no loop to run it"
            self.failed(
                subscription, event, CallbackError(problem, "Pass spawn= to EventRouter, or use a plain function.")
            )
            return
        work = self._await(subscription, event, result)
        try:
            self._spawn(work)
        except Exception as error:  # a closed loop, say: counted and reported like a failing handler
            work.close()
            _discard(result)
            self.failed(subscription, event, error)

    async def _await(self, subscription: Subscription, event: Event, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception as error:  # isolation, as in publish
            self.failed(subscription, event, error)

    # -- deferred ------------------------------------------------------------------------------------------------

    def deliver(self, subscription: Subscription, event: Event, past: bool = False) -> Awaitable[object] | None:
        """Call the handler for an event that was deferred, in the caller's thread, one event of a subscription at a time.

        Closed subscriptions, filter, transform, `once`, counts and reports are as in `publish`. What an async handler
        returned is returned, for the caller to await and to tell of its failure by `failed`.
        """
        if subscription.closed:
            return None
        try:
            result = subscription.examine(event)
        except Exception as error:  # isolation, as in publish
            self.failed(subscription, event, error)
            result = None
        if isinstance(result, Skipped):
            if result.error is not None:
                self.failed(subscription, event, result.error)
            return None
        if past:
            self._count_past(subscription)
        else:
            self._uncount(subscription, -1)  # publish took it for skipped
        return result if inspect.isawaitable(result) else None

    def lost(self, subscription: Subscription) -> None:
        """Count a deferred event that found no room."""
        with self._lock:
            subscription.missed += 1
            self._missed += 1

    def failed(self, subscription: Subscription, event: Event, error: Exception) -> None:
        """Count a failure, and tell `on_error`."""
        text = _describe(error)
        with self._lock:
            subscription.errors += 1
            subscription.last_error = text
            subscription.last_exception = error
            self._errors += 1
            self._last_error = f"{subscription.pattern}: {text}"
        if self._on_error is None:
            return
        try:
            self._on_error(subscription, event, error)
        except Exception as failure:  # the reporter must not stop the stream either
            with self._lock:
                self._errors += 1
                self._last_error = f"on_error: {_describe(failure)}"

    # -- looking back --------------------------------------------------------------------------------------------

    def history(self, pattern: str, since: float | None = None, limit: int | None = None) -> list[Event]:
        """Return past events that match, oldest first.

        `since` (epoch seconds) keeps those that arrived at or after it; `limit` keeps the newest that many.
        """
        return pick(self._history.snapshot()[0], Pattern(pattern), since, limit)

    def replay(self, pattern: str, handler: Handler, since: float | None = None, limit: int | None = None) -> int:
        """Call `handler` with each past event that `history` would return; returns the number of calls.

        Runs in the caller's thread. Failures are isolated and reported as in `publish`.
        """
        events = self.history(pattern, since, limit)
        visitor = Subscription(Pattern(pattern), handler)
        return sum(self._replay_one(visitor, event) for event in events)

    def _replay_one(self, subscription: Subscription, event: Event) -> bool:
        if subscription.defer is not None:
            subscription.defer(subscription, event, True)
            return False
        called = self._call(subscription, event)
        if called:
            self._count_past(subscription)
        return called

    def _count_past(self, subscription: Subscription) -> None:
        with self._lock:
            subscription.replayed += 1
            self._replayed += 1

    def stats(self) -> RouterStats:
        """Return an immutable snapshot of the counters."""
        self._sweep()
        events, newest = self._history.snapshot()
        with self._lock:
            return RouterStats(
                published=newest - self._refused,
                delivered=self._retired + sum(each.called - each.skipped for each in self._open),
                replayed=self._replayed,
                errors=self._errors,
                missed=self._missed,
                subscriptions=len(self._open),
                patterns=len(self._trie),
                history=len(events),
                forgotten=self._history.dropped,
                topics=len(self._routes),
                last_error=self._last_error,
            )

    def _shown(self) -> Table:
        return repr(self)[1:-1], ("count", ""), msgspec.structs.asdict(self.stats()).items()

    def __repr__(self) -> str:
        stats = self.stats()
        return f"<EventRouter {stats.subscriptions} subscriptions, {stats.published} events, {stats.errors} errors>"


def _discard(result: object) -> None:
    """Close a coroutine that will not run, so that Python does not warn about it later."""
    if inspect.iscoroutine(result):
        result.close()


def _describe(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # a broken __str__ in a user's exception; its type still says something
        return type(error).__name__
