"""Random disconnects on both transports: every number arrives once and in order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from tests.live.client import Client, wait_for
from tests.live.faults.conftest import SEED, SOAK
from tests.live.faults.numbers import LOGS, METRICS, Numbers, told
from tests.live.proxy import WHOLE, Kind, Plan, Proxy

CUTS, EVENTS = (1_000, 100_000) if SOAK else (100, 10_000)
AHEAD = 2_000
"""Numbers the operator may be ahead of the slower transport: enough to fill a pipe, so that cuts happen under way."""

Through = Callable[..., tuple[Proxy, Client]]


@pytest.mark.timeout(900 if SOAK else 120)
def test_no_number_is_lost_doubled_or_moved(operator: Numbers, through: Through) -> None:
    random = Random(SEED)
    apart = EVENTS * 300 // CUTS  # bytes between two cuts, so that all of them happen before the last number

    def plan(kind: Kind) -> Plan:
        if not client.events or kind == "rest" or proxy.cuts[kind] >= CUTS:
            return WHOLE
        end = random.choices(("rst", "fin", "hole"), (60, 39, 1 if SOAK else 0))[0]
        return Plan(after=random.randrange(apart), end=end, step=random.choice((7, 1_000, 65_536)))

    proxy, client = through(plan)
    client.open(METRICS, LOGS)  # the snapshots, larger than what passes between two cuts, are in now
    proxy.cut()
    began = time.monotonic()
    seen = [0, 0]
    read = 0
    while min(seen) < EVENTS:
        assert time.monotonic() - began < (800 if SOAK else 100), f"seed {SEED}: {seen} of {operator.said} arrived"
        if operator.said < EVENTS and operator.said - min(seen) < AHEAD:
            operator.publish(min(200, EVENTS - operator.said))
        fresh = client.events[read:]
        read += len(fresh)
        samples, lines = told(fresh)
        seen[0] += len(samples)
        seen[1] += len(lines)
        time.sleep(0.002)
    seconds = time.monotonic() - began
    stats = client.manager.stats().counts
    print(f"seed {SEED}: {dict(proxy.cuts)} cuts, {EVENTS} numbers on each transport, {seconds:.0f} s, {stats}")  # noqa: T201  the seed is what makes a failure repeatable
    everything = list(range(1, EVENTS + 1))
    for numbers in told(client.events):
        assert numbers == everything
    assert proxy.cuts["websocket"] >= CUTS * 0.9
    assert proxy.cuts["sse"] >= CUTS * 0.9
    assert stats["reset"] == 0
    assert stats["malformed"] == 0


def test_a_reset_during_the_handshake_only_costs_time(operator: Numbers, through: Through) -> None:
    """The first makes room for SSE, in case it is a proxy that lets no WebSocket through; then everything moves back."""
    random = Random(SEED)
    begun: Counter[Kind] = Counter()

    def plan(kind: Kind) -> Plan:
        begun[kind] += 1
        return Plan(after=random.randrange(120)) if begun[kind] in (1, 2) else WHOLE

    _proxy, client = through(plan)
    client.open(METRICS, LOGS)

    def moved_back() -> bool:
        operator.publish(1)
        return all(t.state == "open" for t in client.manager.status().transports) and begun["websocket"] == 3

    wait_for(moved_back, what="the WebSocket's return")
    operator.publish(20)
    wait_for(lambda: [len(numbers) for numbers in told(client.events)] == [operator.said] * 2, what="all numbers")
    assert told(client.events) == (list(range(1, operator.said + 1)),) * 2
    assert {event.source for event in client.events if event.seq} == {"websocket", "sse"}
    assert client.count("reset") == 0


@pytest.mark.parametrize("plan", [Plan(step=1), Plan(step=13, delay=0.0005)])
def test_byte_by_byte_and_late_is_all_the_same(operator: Numbers, through: Through, plan: Plan) -> None:
    proxy, client = through(open_timeout=8.0)
    client.open(METRICS, LOGS)
    proxy.plan = lambda kind: plan
    proxy.cut()
    wait_for(lambda: client.count("reconnects") >= 2, what="coming back")
    operator.publish(30)
    wait_for(lambda: told(client.events) == (list(range(1, 31)), list(range(1, 31))), 30.0, "all numbers")
    assert client.count("malformed") == 0
    assert (proxy.connections["websocket"], proxy.connections["sse"]) == (2, 2)


def test_a_half_open_link_is_found_within_interval_and_time_out(operator: Numbers, through: Through) -> None:
    proxy, client = through()
    client.open(METRICS, LOGS)
    operator.publish(10)
    wait_for(lambda: [len(n) for n in told(client.events)] == [10, 10])
    proxy.hole = True
    lost = time.monotonic()
    wait_for(
        lambda: {str(t.state) for t in client.manager.status().transports}.isdisjoint({"open"}),
        10.0,
        "noticing on both",
    )
    assert time.monotonic() - lost < 5.0  # 1 s + 1 s, a look each second, and a loaded machine
    operator.publish(10)
    proxy.hole = False
    proxy.cut()
    wait_for(lambda: told(client.events) == (list(range(1, 21)), list(range(1, 21))), what="all numbers")
    assert client.count("reset") == 0
