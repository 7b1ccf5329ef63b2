"""MetricFrame against a deque of dicts, pandas concat and streamz: taking in samples, reading them, and what they weigh."""

from __future__ import annotations

import tracemalloc
from collections import deque
from collections.abc import Callable

import numpy as np
import pandas as pd
from measure import by_turns, show
from streamz import Stream
from streamz.dataframe import DataFrame as StreamingFrame

from gunj_widgets.store.frames import MetricFrame

T0 = 1_700_000_000.0
SERIES, SECONDS = 1_000, 300
KEPT = SERIES * SECONDS


def labels_of(count: int) -> list[dict[str, str]]:
    return [{"component": f"c{i % 10}", "pod": f"p{i}"} for i in range(count)]


class Ticks:
    """A clock that every case moves on, so that samples are always new."""

    def __init__(self) -> None:
        self.now = T0

    def next(self) -> float:
        self.now += 1.0
        return self.now


def filled(series: int = SERIES, seconds: int = SECONDS) -> tuple[MetricFrame, Ticks]:
    """A frame that has been full for a while: every new sample pushes an old one out."""
    frame, ticks = MetricFrame(max_age=float(seconds)), Ticks()
    labels = labels_of(series)
    for _ in range(seconds + seconds // 4):
        now = ticks.next()
        frame.extend_many([("cpu", pod, [now], [1.5], "") for pod in labels])
    return frame, ticks


# Taking in


def single(series: int) -> Callable[[], int]:
    frame, ticks = filled(series, KEPT // series)
    labels = labels_of(series)

    def run() -> int:
        append = frame.append
        for _ in range(max(1, 20_000 // series)):
            now = ticks.next()
            for pod in labels:
                append("cpu", pod, now, 1.5)
        return max(1, 20_000 // series) * series

    return run


def written() -> Callable[[], int]:
    """The same through one writer a series, which need not look for it."""
    frame, ticks = filled()
    writers = [frame.writer("cpu", pod) for pod in labels_of(SERIES)]

    def run() -> int:
        for _ in range(20):
            now = ticks.next()
            for write in writers:
                write(now, 1.5)
        return 20 * SERIES

    return run


def event() -> Callable[[], int]:
    """As the store does it: the samples of one event at once."""
    frame, ticks = filled()
    labels = labels_of(SERIES)

    def run() -> int:
        for _ in range(20):
            now = ticks.next()
            frame.extend_many([("cpu", pod, [now], [1.5], "") for pod in labels])
        return 20 * SERIES

    return run


def block() -> Callable[[], int]:
    """A hundred samples of one series at once: a backfill."""
    frame = MetricFrame(max_age=3_000.0)
    (pod,) = labels_of(1)
    seconds, values = np.arange(100) / 100, np.ones(100)
    ticks = Ticks()

    def run() -> int:
        for _ in range(200):
            frame.extend("cpu", pod, ticks.next() + seconds, values)
        return 20_000

    return run


def dicts() -> Callable[[], int]:
    rows: deque[dict[str, object]] = deque(maxlen=KEPT)
    labels = labels_of(SERIES)
    ticks = Ticks()

    def run() -> int:
        append = rows.append
        for _ in range(20):
            now = ticks.next()
            for pod in labels:
                append({"metric": "cpu", "labels": pod, "time": now, "value": 1.5})
        return 20 * SERIES

    return run


def concat() -> Callable[[], int]:
    """What a notebook does at first: one more row by pd.concat, the oldest cut off."""
    frame = pd.DataFrame({"time": np.arange(KEPT) + T0, "pod": "p1", "value": 1.5})

    def run() -> int:
        nonlocal frame
        for _ in range(5):
            row = pd.DataFrame({"time": [T0], "pod": ["p1"], "value": [1.5]})
            frame = pd.concat([frame, row], ignore_index=True).iloc[1:]
        return 5

    return run


def streaming() -> Callable[[], int]:
    """A streamz DataFrame that keeps as many rows and a running mean: what it is made for."""
    rows = pd.DataFrame({"time": np.arange(KEPT) + T0, "pod": "p1", "value": 1.5})
    source = Stream()
    StreamingFrame(source, example=rows.iloc[:0]).window(n=KEPT)["value"].mean().stream.sink(lambda mean: None)
    source.emit(rows)  # at once: of rows that came one by one it walks over all 300,000 at each
    ticks = Ticks()

    def run() -> int:
        for _ in range(20):
            source.emit(pd.DataFrame({"time": [ticks.next()], "pod": ["p1"], "value": [1.5]}))
        return 20

    return run


# Reading


def read(look: Callable[[MetricFrame], object]) -> Callable[[], int]:
    frame, _ = filled()

    def run() -> int:
        for _ in range(5):
            look(frame)
        return 5

    return run


def ragged() -> Callable[[], int]:
    """Wide, where one series missed one sample: the rows are no matrix any more."""
    frame, ticks = filled()
    now = ticks.next()
    frame.extend_many([("cpu", pod, [now], [1.5], "") for pod in labels_of(SERIES)[1:]])

    def run() -> int:
        for _ in range(5):
            _ = frame.df
        return 5

    return run


def delta() -> Callable[[], int]:
    """What the browser feed asks for after each tick."""
    frame, ticks = filled()
    labels = labels_of(SERIES)
    cursor = frame.rows_since().cursor

    def run() -> int:
        nonlocal cursor
        now = ticks.next()
        frame.extend_many([("cpu", pod, [now], [1.5], "") for pod in labels[:10]])
        for _ in range(20):
            frame.rows_since(cursor)
        cursor = frame.rows_since(cursor).cursor
        return 20

    return run


def from_dicts() -> Callable[[], int]:
    rows = deque(
        {"pod": pod["pod"], "time": T0 + second, "value": 1.5} for second in range(SECONDS) for pod in labels_of(SERIES)
    )

    def run() -> int:
        long = pd.DataFrame(list(rows))
        long["time"] = pd.to_datetime(long["time"], unit="s", utc=True)
        long.pivot(index="time", columns="pod", values="value")
        return 1

    return run


# Weight


def weigh(make: Callable[[], object]) -> float:
    """Return the bytes per kept sample that `make` leaves allocated."""
    tracemalloc.start()
    kept = make()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return size / KEPT


def as_dicts() -> object:
    labels = labels_of(SERIES)
    rows = ((T0 + second, pod) for second in range(SECONDS) for pod in labels)
    return deque({"metric": "cpu", "labels": pod, "time": time, "value": time * 0.5} for time, pod in rows)


def main() -> None:
    times = by_turns(
        {
            "deque of dicts": dicts(),
            "append, 10 series": single(10),
            "append, 1,000 series": single(1_000),
            "append, 10,000 series": single(10_000),
            "writer, 1,000 series": written(),
            "event of 1,000 samples": event(),
            "block of 100 samples": block(),
            "pandas concat and trim": concat(),
            "streamz DataFrame, window": streaming(),
        }
    )
    rows = [(name, f"{ns / 1000:,.3f}", times.ratio(name, "deque of dicts")) for name, ns in times.items()]
    show(f"Taking in one sample, {KEPT:,} kept", ("", "µs", "x deque"), rows)
    peers = {"pandas concat and trim": 1_000, "streamz DataFrame, window": 500}
    ratios = [
        (
            name,
            *(times.ratio(name, way, ",.0f") for way in ("append, 1,000 series", "writer, 1,000 series")),
            f"{goal:,}x",
        )
        for name, goal in peers.items()
    ]
    show("One sample more is quicker than", ("", "append", "writer", "goal"), ratios)

    reads = by_turns(
        {
            "wide .df": read(lambda frame: frame.df),
            "wide .df, one sample missing": ragged(),
            "value('last')": read(lambda frame: frame.value()),
            "value('p95')": read(lambda frame: frame.value("p95")),
            "resample('10s')": read(lambda frame: frame.resample(10)),
            "rows_since, 10 new": delta(),
            "rows_since, everything": read(lambda frame: frame.rows_since()),
            "deque of dicts → pivot": from_dicts(),
        },
        rounds=5,
    )
    rows = [
        (name, f"{ns / 1e6:,.3f}", reads.ratio("deque of dicts → pivot", name, ",.0f")) for name, ns in reads.items()
    ]
    show(f"Reading {SERIES:,} series x {SECONDS} samples", ("", "ms", "x faster than deque"), rows)

    show(
        "Bytes per kept sample",
        ("", "bytes"),
        [("MetricFrame", f"{weigh(lambda: filled()[0]):.1f}"), ("deque of dicts", f"{weigh(as_dicts):.1f}")],
    )


if __name__ == "__main__":
    main()
