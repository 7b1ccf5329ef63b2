"""One platform: what it tells, when, and that nothing of an incident stays behind."""

from __future__ import annotations

from collections import Counter

import pytest

from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.scenarios import SCENARIOS
from tests.demo.bench import START, Bench


def test_a_quiet_minute() -> None:
    bench = Bench()
    facts = bench.live(60.0)
    kinds = Counter(fact.kind for fact in facts)
    assert kinds["metrics"] == 60 * 8, "eight metrics, once a second"
    assert kinds["logs"] > 300
    assert kinds["status"] == 4
    assert kinds["health"] == 4 * 5, "a health check every 15 s"
    assert "alert" not in kinds
    assert "events" not in kinds
    samples = [fact for fact in facts if fact.name == "cpu_usage"]
    assert [fact.time for fact in samples] == [START + n for n in range(1, 61)]
    assert {s["time"] for s in samples[0].payload["samples"]} == {START + 1}


def test_lines_carry_their_time_and_pod() -> None:
    bench = Bench()
    lines = [fact for fact in bench.live(10.0) if fact.kind == "logs"]
    assert [fact.time for fact in lines] != sorted({round(fact.time) for fact in lines}), "spread over each tick"
    assert all(START - 90 <= fact.time <= START + 10 for fact in lines)
    first = lines[0]
    assert first.payload["metadata"]["pod"] == f"production-{first.name}-0"
    assert first.topic == f"platform.production.logs.{first.name}"


def test_the_same_incident_again_goes_on_and_a_recovering_one_begins_anew() -> None:
    bench = Bench()
    first = bench.cluster.begin(SCENARIOS["loki-volume-full"], 1.0)
    bench.live(20.0)
    assert bench.cluster.begin(SCENARIOS["loki-volume-full"], 1.0) is first
    bench.cluster.recover()
    bench.live(4.0)
    again = bench.cluster.begin(SCENARIOS["loki-volume-full"], 1.0)
    assert again is not first
    assert again.phase == "cascade"
    bench.live(3.0)
    assert bench.cluster.state.components["loki"].health == "degraded"


@pytest.mark.parametrize("name", list(SCENARIOS))
@pytest.mark.parametrize("after", [0.25, 4.0, 22.0, 56.0])
def test_another_incident_ends_the_first_without_a_trace(name: str, after: float) -> None:
    bench, calm = Bench(), Bench()
    bench.cluster.begin(SCENARIOS[name], 1.0)
    bench.live(after)
    bench.cluster._clear()  # what begin() of another one does first
    bench.live(10.0)
    calm.live(after + 10.0)
    for part, same in zip(bench.cluster.state.components.values(), calm.cluster.state.components.values(), strict=True):
        assert (part.health, part.phase, part.message, part.ready, part.version) == (
            same.health,
            same.phase,
            same.message,
            same.ready,
            same.version,
        )
    assert bench.cluster.alerts.active == []
    assert not any(operation.running for operation in bench.cluster.operations.all)
    assert bench.cluster.state.busy == bench.cluster.state.storage == ""
    bench.live(1.0)
    calm.live(1.0)
    assert [f.payload for f in bench.of("metrics")[-8:]] == [f.payload for f in calm.of("metrics")[-8:]]


def test_an_upgrade_rolls_a_component() -> None:
    bench = Bench()
    bench.cluster.start_operation("upgrade", {"tempo": "2.5.0"})
    bench.live(5.0)
    tempo = bench.cluster.state.components["tempo"]
    assert (tempo.phase, tempo.ready, tempo.version) == ("Upgrading", 1, "2.3.0")
    assert bench.cluster.state.phase == "Upgrading"
    bench.live(15.0)
    assert (tempo.phase, tempo.ready, tempo.version, tempo.message) == ("Ready", 2, "2.5.0", "")
    assert bench.cluster.state.phase == "Ready"
    assert [f.payload["reason"] for f in bench.of("events")] == [
        "ComponentUpgrading",
        "ComponentUpgrading",
        "ComponentReady",
        "PlatformUpdated",
    ]


def test_scaling_changes_the_replicas() -> None:
    bench = Bench()
    bench.cluster.start_operation("scale", {"loki": 5})
    bench.live(3.0)
    loki = bench.cluster.state.components["loki"]
    assert (loki.replicas, loki.ready) == (5, 3)
    bench.live(10.0)
    assert (loki.replicas, loki.ready) == (5, 5)


def test_a_cancelled_restart_leaves_the_component_ready() -> None:
    bench = Bench()
    operation = bench.cluster.start_operation("restart", {"loki": True})
    bench.live(3.0)
    assert bench.cluster.state.components["loki"].ready == 2
    bench.cluster.operations.cancel(operation, bench.cluster.time)
    assert bench.cluster.state.components["loki"].ready == 3
    assert bench.cluster.state.busy == ""


def test_what_is_ill_cannot_be_backed_up() -> None:
    bench = Bench()
    bench.cluster.set_component("loki", health="unhealthy", message="no space left")
    operation = bench.cluster.start_operation("backup", {"loki": True})
    bench.live(1.0)
    assert operation.status == "failed"
    assert "no space left" in operation.error
    assert bench.of("events")[-1].payload["reason"] == "BackupFailed"


def test_a_silence_ends_by_itself() -> None:
    bench = Bench()
    bench.cluster.raise_alert("A", "loki", status="firing", severity="info", summary="", description="")
    (alert,) = bench.cluster.alerts.active
    bench.cluster.alerts.silence(alert.fingerprint, START + 5.0, "bo", "")
    bench.cluster.tell_alert(alert.fingerprint)
    assert bench.of("alert")[-1].payload["silencedUntil"] == START + 5.0
    bench.live(6.0)
    assert bench.of("alert")[-1].payload["silencedUntil"] is None


def test_two_upgrades_at_once_are_refused() -> None:
    bench = Bench()
    bench.cluster.start_operation("upgrade", {"tempo": "2.5.0"})
    with pytest.raises(RefusedError):
        bench.cluster.start_operation("upgrade", {"loki": "3"})
    bench.cluster.begin(SCENARIOS["grafana-bad-rollout"], 1.0)
    bench.live(5.0)
    assert sum(o.running for o in bench.cluster.operations.all) == 1, "the incident does without its own"
