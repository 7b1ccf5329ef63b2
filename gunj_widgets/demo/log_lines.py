"""What the components log in ordinary times, as templates; `{words}` are filled in by `logs.py`. Data only."""

# ruff: noqa: E501  log lines are long, and broken up nobody could read them

from __future__ import annotations

__all__ = ["STEADY", "Template"]

Template = tuple[float, str, str]
"""Weight, level, text."""

STEADY: dict[str, tuple[Template, ...]] = {
    "prometheus": (
        (5, "debug", 'caller=scrape.go:1351 component="scrape manager" scrape_pool={pool} target=http://{ip}:9100/metrics msg="Scraped" samples={samples} duration={ms}ms'),
        (4, "info", 'caller=head.go:621 component=tsdb msg="Head GC completed" caller=truncateMemory duration={ms}.{n}ms'),
        (3, "info", 'caller=checkpoint.go:100 component=tsdb msg="Creating checkpoint" from_segment={segment} to_segment={segment} mint={unix}000'),
        (3, "info", 'caller=compact.go:523 component=tsdb msg="write block" mint={unix}000 maxt={unix}000 ulid=01{HEX} duration={secs}s'),
        (1, "warn", 'caller=scrape.go:1384 component="scrape manager" scrape_pool={pool} target=http://{ip}:8080/metrics msg="Error on ingesting out-of-order samples" num_dropped={n}'),
        (1, "warn", 'caller=manager.go:663 component="rule manager" group={pool}.rules msg="Evaluating rule group took longer than half of the interval" duration={secs}s'),
    ),
    "grafana": (
        (6, "info", 'logger=context userId={n} orgId=1 uname={user} method=GET path=/api/datasources/proxy/uid/{hex}/api/v1/query_range status=200 remote_addr={ip} time_ms={ms} duration={ms}.{n}ms size={size} handler=/api/datasources/proxy/uid/:uid/*'),
        (4, "info", 'logger=context userId={n} orgId=1 uname={user} method=POST path=/api/ds/query status=200 remote_addr={ip} time_ms={ms} duration={ms}.{n}ms size={size} handler=/api/ds/query'),
        (2, "info", 'logger=cleanup t={iso} msg="Completed cleanup jobs" duration={ms}.{n}ms'),
        (1, "info", 'logger=ngalert.state.manager msg="State manager finished evaluating rules" rules={n} duration={ms}ms'),
        (1, "warn", 'logger=context userId=0 orgId=0 uname= method=GET path=/api/live/ws status=401 remote_addr={ip} time_ms={n} msg="Unauthorized" error="session token rotated"'),
        (1, "error", 'logger=tsdb.loki endpoint=queryData pluginId=loki dsName=Loki msg="Error received from Loki" status=400 error="parse error at line 1, col {n}: syntax error: unexpected IDENTIFIER"'),
    ),
    "loki": (
        (6, "info", 'caller=metrics.go:160 component=querier org_id={tenant} latency=fast query="{{namespace=\\"{tenant}\\"}} |= \\"error\\"" query_type=filter range_type=range length=1h0m0s step=14s duration={ms}.{n}ms status=200 limit=1000 returned_lines={n} throughput={n}MB total_bytes={n}MB'),
        (4, "info", 'caller=flush.go:168 msg="flushing stream" user={tenant} fp={hex} immediate=false num_chunks={n} labels="{{app=\\"{app}\\", namespace=\\"{tenant}\\"}}"'),
        (3, "debug", 'caller=push.go:175 org_id={tenant} msg="push request parsed" path=/loki/api/v1/push contentType=application/x-protobuf entries={samples} streams={n} bodySize={size}'),
        (2, "info", 'caller=table_manager.go:171 index-store=tsdb msg="handing over indexes to shipper index_{day}"'),
        (1, "info", 'caller=checkpoint.go:615 msg="starting checkpoint"'),
        (1, "warn", 'caller=logging.go:126 trace_id={hex}{hex} orgID={tenant} msg="POST /loki/api/v1/push (429) {ms}ms" error="ingestion rate limit exceeded, would exceed {n}MB/sec for stream"'),
    ),
    "tempo": (
        (5, "info", 'caller=flush.go:231 msg="completing block" userid={tenant} blockID={uuid}'),
        (4, "info", 'caller=handler.go:134 component=query-frontend tenant={tenant} method=GET traceID={hex}{hex} url=/api/traces/{hex}{hex} duration={ms}.{n}ms response_size={size} status=200'),
        (3, "debug", 'caller=distributor.go:463 component=distributor tenant={tenant} msg="received batch" spans={samples} bytes={size}'),
        (2, "info", 'caller=compactor.go:242 component=compactor msg="compacted" inputBlocks=4 outputBlock={uuid} totalRecords={samples} duration={secs}s'),
        (1, "warn", 'caller=poller.go:167 msg="failed to poll index, retrying" tenant={tenant} err="context deadline exceeded" attempt=1'),
    ),
    "alertmanager": (
        (4, "debug", 'caller=dispatch.go:165 component=dispatcher msg="Received alert" alert={alert}[{hex}][active]'),
        (3, "debug", 'caller=notify.go:876 component=dispatcher receiver=sre-oncall integration=webhook[0] aggrGroup="{{}}:{{severity=\\"warning\\"}}" msg="Notify success" attempts=1 duration={ms}ms'),
        (2, "info", 'caller=nflog.go:546 component=nflog msg="Maintenance done" duration={n}ms size={size}'),
        (1, "info", 'caller=cluster.go:708 component=cluster msg="gossip settled; proceeding" elapsed={secs}s'),
        (1, "warn", 'caller=delegate.go:242 component=cluster msg="dropping messages because too many are queued" current={samples} limit=4096'),
    ),
}  # fmt: skip
"""Component → its templates."""
