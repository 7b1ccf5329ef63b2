"""`rt.on`, `rt.on_state`, `rt.history` and `rt.replay`: what a user's code is told."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import SettingsError, UnknownPlatformError
from gunj_widgets.events.event import Event
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from tests.session.conftest import Rig, until


def tell(rt: Session, *numbers: int, at: float | None = None) -> None:
    for number in numbers:
        arrived = time.time() if at is None else at + number
        rt._io.run(_publish(rt, Event(topic="x.a", data=number, arrived=arrived))).result(5)


async def _publish(rt: Session, event: Event) -> None:
    rt.router.publish(event)


def test_handlers_get_events_and_stop_when_closed(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    seen: list[Event] = []
    came = threading.Event()

    def handler(event: Event) -> None:
        seen.append(event)
        came.set()

    subscription = rt.on("platform.*.status", handler, filter=lambda e: e.data["phase"] == "Failed")
    rig.do(rig.operator.platform, "staging", namespace="test", phase="Ready")
    rig.do(rig.operator.platform, "staging", namespace="test", phase="Failed")
    assert came.wait(5)
    assert [e.data["phase"] for e in seen] == ["Failed"]
    until(lambda: subscription.stats().called == 1)
    assert subscription.stats().filtered == 1
    subscription.close()
    rig.do(rig.operator.platform, "staging", namespace="test", phase="Failed")
    until(lambda: len(rt.history("platform.staging.status")) >= 4)
    assert len(seen) == 1


def test_a_raising_handler_is_counted_and_told(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    subscription = rt.on("platform.*.status", lambda event: 1 / 0)
    rig.do(rig.operator.platform, "staging", namespace="test", phase="Ready")
    until(lambda: rt.stats()["handler_errors"] == 1)
    assert "ZeroDivisionError" in subscription.stats().last_error
    assert "platform.*.status" in rt.stats().last_problem


def test_a_coroutine_that_blocks_stops_neither_the_connection_nor_plain_handlers(rig: Rig) -> None:
    rt, go, seen = rig.session.wait_ready(5), threading.Event(), threading.Event()

    async def blocks(_event: Event) -> None:
        go.wait(10)

    rt.on("platform.*.status", blocks)
    rt.on("platform.*.status", lambda _event: seen.set())
    rig.do(rig.operator.platform, "staging", namespace="test", phase="Ready")
    assert seen.wait(5)
    assert rig.do(lambda: threading.current_thread().name) == "gunj-io"
    go.set()


def test_the_past_first_then_what_comes(rig: Rig) -> None:
    rt = rig.session
    tell(rt, 1, 2)
    seen: list[int] = []
    subscription = rt.on("x.*", lambda e: seen.append(e.data), replay=True)
    tell(rt, 3)
    until(lambda: seen == [1, 2, 3])
    assert subscription.stats().called == 3


def test_a_pattern_that_names_a_platform_asks_for_its_metrics(rig: Rig) -> None:
    rig.session.on("platform.staging.metrics.*", print)
    assert any(i.target == "metrics" and i.platform == "staging" for i in rig.session.manager.interests())
    before = rig.session.router.stats().subscriptions
    with pytest.raises(UnknownPlatformError, match="staging"):
        rig.session.on("platform.nope.metrics.*", print)
    assert rig.session.router.stats().subscriptions == before  # nobody could close it


def test_history_and_replay(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    seen: list[Any] = []
    assert rt.replay("platform.*.status", seen.append) == len(seen) >= 2
    assert [e.topic for e in rt.history("platform.staging.*", limit=1)] == ["platform.staging.status"]


@pytest.mark.parametrize("since", ["5m", 1_000.0, datetime.fromtimestamp(1_000, UTC)])
def test_history_and_replay_begin_where_one_says(rig: Rig, since: Any) -> None:
    rt, seen = rig.session, list[int]()
    tell(rt, 1, at=100.0)
    tell(rt, 2, 3)
    assert [e.data for e in rt.history("x.*", since=since)] == [2, 3]
    assert rt.replay("x.*", lambda e: seen.append(e.data), since=since, limit=1) == 1
    assert seen == [3]


NO_TIMES = [
    "soon",
    "-5m",
    datetime(2026, 1, 1),  # noqa: DTZ001
    [5],
    float("nan"),
    True,
    -300,
    1_790_000_000_000.0,  # milliseconds
    timedelta(-1),
    b"5m",
]


@pytest.mark.parametrize("since", NO_TIMES, ids=repr)
def test_what_is_no_time_is_refused_in_words(rig: Rig, since: Any) -> None:
    for look in (rig.session.history, lambda pattern, **named: rig.session.replay(pattern, print, **named)):
        with pytest.raises(SettingsError, match=r"since.*Give how long ago \(\"5m\""):
            look("x.*", since=since)


@pytest.mark.parametrize("limit", ["x", -1, True, 1.5, [3], float("nan")], ids=repr)
def test_what_is_no_count_is_refused_in_words(rig: Rig, limit: Any) -> None:
    for look in (rig.session.history, lambda pattern, **named: rig.session.replay(pattern, print, **named)):
        with pytest.raises(SettingsError, match="limit=.* is no number of events.* or None for all"):
            look("x.*", limit=limit)


def test_counts_and_ages_may_be_those_of_numpy_and_pandas(rig: Rig) -> None:
    tell(rig.session, 1, at=100.0)
    tell(rig.session, 2, 3)
    age: Any = pd.Timedelta("5min")
    count: Any = np.int64(1)
    assert [e.data for e in rig.session.history("x.*", since=age)] == [2, 3]
    assert [e.data for e in rig.session.history("x.*", limit=count)] == [3]


def test_a_handler_that_fails_at_one_past_event_gets_the_next(rig: Rig) -> None:
    rt, seen = rig.session, list[int]()
    tell(rt, 0, 1, 2)
    assert rt.replay("x.*", lambda e: seen.append(1 // e.data)) == 3
    assert seen == [1, 0]
    assert rt.stats()["handler_errors"] == 1
    assert "ZeroDivisionError" in rt.stats().last_problem


def test_replay_of_a_coroutine_says_what_to_write_instead(rig: Rig) -> None:
    async def handler(_event: Event) -> None: ...

    with pytest.raises(SettingsError, match="replay=True"):
        rig.session.replay("x.*", handler)


def test_history_is_bounded_by_age_where_the_settings_say_so() -> None:
    rt = Session("ws://127.0.0.1:9", settings=Settings.load(retention={"history_age": 10}))
    try:
        tell(rt, 1, 5, 12, at=1_000.0)
        assert [e.data for e in rt.history("x.*")] == [5, 12]
    finally:
        rt.shut()


def test_state_changes_are_told_on_the_worker_thread(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    seen: list[tuple[str, str]] = []
    undo = rt.on_state(lambda status: seen.append((str(status.state), threading.current_thread().name)))
    rig.do(rig.operator.cut)
    until(lambda: seen)
    assert seen[0][1] == "gunj-callbacks"
    undo()
    undo()


def test_a_coroutine_is_told_of_state_changes_too_and_fails_alone(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    where: list[str] = []

    async def callback(_status: Any) -> None:
        where.append(threading.current_thread().name)
        raise ValueError("no")

    rt.on_state(callback)
    rig.do(rig.operator.cut)
    until(lambda: rt.stats()["handler_errors"])
    assert where[0] == "gunj-coroutines"
    here: list[str] = []
    undo = rt.on_state(lambda _status: here.append(threading.current_thread().name), here=True)
    rig.do(rt._state_changed, rt.status())
    undo()
    undo()
    rig.do(rt._state_changed, rt.status())
    assert here == ["gunj-io"]
    assert get_io().is_alive
