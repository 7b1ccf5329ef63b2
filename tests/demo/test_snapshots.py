"""Snapshots: complete, in parts that fit, and understood by the client."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from gunj_widgets.demo.facts import KINDS, Filter
from gunj_widgets.demo.snapshots import LINES, PART_SIZE, parts, snapshot
from gunj_widgets.demo.world import World
from gunj_widgets.events import codec, normalise
from gunj_widgets.events.codec import Control
from gunj_widgets.events.event import Event

START = 1_750_000_000.0


@pytest.fixture(scope="module")
def world() -> World:
    made = World(Random(7), START)
    made.start_scenario("loki-volume-full")
    made.start_operation("production", "backup", {})
    made.step(START + 20)
    return made


def topics(envelopes: list[dict[str, Any]]) -> list[str]:
    return [envelope["type"] for envelope in envelopes]


def test_platforms(world: World) -> None:
    assert topics(snapshot(world, Filter.of("platforms"))) == ["platform.production.status", "platform.staging.status"]


def test_a_platform(world: World) -> None:
    found = topics(snapshot(world, Filter.of("platform", "production")))
    assert found[0] == "platform.production.status"
    assert sum(name.endswith(".health") for name in found) == 5
    assert "platform.production.events" in found
    assert any(".operation." in name for name in found)
    assert not any("staging" in name for name in found)
    only = topics(snapshot(world, Filter.of("platform", "production", ["health"])))
    assert len(only) == 5


def test_metrics_hold_ten_minutes_and_more_of_every_series(world: World) -> None:
    found = snapshot(world, Filter.of("metrics", "production", ["cpu_usage", "memory_usage"]))
    assert len(found) == 10
    for envelope in found:
        ((_, _, times, _, unit),) = normalise.samples(envelope["payload"], arrived=START)
        assert times[-1] - times[0] >= 600
        assert times == sorted(set(times))
        assert unit


def test_lines_and_events_carry_ids_and_a_state_has_none(world: World) -> None:
    lines = snapshot(world, Filter.of("logs", "production"))
    assert len(lines) == LINES
    assert len({line["id"] for line in lines}) == LINES
    assert [line["timestamp"] for line in lines] == sorted(line["timestamp"] for line in lines)
    assert all("id" not in envelope for envelope in snapshot(world, Filter.of("platforms")))
    of_loki = snapshot(world, Filter.of("logs", "production", ["loki"]))
    assert {line["payload"]["component"] for line in of_loki} == {"loki"}


def test_alerts_are_the_active_ones(world: World) -> None:
    names = {envelope["payload"]["name"] for envelope in snapshot(world, Filter.of("alerts"))}
    assert names == {
        "LokiDiskAlmostFull",
        "LokiRequestErrors",
        "GrafanaDatasourceTimeouts",
        "CertificateExpiresSoon",
    }


def test_one_operation(world: World) -> None:
    (operation,) = world.cluster("production").operations.all
    (envelope,) = snapshot(world, Filter.of("operation", None, [operation.id]))
    assert envelope["payload"]["id"] == operation.id


@pytest.mark.parametrize("target", list(KINDS))
def test_the_client_reads_every_envelope(world: World, target: str) -> None:
    filter = Filter.of(target, None if target in ("platforms", "alerts", "events", "operation") else "production")
    for part in parts("e:1", snapshot(world, filter)):
        text = codec.encode({"type": "snapshot", "id": "s", **part})
        (control,) = codec.decode(text, arrived=START, source="test")
        assert isinstance(control, Control)
        events = codec.decode_snapshot(control, arrived=START, source="test")
        assert len(events) == len(part["events"])
        assert all(isinstance(event, Event) for event in events)


def test_parts_fit_and_only_the_last_says_so(world: World) -> None:
    found = parts("e:1", snapshot(world, Filter.of("metrics", "production")))
    assert len(found) > 1
    assert [part["last"] for part in found] == [False] * (len(found) - 1) + [True]
    assert {part["position"] for part in found} == {"e:1"}
    assert all(len(codec.encode({"type": "snapshot", "id": "x" * 256, **part})) <= PART_SIZE for part in found)


def test_nothing_is_one_empty_part() -> None:
    assert parts("e:0", []) == [{"position": "e:0", "events": [], "last": True}]


def test_what_is_larger_than_a_part_has_one_to_itself() -> None:
    found = parts("e:0", [{"type": "a"}, {"type": "b" * 5000}, {"type": "c"}], size=2000)
    assert [[msgspec.json.decode(event)["type"][0] for event in part["events"]] for part in found] == [
        ["a"],
        ["b"],
        ["c"],
    ]
