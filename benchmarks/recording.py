"""What recording costs, what it takes on disk, and how fast a recording is told again."""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

from blaster import blasting
from measure import show

import gunj_widgets as gunj
from gunj_widgets.connection.interest import Interest
from gunj_widgets.events.event import Event
from gunj_widgets.recording.chunks import pack
from gunj_widgets.recording.file import Info, RecordingFile
from gunj_widgets.recording.index import Index
from gunj_widgets.recording.player import Player
from gunj_widgets.recording.redact import Redaction
from gunj_widgets.session.session import Session
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.store import Store

COUNT = 100_000
ROUNDS = 5
METRICS = Interest("metrics", "p")
RATE = 833.4
"""Events a second of the evening: 3,000,000 in an hour."""


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


def evening(path: Path, minutes: float) -> Info:
    """Write what an operator of 833 events a second tells: samples of 200 series, a line in fourteen, statuses, alerts."""
    rng = random.Random(7)
    file = RecordingFile.create(path, "made up")
    begin = time.perf_counter()
    index = Index(file, RetentionSettings())
    now = first = 1_764_000_000.0
    while now < first + 60 * minutes:
        batches = []
        for _ in range(10):
            now += 0.05
            batches.append([_event(rng, now + n * 1e-3) for n in range(round(0.05 * RATE))])
        file.append(batches[0][0].arrived, batches[-1][-1].arrived, sum(map(len, batches)), pack(batches, Redaction()))
        index.follow()
    file.finish()
    print(f"{time.perf_counter() - begin:.0f} s to write {minutes:g} minutes, snapshots included")
    info = file.info()
    assert file.check() == []
    file.close()
    return info


def _event(rng: random.Random, now: float) -> Event:
    kind, pod = rng.random(), rng.randrange(100)
    if kind < 0.92:
        metric = rng.choice(("cpu_usage", "memory_usage"))
        sample = {"labels": {"pod": f"api-{pod}", "component": "loki"}, "time": now, "value": rng.gauss(50, 9)}
        return Event(
            topic=f"platform.p.metrics.{metric}", data={"metric": metric, "samples": [sample]}, time=now, arrived=now
        )
    if kind < 0.99:
        text = f"request {rng.randrange(1 << 30):x} to /api/v1/push took {rng.random():.3f} s, status {rng.choice((200, 200, 500))}"
        line = {"timestamp": now, "level": rng.choice(("info", "info", "warn", "error")), "message": text}
        return Event(topic="platform.p.logs.loki", data=line, time=now, arrived=now)
    if kind < 0.995:
        data = {"name": "p", "namespace": "o", "phase": rng.choice(("Ready", "Degraded")), "updated": now}
        return Event(topic="platform.p.status", data=data, time=now, arrived=now)
    alert = {"name": f"A{pod}", "status": rng.choice(("firing", "resolved")), "severity": "warning", "startsAt": now}
    return Event(topic=f"alert.a{pod}", data=alert, time=now, arrived=now)


def seeks(path: Path) -> list[float]:
    """Return how long it takes to go to a hundred places, in ms, the slowest last."""
    rt = gunj.replay(path)
    rng = random.Random(1)
    took = []
    for _ in range(100):
        span = rt.player.end_time - rt.player.start_time
        to = rt.player.start_time + span * (0.05 + 0.95 * rng.random())  # by then every series has begun
        begin = time.perf_counter()
        rt.player.seek(to)
        took.append((time.perf_counter() - begin) * 1000)
        assert len(rt.metrics("p", "cpu_usage").series) == 100
    rt.shut()
    return sorted(took)


def told(path: Path) -> float:
    """Tell a recording at full speed, without a jump; return events a second."""
    store = Store(RetentionSettings())
    with RecordingFile.open(path) as file:
        player = Player(file, RetentionSettings())
        begin = time.perf_counter()
        for batch in player.until(float("inf")):
            store.take(batch)
        return player.told / (time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--minutes", type=float, default=5, help="of the evening in which places are sought; 60 for the goal's hour"
    )
    minutes = parser.parse_args().minutes
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
        rate = told(path)
        night = Path(folder) / "night.gunj"
        hour = evening(night, minutes)
        times = seeks(night)
        night_rate = told(night)
    rows = [
        ("throughput lost while recording", f"{1 - 1 / wall:.0%}", "≤ 20 %"),
        ("CPU of ingest with a recording", f"{cpu:.2f}×", ""),
        ("bytes an event on disk", f"{info.bytes / info.events:.1f}", "≤ 40"),
        ("events told a second at full speed", f"{rate:,.0f}", "≥ 100,000"),
    ]
    evening_rows = [
        ("bytes an event on disk, snapshots included", f"{hour.bytes / hour.events:.1f}", "≤ 40"),
        ("snapshots", f"{hour.snapshots:,}", ""),
        ("going to one of 100 places, median", f"{statistics.median(times):.0f} ms", ""),
        ("the same, p95", f"{times[94]:.0f} ms", "< 100 ms in an hour"),
        ("the same, worst", f"{times[-1]:.0f} ms", ""),
        ("events told a second at full speed", f"{night_rate:,.0f}", "≥ 100,000"),
    ]
    show(f"An evening of {minutes:g} minutes, {hour.events:,} events", ("what", "ours", "goal"), evening_rows)
    show(f"Recording: {COUNT:,} one-sample messages over a real socket", ("what", "ours", "goal"), rows)


if __name__ == "__main__":
    main()
