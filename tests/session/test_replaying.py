"""A recording played: what the store holds at a place is what it held then, however one came there."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pandas as pd
import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.errors import CommandError, RemoteProtocolError, SessionClosedError, SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Alert
from gunj_widgets.events.topics import RESET_TOPIC
from gunj_widgets.recording import index
from gunj_widgets.recording.chunks import pack
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.index import Index
from gunj_widgets.recording.player import Player
from gunj_widgets.recording.recorder import Recorder
from gunj_widgets.recording.redact import Redaction
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.session import replaying
from gunj_widgets.session.memory import Memory
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.session.session import Session
from gunj_widgets.settings import RetentionSettings, Settings
from gunj_widgets.store.facts import facts
from gunj_widgets.store.store import Store
from gunj_widgets.testing import FakeClock, InlineIO

T0 = 1_764_000_000.0


def incident(rng: Random, batches: int) -> list[list[Event]]:
    """A made-up evening: statuses, components, alerts, samples, lines, a note, and batches of one to twelve."""
    told, now = [], T0
    for _ in range(batches):
        now += rng.random() * 3
        batch = []
        for _ in range(rng.randrange(1, 13)):
            n = rng.randrange(4)
            topic, data = rng.choice(
                [
                    (
                        f"platform.p{n}.status",
                        {"name": f"p{n}", "namespace": "o", "phase": rng.choice(["Ready", "Failed"])},
                    ),
                    (
                        f"platform.p{n}.component.loki",
                        {"health": rng.choice(["healthy", "degraded"]), "phase": "Ready"},
                    ),
                    (f"alert.f{n}", {"name": "A", "state": rng.choice(["firing", "resolved"]), "startsAt": now}),
                    (
                        f"platform.p{n}.metrics.cpu",
                        {"metric": "cpu", "samples": [{"labels": {}, "time": now, "value": rng.random()}]},
                    ),
                    (
                        f"platform.p{n}.metrics.disk",
                        {
                            "metric": "disk",
                            "series": [
                                {"labels": {"v": str(k)}, "times": [now - 1, now], "values": [1.0, 2.0 * k]}
                                for k in range(2)
                            ],
                        },
                    ),
                    (  # late ones, doubled ones, and series that come, go and come back
                        f"platform.p{n}.metrics.memory",
                        {
                            "metric": "memory",
                            "samples": [
                                {
                                    "labels": {"pod": str(int(now / 400) % 2 + rng.randrange(2) * 2)},
                                    "time": round(now - rng.randrange(3) * rng.randrange(200)),
                                    "value": float(rng.randrange(3)),
                                }
                            ],
                        },
                    ),
                    (
                        RESET_TOPIC,
                        {
                            "interest": rng.choice([f"metrics/p{n}", f"logs/p{n}", "alerts"]),
                            "platform": f"p{n}",
                            "gap": [now - 20, now - 10],
                        },
                    ),
                    (f"platform.p{n}.operation.o{n}", {"status": "running", "progress": rng.random()}),
                    (f"platform.p{n}.deleted" if rng.random() < 0.05 else f"platform.p{n}.unheard", {}),
                    (f"platform.p{n}.logs", {"timestamp": now, "level": "info", "message": f"line {rng.random()}"}),
                    (f"platform.p{n}.events", {"reason": "R", "message": f"m{n}", "lastTimestamp": now}),
                    ("note", {"time": now, "text": "here"}),
                ]
            )
            batch.append(Event(topic=topic, data=data, time=now, arrived=now))
        told.append(batch)
    return told


def state(store: Store) -> bytes:
    """All that a store shows, as bytes."""
    return msgspec.json.encode(facts(store, 0.0))


class Rig:
    """A replay with time in our hands."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self.store = Store(RetentionSettings())
        self.router = EventRouter()
        memory = Memory(self.store, self.router)
        self.states: list[State] = []
        self.heard: list[Event] = []
        self.router.subscribe("**", self.heard.append)
        self.manager = ReplayManager(
            Player(RecordingFile.open(path), RetentionSettings()),
            deliver=memory.take,
            remember=memory.remember,
            forget=lambda: None,
            store=self.store,
            on_state=lambda status: self.states.append(status.state),
            clock=self.clock,
            io=InlineIO(),
        )
        memory.follow(self.manager)

    async def go(self, to: float) -> None:
        await self.manager._go(self.manager._time_of(to))


def recorded(path: Path, batches: list[list[Event]]) -> Path:
    """Write a recording, a block for every few batches."""
    file = RecordingFile.create(path, "made up")
    for at in range(0, len(batches), 5):
        part = batches[at : at + 5]
        file.append(part[0][0].arrived, part[-1][-1].arrived, sum(map(len, part)), pack(part, Redaction()))
    Index(file, RetentionSettings()).follow()
    file.finish()
    file.close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return recorded(tmp_path / "a.gunj", incident(Random(7), 300))


@pytest.mark.parametrize("every", [60, index.EVERY], ids=["by snapshots", "without"])
@pytest.mark.parametrize("seed", range(3))
async def test_replayed_equals_live_at_a_hundred_places_however_one_comes_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, every: int
) -> None:
    monkeypatch.setattr(index, "EVERY", every)
    batches = incident(Random(seed), 600)  # 15 minutes: longer than anything is kept
    rig = Rig(recorded(tmp_path / "a.gunj", batches))
    assert bool(rig.manager._player.mark(rig.manager.end_time)) == (every == 60)
    store = Store(RetentionSettings())
    was: list[tuple[float, bytes, int]] = []
    for batch in batches:
        store.take(batch)
        was.append((batch[-1].arrived, state(store), len(batch)))
    rig.manager._start()
    for n in Random(1).sample(range(600), 100):  # forwards and backwards
        time, expected, _ = was[n]
        await rig.go(time)
        assert state(rig.store) == expected
        assert rig.manager.now() == time
        assert rig.manager.told == sum(count for _, _, count in was[: n + 1])
    await rig.go(was[100][0])  # and what follows is as it was
    for n in range(101, 600):
        await rig.manager._step(1)
        assert state(rig.store) == was[n][1]
    await rig.manager._close()


async def test_a_view_that_looks_back_further_finds_what_it_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "EVERY", 60)
    batches = incident(Random(3), 900)
    rig = Rig(recorded(tmp_path / "a.gunj", batches))
    rig.manager._start()
    view = rig.store.frame("p1").select("cpu", window="1h")
    whole = Store(RetentionSettings(metrics_age=3600.0))
    for batch in batches:
        whole.take(batch)
    await rig.go(rig.manager.end_time)
    assert view.batches() == whole.frame("p1").select("cpu").batches()
    assert view.df.index[-1] - view.df.index[0] > pd.Timedelta("15m")
    await rig.manager._close()


async def test_with_another_retention_it_goes_the_long_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "EVERY", 60)
    path = recorded(tmp_path / "a.gunj", incident(Random(3), 100))
    with RecordingFile.open(path) as file:
        assert Player(file, RetentionSettings(metrics_age=60.0, history=5)).mark(1e12)
        assert Player(file, RetentionSettings(logs_rows=5)).mark(1e12) is None


async def test_a_damaged_snapshot_costs_time_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "EVERY", 60)
    path = recorded(tmp_path / "a.gunj", incident(Random(3), 100))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE samples SET data = substr(data, 1, length(data) - 3)")
    raw.close()
    with RecordingFile.open(path) as file:
        assert "long way" in file.check()[-1]
    whole = Rig(recorded(tmp_path / "b.gunj", incident(Random(3), 100)))
    rig = Rig(path)
    for one in (rig, whole):
        one.manager._start()
        await one.go(one.manager.end_time)
    assert state(rig.store) == state(whole.store)
    assert (rig.manager.status().state, len(rig.manager.samples.newest())) == (State.OPEN, 1)
    for one in (rig, whole):
        await one.manager._close()


async def test_it_plays_at_its_speed_and_pauses_at_the_end(path: Path) -> None:
    rig = Rig(path)
    rig.manager.start()
    begin = rig.manager.position
    await rig.clock.advance(1)
    assert rig.manager.position == begin  # it begins paused
    assert rig.clock._sleepers == []  # and wakes nobody
    rig.manager.play(10)
    await rig.clock.advance(5)
    assert rig.manager.position - begin == pytest.approx(50, abs=1)
    assert rig.heard[-1].arrived <= rig.manager.position
    rig.manager.pause()
    await rig.clock.advance(5)
    assert rig.manager.position - begin == pytest.approx(50, abs=1)
    rig.manager.play(1000)
    await rig.clock.advance(5)
    assert not rig.manager.playing
    assert rig.manager.position == rig.manager.end_time
    assert rig.manager.told == rig.manager.total == len(rig.heard)
    await rig.manager._close()


def test_a_closed_replay_goes_nowhere(rt: Session) -> None:
    rt.shut()
    for go in (lambda: rt.player.seek("1m"), rt.player.step, rt.player.play):
        with pytest.raises(SessionClosedError, match="this replay is closed"):
            go()


async def test_a_speed_and_steps_are_numbers(rt: Session) -> None:
    with pytest.raises(SettingsError, match="a speed is a number, not 'x'"):
        rt.player.play("x")  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="steps are counted, not 'x'"):
        rt.player.step("x")  # type: ignore[arg-type]  on purpose
    assert not rt.player.playing


async def test_a_step_tells_what_came_together_and_a_seek_tells_no_handler(path: Path) -> None:
    rig = Rig(path)
    rig.manager._start()
    first = len(rig.heard)
    await rig.manager._step(1)
    assert len(rig.heard) > first
    assert rig.manager.now() == rig.heard[-1].arrived
    heard = len(rig.heard)
    await rig.go(rig.manager.end_time)
    assert len(rig.heard) == heard
    assert rig.manager.told == rig.manager.total
    await rig.manager._step(1)  # there is no more
    await rig.manager._close()


async def test_a_block_that_cannot_be_read_stops_it_and_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(path)

    def damaged(*_: object) -> None:
        raise RemoteProtocolError("block 1 of the recording is damaged")

    monkeypatch.setattr(Player, "next_time", damaged)
    await rig.go(rig.manager.end_time)
    status = rig.manager.status()
    assert (status.state, status.reason) == (State.FAILED, "block 1 of the recording is damaged")
    assert "recording check" in status.remedy
    await rig.manager._close()


@pytest.mark.parametrize("where", ["min", "max"])
async def test_a_damaged_block_is_told_and_ends_no_task(path: Path, where: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute(f"update blocks set crc = crc + 1 where id = (select {where}(id) from blocks)")  # noqa: S608
    rig = Rig(path)
    rig.manager.start()
    rig.manager.play(1000)
    await rig.clock.advance(5)
    await rig.manager._step(1)
    assert (rig.manager.status().state, rig.manager.playing) == (State.FAILED, False)
    assert "damaged" in rig.manager.status().reason
    assert rig.manager.told < rig.manager.total
    assert rig.manager._task is not None
    assert not rig.manager._task.done()
    await rig.manager._close()


def test_a_seek_that_ends_at_a_damaged_block_is_told_as_playing_is(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("update blocks set crc = crc + 1 where id = 20")
    rt = gunj.replay(path)
    try:
        rt.player.seek(rt.player.end_time)
        assert (rt.state, rt.player.told < rt.player.total) == ("failed", True)
        assert rt.manager.stats().last_problem == rt.status().reason == "block 20 of the recording is damaged"
        assert len(rt.player.samples.newest()) == 1
        rt.player.seek(rt.player.start_time)
        assert (rt.state, rt.status().reason) == ("open", ""), "what is there now can be read"
        rt.player.seek(rt.player.end_time)
        assert rt.state == "failed"
    finally:
        rt.shut()


@pytest.fixture
def rt(path: Path) -> Iterator[Session]:
    session = gunj.replay(path)
    yield session
    session.shut()


def test_it_is_a_session_like_any_other(rt: Session) -> None:
    rt.player.seek(rt.player.end_time)
    assert rt.state == "open"
    assert rt.is_replay
    assert rt.now() == rt.player.end_time
    told = Store(RetentionSettings())
    for batch in incident(Random(7), 300):
        told.take(batch)
    assert [platform.name for platform in rt.platforms] == [platform.name for platform in told.platforms]
    frame = rt.metrics(rt.platforms[0].name, "cpu")
    assert len(frame.df) > 10
    assert rt.address == "a.gunj"
    assert "paused" in repr(rt.player)
    rt.note("seen")
    assert rt.notes.df.index[-1].timestamp() == pytest.approx(rt.now(), abs=0.001)
    with pytest.raises(CommandError, match="recording"):
        rt.alerts.acknowledge("f1")


def test_how_far_it_is_on_the_way_to_a_place_is_told(rt: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, list[float]]] = []

    def waited(future: Any, words: str, share: Any) -> Any:
        seen: list[float] = []
        while not future.done():
            seen.append(share())
        shown.append((words, [*seen, share()]))
        return future.result()

    monkeypatch.setattr(replaying, "waited", waited)
    player = rt.player
    player.seek(player.end_time)
    player.seek("90s")
    (there, forth), (back, again) = shown
    assert there.startswith("going to 2025-11-24 16:")
    assert back == "going to 2025-11-24 16:01:30 UTC"
    for shares in (forth, again):
        assert shares[-1] == pytest.approx(1.0, abs=0.05)
        rising = shares[shares.index(min(shares)) :]  # before that the word to go back was not heard yet
        assert rising == sorted(rising)


def test_places_in_words(rt: Session) -> None:
    player = rt.player
    player.seek("1m")
    assert player.position == player.start_time + 60
    player.seek(rt.notes.df.index[-1].to_pydatetime())
    player.seek(next(iter(rt.notes)))
    player.seek(player.end_time)
    (alert, *_), (event, *_), moments = rt.alerts.resolved + rt.alerts.active, list(rt.store.events), list(rt.timeline)
    for thing, time in ((alert, alert.starts), (event, event.last), (moments[-1], moments[-1].time)):
        player.seek(thing)
        assert player.position == pytest.approx(time, abs=1e-6)
    player.seek(Event(topic="a.b", data=None, arrived=T0 + 30))
    assert player.position == T0 + 30
    with pytest.raises(SettingsError, match="when that was"):
        player.seek(Alert(fingerprint="x", name="x"))
    player.seek(0)
    assert player.position == player.start_time
    for wrong in (0.0, 0.05, 1001):
        with pytest.raises(SettingsError, match="speed"):
            player.play(wrong)
    with pytest.raises(SettingsError, match="time zone"):
        player.seek(datetime.datetime(2026, 1, 1))  # noqa: DTZ001
    rt.shut()
    with pytest.raises(SessionClosedError, match="closed"):
        player.seek(0)


async def test_what_the_bar_asks_for_is_done(path: Path) -> None:
    rig = Rig(path)
    rig.manager._start()
    await rig.manager.act({"speed": 5000, "play": True})
    assert (rig.manager.speed, rig.manager.playing) == (1000.0, True)
    await rig.manager.act({"play": False, "seekMs": rig.manager.end_time * 1000})
    assert (rig.manager.playing, rig.manager.told) == (False, rig.manager.total)
    await rig.manager.act({"play": True})  # at the end: from the beginning
    assert (rig.manager.playing, rig.manager.position) == (True, rig.manager.start_time)
    told = rig.manager.told
    await rig.manager.act({"step": 1})
    assert rig.manager.told > told
    await rig.manager.act({"seekMs": "x", "play": 1, "step": None})
    await rig.manager._close()


async def test_the_task_ends_with_it(path: Path) -> None:
    rig = Rig(path)
    rig.manager.start()
    await rig.clock.advance(1)
    await rig.manager._close()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "gunj-replay"]


def test_a_replay_keeps_what_the_recorded_session_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.gunj"
    Recorder(path, retention=RetentionSettings(logs_rows=7)).stop()
    with gunj.replay(path) as rt:
        assert rt.settings.retention.logs_rows == 7
    with gunj.replay(path, settings=Settings()) as rt:
        assert rt.settings.retention == RetentionSettings()
