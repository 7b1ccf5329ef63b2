"""The tail loses nothing: against what Prometheus itself keeps and what VictoriaMetrics was told, through a crash."""

from __future__ import annotations

import json
import math
import os
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from gunj_widgets.session.session import Session
from tests.live.sources.servers import Stack

SECONDS = 180.0 if os.environ.get("GUNJ_SOAK") else 12.0
SELECTOR = '{__name__=~"node_cpu_seconds_total|node_memory_.*|node_load.*",job="node"}'

Samples = dict[tuple[tuple[str, str], ...], dict[int, float]]


def until(check: Callable[[], Any], deadline: float = 20.0) -> Any:
    end = time.monotonic() + deadline
    while not (value := check()):
        assert time.monotonic() < end, f"never became true (last: {value!r})"
        time.sleep(0.1)
    return value


def ours(frame: Any) -> Samples:
    rows = frame.rows_since(None)
    names = {s.key: tuple(sorted({**s.labels, "__name__": s.metric}.items())) for s in rows.series}
    found: Samples = {name: {} for name in names.values()}
    for key, x, y in zip(rows.keys.tolist(), rows.x.tolist(), rows.y.tolist(), strict=True):
        if not math.isnan(y):
            found[names[key]][round(x * 1000)] = y
    return found


def prometheus(stack: Stack, window: int) -> Samples:
    query = urllib.parse.urlencode({"query": f"{SELECTOR}[{window}s]"})
    result = stack.prometheus.get(f"/api/v1/query?{query}")["data"]["result"]
    return {tuple(sorted(s["metric"].items())): {round(t * 1000): float(v) for t, v in s["values"]} for s in result}


def victoria(stack: Stack) -> Samples:
    query = urllib.parse.urlencode({"match[]": SELECTOR})
    with urllib.request.urlopen(f"{stack.victoria.url}/api/v1/export?{query}", timeout=10) as answer:
        lines = [json.loads(line) for line in answer.read().splitlines()]
    found: Samples = {}
    for line in lines:
        known = found.setdefault(tuple(sorted(line["metric"].items())), {})
        known.update(zip(line["timestamps"], line["values"], strict=True))
    return found


def told_since(stack: Stack, began: float) -> int:
    """How many samples VictoriaMetrics was told of since then, of the series of which it was told least."""
    return min(sum(t >= began * 1000 for t in samples) for samples in victoria(stack).values())


@pytest.mark.timeout(SECONDS + 90)
def test_every_sample_comes_once_bit_for_bit_through_a_crash_of_prometheus(stack: Stack, rt: Session) -> None:
    began = time.time()
    frame = rt.promql(SELECTOR, window=max(SECONDS * 4, 120.0))
    assert frame.status.phase == "live"
    assert frame.status.raw
    until(lambda: len(frame.df))
    last = frame.df.index[-1].timestamp()
    until(lambda: frame.df.index[-1].timestamp() >= last + 3)
    stack.prometheus.kill()
    until(lambda: rt.state == "waiting")
    time.sleep(1.0)
    stack.prometheus.start()
    until(lambda: rt.state == "open" and frame.status.phase == "live")
    back = time.time()
    until(lambda: time.time() > max(back + 4.0, began + SECONDS), deadline=SECONDS + 20)
    until(lambda: told_since(stack, began) >= 5, deadline=40)  # after a crash remote_write takes its time
    truth, exported = prometheus(stack, 3600), victoria(stack)
    end = min(max(times) for times in truth.values())
    until(lambda: all(end in times or max(times) >= end for times in ours(frame).values()))
    held = ours(frame)

    assert len(held) >= 50
    assert held.keys() == truth.keys()
    for series, samples in truth.items():
        got = {t: v for t, v in held[series].items() if t <= end}
        # Bounds of the frame's window apart, exactly what Prometheus holds: none missing, none twice, none made up.
        oldest = min(got)
        assert got == {t: v for t, v in samples.items() if oldest <= t <= end}
        assert oldest <= began * 1000 or oldest == min(samples)
        # What remote_write had queued when Prometheus was killed it does not send again; all else it told is what we have.
        told = {t: v for t, v in exported[series].items() if oldest <= t <= end and v is not None and not math.isnan(v)}
        assert told.items() <= got.items()
        assert len(told) >= 5
