"""The catalogue: two platforms that the rest of the demo can rely on."""

from __future__ import annotations

from gunj_widgets.demo.catalogue import PLATFORMS
from gunj_widgets.demo.log_lines import STEADY

KINDS = ["prometheus", "grafana", "loki", "tempo", "alertmanager"]


def test_two_platforms_with_five_components_each() -> None:
    assert [(p.name, p.namespace) for p in PLATFORMS] == [
        ("production", "observability"),
        ("staging", "observability-staging"),
    ]
    for platform in PLATFORMS:
        assert [c.name for c in platform.components] == KINDS
        assert set(platform.endpoints) == set(KINDS)
        assert set(STEADY) == set(KINDS)
        assert all(c.replicas >= 1 and c.cpu_idle + c.cpu_load < 60 for c in platform.components)


def test_identities_differ_and_stay() -> None:
    first, second = (p.uid for p in PLATFORMS)
    assert first != second
    assert first == PLATFORMS[0].uid
    assert len(first) == 36


def test_logs_come_at_five_lines_a_second_or_more() -> None:
    for platform in PLATFORMS:
        assert sum(c.lines for c in platform.components) * platform.scale**0.5 >= 5
