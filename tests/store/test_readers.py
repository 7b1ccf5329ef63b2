"""Two threads that read as fast as they can while a third writes: no torn row, no exception, nothing that changes later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from gunj_widgets.store.frames import MetricFrame

SERIES, SECONDS = 8, 3.0
T0 = 1_750_000_000.0


def value(time: float, series: int) -> float:
    """What stands at a time in a series: a reader that sees anything else has seen a torn row."""
    return time * 10.0 + series


def check_wide(frame: MetricFrame) -> None:
    wide = frame.df
    if wide.empty:
        return
    times = wide.index.as_unit("us").asi8 / 1e6
    assert (np.diff(times) > 0).all()
    for (_, pod), column in wide.items():
        known = column.to_numpy()
        present = ~np.isnan(known)
        assert np.allclose(known[present], value(times[present], int(pod)), rtol=0, atol=1e-3)


def check_long(frame: MetricFrame) -> None:
    rows = frame.long
    if rows.empty:
        return
    times = rows["time"].dt.as_unit("us").astype("int64").to_numpy() / 1e6
    expected = value(times, rows["pod"].astype(str).astype(int).to_numpy())
    assert np.allclose(rows["value"].to_numpy(), expected, rtol=0, atol=1e-3)


def check_value(frame: MetricFrame) -> None:
    counts = frame.value("count", window=5.0)
    last = frame.value("last")
    assert np.isfinite(np.atleast_1d(np.asarray(counts, float))).all() or frame.stats().rows == 0
    assert np.isfinite(np.atleast_1d(np.asarray(last, float))).all() or frame.stats().rows == 0


def test_readers_never_see_a_torn_row() -> None:
    frame = MetricFrame(max_age=20.0)
    for pod in range(SERIES):
        frame.append("cpu", {"pod": str(pod)}, T0, value(T0, pod))
    stop = threading.Event()
    problems: list[BaseException] = []
    reads = [0, 0]

    def read(which: int, checks: list[Callable[[MetricFrame], None]]) -> None:
        while not stop.is_set():
            try:
                for check in checks:
                    check(frame)
                reads[which] += 1
            except BaseException as problem:
                problems.append(problem)
                return

    readers = [
        threading.Thread(target=read, args=(0, [check_wide, check_value])),
        threading.Thread(target=read, args=(1, [check_long, check_wide])),
    ]
    for reader in readers:
        reader.start()
    kept = frame.df
    copy = kept.copy(deep=True)
    until, step = time.monotonic() + SECONDS, 0
    while time.monotonic() < until and not problems:
        step += 1
        now = T0 + step * 0.01
        if step % 7 == 0:  # a late one, a column, a gap that is filled
            late = now - 1.005
            frame.append("cpu", {"pod": "3"}, late, value(late, 3))
        if step % 11 == 0:
            times = now + np.arange(5) * 0.001
            frame.extend("cpu", {"pod": "5"}, times, value(times, 5))
        batches = [("cpu", {"pod": str(pod)}, [now], [value(now, pod)], "") for pod in range(SERIES)]
        frame.extend_many(batches)
        if step % 500 == 0:
            frame.prune()
    stop.set()
    for reader in readers:
        reader.join(10)
    assert not problems, problems
    assert min(reads) > 3
    assert step > 100
    assert kept.equals(copy)  # what was handed out did not change under its reader
