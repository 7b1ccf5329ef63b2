"""What tells of a deploy, and what does not."""

from __future__ import annotations

import pytest

from gunj_widgets.events.records import KubeEvent, Operation
from gunj_widgets.store.deploys import deployed_by, is_deploy


@pytest.mark.parametrize(
    ("reason", "message", "deployed"),
    [
        ("ScalingReplicaSet", "Scaled up replica set loki-7d9c to 1", "loki-7d9c"),
        ("ScalingReplicaSet", "Scaled up replica set loki-7d9c to 1 from 0", "loki-7d9c"),
        ("ScalingReplicaSet", "Scaled up replica set loki-7d9c from 0 to 1", "loki-7d9c"),
        ("ScalingReplicaSet", "Scaled up replica set loki-7d9c to 5 from 3", None),
        ("ScalingReplicaSet", "Scaled up replica set loki-7d9c from 3 to 5", None),
        ("ScalingReplicaSet", "Scaled down replica set loki-5b8f to 0 from 1", None),
        ("RolloutUpdated", "Rollout updated to revision 2", "RolloutUpdated"),
        ("PlatformRolledBack", "grafana: rolling back", "PlatformRolledBack"),
        ("BackOff", "Scaled up replica set loki-7d9c to 1", None),
    ],
)
def test_an_event(reason: str, message: str, deployed: str | None) -> None:
    assert deployed_by(KubeEvent(type="Normal", reason=reason, message=message)) == deployed


@pytest.mark.parametrize(
    ("kind", "is_one"), [("upgrade", True), ("install", True), ("backup", False), ("scale", False)]
)
def test_an_operation(kind: str, is_one: bool) -> None:
    assert is_deploy(Operation(id="1", kind=kind, platform="p")) is is_one
