"""Updates: a user's callback is told of news off gunj-io, and a slow one is not told of each."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from gunj_widgets.errors import SessionClosedError, SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.session.handles import LiveMetrics
from tests.session.conftest import Rig, until


def write(rig: Rig, frame: LiveMetrics, time: float, value: float) -> None:
    """One change, on gunj-io as all of them are."""
    rig.do(frame.append, "cpu_usage", {"component": "loki"}, time, value)


def test_it_is_called_off_gunj_io_with_the_frame_that_has_news(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    seen: list[tuple[Any, str, float]] = []
    stop = frame.on_update(lambda f: seen.append((f, threading.current_thread().name, float(f.value()))))
    write(rig, frame, 1.0, 5.0)
    until(lambda: seen)
    assert seen[0][0] is frame
    assert seen[0][1] not in ("gunj-io", threading.current_thread().name)
    assert seen[0][2] == 5.0
    stop()


def test_a_slow_callback_is_called_once_more_for_all_that_came_meanwhile(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    started, go, seen = threading.Event(), threading.Event(), []

    def slow(f: LiveMetrics) -> None:
        seen.append(f.value())
        started.set()
        assert go.wait(10)

    stop = frame.on_update(slow)
    write(rig, frame, 1.0, 0.0)
    assert started.wait(5)
    for n in range(1, 51):
        write(rig, frame, 1.0 + n, float(n))
    go.set()
    until(lambda: len(seen) == 2)
    last = threading.Event()
    rig.session.on("done", lambda _: last.set())
    rig.do(rig.session.router.publish, Event(topic="done", data={}))
    assert last.wait(5)  # the worker has nothing else left to do
    assert seen == [0.0, 50.0]
    stop()


def test_what_comes_while_a_call_waits_needs_no_other(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    started, go, last, seen = threading.Event(), threading.Event(), threading.Event(), []

    def busy(_: Event) -> None:
        started.set()
        assert go.wait(10)

    rig.session.on("busy", busy)
    rig.session.on("done", lambda _: last.set())
    stop = frame.on_update(lambda f: seen.append(f.value()))
    rig.do(rig.session.router.publish, Event(topic="busy", data={}))
    assert started.wait(5)
    for n in range(20):
        write(rig, frame, 1.0 + n, float(n))
    rig.do(rig.session.router.publish, Event(topic="done", data={}))
    go.set()
    assert last.wait(5)
    assert seen == [19.0]
    stop()


def test_a_coroutine_is_told_too_and_never_runs_twice_at_once(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    seen: list[float] = []
    most, now = 0, 0
    go = threading.Event()

    async def slow(f: LiveMetrics) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        seen.append(float(f.value()))
        await asyncio.to_thread(go.wait, 5)
        now -= 1

    stop = frame.on_update(slow)
    write(rig, frame, 1.0, 0.0)
    until(lambda: seen)
    for n in range(1, 21):
        write(rig, frame, 1.0 + n, float(n))
    go.set()
    until(lambda: seen == [0.0, 20.0])
    assert most == 1
    stop()


def test_after_its_end_nothing_is_called_not_even_what_waited(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    seen: list[object] = []
    started, go = threading.Event(), threading.Event()

    def slow(f: LiveMetrics) -> None:
        seen.append(f)
        started.set()
        assert go.wait(10)

    stop = frame.on_update(slow)
    write(rig, frame, 1.0, 1.0)
    assert started.wait(5)
    write(rig, frame, 2.0, 2.0)
    stop()
    go.set()
    write(rig, frame, 3.0, 3.0)
    last = threading.Event()
    other = frame.on_update(lambda _: last.set())
    write(rig, frame, 4.0, 4.0)
    assert last.wait(5)
    assert len(seen) == 1
    other()


def test_one_that_raises_is_told_again(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    calls: list[int] = []

    def faulty(_: LiveMetrics) -> None:
        calls.append(1)
        raise ValueError("no")

    frame.on_update(faulty)
    write(rig, frame, 1.0, 1.0)
    until(lambda: len(calls) == 1)
    write(rig, frame, 2.0, 1.0)
    until(lambda: len(calls) == 2)


def test_a_call_that_the_session_had_no_room_for_does_not_end_the_following(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    taken: list[Any] = []
    defer_for = rig.session._callbacks.defer_for
    rig.session._callbacks.defer_for = lambda _: lambda _told, event, _past: taken.append(event.topic)  # type: ignore[method-assign]
    frame.on_update(lambda _: None)
    rig.session._callbacks.defer_for = defer_for  # type: ignore[method-assign]
    write(rig, frame, 1.0, 1.0)
    until(lambda: len(taken) == 1)
    write(rig, frame, 2.0, 1.0)
    until(lambda: len(taken) == 2)


def test_logs_are_followed_as_well(rig: Rig) -> None:
    logs = rig.session.logs("production")
    seen: list[int] = []
    stop = logs.on_update(lambda found: seen.append(found.filtered))
    line = {"timestamp": 1_750_000_000, "level": "error", "component": "loki", "message": "disk full"}
    until(lambda: rig.publish("platform.production.logs.loki", line) and seen)
    assert seen[0] >= 1
    stop()


def test_of_what_is_closed_nobody_is_told_anything_any_more(rig: Rig) -> None:
    frame, logs = rig.session.metrics("production", "cpu_usage"), rig.session.logs("production")
    for closed in (frame, logs):
        closed.close()
        with pytest.raises(SessionClosedError, match="is closed"):
            closed.on_update(print)


@pytest.mark.parametrize("callback", [5, None, "print"])
def test_what_cannot_be_called_is_refused_at_once(rig: Rig, callback: Any) -> None:
    for live in (rig.session.metrics("production"), rig.session.logs("production")):
        with pytest.raises(SettingsError, match="the callback .* cannot be called"):
            live.on_update(callback)
        with pytest.raises(SettingsError, match="the callback .* cannot be called"):
            live.listen(callback)
