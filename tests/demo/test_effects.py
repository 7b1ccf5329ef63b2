"""Effects: each changes what it names, and tells it."""

from __future__ import annotations

import pytest

from gunj_widgets.demo.effects import (
    Alert,
    Ask,
    Chatter,
    Effect,
    Finish,
    Health,
    Kube,
    Move,
    Quiet,
    Say,
    Shape,
    Storage,
)
from tests.demo.bench import Bench


def apply(bench: Bench, *effects: Effect, speed: float = 1.0) -> None:
    for effect in effects:
        effect.apply(bench.cluster, speed)


def test_health_is_told_at_once_and_the_status_follows() -> None:
    bench = Bench()
    apply(bench, Health(component="loki", health="unhealthy", message="full", phase="Failed", ready=1))
    (told,) = bench.of("health")
    assert told.topic == "platform.production.component.loki.health"
    assert (told.payload["status"], told.payload["readyReplicas"], told.payload["message"]) == ("unhealthy", 1, "full")
    bench.cluster.settle()
    assert bench.of("status")[-1].payload["phase"] == "Degraded"
    apply(bench, Health(component="loki", health="healthy"))
    assert bench.of("health")[-1].payload["readyReplicas"] == 3
    apply(bench, Health(component="loki", health="healthy"))
    assert len(bench.of("health")) == 2, "no change is not told"


def test_shape_moves_a_series_faster_with_speed() -> None:
    bench = Bench()
    before = dict(bench.cluster.metrics.step(0.0, 0.0)["disk_usage"])["loki"]
    apply(bench, Shape(component="loki", metric="disk_usage", add=20.0, over=10.0), speed=10.0)
    bench.live(1.0)
    metric = next(f for f in bench.of("metrics") if f.name == "disk_usage")
    values = {s["labels"]["component"]: s["value"] for s in metric.payload["samples"]}
    assert values["loki"] > before + 15


def test_say_and_chatter_log() -> None:
    bench = Bench()
    apply(
        bench,
        Say(component="loki", level="error", text="gone {literally}"),
        Chatter(component="tempo", templates=((1.0, "warn", "slow {n}"),), rate=20.0, lasts=2.0),
    )
    assert bench.of("logs")[0].payload["message"] == "gone {literally}"
    slow = [f for f in bench.live(5.0) if f.kind == "logs" and f.payload["message"].startswith("slow ")]
    assert 15 < len(slow) < 80


def test_quiet_stops_lines_and_samples_until_it_is_over() -> None:
    bench = Bench()
    apply(bench, Quiet(logs=("loki",), scraped=("loki", "tempo")))
    facts = bench.live(5.0)
    assert "loki" not in {f.name for f in facts if f.kind == "logs"}
    scraped = {s["labels"]["component"] for f in facts if f.kind == "metrics" for s in f.payload["samples"]}
    assert scraped == {"prometheus", "grafana", "alertmanager"}
    apply(bench, Quiet(logs=("loki",), scraped=("loki", "tempo"), on=False))
    facts = bench.live(5.0)
    assert "loki" in {f.name for f in facts if f.kind == "logs"}
    assert "tempo" in {s["labels"]["component"] for f in facts if f.kind == "metrics" for s in f.payload["samples"]}


def test_kube_alert_and_storage() -> None:
    bench = Bench()
    apply(
        bench,
        Kube(reason="StorageError", message="full", component="loki", count=3),
        Alert(name="Full", component="loki", status="firing", severity="critical", summary="s"),
        Storage(problem="full"),
    )
    (event,) = bench.of("events")
    assert (event.payload["type"], event.payload["reason"], event.payload["count"]) == ("Warning", "StorageError", 3)
    (alert,) = bench.of("alert")
    assert alert.topic == f"alert.{alert.name}.firing"
    bench.cluster.settle()
    conditions = {c["type"]: c["status"] for c in bench.of("status")[-1].payload["conditions"]}
    assert conditions["StorageReady"] == "False"
    apply(bench, Alert(name="Full", component="loki", status="resolved"), Storage())
    assert bench.of("alert")[-1].topic.endswith(".resolved")


def test_an_operation_of_the_incident_moves_only_by_it() -> None:
    bench = Bench()
    apply(bench, Ask(kind="upgrade", component="grafana", version="11"), Move(stage="validation"))
    bench.live(30.0)
    apply(bench, Move(stage="rollout"), Move(progress=0.5, message="half"))
    told = bench.of("operation")[-1].payload
    assert told["stages"][2] == {"name": "rollout", "status": "running", "progress": 0.5, "message": "half"}
    assert bench.of("status")[-1].payload["phase"] == "Upgrading"
    apply(bench, Finish(status="failed", message="crash loop"))
    assert bench.of("operation")[-1].payload["error"] == "crash loop"
    apply(bench, Finish(status="failed"), Move(progress=1.0))
    assert bench.of("operation")[-1].payload["error"] == "crash loop", "there is nothing left to move"


def test_the_base_does_nothing_by_itself() -> None:
    with pytest.raises(NotImplementedError):
        Effect().apply(Bench().cluster, 1.0)
