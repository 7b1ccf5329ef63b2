"""A server that can no longer say what happened: one reset, one snapshot, a gap with its bounds, and equal stores after."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from gunj_widgets.connection import backoff
from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from gunj_widgets.session.session import Session
from tests.live.client import ALL, PLATFORM, Client, wait_for
from tests.live.faults.conftest import SEED, SOAK, settings
from tests.live.faults.numbers import LOGS, METRICS, Numbers, told
from tests.live.proxy import WHOLE, Plan, Proxy, http

AWAY = Plan(answer=http("503 Service Unavailable"))
RESTARTS = 200 if SOAK else 20
Through = Callable[..., tuple[Proxy, Client]]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """These servers come and go faster than any real one: without this they are taken for one that hangs up at once."""
    monkeypatch.setattr(backoff, "FALSE_START", 0.0)


def test_a_short_history_is_one_reset_and_one_snapshot_for_each(operator: Numbers, through: Through) -> None:
    random = Random(SEED)
    proxy, client = through()
    client.open(METRICS, LOGS)
    operator.publish(300)
    wait_for(lambda: [len(n) for n in told(client.events)] == [300, 300])
    for turn in range(1, RESTARTS + 1):
        before = operator.stats()["snapshots"]
        keep = random.randrange(301)
        proxy.plan = lambda kind: AWAY  # so that what is published now is missed, and not just buffered
        proxy.cut()
        wait_for(lambda: operator.stats()["feeds"] == 0)
        operator.publish(keep + random.randrange(1, 50))
        operator.forget(keep)
        proxy.plan = lambda kind: WHOLE
        wait_for(lambda turn=turn: len(client.resets()) == 2 * turn, what="a reset for each")  # type: ignore[misc]
        wait_for(lambda: client.state == "open" and operator.stats()["feeds"] == 2)
        assert operator.stats()["snapshots"] - before == 2
        operator.publish(max(1, min(5, keep)))  # more at once than is kept, and the feed itself would be cut off
        last = operator.said
        wait_for(lambda last=last: [n[-1] for n in told(client.events)] == [last] * 2, what="what followed")  # type: ignore[misc]
    for reset in client.resets():
        start, end = reset["gap"]  # type: ignore[misc]
        assert start < end
        assert str(reset["from"]).rpartition(":")[0] == str(reset["to"]).rpartition(":")[0]
    for numbers in told(client.events):
        assert numbers == sorted(set(numbers))  # with holes, but nothing twice and nothing moved
    assert client.count("reset") == 2 * RESTARTS


@pytest.fixture
def watched() -> Iterator[tuple[Operator, Session]]:
    """The whole demo operator and a session that has asked for everything of one platform."""
    with Operator(seed=7, retry=None) as operator:
        session = Session(operator.url, auth=operator.token, settings=settings())
        try:
            session.wait_ready(10)
            session.metrics(PLATFORM)
            session.logs(PLATFORM)
            yield operator, session
        finally:
            session.shut()


@pytest.mark.timeout(900 if SOAK else 120)
def test_after_each_restart_the_store_is_the_servers_again(watched: tuple[Operator, Session]) -> None:
    operator, session = watched
    resets: list[dict[str, Any]] = []
    session.router.subscribe("connection.reset", lambda event: resets.append(event.data))
    random = Random(SEED)
    for turn in range(1, RESTARTS + 1):
        operator.stop()
        wait_for(lambda: session.state != "open")
        operator.start()
        if random.random() < 0.5:
            operator.start_scenario("loki-volume-full", speed=20.0)
        wait_for(lambda turn=turn: len(resets) == turn * len(ALL), 30.0, "a reset for each")  # type: ignore[misc]
        wait_for(lambda: session.state == "open")
        wait_for(lambda: equal(operator, session), what="equal stores")
    wait_for(lambda: session.manager.stats().unaccounted == 0)
    assert len(resets) == turn * len(ALL)  # exactly one for each interest and restart
    assert len({(reset["interest"], reset["to"]) for reset in resets}) == len(resets)
    assert session.stats()["gaps"] == len(resets)
    for gap in session.store.gaps:
        assert gap.from_time < gap.to_time <= time.time()


def equal(operator: Operator, session: Session) -> bool:
    """Compare platforms, components and alerts, on the operator's own thread so that nothing moves meanwhile."""

    def there() -> tuple[Any, Any]:
        clusters = operator.world.clusters.values()
        parts = {c.state.id: {n: p.payload()["status"] for n, p in c.state.components.items()} for c in clusters}
        return parts, {alert.fingerprint: alert.status for c in clusters for alert in c.alerts.active}

    platforms, alerts = operator._do(there)
    mine = {p.id: {name: str(part.health) for name, part in p.components.items()} for p in session.store.platforms}
    return mine == platforms and {a.fingerprint: str(a.state) for a in session.store.alerts.active} == alerts


def test_a_hundred_thousand_missed_events_are_caught_up_while_the_loop_stays_live(
    operator: Numbers, through: Through
) -> None:
    many = 50_000  # on each transport
    proxy, client = through()
    client.open(METRICS, LOGS)
    proxy.plan = lambda kind: AWAY
    proxy.cut()
    wait_for(lambda: operator.stats()["feeds"] == 0)
    for _ in range(10):
        operator.publish(many // 10)
    looked: list[float] = []

    async def look() -> None:
        while True:
            looked.append(time.monotonic())
            await asyncio.sleep(0.02)

    looking = get_io().run(look())
    proxy.plan = lambda kind: WHOLE
    began = time.monotonic()
    wait_for(lambda: [len(n) for n in told(client.events)] == [many, many], 60.0, "catching up")
    seconds = time.monotonic() - began
    looking.cancel()
    assert told(client.events) == (list(range(1, many + 1)),) * 2
    turns = [b - a for a, b in itertools.pairwise(looked)]
    print(f"{2 * many} events in {seconds:.1f} s; the loop's longest turn {max(turns) * 1000:.0f} ms")  # noqa: T201
    assert max(turns) < 1.0  # the feed to the browser runs on this loop: it was never starved
    assert client.count("reset") == 0
