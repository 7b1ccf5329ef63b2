"""Operations: backup, restore, upgrade, scale and restart, in named stages with progress; cancellable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gunj_widgets.demo.refused import RefusedError

__all__ = ["PLANS", "OperationState", "Operations", "Stage"]

PLANS: dict[str, tuple[tuple[str, float], ...]] = {
    "backup": (("snapshot", 3.0), ("upload", 6.0), ("verification", 2.0), ("catalogUpdate", 1.0)),
    "restore": (("download", 4.0), ("validation", 2.0), ("restoration", 6.0), ("verification", 2.0)),
    "upgrade": (("validation", 1.5), ("planning", 1.5), ("rollout", 8.0), ("verification", 2.0), ("cleanup", 1.0)),
    "scale": (("validation", 1.0), ("rollout", 4.0), ("verification", 1.0)),
    "restart": (("validation", 0.5), ("rollout", 5.0), ("verification", 1.0)),
}
"""Kind → stages and the seconds each takes."""

REPORT_EVERY = 0.5
"""Seconds between two reports of progress within a stage."""
KEPT = 100
"""Finished operations remembered for each platform."""


@dataclass(slots=True)
class Stage:
    """One stage; `progress` from 0 to 1."""

    name: str
    seconds: float
    status: str = "pending"
    progress: float = 0.0
    message: str = ""

    def payload(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "progress": round(self.progress, 4),
            "message": self.message,
        }


@dataclass(slots=True)
class OperationState:
    """One operation. `scripted`: an incident moves it, time does not. Times are epoch seconds."""

    id: str
    kind: str
    platform: str
    targets: dict[str, Any]
    """Component → what it shall become (a version, a number of replicas) or True."""
    stages: list[Stage]
    started: float
    scripted: bool = False
    status: str = "running"
    message: str = ""
    error: str = ""
    completed: float | None = None
    reported: float = field(default=0.0)

    @property
    def running(self) -> bool:
        return self.status == "running"

    @property
    def stage(self) -> Stage | None:
        """The stage under way, or the next one."""
        return next((stage for stage in self.stages if stage.status in ("running", "pending")), None)

    @property
    def progress(self) -> float:
        total = sum(stage.seconds for stage in self.stages)
        return sum(stage.seconds * stage.progress for stage in self.stages) / total

    def payload(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.kind,
            "platform": self.platform,
            "status": self.status,
            "progress": round(self.progress, 4),
            "stages": [stage.payload() for stage in self.stages],
            "message": self.message,
            "error": self.error or None,
            "startedAt": self.started,
            "completedAt": self.completed,
        }


Entered = Callable[[OperationState, Stage], str]
"""Called as a stage begins; returns why it fails, or nothing."""
Done = Callable[[OperationState], None]
"""Called when an operation ended, whichever way."""


class Operations:
    """The operations of one platform. `report` is called at every change worth telling."""

    def __init__(
        self, platform: str, *, entered: Entered, done: Done, report: Callable[[OperationState], None]
    ) -> None:
        self._platform = platform
        self._entered, self._done, self._report = entered, done, report
        self._all: dict[str, OperationState] = {}

    @property
    def all(self) -> list[OperationState]:
        return list(self._all.values())

    def find(self, id: str) -> OperationState | None:
        return self._all.get(id)

    def start(
        self, id: str, kind: str, targets: dict[str, Any], *, time: float, scripted: bool = False
    ) -> OperationState:
        """Begin an operation; RefusedError while one of the same kind is under way."""
        other = next((o for o in self._all.values() if o.running and o.kind == kind), None)
        if other is not None:
            raise RefusedError(
                f"a {kind} of {self._platform} is already under way ({other.id})",
                "Wait for it, or cancel it.",
                code="conflict",
                status=409,
            )
        stages = [Stage(name, seconds) for name, seconds in PLANS[kind]]
        operation = OperationState(id, kind, self._platform, targets, stages, time, scripted)
        self._all[id] = operation
        self._forget()
        self._report(operation)
        return operation

    def step(self, time: float, seconds: float) -> None:
        """Move everything that time moves on by `seconds`."""
        for operation in [o for o in self._all.values() if o.running and not o.scripted]:
            left = seconds
            while left > 0.0 and operation.running:
                left = self._advance(operation, time, left)

    def cancel(self, operation: OperationState, time: float) -> None:
        """Stop it; RefusedError where it has ended already."""
        if not operation.running:
            raise RefusedError(f"the {operation.kind} has already {operation.status}", code="conflict", status=409)
        self.finish(operation, time, "cancelled", "cancelled on request")

    def enter(self, operation: OperationState, time: float, name: str = "") -> None:
        """Complete the stage under way and begin the next one, or the one called `name`."""
        for stage in operation.stages:
            if stage.status == "running":
                stage.status, stage.progress = "succeeded", 1.0
            elif stage.status == "pending" and (not name or stage.name == name):
                self._begin(operation, stage, time)
                return
            elif stage.status == "pending":
                stage.status, stage.progress = "succeeded", 1.0

    def finish(self, operation: OperationState, time: float, status: str, message: str = "") -> None:
        """End it as succeeded, failed or cancelled."""
        ended = {"succeeded": "succeeded", "failed": "failed"}.get(status, "cancelled")
        for stage in operation.stages:
            if status == "succeeded":
                stage.status, stage.progress = "succeeded", 1.0
            elif stage.status in ("running", "pending"):
                stage.status = ended if stage.status == "running" else "cancelled"
        operation.status, operation.completed = status, time
        operation.message = message
        operation.error = message if status == "failed" else ""
        self._done(operation)
        self._report(operation)

    def _advance(self, operation: OperationState, time: float, seconds: float) -> float:
        """Move the stage under way on; return the seconds left over for the next."""
        stage = operation.stage
        if stage is None:
            self.finish(operation, time, "succeeded", f"{operation.kind} completed")
            return 0.0
        if stage.status == "pending":
            self._begin(operation, stage, time)
            return seconds
        missing = (1.0 - stage.progress) * stage.seconds
        if seconds >= missing - 1e-9:
            stage.status, stage.progress = "succeeded", 1.0
            self._tell(operation, time)
            return seconds - missing
        stage.progress += seconds / stage.seconds
        if time - operation.reported >= REPORT_EVERY or time < operation.reported:
            self._tell(operation, time)
        return 0.0

    def _begin(self, operation: OperationState, stage: Stage, time: float) -> None:
        stage.status = "running"
        operation.message = stage.name
        problem = self._entered(operation, stage)
        if problem:
            stage.message = problem
            self.finish(operation, time, "failed", problem)
        else:
            self._tell(operation, time)

    def _tell(self, operation: OperationState, time: float) -> None:
        operation.reported = time
        self._report(operation)

    def _forget(self) -> None:
        ended = [o.id for o in self._all.values() if not o.running]
        for id in ended[: max(0, len(ended) - KEPT)]:
            del self._all[id]
