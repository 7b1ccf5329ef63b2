"""The incidents that can be staged, each with its true cause and a cascade that follows from it. Data only."""

# ruff: noqa: E501  log lines are long, and broken up nobody could read them

from __future__ import annotations

from gunj_widgets.demo.effects import (
    Alert,
    Ask,
    Chatter,
    Effect,
    Finish,
    Health,
    Kube,
    Move,
    Quiet,
    Say,
    Shape,
    Storage,
)
from gunj_widgets.demo.incident import Scenario, Step

__all__ = ["SCENARIOS"]


def at(seconds: float, *effects: Effect) -> tuple[Step, ...]:
    """Several effects at one moment."""
    return tuple(Step(seconds, effect) for effect in effects)


LOKI_DISK = Alert(
    name="LokiDiskAlmostFull",
    component="loki",
    status="pending",
    severity="warning",
    summary="The volume of loki-write is 93 % full",
    description="At the present rate it is full within a minute. Retention is 31 days, the compactor is behind.",
)
LOKI_DISK_NOW = Alert(
    name="LokiDiskAlmostFull",
    component="loki",
    status="firing",
    severity="warning",
    summary="The volume of loki-write is over 95 % full",
    description="Writes will fail when it is full. Extend the claim or shorten the retention.",
)
LOKI_ERRORS = Alert(
    name="LokiRequestErrors",
    component="loki",
    status="firing",
    severity="critical",
    summary="More than 20 % of Loki's requests fail",
    description="Ingesters cannot write their WAL: no space left on device. Logs of the last minutes may be lost.",
)
LOKI_ERRORS_SOON = Alert(
    name="LokiRequestErrors",
    component="loki",
    status="pending",
    severity="critical",
    summary="Loki's requests begin to fail",
    description="The error rate is over 5 % and rises.",
)
GRAFANA_PANELS = Alert(
    name="GrafanaDatasourceTimeouts",
    component="grafana",
    status="firing",
    severity="warning",
    summary="Log panels time out",
    description="Queries to the Loki datasource take longer than 30 s.",
)

LOKI_VOLUME_FULL = Scenario(
    name="loki-volume-full",
    title="Loki's volume fills up",
    cause="The compactor stopped deleting old chunks, so the persistent volume of Loki's ingesters ran full.",
    components=("loki", "grafana"),
    lasts=150.0,
    steps=(
        *at(
            0.0,
            Shape(component="loki", metric="disk_usage", add=33.0, over=8.0),
            Say(component="loki", level="warn", text='caller=compactor.go:576 msg="failed to apply retention" err="marker file is locked by another compactor"'),
            Say(component="loki", level="warn", text='caller=wal.go:147 msg="WAL disk usage is above the threshold" usage=0.93 threshold=0.90'),
            LOKI_DISK,
        ),
        *at(
            2.0,
            Health(component="loki", health="degraded", message="volume data-loki-write-0 is 95 % full"),
            Kube(reason="StorageError", message="PersistentVolumeClaim data-loki-write-0 is 95 % full", component="loki"),
            LOKI_DISK_NOW,
            Chatter(
                component="loki",
                rate=2.5,
                lasts=14.0,
                templates=(
                    (3, "warn", 'caller=flush.go:198 msg="flush is slow" user={tenant} duration={secs}s queue={samples}'),
                    (2, "warn", 'caller=ingester.go:412 msg="checkpoint took too long" duration={secs}s'),
                ),
            ),
        ),
        *at(
            8.0,
            Shape(component="loki", metric="error_rate", add=9.0, over=6.0),
            Shape(component="loki", metric="latency_p95", factor=3.5, over=6.0),
            Chatter(
                component="loki",
                rate=6.0,
                lasts=170.0,
                templates=(
                    (5, "error", 'caller=wal.go:233 msg="failed to write to WAL" user={tenant} err="write /loki/wal/{segment}: no space left on device"'),
                    (4, "error", 'caller=flush.go:261 msg="failed to flush chunks" user={tenant} err="mkdir /loki/chunks/{hex}: no space left on device" retries={n}'),
                    (3, "error", 'caller=push.go:118 org_id={tenant} msg="POST /loki/api/v1/push (500) {ms}ms" err="rpc error: code = Unavailable desc = ingester is read-only"'),
                    (1, "warn", 'caller=ring.go:311 msg="instance is unhealthy, excluded from the write path" instance=loki-write-{n}'),
                ),
            ),
            LOKI_ERRORS_SOON,
        ),
        *at(
            14.0,
            Health(component="loki", health="unhealthy", message="ingesters are read-only: no space left on device", phase="Failed", ready=1),
            Storage(problem="data-loki-write-0: no space left on device"),
            Kube(reason="ComponentFailed", message="loki: readiness probe failed: HTTP 503, ingester not ready", component="loki", count=3),
            LOKI_ERRORS,
            Shape(component="loki", metric="error_rate", add=38.0, over=8.0),
            Shape(component="loki", metric="ingest_rate", factor=0.18, over=6.0),
            Shape(component="loki", metric="cpu_usage", factor=1.7, over=6.0),
            Shape(component="loki", metric="memory_usage", factor=1.45, over=40.0),
        ),
        *at(
            20.0,
            Health(component="grafana", health="degraded", message="datasource Loki times out"),
            Shape(component="grafana", metric="latency_p95", factor=22.0, over=5.0),
            Shape(component="grafana", metric="error_rate", add=11.0, over=6.0),
            Chatter(
                component="grafana",
                rate=2.0,
                lasts=158.0,
                templates=(
                    (3, "error", 'logger=tsdb.loki endpoint=queryData pluginId=loki dsName=Loki msg="Error received from Loki" status=504 duration=30.0{n}s error="context deadline exceeded"'),
                    (2, "warn", 'logger=context uname={user} method=POST path=/api/ds/query status=504 time_ms=300{n} msg="Request Completed"'),
                ),
            ),
            GRAFANA_PANELS,
        ),
    ),
    recovery=(
        *at(
            0.0,
            Kube(type="Normal", reason="ResourceUpdated", message="PersistentVolumeClaim data-loki-write-0 extended from 50Gi to 100Gi", component="loki"),
            Say(component="loki", level="info", text='caller=compactor.go:581 msg="retention applied" tables=31 duration=2.41s'),
            Shape(component="loki", metric="disk_usage", add=-18.0, over=5.0),
        ),
        *at(
            3.0,
            Storage(),
            Health(component="loki", health="degraded", message="replaying the WAL", ready=2),
            Shape(component="loki", metric="error_rate", over=4.0),
            Shape(component="loki", metric="ingest_rate", factor=1.35, over=4.0),
            Alert(name="LokiRequestErrors", component="loki", status="resolved"),
        ),
        *at(
            9.0,
            Health(component="loki", health="healthy"),
            Health(component="grafana", health="healthy"),
            Kube(type="Normal", reason="ComponentReady", message="loki is ready: 3/3 replicas", component="loki"),
            Alert(name="GrafanaDatasourceTimeouts", component="grafana", status="resolved"),
            Alert(name="LokiDiskAlmostFull", component="loki", status="resolved"),
        ),
    ),
)  # fmt: skip

GRAFANA_VERSION = "11.1.0"

GRAFANA_BAD_ROLLOUT = Scenario(
    name="grafana-bad-rollout",
    title="A Grafana upgrade that cannot start",
    cause=f"Grafana {GRAFANA_VERSION} was rolled out with a provisioned plugin that it no longer supports, and panics at start.",
    components=("grafana",),
    lasts=70.0,
    steps=(
        *at(
            0.0,
            Ask(kind="upgrade", component="grafana", version=GRAFANA_VERSION),
            Move(stage="validation"),
        ),
        *at(1.0, Move(stage="planning", message="1 of 2 replicas at a time")),
        *at(
            1.5,
            Move(stage="rollout", message="replacing replica 1 of 2"),
            Health(component="grafana", health="degraded", message=f"1 of 2 replicas starts {GRAFANA_VERSION}", phase="Upgrading", ready=1),
            Alert(
                name="GrafanaReplicasUnavailable",
                component="grafana",
                status="pending",
                severity="warning",
                summary="1 of 2 Grafana replicas is unavailable",
                description="During an upgrade this lasts under a minute.",
            ),
        ),
        *at(
            3.0,
            Say(component="grafana", level="info", text=f'logger=settings msg="Starting Grafana" version={GRAFANA_VERSION} commit=4c3d2a1 branch=HEAD'),
            Say(component="grafana", level="error", text='logger=plugin.loader msg="plugin is not compatible" pluginId=grafana-worldmap-panel error="Angular plugins are no longer supported"'),
            Say(component="grafana", level="fatal", text="panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x28 pc=0x2f1a0c4]\n\ngoroutine 1 [running]:\ngithub.com/grafana/grafana/pkg/plugins/manager/loader.(*Loader).instantiate(...)\n\tpkg/plugins/manager/loader/loader.go:214\nmain.main()\n\tpkg/cmd/grafana/main.go:41 +0x1d"),
            Kube(reason="BackOff", message="Back-off restarting failed container grafana in pod grafana-7d9c5b6f4-x2v8k", component="grafana", count=2),
            Alert(
                name="GrafanaReplicasUnavailable",
                component="grafana",
                status="firing",
                severity="warning",
                summary="A Grafana pod is in CrashLoopBackOff",
                description=f"Replica 1 exits with code 2 right after the start of {GRAFANA_VERSION}.",
            ),
            Shape(component="grafana", metric="latency_p95", factor=2.4, over=4.0),
        ),
        *at(
            8.0,
            Move(progress=0.5, message="replacing replica 2 of 2"),
            Chatter(
                component="grafana",
                rate=2.5,
                lasts=60.0,
                templates=(
                    (3, "fatal", "panic: runtime error: invalid memory address or nil pointer dereference"),
                    (3, "error", 'logger=plugin.loader msg="plugin is not compatible" pluginId=grafana-worldmap-panel error="Angular plugins are no longer supported"'),
                    (2, "info", f'logger=settings msg="Starting Grafana" version={GRAFANA_VERSION} commit=4c3d2a1 branch=HEAD'),
                ),
            ),
        ),
        *at(
            12.0,
            Health(component="grafana", health="unhealthy", message="CrashLoopBackOff: exit code 2", phase="Failed", ready=0),
            Kube(reason="ComponentFailed", message="grafana: 0 of 2 replicas are ready", component="grafana"),
            Alert(
                name="GrafanaDown",
                component="grafana",
                status="firing",
                severity="critical",
                summary="Grafana answers 502 and 503",
                description="No replica is ready. Dashboards and Grafana-managed alerts are unavailable.",
            ),
            Shape(component="grafana", metric="error_rate", add=87.0, over=4.0),
            Shape(component="grafana", metric="request_rate", factor=0.35, over=6.0),
            Shape(component="grafana", metric="cpu_usage", factor=0.3, over=4.0),
            Shape(component="grafana", metric="memory_usage", factor=0.35, over=3.0),
        ),
        *at(35.0, Finish(status="failed", message="rollout: progress deadline exceeded, 0 of 2 replicas are ready")),
    ),
    recovery=(
        *at(
            0.0,
            Finish(status="failed", message="rollout: rolled back on request"),
            Kube(type="Normal", reason="PlatformRolledBack", message="grafana: rolling back to the previous version", component="grafana"),
            Health(component="grafana", health="degraded", message="rolling back", phase="Upgrading", ready=1),
            Alert(name="GrafanaDown", component="grafana", status="resolved"),
            Shape(component="grafana", metric="error_rate", over=4.0),
            Shape(component="grafana", metric="request_rate", factor=1.3, over=5.0),
            Shape(component="grafana", metric="cpu_usage", factor=1.5, over=3.0),
        ),
        *at(2.0, Say(component="grafana", level="info", text='logger=http.server msg="HTTP Server Listen" address=[::]:3000 protocol=http subUrl= socket=')),
        *at(
            8.0,
            Health(component="grafana", health="healthy"),
            Kube(type="Normal", reason="ComponentReady", message="grafana is ready: 2/2 replicas", component="grafana"),
            Alert(name="GrafanaReplicasUnavailable", component="grafana", status="resolved"),
        ),
    ),
)  # fmt: skip

EVERYONE = ("prometheus", "grafana", "loki", "tempo", "alertmanager")

PROMETHEUS_CARDINALITY = Scenario(
    name="prometheus-cardinality",
    title="A label explosion kills Prometheus",
    cause="A deployment put the request id into a metric label: millions of new series, until Prometheus ran out of memory.",
    components=("prometheus", "alertmanager", "grafana"),
    lasts=90.0,
    steps=(
        *at(
            0.0,
            Shape(component="prometheus", metric="active_series", factor=5.5, over=18.0),
            Shape(component="prometheus", metric="ingest_rate", factor=3.2, over=14.0),
            Shape(component="prometheus", metric="memory_usage", factor=2.2, over=18.0),
            Shape(component="prometheus", metric="cpu_usage", factor=2.4, over=14.0),
            Say(component="prometheus", level="warn", text='caller=scrape.go:1372 component="scrape manager" scrape_pool=kubernetes-pods target=http://10.33.2.71:8080/metrics msg="Large scrape" samples=412806'),
            Alert(
                name="PrometheusSeriesExplosion",
                component="prometheus",
                status="pending",
                severity="warning",
                summary="The number of active series doubles every few seconds",
                description="http_request_duration_seconds_bucket of job checkout has a label request_id.",
            ),
        ),
        *at(
            3.0,
            Health(component="prometheus", health="degraded", message="rule evaluation falls behind"),
            Alert(
                name="PrometheusSeriesExplosion",
                component="prometheus",
                status="firing",
                severity="warning",
                summary="Active series are far beyond the limit of 2 million",
                description="http_request_duration_seconds_bucket of job checkout has a label request_id.",
            ),
            Chatter(
                component="prometheus",
                rate=3.0,
                lasts=15.0,
                templates=(
                    (3, "warn", 'caller=manager.go:684 component="rule manager" group={pool}.rules msg="Rule evaluation took longer than the interval" duration={secs}s interval=15s'),
                    (3, "warn", 'caller=head.go:1188 component=tsdb msg="Head is growing fast" series={samples}000 chunks={samples}0000'),
                    (2, "error", 'caller=scrape.go:1303 component="scrape manager" scrape_pool={pool} msg="Scrape failed" err="context deadline exceeded"'),
                ),
            ),
            Shape(component="prometheus", metric="latency_p95", factor=9.0, over=12.0),
        ),
        *at(
            18.0,
            Say(component="prometheus", level="error", text='caller=main.go:1289 msg="signal: killed" reason=OOMKilled exitCode=137'),
            Kube(reason="OOMKilling", message="Memory cgroup out of memory: Killed process 1 (prometheus) anon-rss:8387264kB", component="prometheus"),
            Health(component="prometheus", health="unhealthy", message="OOMKilled, exit code 137", phase="Failed", ready=0),
            Health(component="alertmanager", health="degraded", message="no alerts received from prometheus: nothing is being evaluated"),
            Alert(
                name="PrometheusDown",
                component="prometheus",
                status="firing",
                severity="critical",
                summary="Prometheus is down: metrics have a gap and alert rules are not evaluated",
                description="The container was killed for exceeding its memory limit of 8Gi.",
            ),
            Quiet(logs=("prometheus", "alertmanager"), scraped=EVERYONE),
        ),
        *at(
            26.0,
            Quiet(logs=("prometheus", "alertmanager"), scraped=EVERYONE, on=False),
            Kube(reason="BackOff", message="Back-off restarting failed container prometheus in pod prometheus-0", component="prometheus"),
            Say(component="prometheus", level="info", text='caller=head.go:700 component=tsdb msg="Replaying on-disk memory mappable chunks if any"'),
            Health(component="prometheus", health="degraded", message="replaying the WAL", ready=1),
            Health(component="grafana", health="degraded", message="datasource Prometheus is slow"),
            Shape(component="grafana", metric="latency_p95", factor=12.0, over=3.0),
            Shape(component="prometheus", metric="memory_usage", factor=0.9, over=0.0),
            Shape(component="prometheus", metric="active_series", factor=1.4, over=0.0),
            Chatter(
                component="prometheus",
                rate=2.0,
                lasts=20.0,
                templates=(
                    (3, "info", 'caller=head.go:775 component=tsdb msg="WAL segment loaded" segment={segment} maxSegment={segment}'),
                    (1, "warn", 'caller=head.go:801 component=tsdb msg="Unknown series references" samples={samples}'),
                ),
            ),
        ),
        *at(
            30.0,
            Shape(component="prometheus", metric="memory_usage", factor=2.3, over=22.0),
            Shape(component="prometheus", metric="active_series", factor=5.8, over=22.0),
            Health(component="alertmanager", health="healthy"),
            Alert(name="PrometheusDown", component="prometheus", status="resolved"),
        ),
        *at(
            52.0,
            Kube(reason="OOMKilling", message="Memory cgroup out of memory: Killed process 1 (prometheus) anon-rss:8388112kB", component="prometheus", count=2),
            Health(component="prometheus", health="unhealthy", message="OOMKilled, exit code 137", phase="Failed", ready=0),
            Alert(
                name="PrometheusDown",
                component="prometheus",
                status="firing",
                severity="critical",
                summary="Prometheus is down again: it runs out of memory after each start",
                description="Drop the label request_id with metric_relabel_configs, or raise the limit.",
            ),
            Quiet(logs=("prometheus",), scraped=EVERYONE),
        ),
        *at(
            58.0,
            Quiet(logs=("prometheus",), scraped=EVERYONE, on=False),
            Health(component="prometheus", health="degraded", message="replaying the WAL", ready=1),
            Shape(component="prometheus", metric="memory_usage", factor=1.6, over=8.0),
        ),
    ),
    recovery=(
        *at(
            0.0,
            Quiet(logs=EVERYONE, scraped=EVERYONE, on=False),
            Kube(type="Normal", reason="ConfigApplied", message="metric_relabel_configs drop request_id from job checkout", component="prometheus"),
            Say(component="prometheus", level="info", text='caller=main.go:1234 msg="Completed loading of configuration file" filename=/etc/prometheus/prometheus.yml totalDuration=41.2ms'),
            Health(component="prometheus", health="degraded", message="head is being compacted", ready=1),
            Alert(name="PrometheusDown", component="prometheus", status="resolved"),
            Shape(component="prometheus", metric="active_series", over=8.0),
            Shape(component="prometheus", metric="ingest_rate", over=4.0),
            Shape(component="prometheus", metric="memory_usage", over=8.0),
        ),
        *at(
            8.0,
            Health(component="prometheus", health="healthy"),
            Health(component="alertmanager", health="healthy"),
            Health(component="grafana", health="healthy"),
            Alert(name="PrometheusSeriesExplosion", component="prometheus", status="resolved"),
            Kube(type="Normal", reason="ComponentReady", message="prometheus is ready: 2/2 replicas", component="prometheus"),
        ),
    ),
)  # fmt: skip

TEMPO_SLOW_STORAGE = Scenario(
    name="tempo-slow-storage",
    title="Tempo's object store answers slowly",
    cause="The object store throttles the bucket that Tempo shares with the nightly backup.",
    components=("tempo", "grafana"),
    lasts=100.0,
    steps=(
        *at(
            0.0,
            Shape(component="tempo", metric="latency_p95", factor=14.0, over=6.0),
            Alert(
                name="TempoQueriesSlow",
                component="tempo",
                status="pending",
                severity="warning",
                summary="The 95th percentile of trace queries is over 1 s",
                description="GetObject on bucket traces takes over 2 s.",
            ),
        ),
        *at(
            3.0,
            Health(component="tempo", health="degraded", message="reads from the object store take over 2 s"),
            Alert(
                name="TempoQueriesSlow",
                component="tempo",
                status="firing",
                severity="warning",
                summary="Trace queries take over 2 s",
                description="The object store answers 503 SlowDown to one request in three.",
            ),
            Kube(reason="StorageError", message="tempo: SlowDown: please reduce your request rate (bucket traces)", component="tempo"),
            Chatter(
                component="tempo",
                rate=3.0,
                lasts=110.0,
                templates=(
                    (4, "warn", 'caller=backend.go:181 msg="slow read" bucket=traces object={tenant}/{uuid}/bloom-0 duration={secs}s'),
                    (3, "error", 'caller=backend.go:202 msg="read failed" bucket=traces object={tenant}/{uuid}/index err="SlowDown: please reduce your request rate" status=503 attempt={n}'),
                    (2, "warn", 'caller=flush.go:348 msg="flush queue grows" queue={samples} oldest={secs}s'),
                ),
            ),
        ),
        *at(
            16.0,
            Shape(component="tempo", metric="memory_usage", factor=1.8, over=40.0),
            Shape(component="tempo", metric="error_rate", add=7.0, over=8.0),
            Shape(component="grafana", metric="latency_p95", factor=4.0, over=6.0),
            Health(component="grafana", health="degraded", message="datasource Tempo is slow"),
            Alert(
                name="TempoFlushQueueGrows",
                component="tempo",
                status="firing",
                severity="critical",
                summary="Tempo cannot flush its blocks: memory grows",
                description="1,900 blocks wait. At the present rate the ingesters run out of memory in 20 minutes.",
            ),
        ),
    ),
    recovery=(
        *at(
            0.0,
            Kube(type="Normal", reason="ResourceUpdated", message="backup moved to a bucket of its own", component="tempo"),
            Shape(component="tempo", metric="latency_p95", over=5.0),
            Shape(component="tempo", metric="error_rate", over=4.0),
            Alert(name="TempoFlushQueueGrows", component="tempo", status="resolved"),
        ),
        *at(
            6.0,
            Health(component="tempo", health="healthy"),
            Health(component="grafana", health="healthy"),
            Alert(name="TempoQueriesSlow", component="tempo", status="resolved"),
            Kube(type="Normal", reason="ComponentReady", message="tempo is ready: 2/2 replicas", component="tempo"),
        ),
    ),
)  # fmt: skip

SCENARIOS = {
    scenario.name: scenario
    for scenario in (LOKI_VOLUME_FULL, GRAFANA_BAD_ROLLOUT, PROMETHEUS_CARDINALITY, TEMPO_SLOW_STORAGE)
}
"""Name → scenario."""
