"""Handles: what they tell of the store, and that they stay readable when closed."""

from __future__ import annotations

import asyncio
import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from gunj_widgets.errors import NotReadyError, SessionClosedError, SettingsError, UnknownMetricError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Alert
from gunj_widgets.session.session import Session
from tests.session.conftest import Rig, until


def burst(rig: Rig, *told: tuple[str, dict[str, Any]]) -> None:
    """Have several events arrive as one batch."""
    rig.do(lambda: rig.session._memory.take([Event(topic=topic, data=data, arrived=1e9) for topic, data in told]))


def test_a_platform_as_last_seen(rig: Rig) -> None:
    p = rig.session.platform("production")
    rig.do(
        rig.operator.platform,
        "production",
        namespace="observability",
        phase="Degraded",
        components={
            "loki": {"health": "unhealthy", "phase": "Failed", "version": "2.9.0", "replicas": 2, "readyReplicas": 0}
        },
        conditions=[{"type": "Ready", "status": "False"}],
    )
    until(lambda: p.phase == "Degraded")
    assert p.components["loki"].ready == 0
    assert p.conditions[0].status == "False"
    assert p.df.loc["loki", "health"] == "unhealthy"
    assert repr(p) == "<Platform observability/production Degraded>"


def test_alerts_operations_and_events_of_a_platform_are_its_own(rig: Rig) -> None:
    p = rig.session.platform("production")
    rig.publish("alert.f1.firing", {"fingerprint": "f1", "name": "A", "severity": "critical", "platform": "production"})
    rig.publish("alert.f2.firing", {"fingerprint": "f2", "name": "B", "severity": "warning", "platform": "staging"})
    rig.publish("platform.production.events", {"type": "Warning", "reason": "StorageError", "message": "m"})
    until(lambda: len(rig.session.alerts) == 2 and p.events)
    assert [a.name for a in p.alerts] == ["A"]
    assert p.events[0].reason == "StorageError"
    assert p.operations == []
    alerts = rig.session.alerts
    assert alerts.has_critical
    assert [a.name for a in alerts.warning] == ["B"]
    assert len(alerts.df) == 2
    assert "2 active, 1 critical" in repr(alerts)


def test_of_two_platforms_of_one_name_each_has_its_own(rig: Rig) -> None:
    rig.publish("platform.p-a.status", {"id": "p-a", "name": "shop", "namespace": "a"})
    rig.publish("platform.p-b.status", {"id": "p-b", "name": "shop", "namespace": "b"})
    rt = rig.session.wait_ready(5)
    until(lambda: len(rt.store.platforms) == 4)
    a, b = (rt.platform("shop", namespace=space) for space in "ab")
    about = {"severity": "critical", "status": "firing", "startsAt": 1e9}
    burst(
        rig,
        ("alert.b.firing", {**about, "name": "OfB", "labels": {"platform": "shop", "namespace": "b"}}),
        ("alert.i.firing", {**about, "name": "ById", "platformId": "p-a"}),
        ("alert.n.firing", {**about, "name": "OfEither", "platform": "shop"}),
        ("platform.p-b.operation.o", {"type": "backup", "platform": "shop", "startedAt": 1e9}),
        ("platform.p-b.events", {"reason": "BackOff", "lastTimestamp": 1e9}),
    )
    assert [alert.name for alert in a.alerts] == ["ById", "OfEither"]
    assert [alert.name for alert in b.alerts] == ["OfB", "OfEither"]
    assert ([len(p.operations) for p in (a, b)], [len(p.events) for p in (a, b)]) == ([0, 1], [0, 1])
    timeline = rt.store.timeline
    assert [m.kind for m in timeline.moments((a.id, a.name))] == ["alert", "alert"]
    assert {m.title for m in timeline.moments((b.id, b.name))} >= {"OfB firing", "OfEither firing", "BackOff"}
    assert {m.platform for m in timeline if m.kind in ("operation", "event")} == {"b/shop"}


async def test_an_alert_is_waited_for_by_the_platforms_name_where_it_tells_the_id(rig: Rig) -> None:
    rig.publish("platform.p-1.status", {"id": "p-1", "name": "shop", "namespace": "a"})
    alerts = rig.session.wait_ready(5).alerts
    until(lambda: "p-1" in rig.session.store.platforms)
    waiting = asyncio.ensure_future(alerts.next(platform="shop", timeout=5))
    await asyncio.sleep(0)
    burst(rig, ("alert.x.firing", {"name": "Other", "platform": "staging"}))
    burst(rig, ("alert.y.firing", {"name": "Mine", "platformId": "p-1"}))
    assert (await waiting).name == "Mine"


def test_a_deleted_platform_is_unknown_not_broken(rig: Rig) -> None:
    p = rig.session.platform("production")
    rig.session.store.platforms.remove("production")
    assert p.record is None
    assert (str(p.phase), str(p.health)) == ("Unknown", "unknown")
    assert p.components == {}
    assert p.df.empty


def test_logs_are_filtered_and_counted(rig: Rig) -> None:
    logs = rig.session.platform("production").logs(level="error", search="disk")
    rig.session.logs("production")
    line = {"timestamp": 1_750_000_000, "level": "error", "component": "loki"}
    until(lambda: rig.publish("platform.production.logs.loki", {**line, "message": "Disk full"}) and logs.total)
    rig.publish("platform.production.logs.loki", {**line, "message": "other"})
    until(lambda: logs.total > logs.filtered > 0)
    assert set(logs.df["message"]) == {"Disk full"}
    logs.close()
    assert logs.filtered > 0


def test_logs_by_a_pattern(rig: Rig) -> None:
    logs = rig.session.wait_ready(5).platform("production").logs(regex=r"took \d+ s")
    line = {"timestamp": 1_750_000_000, "level": "error", "component": "loki"}
    until(lambda: rig.publish("platform.production.logs.loki", {**line, "message": "took 12 s"}) and logs.total)
    rig.publish("platform.production.logs.loki", {**line, "message": "took long"})
    until(lambda: logs.total > logs.filtered > 0)
    assert set(logs.df["message"]) == {"took 12 s"}
    assert logs.recipe["regex"] == r"took \d+ s"
    assert eval(logs.code, {"rt": rig.session}) is logs  # noqa: S307  our own words
    assert "/took" in logs.title
    assert rig.session.logs("production") is not logs
    streams = len(rig.session.manager.interests())
    with pytest.raises(SettingsError):
        rig.session.logs("production", regex="(")
    assert len(rig.session.manager.interests()) == streams, "what was refused follows nothing"


async def test_the_next_alert_is_one_that_begins_to_fire(rig: Rig) -> None:
    alerts = rig.session.wait_ready(5).alerts
    old = {"fingerprint": "old", "name": "Old", "severity": "critical", "status": "firing"}
    rig.publish("alert.old.firing", old)
    until(lambda: len(alerts) == 1)
    waiting = asyncio.ensure_future(alerts.next(severity="critical", timeout=5))
    await asyncio.sleep(0)
    rig.publish("alert.old.firing", {**old, "annotations": {"summary": "still"}})
    rig.publish("alert.w.firing", {**old, "fingerprint": "w", "severity": "warning"})
    rig.publish("alert.p.pending", {**old, "fingerprint": "p", "status": "pending"})
    rig.publish("alert.p.firing", {**old, "fingerprint": "p", "name": "New", "status": "firing"})
    assert (await waiting).name == "New"
    with pytest.raises(NotReadyError, match="no such alert"):
        await alerts.next(name="Never", timeout=0.05)


async def test_an_alert_that_is_over_again_in_one_batch_has_fired_all_the_same(rig: Rig) -> None:
    alerts = rig.session.wait_ready(5).alerts
    one = {"fingerprint": "f", "name": "Short", "severity": "critical"}
    fires, ends = ("alert.f.firing", {**one, "status": "firing"}), ("alert.f.resolved", {**one, "status": "resolved"})
    for waiting in (alerts.next(name="Short", timeout=5), alerts.until("firing", fingerprint="f", timeout=5)):
        result = asyncio.ensure_future(waiting)
        await asyncio.sleep(0)
        burst(rig, fires, ends)
        found = await result
        assert (found.name, str(found.state)) == ("Short", "firing")
        assert alerts.active == []
    burst(rig, fires)
    again = asyncio.ensure_future(alerts.next(timeout=5))  # it fires already; then it ends, and begins again
    await asyncio.sleep(0)
    burst(rig, fires)
    await asyncio.sleep(0)
    assert not again.done()
    burst(rig, ends, fires)
    assert (await again).fingerprint == "f"
    assert alerts._book._followers.entries == ()


async def test_a_severity_that_there_is_not_is_an_error_and_not_waited_for(rig: Rig) -> None:
    alerts = rig.session.wait_ready(5).alerts
    with pytest.raises(SettingsError, match="severity 'Critical'.*critical, warning, info, debug"):
        await alerts.next(severity="Critical", timeout=5)
    with pytest.raises(SettingsError, match="severity 'crit'.*critical, warning, info, debug"):
        await alerts.until("firing", severity="crit", timeout=5)


async def test_an_alert_is_waited_for_in_each_of_its_states(rig: Rig) -> None:
    alerts = rig.session.wait_ready(5).alerts
    one = {"fingerprint": "f", "name": "Disk", "severity": "critical"}
    waiting = asyncio.ensure_future(alerts.until("pending", name="Disk", timeout=5))
    await asyncio.sleep(0)
    rig.publish("alert.o.pending", {**one, "fingerprint": "o", "name": "Other", "status": "pending"})
    rig.publish("alert.f.pending", {**one, "status": "pending"})
    assert (await waiting).fingerprint == "f"
    rig.publish("alert.f.firing", {**one, "status": "firing"})
    assert str((await alerts.until("firing", fingerprint="f", timeout=5)).state) == "firing"
    assert (await alerts.until("firing", timeout=5)).name == "Disk"  # at once: it is already
    rig.publish("alert.f.resolved", {**one, "status": "resolved"})
    assert (await alerts.until("resolved", fingerprint="f", timeout=5)).ends is not None
    with pytest.raises(NotReadyError, match="was firing within"):
        await alerts.until("firing", timeout=0.05)
    with pytest.raises(SettingsError, match="pending, firing, resolved"):
        await alerts.until("silenced")


def fire(rig: Rig) -> None:
    rig.session.wait_ready(5)
    for name, component in (("LokiDown", "loki"), ("LokiSlow", "loki"), ("TempoDown", "tempo")):
        fingerprint = name.lower()
        told = {"fingerprint": fingerprint, "name": name, "severity": "warning", "component": component}
        rig.publish(f"alert.{fingerprint}.firing", told)
    until(lambda: len(rig.session.alerts) == 3)


def test_alerts_are_silenced_by_matchers_those_that_are_active_now(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    fire(rig)
    alerts, asked = rig.session.alerts, []

    async def request(method: str, path: str, body: object) -> None:
        asked.append((method, path, body))

    monkeypatch.setattr(rig.session.manager, "request", request)
    text = 'component="loki", severity!="critical"'
    assert {a.name for a in alerts.matching(text)} == {"LokiDown", "LokiSlow"}
    done = alerts.silence(matchers=text, duration="2h", by="mira", comment="known")
    assert set(done.alerts) == {"lokidown", "lokislow"}
    assert repr(done).startswith("<Silenced 2 alerts, each by itself, until 20")
    said = {"duration": 7200.0, "by": "mira", "comment": "known"}
    assert sorted(asked) == [("POST", f"/api/v1/alerts/{one}/silence", said) for one in ("lokidown", "lokislow")]
    assert alerts.silence("tempodown").alerts == ["tempodown"]
    assert asked[-1][2] == {"duration": 3600.0, "by": "notebook", "comment": "from a notebook"}
    assert alerts.silence(matchers='component="nobody"').alerts == []
    assert alerts.silence(matchers='component!="loki"').alerts == ["tempodown"]


@pytest.mark.parametrize(
    "asked",
    [{}, {"fingerprint": "f", "matchers": 'a="b"'}, {"matchers": "loki"}, {"matchers": ""}, {"matchers": 'a=~"("'}],
)
def test_nothing_is_silenced_by_what_names_nothing(rig: Rig, asked: dict[str, str]) -> None:
    fire(rig)
    with pytest.raises(SettingsError):
        rig.session.alerts.silence(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [None, "", 5, Alert(fingerprint="f", name="A")])
def test_an_alert_is_named_by_its_fingerprint(rig: Rig, given: Any) -> None:
    alerts = rig.session.alerts
    for act in (alerts.acknowledge, alerts.silence)[: 1 if given is None else 2]:
        with pytest.raises(SettingsError, match="an alert is named by its fingerprint, not by"):
            act(given)


def test_events_of_all_platforms(rig: Rig) -> None:
    rig.session.wait_ready(5)
    assert len(rig.session.events) == 0
    rig.session.platform("production")
    for kind, reason in (("Normal", "Pulled"), ("Warning", "BackOff")):
        rig.publish("platform.production.events", {"type": kind, "reason": reason, "message": "m"})
    events = rig.session.events
    until(lambda: len(events) == 2)
    assert [e.reason for e in events] == ["Pulled", "BackOff"]
    assert [e.reason for e in events.warnings] == ["BackOff"]
    assert sorted(events.df["reason"]) == ["BackOff", "Pulled"]
    assert repr(events) == "<Events 2, 1 warnings>"


async def test_of_several_series_one_that_meets_the_condition_is_enough(rig: Rig) -> None:
    frame = rig.session.wait_ready(5).metrics("production", "cpu_usage")
    for component, value in (("loki", 95.0), ("tempo", 10.0)):
        rig.do(frame.append, "cpu_usage", {"component": component}, 1_750_000_000.0, value)
        found = await frame.wait_for(lambda df: df["cpu_usage"].max() > 90, timeout=5)
        assert found.max().max() == 95.0
    assert len((await frame.wait_for(lambda df: df > 90, timeout=5)).columns) == 2
    with pytest.raises(NotReadyError):
        await frame.wait_for(lambda df: (df["cpu_usage"].max() > 90).all(), timeout=0.01)


async def test_lines_are_waited_for(rig: Rig) -> None:
    logs = rig.session.wait_ready(5).logs("production")
    line = {"timestamp": 1_750_000_000, "level": "error", "component": "loki", "message": "disk full"}
    until(lambda: rig.publish("platform.production.logs.loki", line) and logs.total)
    assert len(await logs.wait_for(lambda df: df["message"].str.contains("disk"), timeout=5)) >= 1
    with pytest.raises(NotReadyError, match="lines are shown"):
        await logs.wait_for(lambda df: df["message"].str.contains("never"), timeout=0.01)


async def test_a_narrower_view_is_as_live_as_its_frame(rig: Rig) -> None:
    frame = rig.session.wait_ready(5).metrics("production", ["cpu_usage", "memory"])
    rig.do(frame.append, "cpu_usage", {"component": "loki"}, 1_750_000_000.0, 95.0)
    view = frame.select("cpu_usage", {"component": ["loki", "tempo"]}).window("5m")
    assert type(view) is type(frame)
    assert (view.session, view.span, view.names) == (rig.session, 300.0, ("cpu_usage",))
    assert view.title == "production: cpu_usage, memory · cpu_usage · component=loki|tempo"
    assert len({frame.label, view.label, frame.window("5m").label}) == 3
    assert (await view.wait_for(lambda df: df["cpu_usage"].max() > 90, timeout=5)).shape == (1, 1)
    again = eval(view.code, {"rt": rig.session})  # noqa: S307  our own words
    assert (again.code, again.label) == (view.code, view.label)
    whose = {"platform": "production", "namespace": "observability"}
    labels = {"component": ["loki", "tempo"]}
    assert view.recipe == {**whose, "metrics": ["cpu_usage"], "window": 300.0, "labels": labels}
    assert frame.select("memory", window=60).recipe["metrics"] == ["memory"]
    view.close()
    rig.do(frame.append, "cpu_usage", {"component": "loki"}, 1_750_000_001.0, 96.0)
    assert view.value() == 96.0
    assert rig.session.metrics("production", ["cpu_usage", "memory"]) is frame, "it is still fed"


def test_a_view_of_metrics_that_the_frame_does_not_ask_for_is_refused(rig: Rig) -> None:
    frame = rig.session.metrics("production", ["cpu_usage"])
    for wrong in ("memory_usage", []):
        with pytest.raises(UnknownMetricError, match="There are: cpu_usage"):
            frame.select(wrong)
    assert rig.session.metrics("production").select("later").names == ("later",)


async def test_how_long_is_waited_is_a_duration_as_everywhere(rig: Rig) -> None:
    frame, alerts = rig.session.metrics("production", "cpu_usage"), rig.session.alerts
    with pytest.raises(NotReadyError, match="within 0.01 s"):
        await frame.wait_for(lambda df: False, timeout="10ms")
    with pytest.raises(NotReadyError, match="within 0.01 s"):
        await alerts.next(timeout="10ms")
    for wait in (lambda: frame.wait_for(lambda df: True, timeout="x"), lambda: alerts.next(timeout="x")):
        with pytest.raises(SettingsError, match="'x' is not a duration"):
            await wait()


WAITS: dict[str, Callable[[Session], Any]] = {
    "metrics": lambda rt: rt.metrics("production").wait_for(lambda df: False),
    "view": lambda rt: rt.metrics("production").window("5m").wait_for(lambda df: False),
    "logs": lambda rt: rt.logs("production").wait_for(lambda df: False),
    "next": lambda rt: rt.alerts.next(),
    "until": lambda rt: rt.alerts.until("firing", name="none"),
}


@pytest.mark.parametrize("what", WAITS)
async def test_who_waits_is_told_when_the_session_is_closed(rig: Rig, what: str) -> None:
    rt = await rig.session.ready(5)
    wait = WAITS[what](rt)
    waiting = asyncio.ensure_future(wait)
    await asyncio.sleep(0)
    rt.shut()
    with pytest.raises(SessionClosedError, match=r"the session with .* is closed\. Run gunj\.connect"):
        await asyncio.wait_for(waiting, 5)


async def test_after_it_was_closed_nobody_waits_for_it(rig: Rig) -> None:
    rt = await rig.session.ready(5)
    m, logs = rt.metrics("production"), rt.logs("production")
    m.append("cpu", {}, 1e9, 1.0)
    rt.shut()
    waits = [m.wait_for(lambda df: False), logs.wait_for(lambda df: False), rt.alerts.next(), rt.alerts.until("firing")]
    for wait in waits:
        with pytest.raises(SessionClosedError, match="the session with"):
            await asyncio.wait_for(wait, 5)
    assert len(await m.wait_for(lambda df: len(df) == 1)) == 1, "what is there is there"


async def test_who_waits_for_what_is_closed_is_told_what_to_do(rig: Rig) -> None:
    rt = await rig.session.ready(5)
    m, logs = rt.metrics("production", ["cpu"]), rt.logs("production")
    view = m.window("5m")
    view.close()
    with pytest.raises(SessionClosedError, match="production: cpu · 5m|production: cpu"):
        await asyncio.wait_for(view.wait_for(lambda df: False), 5)
    waiting = [asyncio.ensure_future(live.wait_for(lambda df: False)) for live in (m, m.window("1m"), logs)]
    await asyncio.sleep(0)
    m.close()
    logs.close()
    for wait in waiting:
        with pytest.raises(SessionClosedError, match=r"is closed\. What it holds stays readable; ask the session"):
            await asyncio.wait_for(wait, 5)
    again = asyncio.ensure_future(rt.metrics("production", ["cpu"]).wait_for(lambda df: len(df) > 0))
    rt.metrics("production", ["cpu"]).append("cpu", {}, 1e9, 1.0)
    assert len(await asyncio.wait_for(again, 5)) == 1


async def _later(_df: object) -> bool:
    return True


@pytest.mark.parametrize("condition", [_later, 90])
async def test_a_condition_that_is_no_plain_function_is_refused(rig: Rig, condition: Any) -> None:
    rt = await rig.session.ready(5)
    for live in (rt.metrics("production"), rt.logs("production")):
        with pytest.raises(SettingsError, match=r"the condition .* is not a plain function\. .* lambda df: df"):
            await live.wait_for(condition, timeout=5)


async def test_a_condition_that_answers_nan_is_not_met(rig: Rig) -> None:
    m = (await rig.session.ready(5)).metrics("production")
    with pytest.raises(NotReadyError, match="not true within"):
        await m.wait_for(lambda df: math.nan, timeout=0.01)


def test_what_lives_here_is_not_pickled_and_its_table_is(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    metrics = rt.metrics("production")
    handles = [rt, metrics, rt.logs("production"), rt.platform("production"), rt.platforms, rt.alerts]
    for handle in [*handles, rt.operations, rt.events, rt.notes, rt.timeline, rt.range]:
        for copier in (pickle.dumps, copy.deepcopy):
            with pytest.raises(SettingsError, match=r"lives in this kernel.*\.df"):
                copier(handle)
    assert pickle.loads(pickle.dumps(metrics.df)).equals(metrics.df)  # noqa: S301  our own
