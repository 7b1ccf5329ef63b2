"""An incident's schedule: cascade, recovery, over."""

from __future__ import annotations

from gunj_widgets.demo.effects import Alert, Kube
from gunj_widgets.demo.incident import Incident, Scenario, Step


def event(name: str) -> Kube:
    return Kube(reason=name, message="")


SCENARIO = Scenario(
    name="s",
    title="t",
    cause="c",
    components=("loki",),
    lasts=20.0,
    steps=(
        Step(5.0, event("b")),
        Step(0.0, event("a")),
        Step(5.0, event("c")),
        Step(6.0, Alert(name="A", component="loki", status="pending")),
        Step(7.0, Alert(name="A", component="loki", status="firing")),
    ),
    recovery=(Step(0.0, event("r1")), Step(4.0, event("r2"))),
)


def names(incident: Incident, elapsed: float) -> list[str]:
    return [effect.reason if isinstance(effect, Kube) else "alert" for effect in incident.due(elapsed)]


def test_steps_come_when_due_in_order_and_once() -> None:
    incident = Incident(SCENARIO, elapsed=100.0, speed=1.0)
    assert names(incident, 100.0) == ["a"]
    assert names(incident, 104.9) == []
    assert names(incident, 105.0) == ["b", "c"]
    assert names(incident, 119.0) == ["alert", "alert"]
    assert incident.phase == "cascade"


def test_it_recovers_by_itself() -> None:
    incident = Incident(SCENARIO, elapsed=0.0, speed=1.0)
    names(incident, 19.9)
    assert names(incident, 20.0) == ["r1"]
    assert incident.phase == "recovery"
    assert names(incident, 24.0) == ["r2"]
    assert incident.phase == "over"


def test_it_recovers_on_request_without_what_had_not_happened_yet() -> None:
    incident = Incident(SCENARIO, elapsed=0.0, speed=1.0)
    names(incident, 1.0)
    incident.recover(2.0)
    assert names(incident, 2.0) == ["r1"]
    incident.recover(5.0)
    assert names(incident, 6.0) == ["r2"], "asking twice changes nothing"
    assert incident.phase == "over"


def test_speed_divides_every_time() -> None:
    incident = Incident(SCENARIO, elapsed=0.0, speed=10.0)
    assert names(incident, 0.5) == ["a", "b", "c"]
    names(incident, 2.0)
    assert incident.phase == "recovery"


def test_a_scenario_knows_its_alerts() -> None:
    assert SCENARIO.alerts == ("A",)
