"""Imported inside the kernel: a session that keeps book of what it is told while a cell does as it likes."""

from __future__ import annotations

import asyncio
import ctypes
import json
import time
from collections import defaultdict
from itertools import pairwise

import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.status import ConnectionStatus
from gunj_widgets.events.event import Event

LOOK = 0.02
"""Seconds between two looks of the lag probe."""


class Book:
    """`report()` says, as JSON, what came of everything since `begin()`."""

    def __init__(self, url: str, token: str) -> None:
        self.rt = gunj.connect(url, token=token).wait_ready()
        self.metrics = self.rt.metrics("production")
        self.logs = self.rt.logs("production")
        self.states: list[str] = []
        self.numbers: dict[str, list[int]] = defaultdict(list)
        self.heard: dict[str, float] = {}
        self.lags: list[float] = []
        self.rt.on_state(self._state, here=True)
        self.rt.router.subscribe("**", self._note)
        self.probe = get_io().run(self._probe())
        self.wait_fresh(time.time())
        self.begin()

    def begin(self) -> None:
        self.states.clear()
        self.lags.clear()
        self._counted = self.rt.stats().counts

    def wait_fresh(self, since: float, seconds: float = 30.0) -> float:
        """Return the seconds from `since` (epoch) until both transports brought something said after it, and all was open."""
        while not (self.rt.state == "open" and all(self.heard.get(way, 0.0) > since for way in ("websocket", "sse"))):
            if time.time() - since > seconds:
                raise TimeoutError(f"nothing new within {seconds:g} s: {self.rt.status()}")
            time.sleep(0.01)
        return time.time() - since

    def report(self, ended: float) -> str:
        """`ended`: when the cell did, in epoch seconds."""
        fresh = self.wait_fresh(ended)
        counts = {name: value - self._counted.get(name, 0) for name, value in self.rt.stats().counts.items()}
        lags = sorted(self.lags)
        return json.dumps(
            {
                "states": self.states,
                "fresh": fresh,
                "events": sum(map(len, self.numbers.values())),
                "streams": len(self.numbers),
                "wrong": sum(b != a + 1 for ns in self.numbers.values() for a, b in pairwise(ns)),
                "counts": {name: counts[name] for name in ("gap", "reset", "malformed", "errors", "reconnects")},
                "p99": lags[int(len(lags) * 0.99)] if lags else None,
                "worst": lags[-1] if lags else None,
            }
        )

    def _state(self, status: ConnectionStatus) -> None:
        state = str(status.state)
        if not self.states or self.states[-1] != state:
            self.states.append(state)

    def _note(self, event: Event) -> None:
        # Only streams that share no fact with another: what two bring is delivered once, and leaves a hole in the other.
        if event.seq is not None and event.sub is not None and event.sub.startswith(("metrics", "logs")):
            self.numbers[f"{event.sub} {event.epoch}"].append(event.seq)
            self.heard[event.source] = event.time

    async def _probe(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(LOOK)
            self.lags.append(time.monotonic() - before - LOOK)


def compute(seconds: float) -> None:
    """Loop in pure Python."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(n * n for n in range(1000))


def hold_the_lock(seconds: float) -> None:
    """Call C that does not let go of the interpreter's lock."""
    ctypes.PyDLL(None).usleep(ctypes.c_uint(int(seconds * 1_000_000)))
