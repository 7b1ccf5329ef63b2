"""A kernel that reads a shared history until it is told to end, at some number. `python reading_child.py NATS PLATFORM SINCE`

It writes "ready", and at the end as JSON: each number that came, in order, when, and what its store holds.
"""

from __future__ import annotations

import json
import sys
import time

import pandas as pd

import gunj_widgets as gunj
from gunj_widgets.events.event import Event
from gunj_widgets.settings import Settings

PATIENCE = 20.0
"""Seconds to wait for the last number: a machine that does much else is late, and what is lost never comes."""
NOW = pd.Timestamp("2026-01-01", tz="UTC")
"""Numbers are told as samples of before; what a platform measures by itself is of after."""


def main() -> None:
    url, platform, since = sys.argv[1:]
    rt = gunj.connect(
        url, since=since, settings=Settings.load(retention={"metrics_age": None, "metrics_rows": 1_000_000})
    )
    rt.wait_ready()
    numbers: list[tuple[int, float]] = []

    def take(event: Event) -> None:
        numbers.append((int(event.data["samples"][0]["value"]), time.time()))

    rt.router.subscribe(f"platform.{platform}.metrics.cpu_usage", take)
    rt.metrics(platform)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    last = int(sys.stdin.readline().split()[1])
    end = time.monotonic() + PATIENCE
    while (not numbers or numbers[-1][0] < last) and time.monotonic() < end:
        time.sleep(0.05)
    frame = rt.store.frame(platform).df
    frame = frame[frame.index < NOW]
    seen = {
        "numbers": [n for n, _ in numbers],
        "times": [t for _, t in numbers],
        "stored": [int(value) for value in frame.stack(list(range(frame.columns.nlevels)), future_stack=True).dropna()],
        "platforms": sorted(p.name for p in rt.platforms),
        "counts": rt.stats().counts,
        "state": f"{rt.state}: {rt.reason}",
        "problem": rt.manager.stats().last_problem,
    }
    gunj.close_all()
    sys.stdout.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    main()
