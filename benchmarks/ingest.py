"""From the socket into a MetricFrame, against receiving and decoding the same frames and throwing them away."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

import msgspec
from blaster import blasting
from measure import show
from websockets.asyncio.client import connect

from gunj_widgets.connection.interest import Interest
from gunj_widgets.session.session import Session

ROUNDS = 7
METRICS = Interest("metrics", "p")


class Envelope(msgspec.Struct):
    """What the bare loop decodes to: the fields anybody needs."""

    type: str
    payload: dict[str, object]
    id: str
    timestamp: float
    seq: int
    epoch: str
    sub: str


def bare(url: str, count: int) -> int:
    """Receive and decode; keep nothing."""
    decode = msgspec.json.Decoder(Envelope).decode

    async def run() -> int:
        seen = 0
        async with connect(
            f"ws{url.removeprefix('http')}/bare", compression=None, ping_interval=None, close_timeout=0.1
        ) as socket:
            while seen < count:
                decode(await socket.recv(decode=False))
                seen += 1
        return seen

    return asyncio.run(run())


def ours(url: str, count: int, samples: int) -> int:
    """The whole way: socket, decoding, resume, routing with history, and the frame. Returns the rows that arrived."""
    session = Session(url)
    frame = session.store.frame("p")
    session.manager.watch(METRICS)
    try:
        while frame.stats().appended < count * samples:
            time.sleep(0.01)
        stats = session.manager.stats()
        assert stats.unaccounted == 0
        assert (stats.counts["malformed"], stats.counts["gap"], stats.counts["reset"]) == (0, 0, 0)
        return frame.stats().appended
    finally:
        session.shut()


def timed(work: Callable[[], int]) -> tuple[float, float]:
    """Return CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def measured(name: str, count: int, samples: int) -> tuple[str, ...]:
    """Measure both by turns; return the table's row."""
    with blasting(count, samples) as url:
        works = {"bare": lambda: bare(url, count), "ours": lambda: ours(url, count, samples)}
        rounds = [{key: timed(work) for key, work in works.items()} for _ in range(ROUNDS + 1)][1:]
    ratios = [each["bare"][0] / each["ours"][0] for each in rounds]
    rate = count / statistics.median(each["ours"][1] for each in rounds)
    cpu = (f"{statistics.median(each[key][0] for each in rounds) / count * 1e6:.2f}" for key in works)
    return name, f"{rate:,.0f}", *cpu, f"{statistics.median(ratios):.0%}", f"{min(ratios):.0%}–{max(ratios):.0%}"


def main() -> None:
    rows = [measured("1 sample, 200 bytes", 100_000, 1), measured("100 samples, columns", 10_000, 100)]
    heads = ("messages", "ours a second", "bare µs CPU", "ours µs CPU", "ours of bare", "spread")
    show(
        "Ingest: websockets + msgspec and nothing else (bare), the whole way into a MetricFrame (ours); goal ≥ 80 %",
        heads,
        rows,
    )


if __name__ == "__main__":
    main()
