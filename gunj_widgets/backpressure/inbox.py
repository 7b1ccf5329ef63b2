"""Inbox: a bounded queue by priority that says what each arrival cost.

Bigger priority first, first in first out inside a priority. A message with a key replaces the queued one of that key.
When the inbox is full its policy decides who goes; nothing goes uncounted.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

import msgspec

from gunj_widgets.backpressure.watermarks import SlowSignal
from gunj_widgets.errors import SettingsError

__all__ = ["POLICIES", "Admission", "Inbox", "InboxStats"]

T = TypeVar("T")

POLICIES = ("oldest", "newest", "lowest_priority", "conflate")
MAX_IDLE_LEVELS = 16
"""Empty priority levels kept for reuse; a program that invents priorities must not grow the table."""


class Admission(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """What an offer did: whether the message was kept, what was dropped for lack of room (the message itself where it
    was not kept), and what it replaced because both had one key.
    """

    kept: bool
    dropped: T | None = None
    conflated: T | None = None


class InboxStats(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot. Always: offered = drained + dropped + conflated + expired + depth.

    `kept` are the offers that were admitted, `dropped` those refused or pushed out for lack of room, `conflated` those
    replaced by a newer one of their key, `expired` those older than `max_age`. `pauses` counts how often the consumer
    became slow, `listener_errors` how often a listener failed.
    """

    capacity: int
    policy: str
    high_water: int
    low_water: int
    depth: int
    slow: bool
    offered: int
    kept: int
    drained: int
    dropped: int
    conflated: int
    expired: int
    pauses: int
    listener_errors: int


class _Entry(msgspec.Struct, Generic[T], gc=False, eq=False):
    item: T
    priority: float
    time: float
    number: int
    key: Hashable
    live: bool = True
    """False: moved to a higher priority; its place here is void."""


_Level = deque["T | _Entry[T]"]
"""The messages of one priority, in order of arrival."""


class Inbox(Generic[T]):
    """A bounded priority queue. Not locked: one thread, or the owner's lock around it.

    `policy`, when full:
      "oldest"           drops the oldest message that is not of the highest priority present (the newcomer included);
                         where all are of one priority, the oldest of all.
      "newest"           refuses the newcomer, unless it outranks the lowest priority: then the newest of those goes.
      "lowest_priority"  drops the oldest of the lowest priority, or refuses a newcomer that is lower still.
      "conflate"         every message has a key; when full, as "lowest_priority".
    A key conflates under every policy: the newer message takes the older one's place. If it is more important it moves
    up; if it is less important it keeps the place its predecessor had.

    `high_water` (messages, default 80 % of capacity) marks the consumer as slow, `low_water` (a quarter of that) as
    recovered. `max_age` is in the unit of `now`; None = nothing expires. An old message is found when it comes to the
    head of its priority: while draining, and before anything is dropped for lack of room.
    """

    def __init__(
        self,
        capacity: int = 10_000,
        policy: str = "lowest_priority",
        high_water: int | None = None,
        max_age: float | None = None,
    ) -> None:
        self.capacity = capacity
        self.policy = policy
        self.high_water = max(1, capacity * 4 // 5) if high_water is None else high_water
        self.low_water = self.high_water // 4
        self.max_age = max_age
        self._check()
        self._max_age = math.inf if max_age is None else max_age
        self.depth = 0
        """Messages waiting now."""
        self._signal = SlowSignal()
        self._evict: Callable[[float], bool] = {
            "oldest": self._drop_oldest,
            "newest": self._drop_newest,
        }.get(policy, self._drop_lowest)
        self._levels: dict[float, _Level[T]] = {}
        self._falling: list[_Level[T]] = []  # the same levels, highest priority first
        self._order: list[float] = []  # their priorities, negated, so that bisect finds a place
        self._keyed: dict[Hashable, _Entry[T]] = {}
        self._void = 0  # entries in _levels that are not live
        self._tidy_at = MAX_IDLE_LEVELS
        self._bare = max_age is None and policy != "oldest"
        """Whether a message without a key may be queued as it is: nobody will ask for its time or number."""
        self._needs_key = policy == "conflate"
        self._victim: T | None = None
        self._offered = self._refused = self._drained = self._dropped = self._conflated = self._expired = 0

    def _check(self) -> None:
        if self.policy not in POLICIES:
            raise SettingsError(f"the policy {self.policy!r} is unknown", f"Choose one of {', '.join(POLICIES)}.")
        if self.capacity < 1:
            raise SettingsError(f"a buffer of {self.capacity} messages holds nothing", "Give 1 or more.")
        if not 1 <= self.high_water <= self.capacity:
            raise SettingsError(
                f"high_water={self.high_water} is outside 1..{self.capacity}",
                "Give a number of messages up to capacity.",
            )
        if self.max_age is not None and not self.max_age > 0:
            raise SettingsError(
                f"max_age={self.max_age} is not above 0", "Give seconds, or None to let nothing expire."
            )

    @property
    def slow(self) -> bool:
        """True from reaching high_water until falling to low_water."""
        return self._signal.slow

    def listen(self, callback: Callable[[bool], object]) -> Callable[[], None]:
        """Call `callback(slow)` at each change of `slow`, so True and False alternate; returns the undo."""
        return self._signal.listen(callback)

    def __len__(self) -> int:
        return self.depth

    # -- in ------------------------------------------------------------------------------------------------------

    def offer(self, item: T, priority: float = 0, now: float = 0.0, key: Hashable = None) -> Admission[T]:
        """Queue `item`, or do what the policy says. The cost grows with the priorities in use, not with the depth."""
        try:
            level = self._levels[priority]
        except KeyError:
            level = self._new_level(priority)
        if key is not None:
            queued = self._keyed.get(key)
            if queued is not None:
                return self._conflate(queued, item, priority, now)
        elif self._needs_key:
            raise SettingsError("the policy 'conflate' needs a key for each message", "Pass key=, or another policy.")
        self._offered += 1
        admission: Admission[T] = _KEPT
        if self.depth >= self.capacity:
            admission = self._make_way(item, priority, now)
            if not admission.kept:
                return admission
        if key is None and self._bare:
            level.append(item)
        else:
            entry = _Entry(item, priority, now, self._offered, key)
            level.append(entry)
            if key is not None:
                self._keyed[key] = entry
        self.depth += 1
        if self.depth >= self.high_water:
            if not self._signal.slow:
                self._signal.set(True)
        elif admission is not _KEPT:
            self._ease()
        return admission

    def make_way(self, item: T, priority: float = 0) -> Admission[T]:
        """Drop a message as though the inbox were full, for an owner that bounds more than their number.

        Not kept: it is `item` that has to go, and it counts as offered. Kept: `item` is still to be offered.
        """
        if not self.depth:
            return _KEPT
        admission = self._drop_for(item, priority)
        self._offered += not admission.kept
        self._ease()
        return admission

    def _make_way(self, item: T, priority: float, now: float) -> Admission[T]:
        """Free a place in a full inbox, or refuse the newcomer."""
        return Admission(True) if self._expire_heads(now) else self._drop_for(item, priority)

    def _drop_for(self, item: T, priority: float) -> Admission[T]:
        """Do what the policy says where there is no room."""
        if not self._evict(priority):
            self._refused += 1
            self._dropped += 1
            return Admission(False, item)
        admission: Admission[T] = Admission(True, self._victim)
        self._victim = None
        return admission

    def _ease(self) -> None:
        if self._signal.slow and self.depth <= self.low_water:
            self._signal.set(False)

    def _new_level(self, priority: float) -> _Level[T]:
        if priority != priority:
            raise SettingsError("the priority is not a number (NaN)", "Give a number; bigger goes first.")
        if len(self._order) >= self._tidy_at:
            self._levels = {kept: level for kept, level in self._levels.items() if level}
            self._order = sorted(-kept for kept in self._levels)
            self._falling = [self._levels[-kept] for kept in self._order]
            self._tidy_at = max(MAX_IDLE_LEVELS, 2 * len(self._order))
        place = bisect(self._order, -priority)
        level = self._levels[priority] = deque()
        self._order.insert(place, -priority)
        self._falling.insert(place, level)
        return level

    def _conflate(self, queued: _Entry[T], item: T, priority: float, now: float) -> Admission[T]:
        old = queued.item
        self._offered += 1
        self._conflated += 1
        if priority <= queued.priority:
            queued.item = item
            queued.time = now
        else:
            queued.live = False
            self._void += 1
            entry = self._keyed[queued.key] = _Entry(item, priority, now, self._offered, queued.key)
            self._levels[priority].append(entry)
            if self._void > self.depth + MAX_IDLE_LEVELS:
                self._compact()
        return Admission(True, None, old)

    def _compact(self) -> None:
        """Throw out void places once they outnumber the queue; so they cost O(1) each."""
        for level in self._falling:
            live = [entry for entry in level if not _is_void(entry)]
            level.clear()
            level.extend(live)
        self._void = 0

    # -- making room ---------------------------------------------------------------------------------------------

    def _lowest(self) -> tuple[float, _Level[T]]:
        """Return the lowest priority in use and its level; there is one whenever the inbox is full."""
        return next(
            (-order, level)
            for order, level in zip(reversed(self._order), reversed(self._falling), strict=True)
            if self._clean(level)
        )

    def _clean(self, level: _Level[T]) -> _Level[T]:
        """Throw out the void places before the first message of a level, and return the level."""
        while level and _is_void(level[0]):
            level.popleft()
            self._void -= 1
        return level

    def _expire_heads(self, now: float) -> bool:
        """Expire what is too old at the heads; True if that made room."""
        before = self._expired
        for level in self._falling:
            while self._clean(level) and _is_older(level[0], now - self._max_age):
                self._expired += 1
                self._remove(level.popleft())
        return self._expired > before

    def _drop_oldest(self, priority: float) -> bool:
        heads = [head for level in self._falling if self._clean(level) and isinstance(head := level[0], _Entry)]
        top = max(priority, heads[0].priority)
        lesser = [head for head in heads if head.priority < top]
        if not lesser and priority < top:
            return False
        oldest = min(lesser or heads, key=_number)
        self._drop(self._levels[oldest.priority].popleft())
        return True

    def _drop_newest(self, priority: float) -> bool:
        lowest, level = self._lowest()
        if priority <= lowest:
            return False
        while _is_void(level[-1]):
            level.pop()
            self._void -= 1
        self._drop(level.pop())
        return True

    def _drop_lowest(self, priority: float) -> bool:
        lowest, level = self._lowest()
        if priority < lowest:
            return False
        self._drop(level.popleft())
        return True

    def _drop(self, entry: T | _Entry[T]) -> None:
        self._dropped += 1
        self._victim = entry.item if isinstance(entry, _Entry) else entry
        self._remove(entry)

    def _remove(self, entry: T | _Entry[T]) -> None:
        self.depth -= 1
        if isinstance(entry, _Entry) and entry.key is not None:
            del self._keyed[entry.key]

    # -- out -----------------------------------------------------------------------------------------------------

    def drain(self, now: float = 0.0, limit: int | None = None) -> list[T]:
        """Take out up to `limit` messages (None = all), the most important first.

        Messages older than `max_age` are counted as expired and not returned; they do not use up the limit.
        """
        wanted = self.depth if limit is None else limit
        oldest = now - self._max_age
        taken: list[Any] = []  # of T; the test by type below narrows nothing for mypy
        gone = 0
        if self._tidy_at > MAX_IDLE_LEVELS:
            self._trim()
        for level in self._falling:
            while level and wanted > 0:
                entry = level.popleft()
                if type(entry) is not _Entry:  # isinstance is slow on a Struct
                    gone += 1
                    wanted -= 1
                    taken.append(entry)
                    continue
                if not entry.live:
                    self._void -= 1
                    continue
                gone += 1
                if entry.key is not None:
                    del self._keyed[entry.key]
                if entry.time < oldest:
                    self._expired += 1
                else:
                    wanted -= 1
                    taken.append(entry.item)
            if wanted <= 0:
                break
        self.depth -= gone
        self._drained += len(taken)
        if self._signal.slow:
            self._ease()
        return taken

    def _trim(self) -> None:
        """Forget empty levels at the top, so that many priorities are not searched again and again."""
        while len(self._order) > MAX_IDLE_LEVELS and not self._falling[0]:
            del self._falling[0], self._levels[-self._order.pop(0)]

    def stats(self) -> InboxStats:
        """Return an immutable snapshot of the counters."""
        return InboxStats(
            capacity=self.capacity,
            policy=self.policy,
            high_water=self.high_water,
            low_water=self.low_water,
            depth=self.depth,
            slow=self.slow,
            offered=self._offered,
            kept=self._offered - self._refused,
            drained=self._drained,
            dropped=self._dropped,
            conflated=self._conflated,
            expired=self._expired,
            pauses=self._signal.pauses,
            listener_errors=self._signal.errors,
        )


_KEPT: Admission[Any] = Admission(True)


def _is_void(entry: object) -> bool:
    return isinstance(entry, _Entry) and not entry.live


def _is_older(entry: object, time: float) -> bool:
    return isinstance(entry, _Entry) and entry.time < time


def _number(entry: _Entry[T]) -> int:
    return entry.number
