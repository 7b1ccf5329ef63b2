"""An operator that says nothing but numbers, on one subscription of each transport: what is lost, doubled or moved shows."""

from __future__ import annotations

from typing import Self

from gunj_widgets.connection.interest import Interest
from gunj_widgets.demo.facts import Fact
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event
from tests.live.client import PLATFORM

METRICS = Interest("metrics", PLATFORM)
"""Goes by WebSocket."""
LOGS = Interest("logs", PLATFORM)
"""Goes by SSE."""


class Numbers(Operator):
    """The demo operator with a world that stands still; `publish()` tells the next numbers on both subscriptions."""

    said = 0

    def start(self) -> Self:
        super().start()
        service = self._live()
        self._do(lambda: setattr(service, "step", lambda: None))
        return self

    def publish(self, count: int) -> None:
        """Tell the next `count` numbers, each once as a sample and once as a log line."""
        numbers = range(self.said + 1, self.said + 1 + count)
        self.said += count
        service = self._live()
        facts = [fact for n in numbers for fact in (_sample(n, service.epoch), _line(n, service.epoch))]
        self._do(lambda: service.streams.publish(facts))

    def forget(self, keep: int) -> None:
        """Let every stream keep only its newest `keep` facts, as a server does whose history is short.

        The numbers must be those of the streams: both were there before the first was told.
        """
        service = self._live()

        def shorten() -> None:
            for stream in service.streams._streams.values():
                make = _line if "logs" in stream.filter.kinds else _sample
                # Made anew, for after a shorter history a longer one is no longer there to be kept.
                kept = [make(n, service.epoch) for n in range(max(1, stream.seq - keep + 1), stream.seq + 1)]
                stream.size = max(1, len(kept))
                turn = stream.seq % stream.size  # the ring is indexed by number: the newest is where it is looked for
                stream._ring = kept[-turn:] + kept[:-turn] if turn else kept

        self._do(shorten)


def number(event: Event) -> int | None:
    """Return the number a live event tells; None for anything else."""
    if event.seq is None:
        return None
    try:
        data = event.data
    except RemoteProtocolError:  # one that makes no sense, which the store counts
        return None
    if "metric" in data:
        return int(data["samples"][0]["value"])
    return int(str(data["message"]).removeprefix("n="))


def told(events: list[Event]) -> tuple[list[int], list[int]]:
    """Return the numbers that came as samples and those that came as lines, in the order of their arrival."""
    found: tuple[list[int], list[int]] = ([], [])
    for event in events:
        n = number(event)
        if n is not None:
            found["message" in event.data].append(n)
    return found


def _sample(n: int, epoch: str) -> Fact:
    payload = {"metric": "cpu_usage", "samples": [{"time": 1_750_000_000.0 + n, "value": float(n), "labels": {}}]}
    topic = f"platform.{PLATFORM}.metrics.cpu_usage"
    return Fact(
        id=f"m{n}", kind="metrics", topic=topic, payload=payload, time=1_750_000_000.0 + n, platform=PLATFORM,
        name="cpu_usage",
    )  # fmt: skip


def _line(n: int, epoch: str) -> Fact:
    time = 1_750_000_000.0 + n
    payload = {"timestamp": time, "level": "info", "component": "loki", "message": f"n={n}", "metadata": {}}
    return Fact(
        id=f"l{n}", kind="logs", topic=f"platform.{PLATFORM}.logs.loki", payload=payload, time=time, platform=PLATFORM,
        name="loki",
    )  # fmt: skip
