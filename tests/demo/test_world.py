"""The simulated world: reproducible, and its incidents show where they should."""

from __future__ import annotations

from random import Random

import pytest

from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.scenarios import SCENARIOS
from gunj_widgets.demo.world import World

START = 1_750_000_000.0


def world(seed: int = 7) -> World:
    return World(Random(seed), START)


def test_the_same_seed_and_start_give_the_same_facts() -> None:
    first, second = world(), world()
    for one in (first, second):
        one.start_scenario("loki-volume-full")
    assert first.step(START + 30) == second.step(START + 30)
    assert world(8).step(START + 30) != world().step(START + 30)


def test_an_incident_shows_within_five_seconds() -> None:
    simulated = world()
    simulated.start_scenario("loki-volume-full")
    facts = simulated.step(START + 5)
    assert simulated.cluster("production").state.components["loki"].health != "healthy"
    assert any(f.kind == "alert" and f.payload["status"] == "firing" and f.platform == "production" for f in facts)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_every_incident_recovers_and_its_alerts_resolve(name: str) -> None:
    simulated = world()
    info = simulated.start_scenario(name, speed=10)
    now = START
    for _ in range(60):
        now += 10
        simulated.step(now)
    assert simulated.scenario(name).running == {}
    cluster = simulated.cluster("production")
    assert {part.health for part in cluster.state.components.values()} == {"healthy"}
    assert not {a.payload()["name"] for a in cluster.alerts.active} & set(info.alerts)


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(RefusedError, match="loki-volume-full"):
        world().start_scenario("volcano")
    with pytest.raises(RefusedError, match=r"production.*staging"):
        world().cluster("nope")


def test_an_operation_runs_through_its_stages_once_for_each_key() -> None:
    simulated = world()
    operation = simulated.start_operation("production", "backup", {"destination": "s3://x"}, key="k")
    assert simulated.start_operation("production", "backup", {"destination": "s3://x"}, key="k") is operation
    simulated.step(START + 29)
    assert (operation.status, operation.progress) == ("succeeded", 1.0)
    assert {stage.status for stage in operation.stages} == {"succeeded"}
