"""A shared history as a session's source: what is read, what is counted, what is told when something is missing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import AuthError, ConnectError
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import RESET_TOPIC
from gunj_widgets.settings import RetentionSettings, Settings
from gunj_widgets.sources.jetstream import native
from gunj_widgets.sources.jetstream.asking import Answer
from gunj_widgets.sources.jetstream.manager import JetStreamManager
from gunj_widgets.sources.jetstream.publisher import message_of
from gunj_widgets.sources.jetstream.streams import LOGS, METRICS, STATE, plans, stream_of
from gunj_widgets.sources.source import Source
from gunj_widgets.store.store import Store
from gunj_widgets.testing import FakeClock, InlineIO
from tests.sources.jetstream.fake import FakeServer

PLATFORMS, ALERTS = Interest("platforms"), Interest("alerts")
METRICS_OF_P = Interest("metrics", "p")


class Rig:
    def __init__(self, since: float | None = None) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(self.clock)
        for plan in plans():
            self.server.stream(plan.name, newest_only=plan.max_msgs_per_subject == 1)
        self.events: list[Event] = []
        self.states: list[State] = []
        self.manager = JetStreamManager(
            Source(url="nats://127.0.0.1:4222"),
            deliver=self.events.extend,
            on_state=lambda status: self.states.append(status.state),
            settings=Settings(),
            since=since,
            clock=self.clock,
            io=InlineIO(),  # type: ignore[arg-type]
        )
        self.manager._bus._dial = self.server.dial

    async def put(self, *events: Event) -> None:
        for event in events:
            message = message_of(event)
            assert message is not None
            stream = self.server.stream(stream_of(event.topic) or "")
            await stream.add(message.subject, message.data, self.clock.time())
        await self.clock.advance(0)

    def values(self) -> list[float]:
        return [e.data["samples"][0]["value"] for e in self.events if ".metrics." in e.topic]


def status(id: str = "p", phase: str = "Ready") -> Event:
    return Event(topic=f"platform.{id}.status", data={"id": id, "name": id, "phase": phase})


def sample(n: int) -> Event:
    data = {"metric": "cpu", "samples": [{"time": float(n), "value": float(n), "labels": {}}]}
    return Event(topic="platform.p.metrics.cpu", data=data, id=f"m{n}")


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    yield made
    await made.manager._close()


async def test_how_things_stand_comes_first_and_then_what_changes(rig: Rig) -> None:
    await rig.put(status("p"), status("q"))
    rig.manager.start()
    await rig.clock.advance(0)
    await rig.manager.wait_open()
    await rig.manager.wait_synced(PLATFORMS)
    assert [e.topic for e in rig.events] == ["platform.p.status", "platform.q.status"]
    await rig.put(status("p", "Failed"))
    assert rig.events[-1].data["phase"] == "Failed"
    assert rig.events[-1].source == "nats"
    assert rig.manager.status().state is State.OPEN
    assert rig.manager.status().server == "NATS 2.9.10"


async def test_metrics_come_where_they_are_asked_for(rig: Rig) -> None:
    await rig.put(sample(1))
    rig.manager.start()
    await rig.clock.advance(0)
    assert rig.values() == []
    release = rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    await rig.manager.wait_synced(METRICS_OF_P)
    assert rig.values() == [1.0]
    await rig.put(sample(2))
    assert rig.values() == [1.0, 2.0]
    release()
    await rig.clock.advance(0)
    await rig.put(sample(3))
    assert rig.values() == [1.0, 2.0]
    assert rig.manager.interests() == []


async def test_one_reader_serves_all_who_want_the_same(rig: Rig) -> None:
    rig.manager.start()
    first, second = rig.manager.watch(METRICS_OF_P), rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    first()
    await rig.put(sample(1))
    assert rig.values() == [1.0]
    second()
    await rig.clock.advance(0)
    assert not rig.server.stream(METRICS).consumers


async def test_since_is_how_far_back_it_begins() -> None:
    rig = Rig(since=30.0)
    await rig.put(sample(1))
    await rig.clock.advance(20)
    await rig.put(sample(2))
    await rig.clock.advance(20)
    rig.manager.start()
    rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    assert rig.values() == [2.0]
    await rig.manager._close()


async def test_over_a_cut_each_comes_once_and_in_order(rig: Rig) -> None:
    rig.manager.start()
    rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    for n in range(1, 6):
        await rig.put(sample(n))
    rig.server.cut()
    await rig.put(sample(6), sample(7))
    await rig.clock.advance(3)
    assert rig.values() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    counts = rig.manager.stats().counts
    assert counts["reconnects"] == 1
    assert counts["duplicate"] > 0, "read again, and known by its id"
    assert rig.manager.stats().unaccounted == 0
    assert State.WAITING in rig.states


async def test_silence_of_one_consumer_is_mended(rig: Rig) -> None:
    rig.manager.start()
    rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    rig.server.stream(METRICS).consumers.clear()
    await rig.put(sample(1))
    assert rig.values() == []
    for _ in range(6):
        await rig.clock.advance(0.5)
    assert rig.values() == [1.0]


async def test_what_expired_unread_is_a_gap(rig: Rig) -> None:
    rig.manager.start()
    rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    await rig.put(sample(1))
    since = rig.clock.time()
    rig.server.cut()
    await rig.put(sample(2), sample(3), sample(4))
    del rig.server.stream(METRICS).messages[:3]
    await rig.clock.advance(3)
    (reset,) = [e for e in rig.events if e.topic == RESET_TOPIC]
    assert reset.data["interest"] == METRICS_OF_P.id
    assert reset.data["gap"][0] == since
    assert rig.values() == [1.0, 4.0]
    assert rig.manager.stats().counts["reset"] == 1
    assert rig.manager.stats().unaccounted == 0


async def test_how_things_stand_is_recounted_after_a_loss_without_a_gap(rig: Rig) -> None:
    await rig.put(status("p"), status("q"))
    rig.manager.start()
    await rig.clock.advance(0)
    rig.server.cut()
    for phase in ("Failed", "Ready", "Failed"):
        await rig.put(status("p", phase), status("q", phase))
    await rig.clock.advance(3)
    resets = [e.data for e in rig.events if e.topic == RESET_TOPIC]
    assert {r["interest"] for r in resets} == {PLATFORMS.id, ALERTS.id}
    assert all(r["gap"] == [None, None] for r in resets)
    assert [e.data["phase"] for e in rig.events[-2:]] == ["Failed", "Failed"]


async def test_foreign_and_broken_messages_are_counted_and_shown(rig: Rig) -> None:
    rig.manager.start()
    rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    stream = rig.server.stream(METRICS)
    subject = "gunj.v1.platform.p.metrics.cpu"
    for data in (b"not json", b'{"type": "alert.x.firing", "payload": {}}', b'{"type": "pong"}'):
        await stream.add(subject, data, rig.clock.time())
    await rig.put(sample(1))
    counts = rig.manager.stats().counts
    assert counts["malformed"] == 3
    assert "another kind" in " ".join(bad.problem for bad in rig.manager.samples.newest())
    assert rig.values() == [1.0]
    assert rig.manager.stats().unaccounted == 0


async def test_a_stream_that_may_not_be_read_is_told_and_nothing_else_suffers(rig: Rig) -> None:
    rig.server.refused_streams[LOGS] = AuthError("NATS: host does not let us read GUNJ_LOGS", "Ask.", status=403)
    rig.manager.start()
    rig.manager.watch(Interest("logs", "p"))
    rig.manager.watch(METRICS_OF_P)
    await rig.clock.advance(0)
    await rig.put(sample(1))
    assert rig.values() == [1.0]
    shown = rig.manager.status()
    assert (shown.state, shown.reason) == (State.WAITING, "NATS: host does not let us read GUNJ_LOGS")
    assert {t.name: t.state for t in shown.transports} == {"NATS": State.OPEN, LOGS: State.WAITING}
    rig.server.refused_streams.clear()
    for _ in range(12):
        await rig.clock.advance(0.5)
    assert rig.manager.status().state is State.OPEN


async def test_where_nobody_relays_the_first_answer_says_so(rig: Rig) -> None:
    del rig.server.streams[STATE]
    rig.manager.start()
    await rig.clock.advance(0)
    with pytest.raises(ConnectError, match="there is no GUNJ_STATE"):
        await rig.manager.first_answer(1.0)


async def test_questions_go_by_way_of_a_relay(rig: Rig) -> None:
    rig.manager.start()
    await rig.clock.advance(0)
    rig.server.answers["gunj.ask.command.p.restart"] = msgspec.json.encode(Answer(value="op"))
    assert await rig.manager.command(Command(platform="p", name="restart", key="k")) == "op"
    rig.server.cut()
    await rig.clock.advance(0)
    with pytest.raises(ConnectError):
        await rig.manager.command(Command(platform="p", name="restart", key="k"))


async def test_a_note_is_shared_and_read(rig: Rig) -> None:
    rig.manager.start()
    await rig.clock.advance(0)
    note = Event(topic="note.k", data={"time": 1.0, "text": "rolled back"}, id="k")
    await rig.manager.share(note, "k")
    await rig.clock.advance(0)
    assert (rig.events[-1].topic, rig.events[-1].data["text"]) == ("note.k", "rolled back")


async def test_a_deleted_note_is_no_fault(rig: Rig) -> None:
    rig.manager.start()
    await rig.clock.advance(0)
    await rig.server.stream("KV_GUNJ_NOTES").add("$KV.GUNJ_NOTES.k", b"", rig.clock.time())
    assert rig.manager.stats().counts["malformed"] == 0
    assert rig.manager.stats().unaccounted == 0


async def publish(rig: Rig, subject: str, **fields: object) -> None:
    await rig.server.stream(native.STREAM).add(subject, msgspec.json.encode(fields), rig.clock.time())


async def test_an_operators_own_stream_is_enough(rig: Rig) -> None:
    rig.server.streams.clear()
    await publish(rig, "platform.o.prod.events", type="created", phase="Pending", message="hello")
    await publish(rig, "component.o.prod.loki.state", state="Failed", ready=False)
    await publish(rig, "jobs.queue", type="backup")
    rig.manager.start()
    await rig.clock.advance(0)
    await rig.manager.wait_open()
    assert rig.manager.status().state is State.OPEN
    await publish(rig, "platform.o.prod.events", type="updated", phase="Ready", message="there")
    await rig.clock.advance(0)
    store = Store(RetentionSettings())
    store.take(rig.events)
    (platform,) = store.platforms
    assert (platform.id, platform.phase, list(platform.components)) == ("o/prod", "Ready", ["loki"])
    assert [event.message for event in store.events] == ["hello", "there"]
    counts = rig.manager.stats().counts
    assert (counts["malformed"], counts["reset"]) == (0, 0)


async def test_of_a_relay_and_the_operator_one_platform_is_told(rig: Rig) -> None:
    data = {"id": "p1", "name": "prod", "namespace": "o", "phase": "Ready"}
    await rig.put(Event(topic="platform.p1.status", data=data))
    await publish(rig, "platform.o.prod.events", type="updated", phase="Degraded", message="m")
    rig.manager.start()
    await rig.clock.advance(0)
    assert {event.topic for event in rig.events} == {"platform.p1.status", "platform.p1.events"}


async def test_what_expired_of_the_operators_stream_is_a_gap(rig: Rig) -> None:
    await publish(rig, "platform.o.prod.events", type="updated", phase="Ready")
    rig.manager.start()
    await rig.clock.advance(0)
    rig.server.cut()
    stream = rig.server.stream(native.STREAM)
    for _ in range(5):
        await publish(rig, "platform.o.prod.events", type="updated", phase="Ready")
    stream.messages = stream.messages[-1:]
    await rig.clock.advance(30)
    resets = [e.data for e in rig.events if e.topic == RESET_TOPIC]
    assert resets
    assert all(reset["interest"] == "operator" for reset in resets)
