"""From the socket into a MetricFrame, against receiving and decoding the same frames and throwing them away."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
from blaster import blasting
from measure import show
from websockets.asyncio.client import connect

from gunj_widgets.connection.interest import Interest
from gunj_widgets.events import columns
from gunj_widgets.session.session import Session

ROUNDS = 5
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


class Cost(NamedTuple):
    """Seconds a message: once messages flow, so that neither pays for its first connection here."""

    cpu: float
    wall: float


class Meter:
    """Begins at the first messages."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def cost(self, messages: int) -> Cost:
        return Cost((time.process_time() - self.cpu) / messages, (time.perf_counter() - self.wall) / messages)


def bare(url: str, count: int) -> Cost:
    """Receive and decode; keep nothing."""
    decode = msgspec.json.Decoder(Envelope).decode

    async def run() -> Cost:
        address = f"ws{url.removeprefix('http')}/bare"
        async with connect(address, compression=None, ping_interval=None, close_timeout=0.1) as socket:
            decode(await socket.recv(decode=False))
            meter = Meter()
            for _ in range(count - 1):
                decode(await socket.recv(decode=False))
            return meter.cost(count - 1)

    return asyncio.run(run())


def ours(url: str, count: int, samples: int) -> Cost:
    """The whole way: socket, decoding, resume, routing with history, and the frame."""
    session = Session(url)
    frame = session.store.frame("p")
    session.manager.watch(METRICS)
    try:
        while not frame.version:
            time.sleep(0.0005)
        meter, before = Meter(), frame.stats().appended // samples
        while frame.stats().appended < count * samples:
            time.sleep(0.005)
        cost = meter.cost(count - before)
        stats = session.manager.stats()
        assert stats.unaccounted == 0
        assert (stats.counts["malformed"], stats.counts["gap"], stats.counts["reset"]) == (0, 0, 0)
        return cost
    finally:
        session.shut()


@contextmanager
def plain() -> Iterator[None]:
    """As it is without the extra `fast`."""
    parse: Any = columns._parse
    columns._parse = None
    try:
        yield
    finally:
        columns._parse = parse


def measured(name: str, count: int, samples: int) -> tuple[str, ...]:
    """Measure both by turns; return the table's row."""
    with blasting(count, samples) as url:
        works = {"bare": lambda: bare(url, count), "ours": lambda: ours(url, count, samples)}
        rounds = [{key: work() for key, work in works.items()} for _ in range(ROUNDS + 1)][1:]
    ratios = [each["bare"].cpu / each["ours"].cpu for each in rounds]
    rate = 1 / statistics.median(each["ours"].wall for each in rounds)
    cpu = (f"{statistics.median(each[key].cpu for each in rounds) * 1e6:.2f}" for key in works)
    return name, f"{rate:,.0f}", *cpu, f"{statistics.median(ratios):.0%}", f"{min(ratios):.0%}–{max(ratios):.0%}"


def main() -> None:
    with plain():
        rows = [measured("1 sample, 200 bytes", 100_000, 1), measured("100 samples, columns", 10_000, 100)]
    assert columns._parse is not None, "the extra `fast` is not installed"
    rows.append(measured("the same, with the extra `fast`", 10_000, 100))
    heads = ("messages", "ours a second", "bare µs CPU", "ours µs CPU", "ours of bare", "spread")
    show(
        "Ingest: websockets + msgspec and nothing else (bare), the whole way into a MetricFrame (ours); goal ≥ 80 %",
        heads,
        rows,
    )


if __name__ == "__main__":
    main()
