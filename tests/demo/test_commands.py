"""What the demo's commands are described as is what they take, and a dry run says what would change without a change."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from gunj_widgets.demo.commands import changes, commands
from gunj_widgets.demo.operations import PLANS
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.targets import targets
from gunj_widgets.demo.world import World

START = 1_750_000_000.0


@pytest.fixture
def world() -> World:
    return World(Random(1), START)


def filled(argument: dict[str, Any]) -> Any:
    """Something that the description allows."""
    if argument["type"] == "choices":
        return argument["choices"][:1]
    if argument["type"] == "choice":
        return argument["choices"][0]
    return argument["maximum"] if argument["type"] == "integer" else "v1"


def test_every_command_is_described_and_takes_what_its_description_allows(world: World) -> None:
    state = world.cluster("production").state
    described = commands(state)
    assert [c["name"] for c in described] == list(PLANS)
    assert [c["name"] for c in described if c["destroys"]] == ["restore"]
    for command in described:
        args = {a["name"]: filled(a) for a in command["arguments"]}
        aims = targets(command["name"], args, list(state.components))
        assert len(changes(command["name"], aims, state)) == 1


def test_a_dry_run_changes_nothing_and_refuses_what_the_command_would(world: World) -> None:
    before = world.cluster("production").state.components["loki"].replicas
    assert world.dry_run("production", "scale", {"component": "loki", "replicas": 5}) == [
        f"loki: {before} → 5 replicas"
    ]
    assert world.cluster("production").state.components["loki"].replicas == before
    assert not any(o.running for o in world.cluster("production").operations.all)
    with pytest.raises(RefusedError, match="whole number"):
        world.dry_run("production", "scale", {"component": "loki", "replicas": -1})
