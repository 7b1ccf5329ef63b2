"""After every test here each message must have exactly one counted fate."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.settings import ConnectionSettings, LimitSettings, Settings
from tests.live.client import Client
from tests.live.faults.numbers import Numbers
from tests.live.proxy import WHOLE, Kind, Plan, Proxy

SOAK = os.environ.get("GUNJ_SOAK") == "1"
"""`make soak`: the long forms."""
SEED = int(os.environ.get("GUNJ_SEED", "1"))
"""Of everything random here; printed by the tests that use it, so that a failure can be had again."""


def settings(**connection: float) -> Settings:
    """Short patience, and a reconnect within milliseconds: the faults are what takes time here."""
    quick = {"ping_interval": 1.0, "ping_timeout": 1.0, "idle_timeout": 2.0, "open_timeout": 2.0, "max_delay": 0.02}
    return Settings(connection=ConnectionSettings(**{**quick, **connection}), limits=LimitSettings())


@pytest.fixture(autouse=True)
def _books(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever made a manager in the test, and however it ended: no message of it has vanished."""
    made: list[ConnectionManager] = []
    make = ConnectionManager.__init__

    def noted(self: ConnectionManager, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        made.append(self)

    monkeypatch.setattr(ConnectionManager, "__init__", noted)
    yield
    for manager in made:
        manager.close()
    get_io().run(_nothing()).result(5)
    for manager in made:
        stats = manager.stats()
        assert stats.unaccounted == 0, stats


@pytest.fixture
def operator() -> Iterator[Numbers]:
    with Numbers(ring=200_000, max_lag=200_000, heartbeat=0.5, retry=None) as running:
        yield running


@pytest.fixture
def through(operator: Numbers) -> Iterator[Callable[..., tuple[Proxy, Client]]]:
    """Make a proxy with a plan for each connection, and a client behind it. Their books are checked at the end."""
    made: list[tuple[Proxy, Client]] = []

    def make(plan: Callable[[Kind], Plan] = lambda kind: WHOLE, **connection: float) -> tuple[Proxy, Client]:
        proxy = Proxy(operator.url, plan)
        client = Client(proxy.url, operator.token, settings(**connection))
        made.append((proxy, client))
        return proxy, client

    yield make
    for proxy, client in made:
        client.manager.close()
        proxy.close()
    get_io().run(_nothing()).result(5)  # whatever the loop had still to do for them
    for _proxy, client in made:
        stats = client.manager.stats()
        assert stats.counts["errors"] == 0
        assert stats.counts["delivered"] == len(client.events)


async def _nothing() -> None:
    pass
