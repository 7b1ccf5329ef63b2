"""The session: handles, subscriptions, counts, and what it does when the operator comes back another one."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gunj_widgets.connection import turns
from gunj_widgets.errors import (
    LimitError,
    NotReadyError,
    SessionClosedError,
    SettingsError,
    SetupError,
    UnknownPlatformError,
)
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from gunj_widgets.testing import MemoryOperator
from tests.session.conftest import Rig, until


def test_ready_and_the_state_of_things(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    assert (rt.state, rt.is_connected, rt.is_demo) == ("open", True, True)
    assert [p.name for p in rt.platforms] == ["production", "staging"]
    assert set(rt.health) == {"observability/production", "test/staging"}
    assert rt.stats()["received"] >= 1
    assert "127.0.0.1:1" in repr(rt)


async def test_ready_can_be_awaited(rig: Rig) -> None:
    assert (await rig.session.ready(5)).is_connected


def test_not_ready_says_why(rig: Rig) -> None:
    rig.session.wait_ready(5)
    rig.operator.down = True
    rig.do(rig.operator.cut)
    until(lambda: rig.session.state != "open")
    with pytest.raises(NotReadyError, match="127.0.0.1"):
        rig.session.wait_ready(0.05)


def test_the_same_thing_asked_for_twice_is_one_thing(rig: Rig) -> None:
    rt = rig.session
    assert rt.platform("production") is rt.platform("production", namespace="observability")
    assert rt.metrics("production", ["b", "a"]) is rt.metrics("production", ("a", "b", "a"), window="600s")
    assert rt.logs("production", level="error") is rt.logs("production", level=["error"])
    interests = rt.manager.interests()
    assert len(interests) == len(set(interests))
    assert {i.target for i in interests} == {"platforms", "alerts", "platform", "metrics", "logs"}


def test_filters_of_one_platform_share_one_stream(rig: Rig) -> None:
    rt = rig.session
    rt.logs("production")
    rt.logs("production", level="error")
    rt.logs("production", search="timeout")
    assert sum(i.target == "logs" for i in rt.manager.interests()) == 1


def test_closing_a_handle_unsubscribes_and_asking_again_subscribes_anew(rig: Rig) -> None:
    rt = rig.session
    frame, logs = rt.metrics("production", ["cpu_usage"]), rt.logs("production")
    frame.close()
    frame.close()
    logs.close()
    assert {i.target for i in rt.manager.interests()} == {"platforms", "alerts", "platform"}
    assert rt.metrics("production", ["cpu_usage"]) is not frame
    assert {i.target for i in rt.manager.interests()} == {"platforms", "alerts", "platform", "metrics"}


def test_unknown_platforms_are_told_with_what_there_is(rig: Rig) -> None:
    with pytest.raises(UnknownPlatformError, match=r"production.*staging"):
        rig.session.platform("prod")


def test_metrics_arrive_in_the_frame(rig: Rig) -> None:
    frame = rig.session.metrics("production", ["cpu_usage"])
    sample = {
        "metric": "cpu_usage",
        "unit": "percent",
        "samples": [{"labels": {"component": "loki"}, "time": 1_750_000_000.0, "value": 4.5}],
    }
    until(
        lambda: (
            frame.version
            or (rig.publish("platform.production.metrics.cpu_usage", sample, keep=False) and frame.version)
        )
    )
    assert frame.value() == 4.5


def test_one_host_whose_clock_is_hours_ahead_blinds_nobody_and_is_named(rig: Rig) -> None:
    rt = rig.session
    frame = rt.metrics("production", ["cpu"])
    evil = rt.metrics("production", ["evil"])

    def say(metric: str, at: float, value: float) -> None:
        data = {"metric": metric, "samples": [{"labels": {"host": metric}, "time": at, "value": value}]}
        rig.publish(f"platform.production.metrics.{metric}", data)

    now = time.time()
    say("cpu", now - 500, 40.0)
    say("evil", now + 7200, 1.0)
    say("cpu", now - 1, 50.0)
    until(lambda: rt.stats()["samples_appended"] == 2)
    assert (frame.value(), frame["cpu"].tolist(), len(evil.df)) == (50.0, [40.0, 50.0], 0)
    stats = rt.stats()
    assert (stats["samples_bad_time"], stats["samples_expired"]) == (1, 0)
    assert "ahead of our clock: evil {'host': 'evil'}" in stats.last_problem


async def test_wait_for_returns_the_frame_that_satisfied_it(rig: Rig) -> None:
    await rig.session.ready(5)
    frame = rig.session.metrics("production", ["cpu_usage"])
    frame.append("cpu_usage", {}, 1_750_000_000.0, 95.0)
    found = await frame.wait_for(lambda df: df["cpu_usage"].max() > 90, timeout=5)
    assert found["cpu_usage"].iloc[0] == 95.0
    with pytest.raises(NotReadyError, match="not true within"):
        await frame.wait_for(lambda df: False, timeout=0.01)


def test_limits_name_themselves(rig: Rig) -> None:
    rig.session.settings = Settings.load(limits={"log_streams": 1})
    rig.session.logs("production")
    rig.session.logs("production", level="error")
    with pytest.raises(LimitError, match="log_streams") as caught:
        rig.session.logs("staging")
    assert caught.value.value == 1


def test_a_closed_session_says_so_and_keeps_what_it_knows(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    rt.shut()
    rt.shut()
    assert rt.closed
    assert len(rt.store.platforms) == 2
    with pytest.raises(SessionClosedError, match=r"gunj\.connect"):
        rt.wait_ready()


def test_what_is_no_name_of_a_metric_is_refused_and_not_asked_for_ever_after(rig: Rig) -> None:
    rt = rig.session
    rt.platform("production")
    before = rt.manager.interests()
    with pytest.raises(SettingsError, match="metrics are names, not 1"):
        rt.metrics("production", [1])  # type: ignore[list-item]
    assert rt.manager.interests() == before
    assert rt.metrics("production", ["cpu"]).label


WORK: dict[str, Callable[[Session, Path], object]] = {
    "on": lambda rt, _: rt.on("**", print),
    "on_state": lambda rt, _: rt.on_state(print),
    "note": lambda rt, _: rt.note("x"),
    "record": lambda rt, path: rt.record(path / "new.gunj"),
    "tap": lambda rt, _: rt.tap(print),
    "reconnect": lambda rt, _: rt.reconnect(),
    "platform": lambda rt, _: rt.platform("staging"),
    "command": lambda rt, _: rt.command("production", "backup"),
    "metrics on_update": lambda rt, _: rt.metrics("production").on_update(print),
    "logs on_update": lambda rt, _: rt.logs("production").on_update(print),
}


@pytest.mark.parametrize("what", WORK)
def test_a_closed_session_takes_no_more_work(rig: Rig, what: str, tmp_path: Path) -> None:
    rt = rig.session.wait_ready(5)
    rt.metrics("production")
    rt.logs("production")
    rt.shut()
    with pytest.raises(SessionClosedError, match=r"gunj\.connect"):
        WORK[what](rt, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert (len(rt.notes), rt.router.stats().subscriptions) == (0, 0)
    assert not rt.may_acknowledge("any")


def test_a_computing_cell_keeps_the_interpreter_for_a_millisecond_while_a_session_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "_asked", [])  # by sessions of other tests
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        session = Session("http://127.0.0.1:1", network=MemoryOperator())  # type: ignore[arg-type]
        assert sys.getswitchinterval() == pytest.approx(0.001)
        session.shut()
        assert sys.getswitchinterval() == pytest.approx(0.005)
    finally:
        sys.setswitchinterval(usual)


async def test_a_closed_session_is_never_ready(rig: Rig) -> None:
    rig.session.shut()
    with pytest.raises(SessionClosedError):
        await rig.session.ready()


def test_it_is_healthy_while_it_is_connected_and_heard_in_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rt = rig.session.wait_ready(5)
    assert rt.is_healthy
    status = rt.status()
    silent = msgspec.structs.replace(status.transports[0], silent=True)
    monkeypatch.setattr(rt, "status", lambda: msgspec.structs.replace(status, transports=(silent,)))
    assert rt.is_connected
    assert not rt.is_healthy


@pytest.mark.parametrize("wrong", [None, 5, ["cpu_usage", None]])
def test_metrics_that_are_no_names_are_refused(rig: Rig, wrong: Any) -> None:
    with pytest.raises(SettingsError, match="metrics are names, not"):
        rig.session.metrics("production", wrong)


@pytest.mark.parametrize("wrong", ["", ["cpu_usage", ""]])
def test_a_metric_has_a_name(rig: Rig, wrong: Any) -> None:
    with pytest.raises(SettingsError, match="a metric without a name"):
        rig.session.metrics("production", wrong)


@pytest.mark.parametrize("name", ["level", "component", "search", "regex"])
def test_logs_are_narrowed_by_words(rig: Rig, name: str) -> None:
    asked: dict[str, Any] = {name: 5}
    with pytest.raises(SettingsError, match="not 5"):
        rig.session.logs("production", **asked)


async def test_how_long_is_waited_for_it_is_a_duration(rig: Rig) -> None:
    assert rig.session.wait_ready("5s") is rig.session
    assert await rig.session.ready("5s") is rig.session
    with pytest.raises(SettingsError, match="is not a duration"):
        rig.session.wait_ready("soon")


def test_whoever_is_interrupted_while_he_waits_does_not_have_it_done_later(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    def interrupted(*_: object) -> None:
        assert begun.wait(5)
        raise KeyboardInterrupt

    monkeypatch.setattr("gunj_widgets.session.session.waited", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rig.session.wait(work(), words="restart of production")
    assert ended.wait(5)


async def test_without_a_limit_it_is_waited_for_until_it_is_ready(rig: Rig) -> None:
    assert rig.session.wait_ready(None).is_connected


async def test_what_is_ready_needs_no_time(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    assert rt.wait_ready(0).is_connected
    assert (await rt.ready(0)).is_connected
    await rt.metrics("production").wait_for(lambda _df: True, 0)
    rig.operator.down = True
    rig.do(rig.operator.cut)
    until(lambda: rt.state != "open")
    with pytest.raises(NotReadyError):
        rt.wait_ready(0)


def test_what_would_hold_up_all_that_comes_is_refused(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    told: list[SetupError] = []

    def ask(_book: object) -> None:
        try:
            rt.commands("production")
        except SetupError as error:
            told.append(error)

    rt.store.platforms.listen(ask)
    rig.publish("platform.staging.status", {"name": "staging", "namespace": "test", "phase": "Failed"})
    until(lambda: told)
    assert "on_update" in str(told[0])
