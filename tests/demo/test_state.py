"""State: health, phase, message and conditions follow from the components."""

from __future__ import annotations

from gunj_widgets.demo.catalogue import PLATFORMS
from gunj_widgets.demo.state import PlatformState
from gunj_widgets.events import normalise


def state() -> PlatformState:
    return PlatformState.fresh(PLATFORMS[0], 100.0)


def ill(made: PlatformState, health: str, *names: str) -> PlatformState:
    for name in names:
        made.components[name].health = health
    made.settle(200.0)
    return made


def condition(made: PlatformState, kind: str) -> tuple[str, str, float]:
    found = made.conditions[kind]
    return found["status"], found["reason"], found["lastTransitionTime"]


def test_all_well() -> None:
    made = state()
    assert (made.health, made.phase) == ("healthy", "Ready")
    assert condition(made, "Ready") == ("True", "Ready", 100.0)
    assert condition(made, "Degraded") == ("False", "Ready", 100.0)


def test_one_ill_degrades_all_ill_fail() -> None:
    made = ill(state(), "unhealthy", "loki")
    assert (made.health, made.phase) == ("degraded", "Degraded")
    assert made.message == "loki: unhealthy"
    assert condition(made, "LokiReady") == ("False", "ComponentFailed", 200.0)
    assert condition(made, "GrafanaReady") == ("True", "ComponentReady", 100.0)
    made = ill(state(), "unhealthy", *state().components)
    assert (made.health, made.phase) == ("unhealthy", "Failed")
    assert condition(made, "Available")[0] == "False"


def test_the_worst_is_told_first() -> None:
    made = ill(ill(state(), "degraded", "grafana"), "unhealthy", "tempo")
    assert made.message.startswith("tempo")


def test_an_operation_shows_in_phase_and_conditions() -> None:
    made = state()
    made.busy = "upgrade"
    made.settle(300.0)
    assert made.phase == "Upgrading"
    assert condition(made, "Progressing") == ("True", "ComponentUpgrading", 300.0)
    made.busy = ""
    made.settle(301.0)
    assert made.phase == "Ready"
    assert condition(made, "Progressing")[0] == "False"


def test_a_condition_keeps_its_time_while_its_status_stays() -> None:
    made = ill(state(), "degraded", "loki")
    made.settle(900.0)
    assert condition(made, "Degraded")[2] == 200.0


def test_storage_has_a_condition_of_its_own() -> None:
    made = state()
    made.storage = "no space left"
    made.settle(1.0)
    assert condition(made, "StorageReady")[:2] == ("False", "StorageUnavailable")


def test_the_client_understands_the_payload() -> None:
    platform = normalise.platform(ill(state(), "unhealthy", "loki").payload())
    assert (platform.id, platform.namespace, platform.phase, platform.health) == (
        "production",
        "observability",
        "Degraded",
        "degraded",
    )
    assert platform.uid == PLATFORMS[0].uid
    assert platform.components["loki"].health == "unhealthy"
    assert (platform.components["loki"].replicas, platform.components["loki"].ready) == (3, 3)
    assert platform.updated == 200.0
