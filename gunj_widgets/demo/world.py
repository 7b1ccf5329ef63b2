"""The simulated world: two platforms that live in fixed ticks. Pure: the same seed and start give the same facts."""

from __future__ import annotations

from math import floor
from random import Random
from typing import Any

import msgspec

from gunj_widgets.demo.alerts import AlertState
from gunj_widgets.demo.catalogue import PLATFORMS
from gunj_widgets.demo.cluster import Cluster
from gunj_widgets.demo.commands import changes, commands
from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.operations import OperationState
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.scenarios import SCENARIOS
from gunj_widgets.demo.targets import targets

__all__ = ["TICK", "ScenarioInfo", "World"]

TICK = 0.25
"""Seconds from one tick to the next; a power of two, so that sums stay exact."""
TICKS_A_SECOND = 4
CATCH_UP = 30.0
"""Seconds that are lived through after a pause. A longer one (the machine slept) is skipped, and shows as a gap."""
SET_BACK = 5.0
"""Seconds the clock may go backwards before the world follows it; until then it waits."""
MIN_SPEED, MAX_SPEED = 0.1, 100.0
MAX_KEYS = 1000
"""Idempotency keys remembered."""
MAX_SILENCE = 30 * 86_400.0


class ScenarioInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario and where it runs: platform → cascade or recovery."""

    name: str
    title: str
    cause: str
    affects: tuple[str, ...]
    alerts: tuple[str, ...]
    lasts: float
    running: dict[str, str]


class World:
    """All platforms. `start` is epoch seconds; `prefix` makes ids unique over restarts. Not thread-safe.

    What happens is collected: `step` lives until `now` and returns it, `drain` returns what was done by hand meanwhile.
    """

    def __init__(self, rng: Random, start: float, *, prefix: str = "w") -> None:
        self._prefix = prefix
        self._numbers = 0
        self._facts: list[Fact] = []
        self._ticks = 0
        self._origin = float(floor(start))
        self._keys: dict[str, tuple[str, str, str]] = {}
        self.clusters = {
            spec.name: Cluster(
                spec, Random(rng.getrandbits(64)), emit=self._emit, new_id=self._new_id, time=self._origin
            )
            for spec in PLATFORMS
        }
        self._standing_alert()
        for cluster in self.clusters.values():
            cluster.log(cluster.logs.step(0.0, self._origin))
        self._facts.clear()

    @property
    def now(self) -> float:
        """Epoch seconds the world has lived to."""
        return self._origin + self._ticks * TICK

    # -- time ---------------------------------------------------------------------------------------------------------

    def step(self, now: float) -> list[Fact]:
        """Live until `now` and return what happened, in order."""
        if now < self.now - SET_BACK:
            self._origin += floor(now - self.now)
            for cluster in self.clusters.values():
                cluster.metrics.forget()
        elif now > self.now + CATCH_UP:
            self._origin += floor(now - self.now)
        while self.now + TICK <= now:
            self._ticks += 1
            for cluster in self.clusters.values():
                cluster.tick(self.now, self._ticks * TICK, sample=self._ticks % TICKS_A_SECOND == 0)
        return self.drain()

    def drain(self) -> list[Fact]:
        """Return what happened since the last call."""
        facts, self._facts = self._facts, []
        return facts

    # -- looking ------------------------------------------------------------------------------------------------------

    def cluster(self, platform: str) -> Cluster:
        """Return a platform; RefusedError lists what there is."""
        found = self.clusters.get(platform)
        if found is None:
            raise RefusedError(
                f"there is no platform {platform[:60]!r}",
                f"There are {', '.join(self.clusters)}.",
                code="platform_not_found",
                status=404,
            )
        return found

    def operation(self, id: str) -> OperationState:
        """Return an operation; RefusedError where there is none of that id."""
        return self._operation(id)[1]

    def scenario(self, name: str) -> ScenarioInfo:
        """Return a scenario; RefusedError lists what there is."""
        scenario = SCENARIOS.get(name)
        if scenario is None:
            raise RefusedError(
                f"there is no scenario {name[:60]!r}",
                f"There are {', '.join(SCENARIOS)}.",
                code="scenario_not_found",
                status=404,
            )
        running = {
            platform: cluster.incident.phase
            for platform, cluster in self.clusters.items()
            if cluster.incident is not None and cluster.incident.scenario.name == name
        }
        return ScenarioInfo(
            name=name,
            title=scenario.title,
            cause=scenario.cause,
            affects=scenario.components,
            alerts=scenario.alerts,
            lasts=scenario.lasts,
            running=running,
        )

    def scenarios(self) -> list[ScenarioInfo]:
        return [self.scenario(name) for name in SCENARIOS]

    # -- doing --------------------------------------------------------------------------------------------------------

    def start_scenario(self, name: str, platform: str = "production", speed: float = 1.0) -> ScenarioInfo:
        """Begin an incident. It goes on where it runs already; another one on that platform ends at once."""
        self.scenario(name)
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise RefusedError(
                f"speed is {speed:g}",
                f"It goes from {MIN_SPEED:g} to {MAX_SPEED:g}.",
                code="validation_error",
                status=422,
            )
        self.cluster(platform).begin(SCENARIOS[name], speed)
        return self.scenario(name)

    def stop_scenario(self, name: str | None = None) -> list[str]:
        """Let the incident of this name recover, or all of them; return the platforms on which one was running."""
        if name is not None:
            self.scenario(name)
        stopped = []
        for platform, cluster in self.clusters.items():
            if cluster.incident is not None and name in (None, cluster.incident.scenario.name):
                cluster.recover()
                stopped.append(platform)
        return stopped

    def start_operation(self, platform: str, kind: str, args: dict[str, Any], key: str | None = None) -> OperationState:
        """Begin an operation, once for each `key` (idempotency). RefusedError where it makes no sense or is under way."""
        cluster = self.cluster(platform)
        aims = targets(kind, args, list(cluster.state.components))
        if key is not None and key in self._keys:
            id, *same = self._keys[key]
            if same != [platform, kind]:
                raise RefusedError(
                    "this idempotency key was used for something else", "Make a new one.", code="conflict", status=409
                )
            return self.operation(id)
        operation = cluster.start_operation(kind, aims)
        if key is not None:
            self._keys[key] = (operation.id, platform, kind)
            while len(self._keys) > MAX_KEYS:
                del self._keys[next(iter(self._keys))]
        return operation

    def commands(self, platform: str) -> list[dict[str, Any]]:
        """Describe what may be asked of a platform."""
        return commands(self.cluster(platform).state)

    def dry_run(self, platform: str, kind: str, args: dict[str, Any]) -> list[str]:
        """Say what an operation would change; RefusedError as `start_operation` would."""
        state = self.cluster(platform).state
        return changes(kind, targets(kind, args, list(state.components)), state)

    def cancel_operation(self, id: str) -> OperationState:
        """Stop an operation; RefusedError where it has ended."""
        cluster, operation = self._operation(id)
        cluster.operations.cancel(operation, cluster.time)
        cluster.settle()
        return operation

    def acknowledge(self, fingerprint: str, by: str) -> AlertState:
        """Note who takes care of an alert."""
        cluster, alert = self._alert(fingerprint)
        cluster.alerts.acknowledge(fingerprint, by)
        cluster.tell_alert(fingerprint)
        return alert

    def silence(self, fingerprint: str, duration: float, by: str, comment: str = "") -> AlertState:
        """Silence an alert for `duration` seconds; RefusedError past 30 days."""
        if not 0.0 < duration <= MAX_SILENCE:
            raise RefusedError(
                f"duration is {duration:g}", f"Seconds, up to {MAX_SILENCE:g}.", code="validation_error", status=422
            )
        cluster, alert = self._alert(fingerprint)
        cluster.alerts.silence(fingerprint, cluster.time + duration, by, comment)
        cluster.tell_alert(fingerprint)
        return alert

    # -- inside -------------------------------------------------------------------------------------------------------

    def _operation(self, id: str) -> tuple[Cluster, OperationState]:
        for cluster in self.clusters.values():
            found = cluster.operations.find(id)
            if found is not None:
                return cluster, found
        raise RefusedError(f"there is no operation {id[:60]!r}", code="operation_not_found", status=404)

    def _alert(self, fingerprint: str) -> tuple[Cluster, AlertState]:
        for cluster in self.clusters.values():
            found = cluster.alerts.find(fingerprint)
            if found is not None:
                return cluster, found
        raise RefusedError(
            f"there is no active alert {fingerprint[:40]!r}",
            "It may have been resolved.",
            code="alert_not_found",
            status=404,
        )

    def _standing_alert(self) -> None:
        """The kind of alert that every staging platform has had for days."""
        cluster = self.clusters["staging"]
        alert = cluster.alerts.raise_(
            "CertificateExpiresSoon",
            "grafana",
            status="firing",
            severity="info",
            summary="The certificate of grafana.staging.example.com expires in 13 days",
            description="cert-manager has not renewed it: its issuer needs a new DNS token.",
            time=self._origin,
        )
        if alert is not None:
            alert.starts = self._origin - 2.4 * 86_400

    def _new_id(self, kind: str) -> str:
        self._numbers += 1
        return f"{kind}-{self._prefix}-{self._numbers}"

    def _emit(self, kind: str, platform: str, name: str, topic: str, payload: dict[str, Any], time: float) -> Fact:
        self._numbers += 1
        fact = Fact(
            id=f"{self._prefix}-{self._numbers}",
            kind=kind,
            topic=topic,
            payload=payload,
            time=time,
            platform=platform,
            name=name,
        )
        self._facts.append(fact)
        return fact
