"""Servers that others wrote: nothing lost through cuts, a new epoch told, resume by what they were given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gunj_widgets.connection.interest import Interest
from tests.live.client import PLATFORM, Client, wait_for
from tests.live.peers.servers import Peer, StarlettePeer, WebsocketsPeer

METRICS, LOGS = Interest("metrics", PLATFORM), Interest("logs", PLATFORM)
CUTS = 12


@pytest.fixture(params=[WebsocketsPeer, StarlettePeer])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    made = request.param()
    yield made
    made.close()


@pytest.fixture
def client(peer: Peer) -> Iterator[Client]:
    made = Client(peer.url, "canary")
    yield made
    made.manager.close()


def interests(peer: Peer) -> list[Interest]:
    return [METRICS, LOGS] if isinstance(peer, StarlettePeer) else [METRICS]  # websockets' server speaks no SSE


def numbers(client: Client, kind: str) -> list[int]:
    return [e.data["n"] for e in list(client.events) if f".{kind}." in e.topic and e.seq is not None]


def test_nothing_is_lost_or_doubled_through_cuts(peer: Peer, client: Client) -> None:
    client.open(*interests(peer))
    for n in range(CUTS):
        peer.publish(20 * n + 1, 20 * n + 10)
        peer.cut()
        peer.publish(20 * n + 11, 20 * n + 20)
        wait_for(lambda n=n: client.count("reconnects") > n, what=f"reconnect {n + 1}")
        client.manager.reconnect()
        wait_for(lambda: client.state == "open", what="recovery")
    for interest in interests(peer):
        wait_for(lambda i=interest: len(numbers(client, i.target)) >= 20 * CUTS, what=f"all {interest.target}")
        assert numbers(client, interest.target) == list(range(1, 20 * CUTS + 1))
    assert (client.resets(), client.count("malformed"), client.count("errors")) == ([], 0, 0)


def test_a_server_that_began_anew_is_told_once(peer: Peer, client: Client) -> None:
    wanted = interests(peer)
    client.open(*wanted)
    peer.publish(1, 5)
    wait_for(lambda: all(len(numbers(client, i.target)) == 5 for i in wanted))
    peer.do(peer.operator.restart, "e2")
    wait_for(lambda: len(client.resets()) == len(wanted), what="the resets")
    peer.publish(6, 9)
    for interest in wanted:
        wait_for(lambda i=interest: numbers(client, i.target) == list(range(1, 10)), what=f"{interest.target} again")
    assert len(client.resets()) == len(wanted)
    assert all(reset["from"] == "e1:5" for reset in client.resets())
