"""A manager on an operator in memory, under a clock that the test moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.connection.status import ConnectionStatus
from gunj_widgets.connection.transport import Refused
from gunj_widgets.events.event import Event
from gunj_widgets.testing import FakeClock, InlineIO, MemoryLink, MemoryOperator

METRICS = Interest("metrics", "p")
LOGS = Interest("logs", "p")
PLATFORMS = Interest("platforms")


class Rig:
    """`events` is what was delivered, `states` what was told, both in order."""

    def __init__(
        self, *, seed: int = 1, operator: MemoryOperator | None = None, clock: FakeClock | None = None, **options: Any
    ) -> None:
        self.clock = clock or FakeClock()
        self.operator = operator or MemoryOperator()
        self.events: list[Event] = []
        self.states: list[ConnectionStatus] = []
        self.sent = 0
        self.manager = ConnectionManager(
            "http://127.0.0.1",
            deliver=self.events.extend,
            on_state=self.states.append,
            clock=self.clock,
            network=self.operator,
            io=InlineIO(),
            rng=Random(seed),
            **options,
        )

    async def open(self, *interests: Interest) -> Rig:
        self.manager.start()
        for interest in interests:
            self.manager.watch(interest)
        await self.clock.advance(0.1)
        return self

    async def close(self) -> None:
        self.manager.close()
        await self.clock.advance(0.1)

    def publish(self, count: int = 1) -> None:
        """Publish numbered samples and lines: 1, 2, 3 …"""
        for _ in range(count):
            self.sent += 1
            self.operator.publish("platform.p.metrics.cpu", {"metric": "cpu", "n": self.sent}, keep=False)
            self.operator.publish("platform.p.logs.loki", {"message": "m", "n": self.sent}, keep=False)

    def numbers(self, kind: str) -> list[int]:
        """The numbers that were delivered, in order; `kind` is metrics or logs."""
        return [event.data["n"] for event in self.events if f".{kind}." in event.topic]

    def resets(self) -> list[dict[str, Any]]:
        return [event.data for event in self.events if event.topic == "connection.reset"]

    @property
    def link(self) -> MemoryLink:
        return self.operator.links[-1]

    @property
    def state(self) -> str:
        return str(self.manager.status().state)

    def count(self, name: str) -> int:
        return self.manager.stats().counts[name]


MakeRig = Callable[..., Awaitable[Rig]]


def refused(status: int, **headers: str) -> Refused:
    return Refused("status", f"answered {status}", status=status, headers=headers)
