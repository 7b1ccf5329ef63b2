"""What comes in, whatever it came by: judged by its subscription's track, freed of duplicates, handed on in batches."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.resume import Admit, RecentIds, Reset, Track
from gunj_widgets.connection.samples import Samples
from gunj_widgets.connection.status import Counters
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import RESET_TOPIC

__all__ = ["Intake", "position_of"]

LISTS = ("platforms", "alerts")
"""Targets whose snapshot names all there is: what it does not name has ended."""
POLLED = 2_000
"""Polled lines remembered, to twice as many: several answers' worth."""
REPEATS = 60.0
"""Seconds after the last look in which a stream may repeat what was polled."""
BATCH = 256
"""Events after which they are handed on; twice as many come at once at most."""

_DELIVER = Admit.DELIVER
log = logging.getLogger("gunj_widgets.connection")


class Intake:
    """The one way from any transport to `deliver`. Lives on gunj-io.

    Whoever gives it events calls `flush` when there are no more for the moment: so that no wake-up is spent on it.
    """

    def __init__(
        self,
        deliver: Callable[[list[Event]], None],
        counters: Counters,
        clock: Clock,
        progress: Callable[[], None] = lambda: None,
        samples: Samples | None = None,
    ) -> None:
        self.counters = counters
        self.samples = samples if samples is not None else Samples()
        self._progress = progress
        self.tracks: dict[str, tuple[Interest, Track]] = {}
        self._deliver = deliver
        self._clock = clock
        self._ids = RecentIds()
        self._batch: list[Event] = []

    def track(self, interest: Interest) -> Track:
        """Return the interest's place in its stream, a new one where it has none."""
        return self.tracks.setdefault(interest.id, (interest, Track()))[1]

    def forget(self, interest: Interest) -> None:
        self.tracks.pop(interest.id, None)

    def event(self, event: Event, interest: Interest | None, track: Track | None) -> bool:
        """Take one live event; False = something before it is missing, ask the server again."""
        if track is not None:
            if event.seq is not None:
                admit = track.admit(event.epoch, event.seq)
                if admit is not _DELIVER and not self._kept(admit, event, event.seq, interest, track):
                    return admit is not Admit.GAP
            if track.polled is not None:
                if event.arrived - track.polled_at > REPEATS:
                    track.polled = None
                elif self._had(event, track):
                    return True
            track.last = event.arrived
        self._push(event)
        return True

    def run(self, events: list[Event]) -> int:
        """Take live events for as long as each is simply the next of its subscription; return how many those were."""
        ids, batch = self._ids, self._batch
        taken, count = 0, len(events)
        while taken < count:
            sub = events[taken].sub
            found = self.tracks.get(sub or "")
            if found is None or found[1].polled is not None:
                break
            track = found[1]
            ahead = track.ahead(events, taken, sub)
            if not ahead:
                break
            part = events[taken : taken + ahead]
            if ids.all_new([event.id for event in part]):
                batch += part
            else:
                for event in part:
                    if event.id is not None and ids.seen(event.id):
                        self.counters.duplicate += 1
                    else:
                        batch.append(event)
            taken += ahead
            track.last = events[taken - 1].arrived
        if len(batch) >= BATCH:
            self.flush()
        return taken

    def subscribed(self, interest: Interest, track: Track, position: str | None, recovered: bool) -> None:
        """Take the server's answer to a subscription; where it could not go on, tell those downstream first."""
        reset = track.subscribed(position, recovered, self._clock.time())
        if reset is not None:
            self._reset(interest, reset)
        self._progress()

    def snapshot(self, interest: Interest, track: Track, control: codec.Control, source: str) -> None:
        """Take one part of a snapshot. Where it lists what there is, each fact counts again, though it was heard before."""
        lists = interest.target in LISTS
        arrived = self._clock.time()
        members = codec.decode_snapshot(control, arrived=arrived, source=source)
        self.counters.received += len(members)
        for member in members:
            if isinstance(member, Event):
                if track.polled is None or not self._had(member, track):
                    self._push(member, again=lists)
            else:
                self.malformed(str(member.fields["problem"]), f"in a snapshot of {interest.id}")
        track.last = arrived
        position = control.fields.get("position")
        track.snapshot(position if isinstance(position, str) else None, control.fields.get("last") is not False)
        if track.synced:
            self.flush()
            self._progress()

    def facts(self, events: list[Event], track: Track) -> None:
        """Take what was polled. It has no ids: lines are known by their content, as the looks overlap."""
        self.counters.received += len(events)
        track.polled, track.polled_at = track.polled or RecentIds(POLLED), self._clock.time()
        for event in events:
            if not self._had(event, track):
                self._push(event)
        track.last = self._clock.time()
        track.synced = True
        self.flush()
        self._progress()

    def restarted(self, interest: Interest, track: Track, owner: object, *, after: str | None = None) -> None:
        """Note a new connection to a server that cannot resume, or does not show that it did: told as missed, and visible.

        `after` is where it goes on, if it says so.
        """
        if track.last is not None:
            now = self._clock.time()
            self._reset(interest, Reset(before=track.since, after=after, since=track.last, until=now))
            self.flush()
        track.begin_unnumbered(owner)

    def progressed(self) -> None:
        """Tell who waits that a subscription has come further, or will not."""
        self._progress()

    def malformed(self, problem: str, raw: bytes | str) -> None:
        """Count a message that cannot be used, and keep a sample of it."""
        self.counters.malformed += 1
        self.counters.problem(problem)
        self.samples.add(self._clock.time(), problem, raw)

    def flush(self) -> None:
        """Hand on what has come in so far."""
        if not self._batch:
            return
        batch, self._batch = self._batch, []
        self.counters.delivered += len(batch)
        try:
            self._deliver(batch)
        except (
            Exception
        ) as error:  # a fault downstream costs this batch, is counted and logged, and never the connection
            self.counters.errors += 1
            self.counters.problem(f"{type(error).__name__}: {error}")
            log.exception("the receiver of events failed")

    def _kept(self, admit: Admit, event: Event, seq: int, interest: Interest | None, track: Track) -> bool:
        """Count a message that is not simply the next one; say whether it is delivered all the same."""
        if admit is Admit.DUPLICATE:
            self.counters.duplicate += 1
            return False
        if admit is Admit.EARLY:
            self.counters.early += 1
            return False
        reset = track.gap(event.epoch, seq, self._clock.time())
        if reset is None:
            self.counters.gap += 1
            return False
        if interest is not None:
            self._reset(interest, reset)
        return True

    def _had(self, event: Event, track: Track) -> bool:
        """Say whether polling has brought this very line already; count it if so."""
        if track.polled is None:
            return False
        try:
            data = event.data
        except RemoteProtocolError:
            return False  # the store will say what is wrong with it
        if not isinstance(data, dict) or not data.keys() >= {"timestamp", "message"}:
            return False
        had = track.polled.seen(repr(data))
        self.counters.duplicate += had
        return had

    def _reset(self, interest: Interest, reset: Reset) -> None:
        self.counters.reset += 1
        now = self._clock.time()
        data = {
            "interest": interest.id,
            "platform": interest.platform,
            "from": reset.before,
            "to": reset.after,
            "gap": [reset.since, reset.until],
        }
        self._push(Event(topic=RESET_TOPIC, data=data, time=now, arrived=now, sub=interest.id, source="connection"))

    def _push(self, event: Event, *, again: bool = False) -> None:
        if event.id is not None and self._ids.seen(event.id) and not again:
            self.counters.duplicate += 1
            return
        self._batch.append(event)
        if len(self._batch) >= BATCH:
            self.flush()


def position_of(fields: dict[str, object]) -> str | None:
    """Return a control message's position."""
    position = fields.get("position")
    if position is None or isinstance(position, str):
        return position
    raise RemoteProtocolError("a position is not text")
