"""What ComponentHealth says of a platform's components."""

from __future__ import annotations

from gunj_widgets.events.records import ComponentHealth as Record
from gunj_widgets.events.records import Health, Platform
from gunj_widgets.widgets.health import ComponentHealth
from tests.widgets.stub import StubSession


def shown(*chosen: str) -> ComponentHealth:
    session = StubSession()
    session.store.platforms.put(Platform(id="p1", name="production"))
    for name, health in (("tempo", Health.HEALTHY), ("loki", Health.UNHEALTHY), ("grafana", Health.UNKNOWN)):
        session.store.platforms.put_component("p1", Record(name=name, health=health, message=f"{name} says"))
    widget = ComponentHealth.__new__(ComponentHealth)
    widget.platform, widget.chosen = session.handle("p1"), chosen
    return widget


def test_what_ails_a_component_comes_first() -> None:
    assert [c.name for c in shown().components] == ["loki", "grafana", "tempo"]
    assert shown().summary() == "production: 1 unhealthy, 1 unknown, 1 healthy"
    assert [row[:2] for row in shown().still().rows] == [
        ("loki", "unhealthy"),
        ("grafana", "unknown"),
        ("tempo", "healthy"),
    ]


def test_only_those_that_were_asked_for() -> None:
    assert [c.name for c in shown("tempo").components] == ["tempo"]
    assert shown("nobody").summary() == "production: no component known yet"
