"""A day by the second from VictoriaMetrics, which speaks Prometheus' API: whole, in pieces, and never twice in memory."""

from __future__ import annotations

import json
import time
import tracemalloc
import urllib.request

import numpy as np

import gunj_widgets as gunj
from tests.live.sources.servers import Stack

SERIES = 20
DAY = 86_400


def fill(stack: Stack, end: int) -> None:
    """Import a value per second of the day before `end`, in each series another."""
    times = [t * 1000 for t in range(end - DAY, end + 1)]
    for n in range(SERIES):
        line = {
            "metric": {"__name__": "day", "n": str(n)},
            "values": [t // 1000 % 1000 + n for t in times],
            "timestamps": times,
        }
        urllib.request.urlopen(f"{stack.victoria.url}/api/v1/import", json.dumps(line).encode(), timeout=20).close()
    urllib.request.urlopen(f"{stack.victoria.url}/internal/force_flush", timeout=20).close()


def test_a_day_by_the_second_of_twenty_series(stack: Stack) -> None:
    end = int(time.time())
    fill(stack, end)
    rt = gunj.connect(prometheus=stack.victoria.url)
    progress: list[tuple[int, int]] = []
    tracemalloc.start()
    frame = rt.promql(
        "day + 0", window=DAY, step=1, progress=lambda done, total: progress.append((done, total)), wait=50
    )
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frame.status.phase == "live"
    total = progress[-1][1]
    assert total >= 8
    assert progress == [(n, total) for n in range(1, total + 1)]
    rows = frame.rows_since(None)
    assert len(rows.series) == SERIES
    for series in rows.series:
        mine = rows.keys == series.key
        times, values = rows.x[mine], rows.y[mine]
        known = times <= end
        assert (
            len(times) >= DAY - 5
        )  # the window moves on while a busy machine loads it; that nothing lacks within is seen below
        assert times[known][-1] == end
        assert np.array_equal(np.diff(times), np.ones(len(times) - 1))
        assert np.array_equal(values[known], times[known] % 1000 + int(series.labels["n"]))
    # What is held is 20 bytes or so a sample; above that, one piece of the history at a time.
    assert peak - held < 150 << 20, f"{peak >> 20} MB at most, {held >> 20} MB held"
    gunj.close_all()


def test_raw_samples_of_a_day_come_by_the_export(stack: Stack) -> None:
    """Sample for sample what was imported: half a second off the grid, so that nothing was computed on the way."""
    end = int(time.time()) - 5
    moments = np.arange(end - DAY, end) * 1000 + 500
    for n in range(SERIES):
        values = (moments % 1009 + n / 8).tolist()
        line = {"metric": {"__name__": "raw_day", "n": str(n)}, "values": values, "timestamps": moments.tolist()}
        urllib.request.urlopen(f"{stack.victoria.url}/api/v1/import", json.dumps(line).encode(), timeout=20).close()
    urllib.request.urlopen(f"{stack.victoria.url}/internal/force_flush", timeout=20).close()
    rt = gunj.connect(prometheus=stack.victoria.url)
    asked: list[str] = []
    stream = rt.backends.named("prometheus").backend.stream

    async def noted(path: str, params: dict[str, str]) -> object:
        asked.append(path)
        return await stream(path, params)

    rt.backends.named("prometheus").backend.stream = noted
    tracemalloc.start()
    frame = rt.promql("raw_day", window=DAY + 60, wait=50)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frame.status.phase == "live"
    assert asked == ["/api/v1/export"] * frame.status.total
    rows = frame.rows_since(None)
    assert len(rows.series) == SERIES
    for series in rows.series:
        mine = rows.keys == series.key
        real = mine & ~np.isnan(rows.y)  # a NaN says that it has ended
        assert np.array_equal(np.round(rows.x[real] * 1000).astype(int), moments)
        assert np.array_equal(rows.y[real], moments % 1009 + int(series.labels["n"]) / 8)
    assert peak - held < 150 << 20, f"{peak >> 20} MB at most, {held >> 20} MB held"
    gunj.close_all()


def test_a_prometheus_has_no_export_and_is_asked_as_ever(stack: Stack) -> None:
    rt = gunj.connect(prometheus=stack.prometheus.url)
    client = rt.backends.named("prometheus").prometheus
    assert rt.wait(client._exports()) is False
    rt.close()
    rt = gunj.connect(prometheus=stack.victoria.url)
    assert rt.wait(rt.backends.named("prometheus").prometheus._exports()) is True
    gunj.close_all()
