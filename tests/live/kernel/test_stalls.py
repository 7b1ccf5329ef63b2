"""Stalls of the I/O loop itself on a real socket: no connection is closed for our own standing still.

The hundred stalls of up to 30 s are in tests/connection/test_keepalive.py, on a clock that a test moves.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.network import WebLink
from tests.live.client import QUICK, Client, wait_for
from tests.live.peers.servers import WebsocketsPeer


def test_stalls_longer_than_the_patience_close_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop stands still right behind a ping, on a link that is quiet otherwise; our patience for a pong is 1 s."""
    stalls = [0.7, 1.3, 2.2, 3.1]
    ping = WebLink.ping

    async def ping_and_stall(link: WebLink) -> Awaitable[float]:
        pong = await ping(link)
        time.sleep(stalls.pop(0) if stalls else 0.0)  # noqa: ASYNC251  that is the fault
        return pong

    monkeypatch.setattr(WebLink, "ping", ping_and_stall)
    peer = WebsocketsPeer()
    client = Client(peer.url, "canary", QUICK).open(Interest("alerts"))
    try:
        told = len(client.states)
        wait_for(lambda: not stalls, 30.0, "the stalls")
        time.sleep(2.5)  # long enough for a false close to show
        assert client.states[told:] == []
        assert client.count("reconnects") == 0
    finally:
        client.manager.close()
        peer.close()
