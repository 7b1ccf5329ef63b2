"""A range query to a DataFrame: against prometheus-api-client and prometheus-pandas, from the same local server."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from measure import by_turns, show
from prometheus_api_client import MetricRangeDataFrame, PrometheusConnect
from prometheus_pandas.query import Prometheus

from gunj_widgets.connection.clock import SystemClock
from gunj_widgets.settings import Settings
from gunj_widgets.sources.backend import Backend
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.live import name_of
from gunj_widgets.sources.source import Source
from gunj_widgets.store.frames import MetricFrame

SERIES, POINTS = 188, 900
T0 = 1_750_000_000
SERVER = """
import http.server, sys
body = sys.stdin.buffer.read()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_GET
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def answer() -> bytes:
    """What a Prometheus says about 188 series of 900 points, as measured on a real one."""
    rng = random.Random(1)
    result = [
        {
            "metric": {
                "__name__": "node_cpu_seconds_total",
                "instance": "127.0.0.1:9100",
                "job": "node",
                "cpu": str(n),
            },
            "values": [[T0 + t, repr(round(rng.random() * 1e5, 2))] for t in range(POINTS)],
        }
        for n in range(SERIES)
    ]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()


def ours(url: str, loop: asyncio.AbstractEventLoop) -> Callable[[], int]:
    async def make() -> Backend:
        source = Source.of(url)
        return Backend("Prometheus", source, settings=Settings(), clock=SystemClock(), rng=random.Random(1))

    client = PrometheusClient(loop.run_until_complete(make()))

    async def load() -> MetricFrame:
        frame = MetricFrame(max_age=None)
        async for piece in client.range("x", T0, T0 + POINTS - 1, 1, series=SERIES):
            frame.extend_many((name_of(c.labels, "x"), c.labels, c.times, c.values, "") for c in piece.columns)
        return frame

    def run() -> int:
        assert loop.run_until_complete(load()).df.shape == (POINTS, SERIES)
        return 1

    return run


def api_client(url: str) -> Callable[[], int]:
    client = PrometheusConnect(url)
    start, end = datetime.fromtimestamp(T0, UTC), datetime.fromtimestamp(T0 + POINTS - 1, UTC)

    def run() -> int:
        assert len(MetricRangeDataFrame(client.custom_query_range("x", start, end, "1"))) == SERIES * POINTS
        return 1

    return run


def pandas_client(url: str) -> Callable[[], int]:
    client = Prometheus(url)

    def run() -> int:
        assert client.query_range("x", T0, T0 + POINTS - 1, "1s").shape == (POINTS, SERIES)
        return 1

    return run


def main() -> None:
    server = subprocess.Popen(  # noqa: S603  our own script
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        server.stdin.write(answer())
        server.stdin.close()
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        loop = asyncio.new_event_loop()
        cases = {
            "gunj": ours(url, loop),
            "prometheus-api-client": api_client(url),
            "prometheus-pandas": pandas_client(url),
        }
        took = by_turns(cases, 5)
        loop.close()
    finally:
        server.kill()
        server.wait()
    rows = [(name, f"{ns / 1e6:.1f}", took.ratio(name, "gunj", ".1f")) for name, ns in took.items()]
    show(f"{SERIES} series × {POINTS} points to a DataFrame", ("", "CPU ms", "ratio"), rows)


if __name__ == "__main__":
    main()
