"""R12: tokens that live two seconds: renewed once for all, told to the live socket, and nothing is lost over it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.auth import Auth, TokenFile
from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import AuthError, ConnectError
from tests.live.client import ALL, Client, wait_for
from tests.live.security.conftest import CANARY

LIFE = 2.0
RENEWALS = 50 if os.environ.get("GUNJ_SOAK") == "1" else 3


@pytest.fixture
def operator() -> Iterator[Operator]:
    with Operator(seed=5, token=CANARY, token_lifetime=LIFE) as running:
        yield running


def assert_whole(client: Client) -> None:
    """Metrics' and logs' numbers, without a hole and without a repeat (others are in two subscriptions); nothing was reset."""
    numbers = {
        stream: seen for stream, seen in client.live_numbers().items() if stream[0].startswith(("metrics", "logs"))
    }
    assert len(numbers) == 2
    for stream, seen in numbers.items():
        assert seen == list(range(seen[0], seen[-1] + 1)), stream
    for name in ("reset", "gap", "malformed", "errors"):
        assert client.count(name) == 0, name


@pytest.mark.timeout(60 + 4 * RENEWALS)
def test_renewed_again_and_again_nothing_is_lost(operator: Operator) -> None:
    """The login's tokens are renewed at 80 % of 2 s; the streams, opened with older ones, go on where they were."""
    login = gunj.login(operator.url, password=CANARY)
    client = Client(operator.url, login)
    try:
        client.open(*ALL)
        auth = client.manager._auth
        wait_for(lambda: auth.generation > RENEWALS and client.by_source()["sse"], 4 * RENEWALS, "renewals")
        assert_whole(client)
        socket = next(t for t in client.manager.status().transports if t.name == "WebSocket")
        assert (socket.state, client.manager._main.opens) == ("open", 1)  # one socket all the while, told in band
        assert client.manager._side[ALL[-1]].opens > 1  # the stream was resumed
    finally:
        client.manager.close()


def test_a_renewal_that_fails_at_times_costs_no_fact(operator: Operator) -> None:
    """A source that is away at every other call: the socket is ended by 4401 and resumed."""
    login = gunj.login(operator.url, password=CANARY)
    calls = iter(range(10**6))

    async def source() -> tuple[str, float | None]:
        if next(calls) % 2:
            raise ConnectionError("the identity provider is away")
        return await login()

    client = Client(operator.url, source)
    try:
        client.open(*ALL)
        wait_for(lambda: client.manager._auth.generation >= 3, 25.0, "renewals")
        wait_for(lambda: client.state == "open", what="recovery")
        assert_whole(client)
        assert client.manager._main.opens > 1
    finally:
        client.manager.close()


def test_a_login_that_was_ended_is_the_end(operator: Operator) -> None:
    """The refresh token is used by somebody else: the operator revokes the family, and we say so instead of dialling on."""
    login = gunj.login(operator.url, password=CANARY)
    client = Client(operator.url, login)
    try:
        client.open(*ALL)
        login._refresh = None
        wait_for(lambda: client.state == "failed", 15.0, "the end")
        assert "log" in client.manager.status().reason
        dials = operator.stats()["websockets"]
        time.sleep(1.0)
        assert operator.stats()["websockets"] == dials
        with pytest.raises(AuthError, match="Log in again"):
            get_io().run(client.manager.wait_open()).result(5)
        client.manager.adopt(Auth.of(gunj.login(operator.url, password=CANARY)))  # the user logs in again
        wait_for(lambda: client.state == "open", what="a new life")
    finally:
        client.manager.close()


def test_a_token_that_is_refused_after_one_renewal_is_the_end(operator: Operator) -> None:
    calls: list[int] = []

    def source() -> str:
        calls.append(threading.get_ident())
        return f"wrong-{len(calls)}"

    client = Client(operator.url, source)
    client.manager.start()
    try:
        wait_for(lambda: client.state == "failed", what="the end")
        time.sleep(0.5)
        assert len(calls) == 2
        assert "token" in client.manager.status().reason
        assert operator.stats()["refused_401"] == 2
    finally:
        client.manager.close()


def test_a_file_that_is_rotated_is_read_anew(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("outdated", encoding="utf-8")
    with pytest.raises(ConnectError, match="token"):
        gunj.connect(operator.url, token=TokenFile(file))
    file.write_text(CANARY, encoding="utf-8")
    rt = gunj.connect(operator.url, token=TokenFile(file))
    assert rt.wait_ready().is_connected


def test_a_wrong_password_is_told(operator: Operator) -> None:
    with pytest.raises(AuthError, match="Check name and password"):
        gunj.login(operator.url, password="wrong")
