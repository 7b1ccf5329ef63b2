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


def test_the_facts_do_not_depend_on_how_often_one_looks() -> None:
    often, seldom = world(), world()
    facts = [fact for n in range(1, 301) for fact in often.step(START + n * 0.1)]
    assert facts == [fact for n in range(1, 4) for fact in seldom.step(START + n * 10)]


def test_ids_are_unique_and_differ_after_a_restart() -> None:
    first = [fact.id for fact in World(Random(7), START, prefix="a").step(START + 20)]
    second = [fact.id for fact in World(Random(7), START, prefix="b").step(START + 20)]
    assert len(set(first + second)) == len(first) + len(second)


def test_a_machine_that_slept_skips_the_time_and_one_whose_clock_is_set_back_goes_on() -> None:
    simulated = world()
    simulated.step(START + 5)
    late = simulated.step(START + 8 * 3600)
    assert len(late) < 100, "eight hours are not lived through"
    assert simulated.now == START + 8 * 3600
    back = simulated.step(START + 100)
    assert abs(simulated.now - START - 100) <= 1
    back += simulated.step(START + 102)
    times = [fact.time for fact in back if fact.kind == "metrics"]
    assert times == sorted(times)
    assert max(times) <= START + 102
    for payload in simulated.cluster("production").metrics.columns():
        column = payload["series"][0]["times"]
        assert column == sorted(column)


def test_a_clock_that_trembles_loses_nothing() -> None:
    steady, trembling = world(), world()
    wanted = steady.step(START + 10)
    got = [fact for now in (3, 2.5, 1, 6, 5.9, 10) for fact in trembling.step(START + now)]
    assert got == wanted


@pytest.mark.parametrize("speed", [0.0, -1.0, 1000.0, float("nan"), float("inf")])
def test_a_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(RefusedError, match="speed"):
        world().start_scenario("loki-volume-full", speed=speed)


def test_incidents_on_both_platforms_and_their_end() -> None:
    simulated = world()
    simulated.start_scenario("loki-volume-full", "production")
    info = simulated.start_scenario("loki-volume-full", "staging")
    assert info.running == {"production": "cascade", "staging": "cascade"}
    assert simulated.stop_scenario("grafana-bad-rollout") == []
    assert simulated.stop_scenario() == ["production", "staging"]
    assert simulated.scenario("loki-volume-full").running == {"production": "recovery", "staging": "recovery"}
    simulated.step(START + 20)
    assert simulated.scenario("loki-volume-full").running == {}


def test_an_alert_is_acknowledged_and_silenced_where_it_is() -> None:
    simulated = world()
    (standing,) = simulated.cluster("staging").alerts.active
    simulated.acknowledge(standing.fingerprint, "bo")
    simulated.silence(standing.fingerprint, 60.0, "bo", "known")
    told = [fact.payload for fact in simulated.drain() if fact.kind == "alert"]
    assert [t["acknowledgedBy"] for t in told] == ["bo", "bo"]
    assert told[1]["silencedUntil"] == simulated.now + 60
    for wrong in (0.0, -1.0, 1e9, float("nan")):
        with pytest.raises(RefusedError, match="duration"):
            simulated.silence(standing.fingerprint, wrong, "bo")
    with pytest.raises(RefusedError, match="no active alert"):
        simulated.acknowledge("nope", "bo")


def test_a_key_stands_for_one_operation_only() -> None:
    simulated = world()
    simulated.start_operation("production", "backup", {}, key="k")
    with pytest.raises(RefusedError, match="idempotency") as caught:
        simulated.start_operation("staging", "backup", {}, key="k")
    assert caught.value.status == 409


def test_an_operation_is_found_and_cancelled_by_its_id() -> None:
    simulated = world()
    operation = simulated.start_operation("staging", "backup", {})
    assert simulated.operation(operation.id) is operation
    assert simulated.cancel_operation(operation.id).status == "cancelled"
    with pytest.raises(RefusedError, match="no operation"):
        simulated.operation("nope")
