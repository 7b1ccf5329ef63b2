"""EventRouter against the least one could do (a dict and a loop) and the most obvious (a list of compiled regexes).

Subscriptions: 70 % exact, 24 % with `*`, 6 % with `**`; 1,000 topics published; 1.4 handlers called per event.
History, counters and isolation are on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from measure import by_turns, show

from gunj_widgets.events.event import Event
from gunj_widgets.routing.router import EventRouter

SIZES = (1, 100, 10_000, 100_000)
TOPICS = 1_000
PUBLISHES = 20_000


def handler() -> Callable[[Any], None]:
    def handle(event: Any) -> None:
        pass

    return handle


def patterns(count: int) -> list[str]:
    stars, manys = count * 24 // 100, count * 6 // 100
    return [
        *(f"platform.p{n}.status" for n in range(count - stars - manys)),
        *(f"platform.p{n}.*" for n in range(stars)),
        *(f"**.p{n}.status" if n % 2 else f"platform.p{n}.**" for n in range(manys)),
    ]


def stream(count: int) -> list[Event]:
    """TOPICS events on topics that somebody listens to, in an order that does no cache a favour."""
    exact = count - count * 24 // 100 - count * 6 // 100
    rng = random.Random(7)
    return [Event(topic=f"platform.p{rng.randrange(exact)}.status", data={}) for _ in range(TOPICS)]


class Setup:
    """The same subscriptions three times: router, resolved dict, regex list."""

    def __init__(self, count: int) -> None:
        self.router = EventRouter()
        self.events = stream(count)
        self.regexes: list[tuple[re.Pattern[str], Callable[[Any], None]]] = []
        for pattern in patterns(count):
            handle = handler()
            self.router.subscribe(pattern, handle)
            expression = re.escape(pattern).replace(r"\*\*", r".+").replace(r"\*", r"[^.]+")
            self.regexes.append((re.compile(expression), handle))
        self.routes: dict[str, tuple[Callable[[Any], None], ...]] = {}
        for event in self.events:
            self.router.publish(event)
            calls = self.router._routes[event.topic]
            self.routes[event.topic] = tuple(subscription.handler for subscription in calls)

    def check(self) -> float:
        """Assert that regexes and router agree, and return the handlers called per event."""
        called = 0
        for event in self.events[:20]:
            wanted = {handle for expression, handle in self.regexes if expression.fullmatch(event.topic)}
            assert wanted == set(self.routes[event.topic])
        for event in self.events:
            called += self.router.publish(event)
        return called / len(self.events)

    def floor(self) -> int:
        routes = self.routes
        for _ in range(PUBLISHES // TOPICS):
            for event in self.events:
                for handle in routes[event.topic]:
                    handle(event)
        return PUBLISHES

    def function(self) -> int:
        """The same as a function that takes an event, since nobody can use a router without calling it."""
        routes = self.routes

        def publish(event: Event) -> None:
            for handle in routes[event.topic]:
                handle(event)

        for _ in range(PUBLISHES // TOPICS):
            for event in self.events:
                publish(event)
        return PUBLISHES

    def publish(self) -> int:
        for _ in range(PUBLISHES // TOPICS):
            self.router.publish_many(self.events)
        return PUBLISHES

    def scan(self) -> int:
        times = max(1, min(1_000, 100_000 // len(self.regexes)))
        for event in self.events[:times]:
            for expression, handle in self.regexes:
                if expression.fullmatch(event.topic):
                    handle(event)
        return min(times, TOPICS)


def sizes() -> None:
    setups = {count: Setup(count) for count in SIZES}
    cases: dict[str, Callable[[], int]] = {}
    for count, setup in setups.items():
        for name in ("floor", "function", "publish", "scan"):
            cases[f"{name} {count}"] = getattr(setup, name)
    spent = by_turns(cases)
    rows = []
    for count, setup in setups.items():
        floor, function, publish, scan = (spent[f"{name} {count}"] for name in ("floor", "function", "publish", "scan"))
        rows.append(
            (
                f"{count:,}", f"{setup.check():.2f}", f"{floor:.0f}", f"{function:.0f}", f"{publish:.0f}",
                spent.ratio(f"publish {count}", f"floor {count}"), spent.ratio(f"publish {count}", f"function {count}"),
                f"{publish / spent['publish 100']:.2f}x", f"{scan:,.0f}", f"{scan / publish:,.0f}x",
            )
        )  # fmt: skip
    show(
        "EventRouter.publish, ns per event (goals: 2.5x a dict lookup plus the calls; 1,000x a regex list at 10,000)",
        (
            "subscriptions",
            "calls",
            "dict + calls",
            "in a function",
            "publish",
            "/dict",
            "/function",
            "/100",
            "regexes",
            "slower",
        ),
        rows,
    )


def churn() -> None:
    """One subscription comes and the one before it goes, per 1,000 events, at 10,000 subscriptions."""

    def publishing(change: Callable[[Setup, Iterator[str]], object] | None, names: list[str]) -> Callable[[], int]:
        setup, source = Setup(10_000), cycle(names)

        def run() -> int:
            for _ in range(10):
                if change is not None:
                    change(setup, source)
                setup.router.publish_many(setup.events)
            return 10 * TOPICS

        return run

    def renew() -> Callable[[Setup, Iterator[str]], None]:
        last: list[Any] = []

        def change(setup: Setup, source: Iterator[str]) -> None:
            last.append(setup.router.subscribe(next(source), handler()))
            if len(last) > 1:
                last.pop(0).close()

        return change

    mixed = random.Random(5).sample(patterns(10_000), 100)
    spent = by_turns(
        {
            "quiet": publishing(None, mixed),
            "exact": publishing(renew(), [f"platform.p{n}.status" for n in range(100)]),
            "the mix above": publishing(renew(), mixed),
            "** (touches every topic)": publishing(renew(), ["**"]),
        }
    )
    rows = [(name, f"{ns:.0f}", spent.ratio(name, "quiet")) for name, ns in spent.items()]
    title = (
        "Publishing while one subscription in 1,000 events comes and one goes, 10,000 subscriptions (goal: at most 3x)"
    )
    show(title, ("what comes", "ns per event", "of quiet"), rows)


def misses() -> None:
    """What a topic costs that was never seen before, and what a hostile pattern makes of it."""
    setup, hostile, friendly = Setup(10_000), EventRouter(history=0), EventRouter(history=0)
    hostile.subscribe(".".join(["**"] * 8), handler())
    friendly.subscribe("a.b", handler())
    numbers = iter(range(10**9))

    def fresh(router: EventRouter, stem: str) -> Callable[[], int]:
        def run() -> int:
            for _ in range(500):
                router.publish(Event(topic=f"{stem}{next(numbers)}"))
            return 500

        return run

    spent = by_turns(
        {
            "3 segments, 10,000 subscriptions": fresh(setup.router, "platform.p7.n"),
            "16 segments, one plain subscription": fresh(friendly, "a." * 15),
            "16 segments, eight **": fresh(hostile, "a." * 15),
        }
    )
    show("A topic seen for the first time", ("", "us"), [(name, f"{ns / 1000:.1f}") for name, ns in spent.items()])


def main() -> None:
    sizes()
    churn()
    misses()


if __name__ == "__main__":
    main()
