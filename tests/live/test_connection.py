"""The connection on real sockets, against the embedded operator: both transports, kill and restart, cuts, black holes."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from random import Random

import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from tests.live.client import ALL, QUICK, Client, wait_for
from tests.live.proxy import Plan, Proxy


@pytest.fixture
def operator() -> Iterator[Operator]:
    with Operator(seed=7) as running:
        yield running


@pytest.fixture
def client(operator: Operator) -> Iterator[Client]:
    made = Client(operator.url, operator.token)
    yield made
    made.manager.close()


def test_everything_flows_over_both_transports(client: Client) -> None:
    client.open(*ALL)
    wait_for(
        lambda: {"metrics", "component"} <= client.by_source()["websocket"] and "logs" in client.by_source()["sse"]
    )
    wait_for(lambda: client.manager.status().latency is not None, what="a ping")
    status = client.manager.status()
    assert status.state == "open"
    assert "demo" in status.server
    assert all(transport.last_byte for transport in status.transports)
    assert (client.count("malformed"), client.count("gap"), client.count("reset"), client.count("errors")) == (
        0,
        0,
        0,
        0,
    )


def test_killed_and_restarted_it_recovers_by_itself(operator: Operator, client: Client) -> None:
    client.open(*ALL)
    wait_for(lambda: client.by_source()["sse"])
    operator.stop()
    wait_for(lambda: client.state == "waiting")
    status = client.manager.status()
    assert status.reason
    assert status.retry_at is not None
    assert status.retry_at - time.time() < 10.0
    seen = len(client.events)
    operator.start()
    wait_for(lambda: client.state == "open", what="recovery")
    wait_for(lambda: {e.source for e in client.events[seen:]} >= {"websocket", "sse"}, what="data from both")
    resets = [e.data for e in client.events if e.topic == "connection.reset"]
    wait_for(
        lambda: len([e for e in client.events if e.topic == "connection.reset"]) == len(ALL), what="a reset for each"
    )
    assert all(reset["gap"][0] < reset["gap"][1] for reset in resets)


@pytest.mark.timeout(120)
def test_cut_at_any_byte_nothing_is_lost_or_doubled(operator: Operator) -> None:
    random = Random(1)
    proxy = Proxy(operator.url)
    client = Client(proxy.url, operator.token)
    try:
        client.open(*ALL)
        proxy.plan = lambda kind: Plan(after=random.randrange(40_000))
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            proxy.cut()
            time.sleep(0.3)
        proxy.plan = lambda kind: Plan()
        wait_for(lambda: client.state == "open", what=f"recovery of {client.manager.status().transports}")
        before = len(client.events)
        wait_for(lambda: len(client.events) > before + 20, what="data")
        assert proxy.connections.total() > 12
        numbers = client.live_numbers()
        assert numbers
        for stream, seen in numbers.items():
            assert len(seen) == len(set(seen)), f"{stream}: something came twice"
        assert (client.count("malformed"), client.count("errors")) == (0, 0)
        assert client.count("reset") == 0, [e.data for e in client.events if e.topic == "connection.reset"]
    finally:
        client.manager.close()
        proxy.close()


def test_a_black_hole_is_noticed_and_left(operator: Operator) -> None:
    proxy = Proxy(operator.url)
    client = Client(proxy.url, operator.token, QUICK)
    try:
        client.open(*ALL)
        wait_for(lambda: client.by_source()["sse"])
        proxy.hole = True
        wait_for(lambda: client.state != "open", 6.0, "noticing")
        proxy.hole = False
        wait_for(lambda: client.state == "open", what="recovery")
        assert client.count("reset") == 0
    finally:
        client.manager.close()
        proxy.close()


def test_a_busy_main_thread_costs_nothing(operator: Operator) -> None:
    client = Client(operator.url, operator.token, QUICK).open(*ALL)
    try:
        states = len(client.states)
        seen = len(client.events)
        time.sleep(3.0)
        end = time.monotonic() + 3.0
        while time.monotonic() < end:
            sum(range(1000))
        assert client.states[states:] == []
        assert len(client.events) > seen
    finally:
        client.manager.close()


def test_a_client_opened_and_closed_again_and_again_leaves_nothing(operator: Operator) -> None:
    import asyncio

    def tasks() -> int:
        async def count() -> int:
            return len(asyncio.all_tasks())

        return get_io().run(count()).result(5)

    idle = tasks()  # other tests of this process may have left the feed running
    Client(operator.url, operator.token).open(*ALL).manager.close()
    wait_for(lambda: tasks() <= idle)
    before = tasks()
    for _ in range(20):
        Client(operator.url, operator.token).open(*ALL).manager.close()
    wait_for(lambda: tasks() <= before, what="the end of all tasks")


def test_the_token_is_in_no_log(operator: Operator, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "httpx", "httpcore", "websockets", "websockets.client", "asyncio", "gunj_widgets"):
        caplog.set_level(logging.DEBUG, name)
    client = Client(operator.url, operator.token).open(*ALL)
    wait_for(lambda: client.by_source()["sse"])
    get_io().run(client.manager.request("GET", "/api/v1/platforms")).result(5)
    client.manager.close()
    ours = [
        f"{r.getMessage()} {r.exc_text}" for r in caplog.records if not r.name.startswith("uvicorn")
    ]  # the server's own
    assert any("/sse/platforms" in line for line in ours)  # the libraries did log
    assert not [line for line in ours if operator.token in line]
    assert operator.token not in f"{client.manager.status()}{client.manager.stats()}{vars(client.manager)}"
