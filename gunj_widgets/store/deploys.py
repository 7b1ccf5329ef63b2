"""Deploys: which operations and Kubernetes events tell that another version runs from then on. Pure."""

from __future__ import annotations

import re

from gunj_widgets.events.records import KubeEvent, Operation

__all__ = ["deployed_by", "is_deploy"]

OPERATIONS = frozenset({"deploy", "install", "rollback", "rollout", "update", "upgrade"})
REASONS = frozenset(
    {
        "DeploymentRollback",  # Kubernetes
        "PlatformRolledBack",  # the operator
        "RolloutUpdated",  # Argo Rollouts
        "InstallSucceeded",  # Flux
        "UpgradeSucceeded",
        "RollbackSucceeded",
    }
)
# A replica set that had none yet. Kubernetes before 1.25 does not say how many there were.
_ROLLOUT = re.compile(r"Scaled up replica set (\S{1,253}) (?:from 0 to \d+|to \d+(?: from 0)?)")


def is_deploy(operation: Operation) -> bool:
    """Say whether an operation changes what runs, not only how much of it or where."""
    return operation.kind in OPERATIONS


def deployed_by(event: KubeEvent) -> str | None:
    """Return what an event tells of to have been deployed: the new replica set, else the reason; None where it does not."""
    if event.reason == "ScalingReplicaSet":
        found = _ROLLOUT.fullmatch(event.message)
        return found[1] if found else None
    return event.reason if event.reason in REASONS else None
