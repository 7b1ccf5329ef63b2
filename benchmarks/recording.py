"""What recording costs, what it takes on disk, and how fast a recording is told again."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from blaster import blasting
from measure import show

import gunj_widgets as gunj
from gunj_widgets.connection.interest import Interest
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.session.session import Session

COUNT = 100_000
ROUNDS = 5
METRICS = Interest("metrics", "p")


def ingest(url: str, path: Path | None) -> tuple[float, float]:
    """Take all in, with a recording of it or without; return CPU and wall seconds, the recording's end included."""
    session = Session(url)
    frame = session.store.frame("p")
    recording = session.record(path) if path is not None else None
    cpu, wall = time.process_time(), time.perf_counter()
    session.manager.watch(METRICS)
    try:
        while frame.stats().appended < COUNT:
            time.sleep(0.005)
        took = time.perf_counter() - wall
        if recording is not None:
            status = recording.stop()
            assert (status.dropped, status.state) == (0, "stopped")
        return time.process_time() - cpu, took
    finally:
        session.shut()


def told(path: Path) -> tuple[float, float, float]:
    """Go to the end of a recording, then to ten places in it; return events a second, and the median and worst seek."""
    rt = gunj.replay(path)
    begin = time.perf_counter()
    rt.player.seek(rt.player.end_time)
    rate = rt.player.total / (time.perf_counter() - begin)
    seeks = []
    span = rt.player.end_time - rt.player.start_time
    for n in (7, 2, 9, 4, 1, 8, 3, 6, 5, 0):
        begin = time.perf_counter()
        rt.player.seek(rt.player.start_time + span * n / 10)
        seeks.append(time.perf_counter() - begin)
    rt.shut()
    return rate, statistics.median(seeks), max(seeks)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, blasting(COUNT, 1) as url:
        rounds = []
        for n in range(ROUNDS + 1):
            rounds.append((ingest(url, None), ingest(url, Path(folder) / f"{n}.gunj")))
        rounds = rounds[1:]
        path = Path(folder) / "1.gunj"
        with RecordingFile.open(path) as file:
            info = file.info()
            assert (info.events, file.check()) == (COUNT, [])
        cpu = statistics.median(with_[0] / without[0] for without, with_ in rounds)
        wall = statistics.median(with_[1] / without[1] for without, with_ in rounds)
        rate, median, worst = told(path)
    rows = [
        ("throughput lost while recording", f"{1 - 1 / wall:.0%}", "≤ 20 %"),
        ("CPU of ingest with a recording", f"{cpu:.2f}×", ""),
        ("bytes an event on disk", f"{info.bytes / info.events:.1f}", "≤ 40"),
        ("events told a second at full speed", f"{rate:,.0f}", "≥ 100,000"),
        (f"seek in {COUNT:,} events, median", f"{median * 1000:.0f} ms", "p95 < 100 ms in 3,000,000"),
        ("the same, worst", f"{worst * 1000:.0f} ms", ""),
    ]
    show(f"Recording: {COUNT:,} one-sample messages over a real socket", ("what", "ours", "goal"), rows)


if __name__ == "__main__":
    main()
