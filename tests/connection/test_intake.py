"""Intake: one way in for every transport; batches, duplicates and resets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.connection.intake import BATCH, REPEATS, Intake, position_of
from gunj_widgets.connection.status import Counters
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.codec import Control
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import RESET_TOPIC
from gunj_widgets.testing import FakeClock
from tests.connection.rig import METRICS


class Given:
    def __init__(self) -> None:
        self.batches: list[list[Event]] = []
        self.clock = FakeClock(100.0)
        self.counters = Counters()
        self.progress = 0
        self.intake = Intake(self.batches.append, self.counters, self.clock, self._progressed)
        self.track = self.intake.track(METRICS)

    def _progressed(self) -> None:
        self.progress += 1

    def live(self, position: str = "e:0") -> Given:
        self.intake.subscribed(METRICS, self.track, position, recovered=False)
        self.intake.snapshot(
            METRICS, self.track, Control("snapshot", {"position": position, "events": [], "last": True}), "t"
        )
        return self

    def take(self, seq: int, **more: object) -> bool:
        event = Event(topic="a.b", seq=seq, epoch="e", arrived=self.clock.time(), **more)  # type: ignore[arg-type]
        return self.intake.event(event, METRICS, self.track)


async def test_what_comes_in_one_turn_is_one_batch_in_order() -> None:
    given = Given().live()
    assert all(given.take(seq) for seq in range(1, 6))
    assert given.batches == []
    given.intake.flush()
    assert [[e.seq for e in batch] for batch in given.batches] == [[1, 2, 3, 4, 5]]
    assert given.counters.delivered == 5


async def test_a_flood_is_handed_on_in_bounded_batches() -> None:
    given = Given().live()
    for seq in range(1, BATCH * 2 + 2):
        given.take(seq)
    assert [len(batch) for batch in given.batches] == [BATCH, BATCH]
    given.intake.flush()
    assert sum(map(len, given.batches)) == BATCH * 2 + 1


async def test_duplicates_by_number_and_by_id() -> None:
    given = Given().live()
    given.take(1, id="x")
    given.take(1, id="x")
    given.take(2, id="x")  # another subscription brought it already
    given.take(3, id="y")
    given.intake.flush()
    assert [e.seq for batch in given.batches for e in batch] == [1, 3]
    assert given.counters.duplicate == 2


async def test_a_gap_is_not_delivered_over() -> None:
    given = Given().live()
    assert given.take(1)
    assert not given.take(3)
    assert given.counters.gap == 1
    assert given.take(2)
    assert given.take(3)
    given.intake.flush()
    assert [e.seq for e in given.batches[0]] == [1, 2, 3]


async def test_a_gap_that_stays_is_told_with_its_bounds() -> None:
    given = Given().live()
    given.take(1)
    await given.clock.advance(50.0)
    assert [given.take(5) for _ in range(4)] == [False, False, False, True]
    given.intake.flush()
    reset, event = given.batches[-1][-2:]
    assert (reset.topic, event.seq) == (RESET_TOPIC, 5)
    assert reset.data == {
        "interest": METRICS.id, "platform": "p", "from": "e:1", "to": "e:5", "gap": [100.0, 150.0]
    }  # fmt: skip
    assert (given.counters.gap, given.counters.reset) == (3, 1)


async def test_a_snapshot_is_in_before_anyone_who_waits_is_told() -> None:
    given = Given()
    given.intake.subscribed(METRICS, given.track, "e:4", recovered=False)
    fact = {"type": "a.b", "payload": 1, "id": "1"}
    given.intake.snapshot(METRICS, given.track, Control("snapshot", {"events": [fact, 7], "last": False}), "t")
    told = given.progress
    given.intake.snapshot(
        METRICS, given.track, Control("snapshot", {"events": [fact], "position": "e:4", "last": True}), "t"
    )
    assert given.progress == told + 1
    assert [e.data for batch in given.batches for e in batch] == [1]
    assert (given.counters.malformed, given.counters.duplicate) == (1, 1)
    assert given.take(5)


async def test_a_subscription_that_is_gone_leaves_nothing() -> None:
    given = Given().live()
    given.intake.forget(METRICS)
    given.intake.forget(METRICS)
    assert given.intake.tracks == {}


@pytest.mark.parametrize("fields", [{"position": 5}, {"position": []}])
def test_a_position_is_text(fields: dict[str, object]) -> None:
    with pytest.raises(RemoteProtocolError):
        position_of(fields)
    assert position_of({}) is None


async def test_a_polled_line_comes_once_however_often_it_is_polled_or_streamed() -> None:
    given = Given().live()

    def line(n: int, **more: object) -> Event:
        data = {"timestamp": 1.0, "component": "loki", "message": f"m{n}"}
        return Event(topic="platform.p.logs.loki", data=data, arrived=given.clock.time(), **more)  # type: ignore[arg-type]

    given.intake.facts([line(1), line(2)], given.track)
    given.intake.facts([line(2), line(3)], given.track)
    given.intake.event(line(3, seq=1, epoch="e", id="a"), METRICS, given.track)
    given.intake.event(line(4, seq=2, epoch="e", id="b"), METRICS, given.track)
    given.intake.flush()
    assert [e.data["message"] for batch in given.batches for e in batch] == ["m1", "m2", "m3", "m4"]
    assert (given.counters.duplicate, given.counters.received) == (2, 4)
    await given.clock.advance(REPEATS + 1.0)
    given.intake.event(line(4, seq=3, epoch="e", id="c"), METRICS, given.track)
    given.intake.flush()
    assert given.batches[-1][-1].id == "c"  # by now it is another line that says the same


MESSAGES = st.lists(
    st.tuples(st.sampled_from([METRICS.id, METRICS.id, "nobody", None]), st.integers(1, 6), st.sampled_from("ef")),
    max_size=12,
)


@given(MESSAGES, st.booleans())
def test_a_run_is_taken_as_far_as_it_is_in_order_and_as_if_one_by_one(
    messages: list[tuple[str | None, int, str]], polled: bool
) -> None:
    events = [
        Event(topic="a.b", seq=seq, epoch=epoch, sub=sub, id=f"{epoch}{seq}{sub}", arrived=100.0)
        for sub, seq, epoch in messages
    ]
    runner, single = Given().live(), Given().live()
    if polled:
        runner.intake.facts([], runner.track)
    taken = runner.intake.run(events)
    for event in events[:taken]:
        assert event.sub == METRICS.id
        assert single.intake.event(event, METRICS, single.track)
    for given_ in (runner, single):
        given_.intake.flush()
    assert runner.batches == single.batches
    assert runner.track.since == single.track.since
    assert runner.counters.duplicate == single.counters.duplicate
    if taken < len(events):
        odd, position = events[taken], runner.track.position
        assert position is not None
        assert polled or odd.sub != METRICS.id or (odd.epoch, odd.seq) != (position.epoch, position.seq + 1)
