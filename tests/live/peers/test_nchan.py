"""nginx and nchan: resume by ids of its own, and a restart that silently loses its buffer, told and never hidden."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.transport import Link
from gunj_widgets.settings import Settings
from tests.live.client import PLATFORM, Client, wait_for
from tests.live.peers.nchan import Nchan
from tests.live.proxy import Proxy

LOGS = Interest("logs", PLATFORM)
META = "ws+meta.nchan"

pytestmark = pytest.mark.timeout(240)  # the first may have to install it


@pytest.fixture
def nchan(tmp_path: Path) -> Iterator[Nchan]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    made = Nchan(tmp_path, port)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def client(nchan: Nchan) -> Iterator[Client]:
    made = Client(nchan.url, None)
    made.manager.start()
    made.manager.watch(LOGS)
    yield made
    made.manager.close()


def fact(n: int, *, numbered: bool = True) -> str:
    number = {"seq": n, "epoch": "e"} if numbered else {}
    line = {"type": f"platform.{PLATFORM}.logs.loki", "payload": {"message": "m", "n": n}, "id": f"e-{n}", **number}
    return json.dumps(line)


def numbers(client: Client) -> list[int]:
    return [event.data["n"] for event in list(client.events) if ".logs." in event.topic]


def stream_is_open(client: Client) -> bool:
    return any(t.name.startswith("SSE") and str(t.state) == "open" for t in client.manager.status().transports)


@pytest.mark.parametrize("numbered", [True, False])
def test_a_restart_that_loses_the_buffer_is_told(nchan: Nchan, client: Client, numbered: bool) -> None:
    wait_for(lambda: stream_is_open(client), what="the stream")
    for n in (1, 2):
        nchan.publish(fact(n, numbered=numbered))
    wait_for(lambda: numbers(client) == [1, 2], what="the first two")
    nchan.stop()  # 3 and 4 are said to nobody
    wait_for(lambda: not stream_is_open(client), what="noticing")
    nchan.start()
    client.manager.reconnect()
    wait_for(lambda: stream_is_open(client), what="the stream again")
    nchan.publish(fact(5, numbered=numbered))
    wait_for(lambda: numbers(client) == [1, 2, 5], what="what follows")
    (reset,) = client.resets()
    assert (reset["from"], reset["to"]) == (("e:2", "e:5") if numbered else (None, None))


def test_nothing_is_lost_or_doubled_through_cuts(nchan: Nchan) -> None:
    proxy = Proxy(nchan.url)
    client = Client(proxy.url, None)
    client.manager.start()
    client.manager.watch(LOGS)
    try:
        for n in range(5):
            wait_for(lambda: stream_is_open(client), what="the stream")
            nchan.publish(fact(2 * n + 1))
            wait_for(lambda n=n: len(numbers(client)) == 2 * n + 1, what=f"fact {2 * n + 1}")
            proxy.cut()
            nchan.publish(fact(2 * n + 2))  # perhaps to nobody
            client.manager.reconnect()
            wait_for(lambda n=n: len(numbers(client)) == 2 * n + 2, what=f"fact {2 * n + 2}")
        assert numbers(client) == list(range(1, 11))
        assert client.resets() == []
    finally:
        client.manager.close()
        proxy.close()


async def received(link: Link, count: int) -> list[bytes]:
    messages: list[bytes] = []
    async with asyncio.timeout(5):
        while len(messages) < count:
            messages += await link.recv()
    return messages


async def test_a_websocket_resumes_by_its_ids(nchan: Nchan) -> None:
    for n in range(1, 6):
        await asyncio.to_thread(nchan.publish, fact(n))
    network = WebNetwork(nchan.url, Settings())
    link = await network.websocket("/meta", {}, META)
    assert link.subprotocol == META
    seen = await received(link, 3)
    await link.close()
    last = seen[2].split(b"\n")[0].removeprefix(b"id: ").decode()
    again = await network.websocket("/meta", {"Last-Event-ID": last}, META)
    rest = await received(again, 2)
    await again.close()
    await network.close()
    assert [json.loads(message.partition(b"\n\n")[2])["seq"] for message in seen[:3] + rest] == [1, 2, 3, 4, 5]
