"""What clients ask for, checked against what there is."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.demo.facts import Filter
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.subscriptions import asked_filter, filter_of
from gunj_widgets.demo.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return World(Random(1), 1_750_000_000.0)


@pytest.mark.parametrize(
    ("interest", "expected"),
    [
        (Interest("platforms"), Filter.of("platforms")),
        (Interest("alerts"), Filter.of("alerts")),
        (Interest("platform", "staging"), Filter.of("platform", "staging")),
        (Interest("platform", "staging", events=("health",)), Filter.of("platform", "staging", ["health"])),
        (Interest("metrics", "staging", metrics=("b", "a")), Filter.of("metrics", "staging", ["a", "b"])),
        (Interest("logs", "staging"), Filter.of("logs", "staging")),
        (Interest("logs", "staging", component="loki"), Filter.of("logs", "staging", ["loki"])),
    ],
)
def test_what_our_client_asks_for(world: World, interest: Interest, expected: Filter) -> None:
    assert asked_filter(world, interest.subscribe_message()) == expected


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({}, "platforms, platform"),
        ({"target": ["logs"]}, "target"),
        ({"target": "events"}, "target"),
        ({"target": "logs"}, "needs a platform"),
        ({"target": "logs", "platform": "nope"}, "production, staging"),
        ({"target": "logs", "platform": 7}, "not text"),
        ({"target": "logs", "platform": "staging", "component": "redis"}, "prometheus"),
        ({"target": "metrics", "platform": "staging", "metrics": "cpu"}, "list"),
        ({"target": "metrics", "platform": "staging", "metrics": [1]}, "list"),
        ({"target": "metrics", "platform": "staging", "metrics": ["x"] * 101}, "at most"),
        ({"target": "metrics", "platform": "staging", "metrics": ["x" * 129]}, "at most"),
        ({"target": "platform", "platform": "staging", "events": ["weather"]}, "status, health"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, message: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        asked_filter(world, message)


def test_one_operation_must_exist(world: World) -> None:
    with pytest.raises(RefusedError, match="no operation"):
        filter_of(world, "operation", None, ["nope"])
    operation = world.start_operation("production", "restart", {"component": "loki"})
    assert filter_of(world, "operation", None, [operation.id]) == Filter.of("operation", None, [operation.id])
