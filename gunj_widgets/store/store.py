"""Store: one holder per kind of fact and platform, and the way from an event into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TypeAlias

import msgspec

from gunj_widgets.errors import LimitError, RemoteProtocolError, SettingsError
from gunj_widgets.events import normalise
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Query
from gunj_widgets.events.topics import RESET_TOPIC, segments
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.ahead import FEW, Lead, Tell, untold
from gunj_widgets.store.alerts import AlertBook
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.gaps import MAX_GAPS, Gap
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.kube_events import EventFeed
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.notes import Note, NoteBook
from gunj_widgets.store.operations import OperationBook
from gunj_widgets.store.platforms import PlatformBook
from gunj_widgets.store.queries import QueryBook
from gunj_widgets.store.retention import MAX_TIME
from gunj_widgets.store.timeline import Timeline

__all__ = ["MAX_STREAMS", "UNNAMED", "Store", "StoreStats"]

MAX_STREAMS = 64
"""Platforms with metrics or logs kept at once; each frame and buffer has bounds of its own."""

MAX_TOPICS = 10_000
"""Topics whose way is remembered."""
UNNAMED = "-"
"""Stands in a topic where no platform is known."""
PRUNE_EVERY = 15.0
"""Seconds, as told by the events, after which what has expired is given back."""

_Handler: TypeAlias = Callable[[Event, list[str], float], None]
_Way: TypeAlias = "tuple[_Handler | None, list[str], list[Event] | None]"
"""Who stores a topic, its segments, and where its events wait if they bring samples."""


class StoreStats(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the events, and of what was in them."""

    counts: dict[str, int]
    """stored, unknown (a topic nobody stores), malformed (a payload without sense), refused (over a bound), gaps, …"""
    last_malformed: str
    """Topic and problem of the newest malformed event."""


class _Reset(msgspec.Struct):
    interest: str
    platform: str | None
    gap: tuple[float | None, float | None]


class Store:
    """All that is remembered in a session. Events are applied on gunj-io; everything may be read from anywhere."""

    def __init__(self, retention: RetentionSettings, tell: Tell = untold) -> None:
        self.retention = retention
        self._tell = tell
        self.platforms = PlatformBook()
        self.alerts = AlertBook(retention.alerts_age, retention.alerts_rows)
        self.operations = OperationBook()
        self.events = EventFeed(retention.events_age, retention.events_rows)
        self.notes = NoteBook()
        self.queries = QueryBook()
        self.timeline = Timeline(self)
        self._lock = Lock()
        self._frames: dict[str, MetricFrame] = {}
        self._logs: dict[str, LogBuffer] = {}
        self._gaps: deque[Gap] = deque(maxlen=MAX_GAPS)
        self._counts = dict.fromkeys(("stored", "unknown", "malformed", "refused", "gaps"), 0)
        self._last_malformed = ""
        self.pruned = 0
        """In which stretch of `PRUNE_EVERY` seconds that was done last."""
        self._waiting: dict[str, list[Event]] = {}  # events that bring samples, to be read together, by platform
        self._fresh: dict[str, list[Event]] = {}  # of these, where there are any
        self._lead = Lead()
        self._malformed: list[tuple[Event, str]] = []  # among those that are being applied
        self._topics: dict[str, _Way] = {}
        self._kinds: dict[str, _Handler] = {
            "status": self._status,
            "deleted": self._deleted,
            "component": self._component,
            "logs": self._log_lines,
            "operation": self._operation,
            "events": self._kube_event,
        }

    def frame(self, platform_id: str) -> MetricFrame:
        """Return the platform's metrics, always the same frame; LimitError over `MAX_STREAMS` platforms."""
        frame = self._frames.get(platform_id)
        if frame is None:
            with self._lock:
                _check_room(self._frames, platform_id)
                frame = self._frames.setdefault(platform_id, self._new_frame())
        return frame

    def _new_frame(self) -> MetricFrame:
        return MetricFrame(self.retention.metrics_age, self.retention.metrics_rows, tell=self._tell)

    def logs(self, platform_id: str, retention: tuple[float, int] | None = None) -> LogBuffer:
        """Return the platform's log lines, always the same buffer; LimitError over `MAX_STREAMS` platforms.

        `retention` in seconds and rows is for a buffer that is made; without it, that of the settings.
        """
        buffer = self._logs.get(platform_id)
        if buffer is None:
            with self._lock:
                _check_room(self._logs, platform_id)
                age, rows = retention or (self.retention.logs_age, self.retention.logs_rows)
                fresh = LogBuffer(age, rows)
                buffer = self._logs.setdefault(platform_id, fresh)
        return buffer

    def frames(self) -> dict[str, MetricFrame]:
        """All frames there are, by platform or by query."""
        with self._lock:
            return dict(self._frames)

    def buffers(self) -> dict[str, LogBuffer]:
        """All buffers of log lines there are, by platform or by query."""
        with self._lock:
            return dict(self._logs)

    def clear(self) -> None:
        """Forget everything; who holds a frame, a buffer or a book goes on holding the same one."""
        self.begin_from((), 0)
        for book in (self.platforms, self.alerts, self.operations, self.events, self.notes, self.queries):
            book.clear()
        for frame in self.frames().values():
            frame.clear()
        for buffer in self.buffers().values():
            buffer.clear()

    def begin_from(self, gaps: Iterable[Gap], pruned: int) -> None:
        """Hold these gaps instead, and take it that all was pruned as of then."""
        self.pruned = pruned
        with self._lock:
            self._gaps = deque(gaps, maxlen=MAX_GAPS)

    def renew(self) -> None:
        """Have every view of log lines begin anew, as after a jump in a recording: what it did not see on the way is no loss."""
        for buffer in self.buffers().values():
            buffer.renew()

    def forget(self, platform_id: str) -> None:
        """Let go of a frame or buffer that is filled no longer; whoever holds it can still read it."""
        with self._lock:
            self._frames.pop(platform_id, None)
            self._logs.pop(platform_id, None)
        if self.queries.has(platform_id):
            self.queries.remove(platform_id)

    def take(self, events: list[Event]) -> list[tuple[Event, str]]:
        """Remember what came together, and give back what expired; return the malformed ones, each with why.

        What is held then depends on what was told and nothing else: a recording that is told again ends the same.
        """
        now = events[-1].arrived
        malformed = self.apply_many(events, now)
        turn = int(now // PRUNE_EVERY)
        if turn != self.pruned:
            self.pruned = turn
            self.prune(now)
        return malformed

    def apply(self, event: Event, now: float) -> bool:
        """Remember one event; False where it was unknown, malformed or refused, which is counted and never raised."""
        stored = self._counts["stored"]
        self.apply_many((event,), now)
        return self._counts["stored"] > stored

    def apply_many(self, events: Iterable[Event], now: float) -> list[tuple[Event, str]]:
        """Remember events in order, all samples among them as one change; return the malformed ones, each with why."""
        malformed = self._malformed = []
        stored = 0
        for event in events:
            store, names, fresh = self._topics.get(event.topic) or self._learn(event.topic)
            if fresh is not None:
                if not fresh:
                    self._fresh[names[1]] = fresh
                fresh.append(event)
                continue
            if store is None:
                self._counts["unknown"] += 1
                continue
            try:
                store(event, names, now)
            except RemoteProtocolError as error:
                self._refuse(event, error)
            except LimitError:
                self._counts["refused"] += 1
            else:
                stored += 1
        self._flush(now)
        self._counts["stored"] += stored
        return malformed

    def _refuse(self, event: Event, error: RemoteProtocolError) -> None:
        self._counts["malformed"] += 1
        self._last_malformed = f"{event.topic}: {error}"[:500]
        self._malformed.append((event, self._last_malformed))

    def _flush(self, now: float) -> None:
        """Write the samples of all events that wait for it."""
        fresh = {platform_id: waiting.copy() for platform_id, waiting in self._fresh.items()}
        for waiting in self._fresh.values():
            waiting.clear()  # the topics go on with this very list, also where a fault ends the writing
        self._fresh.clear()
        for platform_id, events in fresh.items():
            try:
                frame = self.frame(platform_id)
            except LimitError:
                self._counts["refused"] += len(events)
                continue
            told = None  # what was fetched is by the clock of the server that was asked, which tells of no time ahead of it
            if not self.queries.has(platform_id):
                told = now + self._lead.hear(events[:: len(events) // FEW or 1])
            frame.extend_many(self._samples(events), told)

    def _samples(self, events: list[Event]) -> list[normalise.Batch]:
        batches: list[normalise.Batch] = []
        rest, stored = iter(events), len(events)
        while (event := normalise.plain_samples(rest, batches)) is not None:
            names = segments(event.topic)
            try:
                metric = names[3] if len(names) > 3 else ""
                batches += normalise.samples(event.data, metric=metric, arrived=event.when)
            except RemoteProtocolError as error:
                self._refuse(event, error)
                stored -= 1
        self._counts["stored"] += stored
        return batches

    def _learn(self, topic: str) -> _Way:
        """Find out once who stores a topic. There are few topics, and a peer that makes up many gains nothing by it."""
        names = segments(topic)
        store: _Handler | None = {"alert": self._alert, "note": self._note, "query": self._query}.get(names[0])
        fresh: list[Event] | None = None
        if names[0] == "platform" and len(names) > 2:
            store = self._kinds.get(names[2])
            if names[2] == "metrics":
                fresh = self._waiting.setdefault(names[1], [])
        elif topic == RESET_TOPIC:
            store = self._reset
        if len(self._topics) >= MAX_TOPICS:
            self._topics.clear()
            self._waiting = {key: events for key, events in self._waiting.items() if events or events is fresh}
        self._topics[topic] = store, names, fresh
        return store, names, fresh

    def reset(self, platform_id: str | None, kind: str, gap: tuple[float, float] | None = None) -> None:
        """Note that a stream began anew and what lies between two epoch seconds is lost; platform None = all.

        Metrics then show NaN there and logs a line, so that nobody takes the silence for calm.
        """
        if gap is None:
            return
        start, end = gap
        if not 0.0 <= start < end < MAX_TIME:
            return  # a peer says so
        self._counts["gaps"] += 1
        with self._lock:
            self._gaps.append(Gap(kind=kind, platform=platform_id or "", from_time=start, to_time=end))
            frames = [f for key, f in self._frames.items() if platform_id in (None, key)] if kind == "metrics" else []
            buffers = [b for key, b in self._logs.items() if platform_id in (None, key)] if kind == "logs" else []
        for frame in frames:
            frame.mark_gap(start, end)
        for buffer in buffers:
            buffer.mark_gap(start, end)

    @property
    def gaps(self) -> list[Gap]:
        """The newest gaps, oldest first."""
        with self._lock:
            return list(self._gaps)

    def prune(self, now: float) -> None:
        """Give back what has expired. Meant to be called every few seconds."""
        for frame in self.frames().values():
            frame.prune()
        for buffer in self.buffers().values():
            buffer.prune()
        self.alerts.prune(now)

    def stats(self) -> StoreStats:
        """Count what became of everything; sums over all platforms."""
        frames, buffers = self.frames().values(), self.buffers().values()
        counts = dict(self._counts)
        for prefix, parts in (("samples", [f.stats() for f in frames]), ("lines", [b.stats() for b in buffers])):
            for stats in parts:
                for name, value in msgspec.structs.asdict(stats).items():
                    counts[f"{prefix}_{name}"] = counts.get(f"{prefix}_{name}", 0) + value
        counts["stale"] = self.platforms.stale + self.operations.stale
        counts["refused"] += self.platforms.refused + self.alerts.refused
        books: tuple[Holder, ...] = (self.platforms, self.alerts, self.operations, self.events, self.notes)
        errors = [f.listener_errors for f in frames] + [b.listener_errors for b in buffers]
        counts["listener_errors"] = sum(errors) + sum(book.listener_errors for book in books)
        return StoreStats(counts=counts, last_malformed=self._last_malformed)

    def __repr__(self) -> str:
        return f"<Store {len(self.platforms)} platforms, {len(self._frames)} frames, {len(self._logs)} logs>"

    # One method per kind of topic; `names` are its segments

    def _reset(self, event: Event, names: list[str], now: float) -> None:
        self._flush(now)  # what was before is not to be mixed with what came after
        try:
            told = msgspec.convert(event.data, _Reset)
        except msgspec.ValidationError as error:
            raise RemoteProtocolError(f"a reset makes no sense: {error}") from None
        start, end = told.gap
        self.reset(
            told.platform, told.interest.partition("/")[0], None if start is None or end is None else (start, end)
        )

    def _status(self, event: Event, names: list[str], now: float) -> None:
        self.platforms.put(normalise.platform(event.data, names[1]))

    def _deleted(self, event: Event, names: list[str], now: float) -> None:
        self.platforms.remove(names[1])

    def _component(self, event: Event, names: list[str], now: float) -> None:
        self.platforms.put_component(names[1], normalise.component(event.data, names[3] if len(names) > 3 else ""))

    def _log_lines(self, event: Event, names: list[str], now: float) -> None:
        component = names[3] if len(names) > 3 else ""
        entries = normalise.logs(event.data, platform=names[1], component=component, arrived=event.when)
        self.logs(names[1]).extend(entries, now)

    def _operation(self, event: Event, names: list[str], now: float) -> None:
        operation = normalise.operation(event.data, names[3] if len(names) > 3 else "")
        if names[1] != UNNAMED:  # the payload may tell only its name, which others may bear
            operation = msgspec.structs.replace(operation, platform=names[1])
        self.operations.put(operation)

    def _kube_event(self, event: Event, names: list[str], now: float) -> None:
        found = normalise.kube_event(event.data, platform="" if names[1] == UNNAMED else names[1])
        if found.last is None:
            found = msgspec.structs.replace(found, last=event.when)
        self.events.append(found)

    def _note(self, event: Event, names: list[str], now: float) -> None:
        try:
            self.notes.add(msgspec.convert(event.data, Note))
        except (msgspec.ValidationError, SettingsError) as error:
            raise RemoteProtocolError(f"a note makes no sense: {error}") from None

    def _query(self, event: Event, names: list[str], now: float) -> None:
        try:
            query = msgspec.convert(event.data, Query)
        except msgspec.ValidationError as error:
            raise RemoteProtocolError(f"a query makes no sense: {error}") from None
        self.follow(query)

    def follow(self, query: Query) -> None:
        """Note a query, and keep of what it gives as much as it asks for; LimitError as for `frame` and `logs`."""
        if query.rows is None:
            self.frame(query.id).window(query.window)
        else:
            age = self.retention.logs_age
            self.logs(query.id, (max(query.window, age or query.window), query.rows))
        self.queries.put(query)

    def _alert(self, event: Event, names: list[str], now: float) -> None:
        if names[2:] == ["inactive"]:
            self.alerts.drop(names[1])
            return
        self.alerts.put(normalise.alert(event.data, names[1] if len(names) > 1 else ""), now)


def _check_room(holders: dict[str, MetricFrame] | dict[str, LogBuffer], platform_id: str) -> None:
    if platform_id not in holders and len(holders) >= MAX_STREAMS:
        raise LimitError(
            f"metrics or logs of {MAX_STREAMS} platforms are already kept",
            "Use a second session for the others.",
            limit="MAX_STREAMS",
            value=MAX_STREAMS,
        )
