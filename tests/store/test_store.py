"""Store: each event into its holder, and every fate of an event counted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gunj_widgets.errors import LimitError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import AlertState, Health, OperationStatus, Query
from gunj_widgets.events.topics import RESET_TOPIC, topic
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store import store as module
from gunj_widgets.store.facts import query_fact
from gunj_widgets.store.gaps import Gap
from gunj_widgets.store.store import Store

T0 = 1_700_000_000.0


@pytest.fixture
def store() -> Store:
    return Store(RetentionSettings())


def apply(store: Store, name: str, data: Any, now: float = T0) -> bool:
    return store.apply(Event(topic=name, data=data, arrived=now), now)


STATUS = {"id": "p1", "name": "production", "namespace": "observability", "phase": "Ready", "updated": T0}


def test_status_component_and_deletion(store: Store) -> None:
    assert apply(store, "platform.p1.status", STATUS)
    assert apply(store, "platform.p1.component.loki.health", {"component": "loki", "status": "unhealthy"})
    platform = store.platforms.get("production", "observability")
    assert platform.health is Health.UNHEALTHY
    assert list(platform.components) == ["loki"]
    assert apply(store, "platform.p1.deleted", {})
    assert len(store.platforms) == 0


def test_metrics_rows_and_columns(store: Store) -> None:
    rows = {"metric": "cpu_usage", "unit": "percent", "samples": [
        {"labels": {"component": "loki"}, "time": T0, "value": 1.0},
        {"labels": {"component": "tempo"}, "time": T0, "value": "NaN"},
    ]}  # fmt: skip
    columns = {"metric": "mem", "series": [{"labels": {}, "times": [T0 - 1, T0], "values": [1, 2]}]}
    heard: list[object] = []
    store.frame("p1").listen(heard.append)
    assert apply(store, "platform.p1.metrics.cpu_usage", rows)
    assert apply(store, "platform.p1.metrics.mem", columns)
    frame = store.frame("p1")
    assert [(s.name, s.unit, s.count) for s in frame.series] == [
        ('cpu_usage{component="loki"}', "percent", 1),
        ('cpu_usage{component="tempo"}', "percent", 1),
        ("mem", "", 2),
    ]
    assert len(heard) == 2, "an event is one change"


HOURS_AHEAD = {"metric": "cpu", "samples": [{"labels": {}, "time": T0 + 7200, "value": 1.0}]}


def test_a_sample_ahead_of_its_arrival_is_refused_and_told() -> None:
    told: list[str] = []
    store = Store(RetentionSettings(), told.append)
    apply(store, "platform.p1.metrics.cpu", HOURS_AHEAD)
    assert store.frame("p1").df.empty
    assert store.stats().counts["samples_bad_time"] == 1
    assert "7,200 s ahead of our clock: cpu" in told[0]


def test_what_was_fetched_goes_by_the_clock_of_the_server_that_was_asked(store: Store) -> None:
    query = Query(id="promql:1", language="promql", expression="cpu", window=600.0)
    assert store.apply(query_fact(query, T0), T0)
    apply(store, "platform.promql:1.metrics.cpu", HOURS_AHEAD)
    store.prune(T0)
    apply(store, "platform.promql:1.metrics.cpu", HOURS_AHEAD)
    assert store.stats().counts["samples_bad_time"] == 0
    assert len(store.frame("promql:1").df) == 1


def told(time: float, clock: float) -> Event:
    """An event with one sample, as somebody's clock has it, which comes now."""
    data = {"metric": "cpu", "samples": [{"time": time, "value": 1.0}]}
    return Event(topic="platform.p.metrics.cpu", data=data, time=clock, arrived=T0)


def test_a_kernel_whose_clock_is_slow_has_the_samples_and_one_wrong_host_still_expires_none(store: Store) -> None:
    store.apply_many([told(T0 + 600 + n, T0 + 600 + n) for n in range(9)], T0)
    store.apply_many([told(T0 + 610, T0 + 610), told(T0 + 7800, T0 + 7800), told(T0 + 611, T0 + 611)], T0)
    assert store.frame("p").value("count") == 11
    assert store.frame("p").stats().bad_time == 1


def test_logs_take_platform_and_component_from_the_topic(store: Store) -> None:
    apply(store, "platform.p1.logs.loki", {"timestamp": T0, "level": "ERROR", "message": "x"})
    apply(store, "platform.p1.logs", [{"message": "no time"}])
    first, second = store.logs("p1").entries
    assert (first.platform, first.component, first.level) == ("p1", "loki", "error")
    assert second.time == T0


def test_alerts_operations_and_events(store: Store) -> None:
    assert apply(store, "alert.f1.firing", {"name": "Down", "severity": "critical", "status": "firing"})
    assert apply(store, "platform.p1.operation.o1.progress", {"type": "backup", "status": "running", "progress": 0.5})
    assert apply(store, "platform.p1.events", {"type": "Warning", "reason": "BackOff", "message": "x"})
    assert store.alerts.has_critical
    operation = store.operations.get("o1")
    assert operation is not None
    assert (operation.platform, operation.status) == ("p1", OperationStatus.RUNNING)
    (event,) = store.events
    assert (event.platform, event.type, event.last) == ("p1", "Warning", T0)
    assert apply(store, "alert.f1.resolved", {"name": "Down", "status": "resolved"}, T0 + 5)
    assert [(a.state, a.ends) for a in store.alerts.resolved] == [(AlertState.RESOLVED, T0 + 5)]


def test_names_with_dots_and_stars_are_restored(store: Store) -> None:
    apply(store, topic("platform", "prod.eu", "logs", "loki*"), {"message": "x"})
    assert store.logs("prod.eu").entries[0].component == "loki*"


@pytest.mark.parametrize(
    "name", ["heartbeat", "platform", "platform.p1", "platform.p1.weather", "a.b.status", "alerts.x"]
)
def test_a_topic_nobody_stores_is_unknown(store: Store, name: str) -> None:
    assert not apply(store, name, {})
    assert store.stats().counts["unknown"] == 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("platform.p1.status", 7),
        ("platform.p1.metrics.cpu", {"samples": "many"}),
        ("platform.p1.component.loki.health", []),
        ("platform.p1.events", {}),
        ("alert.f1.firing", None),
    ],
)
def test_a_payload_without_sense_is_malformed_and_raises_nothing(store: Store, name: str, data: object) -> None:
    assert not apply(store, name, data)
    stats = store.stats()
    assert (stats.counts["malformed"], stats.counts["stored"]) == (1, 0)
    assert stats.last_malformed.startswith(name)


def test_each_platform_has_one_frame_and_one_log(store: Store) -> None:
    assert store.frame("a") is store.frame("a") is not store.frame("b")
    assert store.logs("a") is store.logs("a") is not store.logs("b")
    assert store.frame("a").max_age == 600
    assert store.logs("a").max_rows == 1000


def test_the_number_of_platforms_with_streams_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STREAMS", 2)
    for i in range(4):
        apply(store, f"platform.{i}.logs.loki", {"message": "x"})
    assert store.stats().counts["refused"] == 2
    with pytest.raises(LimitError, match="2 platforms"):
        store.logs("new")
    assert store.logs("0").total == 1
    store.frame("new")


def sample(platform: str, time: float, value: object = 1.0) -> Event:
    data = {"metric": "cpu", "samples": [{"time": time, "value": value}]}
    return Event(topic=f"platform.{platform}.metrics.cpu", data=data, arrived=T0)


def test_of_many_events_with_samples_the_good_ones_are_one_change_and_each_bad_one_is_told(store: Store) -> None:
    heard: list[object] = []
    store.frame("a").listen(heard.append)
    run = [sample("a", T0), sample("a", T0 + 1, []), sample("a", T0 + 2), sample("b", T0), sample("b", T0 + 1, "5")]
    malformed = store.apply_many(run, T0)
    assert [event for event, _ in malformed] == [run[1]]
    assert store.frame("a").value("count") == 2
    assert store.frame("b").value("sum") == 6
    assert len(heard) == 1
    assert (store.stats().counts["stored"], store.stats().counts["malformed"]) == (4, 1)
    assert store.apply_many([sample("a", T0 + 3)], T0) == []
    assert store.stats().counts["stored"] == 5


def test_what_came_before_a_reset_is_not_mixed_with_what_came_after(store: Store) -> None:
    gap = {"interest": "metrics/a", "platform": "a", "from": "e:1", "to": None, "gap": [T0 + 1, T0 + 9]}
    reset = Event(topic=RESET_TOPIC, data=gap, arrived=T0)
    malformed = store.apply_many([sample("a", T0, []), sample("a", T0), reset, sample("a", T0 + 10)], T0)
    assert len(malformed) == 1
    assert store.frame("a").df["cpu"].isna().tolist() == [False, True, False]
    assert store.frame("a").gaps


def test_samples_of_one_platform_too_many_are_refused_and_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_STREAMS", 1)
    store.apply_many([sample("a", T0), sample("b", T0), sample("b", T0 + 1), sample("a", T0 + 1)], T0)
    assert (store.stats().counts["stored"], store.stats().counts["refused"]) == (2, 2)
    assert not store.apply(sample("b", T0 + 2), T0)
    assert store.frame("a").value("count") == 2


def test_samples_are_kept_however_many_topics_come_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOPICS", 2)
    run = [sample("a", T0)]
    for n in range(1, 9):
        run += [sample("b" if n % 2 else "c", T0 + n), Event(topic=f"x.{n}", arrived=T0), sample("a", T0 + n)]
    store.apply_many(run, T0)
    assert store.stats().counts["stored"] == 17
    assert [store.frame(name).value("count") for name in "abc"] == [9, 4, 4]


def test_a_fault_while_one_platform_is_written_costs_no_other_its_samples_ever_after(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.apply_many([sample("a", T0), sample("b", T0)], T0)
    with monkeypatch.context() as broken:
        broken.setattr(store.frame("a"), "extend_many", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.apply_many([sample("a", T0 + 1), sample("b", T0 + 1)], T0)
    store.apply_many([sample("a", T0 + 2), sample("b", T0 + 2)], T0)
    assert [store.frame(name).value("last") for name in "ab"] == [1.0, 1.0]
    assert [store.frame(name).value("count") for name in "ab"] == [2, 2]


def test_one_event_by_itself_is_no_clock(store: Store) -> None:
    store.apply_many([told(T0 + 7200, T0 + 7200)], T0)
    assert store.frame("p").stats().bad_time == 1


def test_retention_settings_reach_the_holders() -> None:
    store = Store(
        RetentionSettings(metrics_age=5, metrics_rows=2, logs_age=None, logs_rows=3, events_rows=1, alerts_rows=1)
    )
    frame, logs = store.frame("p"), store.logs("p")
    assert (frame.max_age, frame.max_rows, logs.max_age, logs.max_rows) == (5, 2, None, 3)
    assert (store.events.max_rows, store.alerts.max_rows) == (1, 1)


def test_a_reset_leaves_a_visible_gap_where_it_belongs(store: Store) -> None:
    for platform in ("p1", "p2"):
        store.frame(platform).append("cpu", {}, T0, 1.0)
        apply(store, f"platform.{platform}.logs", {"message": "x"})
    store.reset("p1", "metrics", (T0, T0 + 10))
    store.reset(None, "logs", (T0, T0 + 10))
    store.reset("p1", "status", (T0, T0 + 10))
    store.reset("p1", "metrics", None)
    store.reset("p1", "metrics", (T0 + 5, T0 + 5))
    for platform in ("p1", "p2"):
        store.frame(platform).append("cpu", {}, T0 + 10, 2.0)
        assert len(store.logs(platform).entries) == 2
    assert np.isnan(store.frame("p1").df["cpu"].iloc[1])
    assert len(store.frame("p2").df) == 2
    assert store.gaps == [
        Gap(kind="metrics", platform="p1", from_time=T0, to_time=T0 + 10),
        Gap(kind="logs", from_time=T0, to_time=T0 + 10),
        Gap(kind="status", platform="p1", from_time=T0, to_time=T0 + 10),
    ]
    assert store.stats().counts["gaps"] == 3


def test_prune_reaches_every_holder(store: Store) -> None:
    frame = store.frame("p1")
    frame.extend("cpu", {}, T0 + np.arange(20_000) / 100, np.ones(20_000))
    frame.append("cpu", {}, T0 + 5000, 1.0)
    before = frame.stats().bytes
    apply(store, "alert.f1.resolved", {"name": "x", "status": "resolved", "endsAt": T0})
    store.prune(T0 + 90_000)
    assert frame.stats().bytes < before / 10
    assert store.alerts.resolved == []


def test_stats_sum_over_platforms(store: Store) -> None:
    for platform in ("p1", "p2"):
        store.frame(platform).listen(lambda frame: 1 / 0)
        store.frame(platform).append("cpu", {}, T0, 1.0)
        store.frame(platform).append("cpu", {}, math.nan, 1.0)
        apply(store, f"platform.{platform}.logs", {"message": "x"})
    apply(store, "platform.p1.status", STATUS)
    apply(store, "platform.p1.status", {**STATUS, "updated": T0 - 1})
    counts = store.stats().counts
    assert (counts["samples_appended"], counts["samples_bad_time"], counts["lines_total"]) == (2, 2, 2)
    assert (counts["stored"], counts["stale"], counts["listener_errors"]) == (4, 1, 2)
    assert all(isinstance(value, int) for value in counts.values())
    assert repr(store) == "<Store 1 platforms, 2 frames, 2 logs>"
