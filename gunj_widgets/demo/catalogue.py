"""What the demo operator runs: two platforms of five components, with believable sizes. Data only."""

from __future__ import annotations

from uuid import NAMESPACE_DNS, uuid5

import msgspec

__all__ = ["PLATFORMS", "ComponentSpec", "PlatformSpec"]

GIB = float(1 << 30)
MIB = float(1 << 20)


class ComponentSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A component at average load. `cpu` and `disk` in percent of the limit, memory in bytes, `latency` in seconds.

    `ingest` counts samples, lines or spans a second; None: it takes none in. `lines`: log lines a second.
    """

    name: str
    version: str
    replicas: int
    requests: float
    cpu_idle: float
    cpu_load: float
    memory: float
    swing: float
    period: float
    errors: float
    latency: float
    lines: float
    ingest: float | None = None
    disk: float | None = None
    series: float | None = None


class PlatformSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A platform: the custom resource's identity and its components. `scale` multiplies load and sizes."""

    name: str
    namespace: str
    version: str
    environment: str
    scale: float
    components: tuple[ComponentSpec, ...]

    @property
    def uid(self) -> str:
        return str(uuid5(NAMESPACE_DNS, f"{self.name}.{self.namespace}.gunj"))

    @property
    def endpoints(self) -> dict[str, str]:
        ports = {"prometheus": 9090, "grafana": 3000, "loki": 3100, "tempo": 3200, "alertmanager": 9093}
        return {
            spec.name: f"http://{self.name}-{spec.name}.{self.namespace}.svc:{ports[spec.name]}"
            for spec in self.components
        }


def _components(**versions: str) -> tuple[ComponentSpec, ...]:
    return (
        ComponentSpec(
            name="prometheus", version=versions["prometheus"], replicas=2, requests=42.0, cpu_idle=14.0, cpu_load=24.0,
            memory=3.4 * GIB, swing=0.9 * GIB, period=240.0, errors=0.08, latency=0.11, lines=1.2,
            ingest=64_000.0, disk=57.0, series=1_240_000.0,
        ),
        ComponentSpec(
            name="grafana", version=versions["grafana"], replicas=2, requests=28.0, cpu_idle=4.0, cpu_load=17.0,
            memory=310 * MIB, swing=70 * MIB, period=150.0, errors=0.2, latency=0.24, lines=2.2,
        ),
        ComponentSpec(
            name="loki", version=versions["loki"], replicas=3, requests=76.0, cpu_idle=11.0, cpu_load=27.0,
            memory=2.1 * GIB, swing=0.6 * GIB, period=180.0, errors=0.12, latency=0.19, lines=2.6,
            ingest=5_200.0, disk=63.0,
        ),
        ComponentSpec(
            name="tempo", version=versions["tempo"], replicas=2, requests=33.0, cpu_idle=7.0, cpu_load=18.0,
            memory=1.3 * GIB, swing=0.35 * GIB, period=210.0, errors=0.1, latency=0.16, lines=1.4,
            ingest=1_900.0, disk=48.0,
        ),
        ComponentSpec(
            name="alertmanager", version=versions["alertmanager"], replicas=3, requests=6.0, cpu_idle=1.2, cpu_load=2.4,
            memory=86 * MIB, swing=12 * MIB, period=120.0, errors=0.05, latency=0.03, lines=0.6,
        ),
    )  # fmt: skip


PLATFORMS = (
    PlatformSpec(
        name="production",
        namespace="observability",
        version="1.4.2",
        environment="production",
        scale=1.0,
        components=_components(
            prometheus="v2.48.0", grafana="10.2.0", loki="2.9.0", tempo="2.3.0", alertmanager="v0.26.0"
        ),
    ),
    PlatformSpec(
        name="staging",
        namespace="observability-staging",
        version="1.5.0-rc.1",
        environment="staging",
        scale=0.7,
        components=_components(
            prometheus="v2.53.1", grafana="10.4.2", loki="2.9.8", tempo="2.4.1", alertmanager="v0.27.0"
        ),
    ),
)
