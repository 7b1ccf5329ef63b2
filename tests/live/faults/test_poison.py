"""Messages that make no sense, or are far too large: counted, reported, and never the end of the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gunj_widgets.demo.facts import Fact
from tests.live.client import PLATFORM, Client, wait_for
from tests.live.faults.numbers import LOGS, METRICS, Numbers, told
from tests.live.proxy import Proxy

Through = Callable[..., tuple[Proxy, Client]]


class Odd(Fact, frozen=True):
    """A fact that is told as it pleases the test."""

    told: Any = None

    def envelope(self, *, sub: str | None = None, seq: int | None = None, epoch: str | None = None) -> dict[str, Any]:
        if isinstance(self.told, dict) and self.told.get("numbered"):
            return {**self.told, "sub": sub, "seq": seq, "epoch": epoch}
        return self.told  # type: ignore[no-any-return]


def say(operator: Numbers, told: Any) -> None:
    """Put something odd into both subscriptions."""
    service = operator._live()
    base = {"topic": "x", "payload": {}, "time": 0.0, "platform": PLATFORM}
    facts = [
        Odd(id="odd-m", kind="metrics", name="cpu_usage", told=told, **base),
        Odd(id="odd-l", kind="logs", name="loki", told=told, **base),
    ]
    operator._do(lambda: service.streams.publish(facts))


def deep(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "odd",
    [
        7,
        [],
        "text",
        None,
        {},
        {"type": 5, "payload": {}, "numbered": True},
        {"type": "", "payload": {}, "numbered": True},
        {"type": "a..b", "payload": {}, "numbered": True},
        {"type": "x" * 5_000, "payload": {}, "numbered": True},
        {"type": "a.b", "timestamp": "yesterday", "payload": {}, "numbered": True},
        {"type": "a.b", "payload": deep(200), "numbered": True},
        {"type": "a.b", "id": [], "payload": {}, "numbered": True},
        {"type": "subscribed", "id": METRICS.id, "position": 5},
        {"type": "snapshot", "id": METRICS.id, "events": 5, "position": "x"},
        {"type": "welcome"},
        {"type": "heartbeat", "payload": {"time": []}},
        {"type": "auth_ok", "expires": "soon"},
        {"type": "error"},
    ],
)
def test_what_makes_no_sense_costs_itself_alone(operator: Numbers, through: Through, odd: Any) -> None:
    _proxy, client = through()
    client.open(METRICS, LOGS)
    operator.publish(5)
    say(operator, odd)
    operator.publish(5)
    wait_for(lambda: [n[-1:] for n in told(client.events)] == [[10], [10]], what="what followed")
    for numbers in told(client.events):
        assert numbers == list(range(1, 11))
    assert client.state == "open"


@pytest.mark.parametrize("size", [(1 << 20) + 1, 6 << 20])
def test_what_is_too_large_is_given_up_and_told(operator: Numbers, through: Through, size: int) -> None:
    """The WebSocket's bound is 1 MiB a message, SSE's 1 MiB a line."""
    _proxy, client = through()
    client.open(METRICS, LOGS)
    operator.publish(5)
    say(operator, {"type": "platform.x.logs.y", "payload": {"message": "x" * size}, "numbered": True})
    wait_for(lambda: client.count("reset") >= 1 and client.state == "open", 30.0, "giving it up")

    def goes_on() -> bool:
        operator.publish(1)
        return all(n and n[-1] > operator.said - 5 for n in told(client.events))

    wait_for(goes_on, 30.0, "what followed")
    for numbers in told(client.events):
        assert numbers[:5] == [1, 2, 3, 4, 5]
        assert numbers == sorted(set(numbers))
    assert client.count("oversize") >= 2
    assert "bound" in client.manager.stats().last_problem or "limit" in client.manager.stats().last_problem
    assert client.count("reset") <= 2


def test_the_odd_fact_is_really_said(operator: Numbers) -> None:
    assert msgspec.structs.asdict(Odd(id="", kind="", topic="", payload={}, time=0.0, told=1))["told"] == 1
