"""Stalls of the I/O loop itself on a real socket: no connection is closed for our own standing still.

The hundred stalls of up to 30 s are in tests/connection/test_keepalive.py, on a clock that a test moves.
"""

from __future__ import annotations

import time

from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from tests.live.client import ALL, QUICK, Client, wait_for


def test_stalls_longer_than_the_patience_close_nothing() -> None:
    """Our own patience is 1 s for a pong and 2 s for a stream; the operator's is 20 s, so only we could end it."""
    with Operator(seed=7) as operator:
        client = Client(operator.url, operator.token, QUICK).open(*ALL)
        try:
            wait_for(lambda: client.by_source()["sse"])
            told = len(client.states)
            for stall in (0.7, 1.3, 2.2, 3.1):
                wait_for(lambda: client.manager.status().latency is not None)
                get_io().call(time.sleep, stall)
                seen = len(client.events)
                wait_for(lambda seen=seen: len(client.events) > seen, what="data after the stall")
            assert client.states[told:] == []
            assert client.count("reconnects") == 0
        finally:
            client.manager.close()
