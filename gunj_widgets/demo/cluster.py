"""One simulated platform: its state, metrics, logs, alerts, events, operations and the incident it is in.

Everything visible leaves through `emit`. No clock: `tick` is told the time, in epoch seconds and in elapsed seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from gunj_widgets.demo.alerts import AlertBoard, AlertState
from gunj_widgets.demo.catalogue import PlatformSpec
from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.incident import Incident, Scenario
from gunj_widgets.demo.logs import Line, LogModel
from gunj_widgets.demo.metrics import METRICS, MetricModel
from gunj_widgets.demo.operations import Operations, OperationState, Stage
from gunj_widgets.demo.state import PlatformState
from gunj_widgets.events.topics import topic

__all__ = ["Cluster", "Emit"]

CHECK_EVERY = 15.0
"""Seconds between health checks: an unchanged status is told again, with a new time."""
LINES_BEFORE = 90.0
"""Seconds of log lines that exist at the start."""

Emit = Callable[..., Fact]
"""emit(kind, platform, name, topic, payload, time) -> Fact"""


class Cluster:
    """Lives with the world on one thread. `new_id(prefix)` makes ids that are unique for ever."""

    def __init__(
        self, spec: PlatformSpec, rng: Random, *, emit: Emit, new_id: Callable[[str], str], time: float
    ) -> None:
        self.spec = spec
        self.time, self.elapsed = time, 0.0
        self._emit, self._new_id = emit, new_id
        self.state = PlatformState.fresh(spec, time)
        self.metrics = MetricModel(spec, Random(rng.getrandbits(64)), start=time)
        self.logs = LogModel(spec, Random(rng.getrandbits(64)), since=-LINES_BEFORE)
        self.alerts = AlertBoard(spec.name)
        self.operations = Operations(
            spec.name, entered=self._stage_entered, done=self._operation_done, report=self._report
        )
        self.incident: Incident | None = None
        self.lines: deque[Fact] = deque(maxlen=1000)
        self.events: deque[Fact] = deque(maxlen=200)
        self._scripted: OperationState | None = None
        self._raised: dict[tuple[str, str], None] = {}
        self._changed = False
        self._checked = 0.0

    # -- time ---------------------------------------------------------------------------------------------------------

    def tick(self, time: float, elapsed: float, *, sample: bool) -> None:
        """Live until `time`; `sample` where a whole second has passed."""
        passed, self.time, self.elapsed = elapsed - self.elapsed, time, elapsed
        self._incident()
        self.operations.step(time, passed)
        for alert in self.alerts.expire(time):
            self._tell(alert)
        if sample:
            self._sample()
        self.log(self.logs.step(elapsed, time - elapsed))
        if elapsed - self._checked >= CHECK_EVERY:
            self._check()
        self.settle()

    def settle(self) -> None:
        """Tell the status if something it is made of has changed."""
        if self._changed:
            self._changed = False
            self.state.settle(self.time)
            self._emit(
                "status",
                self.spec.name,
                "",
                topic("platform", self.spec.name, "status"),
                self.state.payload(),
                self.time,
            )

    # -- what incidents and operations do to it -----------------------------------------------------------------------

    def set_component(
        self,
        name: str,
        *,
        health: str | None = None,
        message: str | None = None,
        phase: str | None = None,
        ready: int | None = None,
        version: str | None = None,
        replicas: int | None = None,
    ) -> None:
        """Change a component; None leaves things as they are. A healthy component has all its replicas ready."""
        part = self.state.components[name]
        before = (part.health, part.message, part.phase, part.ready, part.version, part.replicas)
        part.health = health or part.health
        part.message = part.message if message is None else message
        part.phase = phase or part.phase
        part.version = version or part.version
        part.replicas = part.replicas if replicas is None else replicas
        if ready is None and health == "healthy":
            ready = part.replicas
        part.ready = min(part.replicas, part.ready if ready is None else ready)
        if before != (part.health, part.message, part.phase, part.ready, part.version, part.replicas):
            part.updated = self.time
            self._tell_health(name)
            self._changed = True

    def set_storage(self, problem: str) -> None:
        self._changed = self._changed or self.state.storage != problem
        self.state.storage = problem

    def kube(self, type_: str, reason: str, message: str, component: str = "", count: int = 1) -> None:
        """Record a Kubernetes event."""
        payload = {
            "type": type_,
            "reason": reason,
            "message": message,
            "component": component,
            "count": count,
            "firstTimestamp": self.time,
            "lastTimestamp": self.time,
        }
        name = self.spec.name
        self.events.append(self._emit("events", name, component, topic("platform", name, "events"), payload, self.time))

    def say(self, component: str, level: str, text: str) -> None:
        """Log one line, now."""
        self.log([Line(self.elapsed, component, level, text)])

    def log(self, lines: Iterable[Line]) -> None:
        name, namespace = self.spec.name, self.spec.namespace
        for line in lines:
            time = round(self.time - self.elapsed + line.elapsed, 3)
            payload = {
                "timestamp": time,
                "level": line.level,
                "component": line.component,
                "message": line.message,
                "metadata": {"namespace": namespace, "pod": f"{name}-{line.component}-0", "container": line.component},
            }
            where = topic("platform", name, "logs", line.component)
            self.lines.append(self._emit("logs", name, line.component, where, payload, time))

    def raise_alert(
        self, name: str, component: str, *, status: str, severity: str, summary: str, description: str
    ) -> None:
        """Make an alert pending or firing."""
        self._raised[name, component] = None
        alert = self.alerts.raise_(
            name,
            component,
            status=status,
            severity=severity,
            summary=summary,
            description=description,
            time=self.time,
        )
        self._tell(alert)

    def resolve_alert(self, name: str, component: str) -> None:
        self._raised.pop((name, component), None)
        self._tell(self.alerts.resolve(name, component, self.time))

    def tell_alert(self, fingerprint: str) -> None:
        """Tell an alert's present state again: somebody acknowledged or silenced it."""
        self._tell(self.alerts.find(fingerprint))

    # -- incidents ----------------------------------------------------------------------------------------------------

    def begin(self, scenario: Scenario, speed: float) -> Incident:
        """Begin an incident. One that is recovering, or another one, ends at once; the same one goes on."""
        running = self.incident
        if running is not None:
            if running.scenario.name == scenario.name and running.phase == "cascade":
                return running
            self._clear()
        incident = self.incident = Incident(scenario, elapsed=self.elapsed, speed=speed)
        self._incident()
        self.settle()
        return incident

    def recover(self) -> None:
        """Let the incident recover, step by step."""
        if self.incident is not None:
            self.incident.recover(self.elapsed)
            self._incident()
            self.settle()

    def start_scripted(self, kind: str, targets: dict[str, Any]) -> None:
        """Begin an operation that the incident moves; nothing where one of its kind is under way."""
        if any(o.running and o.kind == kind for o in self.operations.all):
            return
        self._scripted = self.operations.start(self._new_id(kind), kind, targets, time=self.time, scripted=True)
        self._busy()

    def move_scripted(self, stage: str, progress: float, message: str) -> None:
        operation = self._scripted
        if operation is None or not operation.running:
            return
        if stage:
            self.operations.enter(operation, self.time, stage)
        current = operation.stage
        if current is not None:
            current.progress = max(current.progress, progress)
            current.message = message or current.message
        operation.message = message or operation.message
        self._report(operation)

    def finish_scripted(self, status: str, message: str) -> None:
        operation, self._scripted = self._scripted, None
        if operation is not None and operation.running:
            self.operations.finish(operation, self.time, status, message)

    # -- operations ---------------------------------------------------------------------------------------------------

    def start_operation(self, kind: str, targets: dict[str, Any]) -> OperationState:
        """Begin an operation; RefusedError where one of its kind is under way."""
        operation = self.operations.start(self._new_id(kind), kind, targets, time=self.time)
        self.kube("Normal", _STARTED[kind], f"{kind} of {', '.join(targets)} started")
        self._busy()
        self.settle()
        return operation

    # -- inside -------------------------------------------------------------------------------------------------------

    def _incident(self) -> None:
        incident = self.incident
        if incident is None:
            return
        for effect in incident.due(self.elapsed):
            effect.apply(self, incident.speed)
        if incident.phase == "over":
            self._clear()

    def _clear(self) -> None:
        """End the incident: nothing of it may stay behind."""
        affected = self.incident.scenario.components if self.incident is not None else ()
        self.incident = None
        self.finish_scripted("cancelled", "the incident is over")
        self.metrics.calm(self.elapsed)
        self.logs.calm()
        for name, component in list(self._raised):
            self.resolve_alert(name, component)
        self.set_storage("")
        for name in affected:
            self.set_component(name, health="healthy", message="", phase="Ready")
        self.settle()

    def _sample(self) -> None:
        name = self.spec.name
        for metric, values in self.metrics.step(self.time, self.elapsed).items():
            samples = [
                {"labels": {"component": component}, "time": self.time, "value": value} for component, value in values
            ]
            payload = {"metric": metric, "unit": METRICS[metric][0], "samples": samples}
            self._emit("metrics", name, metric, topic("platform", name, "metrics", metric), payload, self.time)

    def _check(self) -> None:
        """Check the health of everything: told anew even where nothing has changed."""
        self._checked = self.elapsed
        for part in self.state.components.values():
            part.updated = self.time
            self._tell_health(part.name)
        self._changed = True

    def _tell_health(self, component: str) -> None:
        name = self.spec.name
        where = topic("platform", name, "component", component, "health")
        self._emit("health", name, component, where, self.state.components[component].payload(), self.time)

    def _tell(self, alert: AlertState | None) -> None:
        if alert is not None:
            where = topic("alert", alert.fingerprint, alert.status)
            self._emit("alert", self.spec.name, alert.fingerprint, where, alert.payload(), self.time)

    def _report(self, operation: OperationState) -> None:
        name = self.spec.name
        where = topic("platform", name, "operation", operation.id, "progress")
        self._emit("operation", name, operation.id, where, operation.payload(), self.time)

    def _busy(self) -> None:
        running = next((o.kind for o in self.operations.all if o.running), "")
        self._changed = self._changed or self.state.busy != running
        self.state.busy = running

    def _stage_entered(self, operation: OperationState, stage: Stage) -> str:
        """Do what a stage does to the components; return why it cannot be done, if so."""
        ill = [name for name in operation.targets if self.state.components[name].health == "unhealthy"]
        if ill and operation.kind in ("backup", "restore", "upgrade") and stage is operation.stages[0]:
            return f"{', '.join(ill)} is unhealthy: {self.state.components[ill[0]].message or 'not ready'}"
        if stage.name == "rollout":
            for name, aim in operation.targets.items():
                self._roll_out(operation.kind, name, aim)
        if stage.name == "verification":
            self._arrived(operation)
        return ""

    def _roll_out(self, kind: str, name: str, aim: Any) -> None:
        part = self.state.components[name]
        if kind == "scale":
            self.set_component(name, replicas=aim, message=f"scaling to {aim}")
            self.kube("Normal", "ComponentScaling", f"scaling {name} to {aim} replicas", name)
        elif kind == "upgrade":
            self.set_component(name, phase="Upgrading", ready=part.replicas - 1, message=f"upgrading to {aim}")
            self.kube("Normal", "ComponentUpgrading", f"upgrading {name} from {part.version} to {aim}", name)
        else:
            self.set_component(name, ready=part.replicas - 1, message="rolling restart")
            self.kube("Normal", "ComponentUpdated", f"rolling restart of {name}", name)

    def _arrived(self, operation: OperationState) -> None:
        if operation.kind not in ("upgrade", "scale", "restart") or operation.scripted:
            return
        for name, aim in operation.targets.items():
            version = aim if operation.kind == "upgrade" else None
            replicas = self.state.components[name].replicas
            self.set_component(name, phase="Ready", ready=replicas, version=version, message="")
            self.kube("Normal", "ComponentReady", f"{name} is ready: {replicas}/{replicas} replicas", name)

    def _operation_done(self, operation: OperationState) -> None:
        self._busy()
        if operation.status == "cancelled" and not operation.scripted:
            for name in operation.targets:
                part = self.state.components[name]
                if part.health == "healthy":
                    self.set_component(name, phase="Ready", ready=part.replicas, message="")
        failed = operation.status == "failed"
        reason = _ENDED[operation.kind][1 if failed else 0] if operation.status != "cancelled" else "PlatformUpdated"
        self.kube(
            "Warning" if failed else "Normal", reason, operation.message or f"{operation.kind} {operation.status}"
        )


_STARTED = {
    "backup": "BackupStarted",
    "restore": "RestoreStarted",
    "upgrade": "ComponentUpgrading",
    "scale": "ComponentScaling",
    "restart": "PlatformUpdated",
}
_ENDED = {
    "backup": ("BackupCompleted", "BackupFailed"),
    "restore": ("RestoreComplete", "RestoreFailed"),
    "upgrade": ("PlatformUpdated", "PlatformFailed"),
    "scale": ("PlatformUpdated", "PlatformFailed"),
    "restart": ("PlatformUpdated", "PlatformFailed"),
}
"""Reasons of the Kubernetes events about an operation: started; succeeded, failed."""
