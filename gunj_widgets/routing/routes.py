"""RouteCache: topic → the subscriptions to call, in order. Bounded, and corrected topic by topic.

Beside the dict stands a tree of the remembered topics, so that a new or closed wildcard finds the topics it
touches without looking at the others.
"""

from __future__ import annotations

from typing import Any

from gunj_widgets.routing.pattern import START, Pattern
from gunj_widgets.routing.subscription import Subscription

__all__ = ["MAX_TOPICS", "Route", "RouteCache"]

MAX_TOPICS = 4096
"""Topics remembered; a peer controls topics, so there is an end. Past it the longest-remembered topic goes."""
LONG = 64
"""A route longer than this is resolved anew rather than copied: copies would make mass (un)subscribing quadratic."""
LEAF = ""
"""Key of the topic itself in the tree; no segment is empty, so no segment can collide with it."""

Route = tuple[Subscription, ...]


class RouteCache:
    """The bounded memo of resolved topics. `routes` may be read directly; it is written only here."""

    def __init__(self, limit: int = MAX_TOPICS) -> None:
        self.routes: dict[str, Route] = {}
        self._limit = limit
        self._tree: dict[str, Any] = {}

    def put(self, topic: str, subscriptions: list[Subscription]) -> Route:
        """Remember and return the route of a topic: higher priority first, then in the order of subscribing."""
        if len(self.routes) >= self._limit:
            self._forget(next(iter(self.routes)))
        tree = self._tree
        for name in topic.split("."):
            tree = tree.setdefault(name, {})
        tree[LEAF] = topic
        route = self.routes[topic] = tuple(sorted(subscriptions, key=_rank))
        return route

    def added(self, subscription: Subscription) -> None:
        """Correct the routes of the remembered topics that a new subscription matches."""
        for topic in self._covered(subscription.matcher):
            route = self.routes[topic]
            if len(route) > LONG:
                self._forget(topic)
            elif not route or route[-1].rank < subscription.rank:
                self.routes[topic] = (*route, subscription)
            else:
                self.routes[topic] = tuple(sorted((*route, subscription), key=_rank))

    def removed(self, subscription: Subscription) -> None:
        """Correct the routes that held a subscription which is gone."""
        for topic in self._covered(subscription.matcher):
            route = self.routes[topic]
            if len(route) > LONG:
                self._forget(topic)
            elif route[-1] is subscription:  # as what came last mostly is
                self.routes[topic] = route[:-1]
            else:
                place = route.index(subscription)
                self.routes[topic] = route[:place] + route[place + 1 :]

    def _covered(self, pattern: Pattern) -> list[str]:
        if pattern.is_literal:
            return [pattern.text] if pattern.text in self.routes else []
        if pattern.takes_all:
            return list(self.routes)
        found: list[str] = []
        stack = [(self._tree, START)]
        while stack:
            tree, state = stack.pop()
            if state == pattern.rest:
                _collect(tree, found)
                continue
            if state & pattern.end and LEAF in tree:
                found.append(tree[LEAF])
            names = pattern.only_names(state)
            for name in tree if names is None else names:
                child = tree.get(name) if name else None
                if child is not None and (reached := pattern.step(state, name)):
                    stack.append((child, reached))
        return found

    def _forget(self, topic: str) -> None:
        del self.routes[topic]
        names = topic.split(".")
        path = [self._tree]
        for name in names:
            path.append(path[-1][name])
        del path[-1][LEAF]
        while names and not path[-1]:
            path.pop()
            del path[-1][names.pop()]


def _collect(tree: dict[str, Any], found: list[str]) -> None:
    """Add every topic of a branch."""
    for name, child in tree.items():
        if name == LEAF:
            found.append(child)
        else:
            _collect(child, found)


def _rank(subscription: Subscription) -> tuple[float, int]:
    return subscription.rank
