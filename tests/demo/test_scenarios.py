"""The scenarios: sound as data, and each one a story that shows."""

from __future__ import annotations

from random import Random

import pytest

from gunj_widgets.demo.effects import Alert, Ask, Health, Kube, Shape
from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.incident import Scenario
from gunj_widgets.demo.metrics import METRICS
from gunj_widgets.demo.scenarios import SCENARIOS
from gunj_widgets.demo.world import World

START = 1_750_000_000.0
NAMES = list(SCENARIOS)
COMPONENTS = {"prometheus", "grafana", "loki", "tempo", "alertmanager"}


def story(name: str, seconds: float, platform: str = "production", seed: int = 7) -> list[Fact]:
    world = World(Random(seed), START)
    world.start_scenario(name, platform)
    facts = []
    for second in range(int(seconds)):
        facts += world.step(START + second + 1)
    return [fact for fact in facts if fact.platform == platform]


def firing(facts: list[Fact]) -> list[str]:
    return [f.payload["name"] for f in facts if f.kind == "alert" and f.payload["status"] == "firing"]


def worst(facts: list[Fact], component: str) -> list[str]:
    """The component's healths, each once, in order of appearance."""
    return list(dict.fromkeys(f.payload["status"] for f in facts if f.kind == "health" and f.name == component))


@pytest.mark.parametrize("name", NAMES)
def test_the_data_is_sound(name: str) -> None:
    scenario = SCENARIOS[name]
    effects = [effect for _, effect in (*scenario.steps, *scenario.recovery)]
    assert scenario.cause.endswith(".")
    assert set(scenario.components) <= COMPONENTS
    for effect in effects:
        if isinstance(effect, Health | Shape | Alert | Kube):
            assert effect.component in COMPONENTS
        if isinstance(effect, Health):
            assert effect.component in scenario.components, "clearing up looks only at these"
        if isinstance(effect, Shape):
            assert effect.metric in METRICS
    assert max(at for at, _ in scenario.steps) < scenario.lasts
    assert resolved(scenario) >= set(scenario.alerts), "its own recovery ends all its alerts"


def resolved(scenario: Scenario) -> set[str]:
    return {e.name for _, e in scenario.recovery if isinstance(e, Alert) and e.status == "resolved"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("platform", ["production", "staging"])
def test_it_shows_within_five_seconds(name: str, platform: str) -> None:
    facts = story(name, 5, platform)
    assert firing(facts)
    assert any(f.kind == "health" and f.payload["status"] != "healthy" for f in facts)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_tells_the_same_story(name: str) -> None:
    assert story(name, 60) == story(name, 60)
    assert story(name, 20) != story(name, 20, seed=8)


def test_loki_volume_full_cascades_to_grafana() -> None:
    facts = story("loki-volume-full", 40)
    assert worst(facts, "loki")[:2] == ["degraded", "unhealthy"]
    assert "degraded" in worst(facts, "grafana")
    assert firing(facts) == ["LokiDiskAlmostFull", "LokiRequestErrors", "GrafanaDatasourceTimeouts"]
    disk = [s["value"] for f in facts if f.name == "disk_usage" for s in f.payload["samples"] if "loki" in str(s)]
    assert disk[-1] > 95
    errors = [f for f in facts if f.kind == "logs" and f.name == "loki" and f.payload["level"] == "error"]
    assert len(errors) > 50


def test_grafana_bad_rollout_is_an_upgrade_that_fails_and_is_rolled_back() -> None:
    facts = story("grafana-bad-rollout", 90)
    operations = [f.payload for f in facts if f.kind == "operation"]
    assert {o["type"] for o in operations} == {"upgrade"}
    assert operations[-1]["status"] == "failed"
    health = [f.payload["status"] for f in facts if f.kind == "health" and f.name == "grafana"]
    assert "unhealthy" in health[health.index("degraded") :]
    assert health[-1] == "healthy"
    assert [e.version for _, e in SCENARIOS["grafana-bad-rollout"].steps if isinstance(e, Ask)] == ["11.1.0"]
    reasons = [f.payload["reason"] for f in facts if f.kind == "events"]
    assert reasons.index("BackOff") < reasons.index("PlatformRolledBack") < reasons.index("ComponentReady")
    versions = {f.payload["components"]["grafana"]["version"] for f in facts if f.kind == "status"}
    assert versions == {"10.2.0"}


def test_prometheus_cardinality_leaves_gaps_for_everybody() -> None:
    facts = story("prometheus-cardinality", 60)
    sampled = {f.time - START for f in facts if f.kind == "metrics"}
    assert {20.0, 21.0, 24.0}.isdisjoint(sampled)
    assert {10.0, 30.0, 40.0} <= sampled
    assert worst(facts, "prometheus")[:2] == ["degraded", "unhealthy"]
    assert firing(facts).count("PrometheusDown") == 2
    memory = {
        f.time - START: s["value"]
        for f in facts
        if f.name == "memory_usage"
        for s in f.payload["samples"]
        if s["labels"]["component"] == "prometheus"
    }
    assert memory[17.0] > 1.7 * memory[1.0]
    assert memory[28.0] < 0.6 * memory[17.0], "after the kill it begins anew"


def test_tempo_slow_storage_slows_traces_and_grafana() -> None:
    facts = story("tempo-slow-storage", 30)
    latency = [s["value"] for f in facts if f.name == "latency_p95" for s in f.payload["samples"] if "tempo" in str(s)]
    assert latency[-1] > 1.5 > latency[0]
    assert "degraded" in worst(facts, "grafana")
