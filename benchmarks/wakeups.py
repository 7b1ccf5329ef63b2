"""CPU at the rates of real life, where waking up costs more than the message: a plain loop against the whole session."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

import msgspec
from blaster import blasting
from ingest import METRICS, Envelope
from measure import show
from websockets.asyncio.client import connect

from gunj_widgets.session.session import Session

SECONDS = 1.5
ROUNDS = 5
RATES = (100, 1_000, 5_000)


def bare(url: str, count: int) -> float:
    """Receive and decode; return CPU seconds between the first and the last message."""
    decode = msgspec.json.Decoder(Envelope).decode

    async def run() -> float:
        address = f"ws{url.removeprefix('http')}/bare"
        async with connect(address, compression=None, ping_interval=None, close_timeout=0.1) as socket:
            decode(await socket.recv(decode=False))
            began = time.process_time()
            for _ in range(count - 1):
                decode(await socket.recv(decode=False))
            return time.process_time() - began

    return asyncio.run(run())


def ours(url: str, count: int) -> float:
    """The whole way into a frame; return CPU seconds between the first message and the last."""
    session = Session(url)
    frame = session.store.frame("p")
    session.manager.watch(METRICS)
    try:
        while not frame.version:
            time.sleep(0.001)
        began = time.process_time()
        time.sleep(SECONDS * 0.9)
        while frame.stats().appended < count:
            time.sleep(0.01)
        return time.process_time() - began
    finally:
        session.shut()


def measured(rate: int) -> tuple[str, ...]:
    """Measure both by turns; return the table's row."""
    count = int(rate * SECONDS)
    works: dict[str, Callable[[str, int], float]] = {"bare": bare, "ours": ours}
    with blasting(count, 1, rate=rate) as url:
        rounds = [{key: work(url, count) for key, work in works.items()} for _ in range(ROUNDS)]
    cpu = (f"{statistics.median(each[key] for each in rounds) / SECONDS:.1%}" for key in works)
    ratios = [each["ours"] / each["bare"] for each in rounds]
    return f"{rate:,}/s", *cpu, f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}"


def main() -> None:
    show(
        "Wake-ups: share of one core, websockets + msgspec (bare) and the whole session (ours); goal 0.5, at 5,000 0.2",
        ("rate", "bare", "ours", "ours / bare", "spread"),
        [measured(rate) for rate in RATES],
    )


if __name__ == "__main__":
    main()
