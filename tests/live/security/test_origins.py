"""S4, S10: no token follows a redirect to another origin, and no page of another origin reaches the demo operator."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.transport import Refused
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import ConnectionSettings, Settings
from tests.live.security.conftest import CANARY
from tests.live.security.peers import Authority, Raw

TOKEN = {"Authorization": f"Bearer {CANARY}", "X-Api-Key": CANARY, "Cookie": f"session={CANARY}"}
QUICK = Settings(connection=ConnectionSettings(open_timeout=3.0))

Ask = Callable[[WebNetwork], Awaitable[object]]
WAYS: dict[str, Ask] = {
    "websocket": lambda network: network.websocket("/ws", TOKEN, "v1.gunj.operator"),
    "stream": lambda network: network.stream("/sse/alerts", TOKEN),
    "get": lambda network: network.request("GET", "/api/v1/platforms", TOKEN),
    "post": lambda network: network.request("POST", "/api/v1/alerts/x/ack", TOKEN, {"by": CANARY}),
}


def redirect(target: str, status: int) -> Callable[[bytes], bytes]:
    return lambda head: f"HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", WAYS)
async def test_no_credential_follows_a_redirect_to_another_origin(way: str, status: int) -> None:
    with Raw(lambda head: b"HTTP/1.1 200 OK\r\n\r\n") as thief:
        with Raw(redirect(f"http://127.0.0.1:{thief.port}/", status)) as server:
            network = WebNetwork(f"http://127.0.0.1:{server.port}", QUICK)
            for _ in range(2):  # and it is not remembered for the next time
                with pytest.raises(Refused) as caught:
                    await WAYS[way](network)
                assert caught.value.kind == "redirect"
                assert CANARY not in f"{caught.value}{caught.value!r}"
            assert len(server.heads) == 2
            await network.close()
        assert thief.connections == 0


@pytest.mark.parametrize("way", WAYS)
async def test_no_redirect_leads_from_tls_to_clear_text(way: str, authority: Authority) -> None:
    with Raw(lambda head: b"HTTP/1.1 200 OK\r\n\r\n") as thief:
        with Raw(redirect(f"http://127.0.0.1:{thief.port}/", 307), authority.context("IP:127.0.0.1")) as server:
            settings = Settings(connection=ConnectionSettings(open_timeout=3.0, ca_file=authority.ca_file))
            network = WebNetwork(f"https://127.0.0.1:{server.port}", settings)
            with pytest.raises(Refused, match="redirect"):
                await WAYS[way](network)
            await network.close()
        assert thief.connections == 0


@pytest.mark.parametrize("url", ["http://gunj.example.test", "ws://gunj.example.test/ws", "http://192.0.2.1:8080"])
def test_a_token_travels_in_clear_text_to_loopback_only(url: str) -> None:
    for call in (lambda: gunj.connect(url, token=CANARY), lambda: gunj.login(url, password=CANARY)):
        with pytest.raises(ConnectError, match="clear text") as caught:
            call()
        assert CANARY not in str(caught.value)


def test_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(connection={"allow_insecure": True, "open_timeout": 1.0})
    with pytest.raises(ConnectError) as caught:
        gunj.connect("http://gunj.example.test", token=CANARY, settings=settings, wait=2.0)
    assert "clear text" not in str(caught.value)  # but that nobody knows the host


# -- the demo operator's door, on a socket ----------------------------------------------------------------------------


def status(operator: Operator, path: str, upgrade: bool = False, **headers: str) -> int:
    place = urlsplit(operator.url)
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=5)
    sent = {"Host": place.netloc, "Authorization": f"Bearer {CANARY}"}
    if upgrade:
        sent |= {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        sent |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    try:
        connection.request("GET", path, headers={name: value for name, value in {**sent, **headers}.items() if value})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("path", "upgrade"), [("/ws", True), ("/sse/alerts", False), ("/api/v1/platforms", False)])
def test_the_demo_operator_answers_its_own_pages_only(operator: Operator, path: str, upgrade: bool) -> None:
    assert status(operator, path, upgrade) in (101, 200)
    for foreign in ("https://evil.example", "null", "http://localhost:8888"):
        assert (
            status(operator, path, upgrade, Origin=foreign) == 403
        )  # a page of another site, with the user's own token
    for rebound in ("evil.example", "gunj.evil.example:80"):
        assert status(operator, path, upgrade, Host=rebound) == 403  # a name that now points to 127.0.0.1
    assert status(operator, path, upgrade, Authorization="") == 401
    assert status(operator, path, upgrade, Authorization="Bearer wrong") == 401


async def test_a_position_from_a_server_never_ends_a_header() -> None:
    """S12: whatever an id holds, a Last-Event-ID is one line."""
    with Raw(lambda head: b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        network = WebNetwork(f"http://127.0.0.1:{server.port}", QUICK)
        for bad in ("1\r\nX-Evil: 1", "1\nX: 1", "1\0"):
            with pytest.raises(gunj.GunjError, match="line break or NUL"):
                await network.stream("/sse/alerts", {"Last-Event-ID": bad})
        with pytest.raises(Refused):
            await network.stream("/sse/alerts", {"Last-Event-ID": "é…:5"})
        await asyncio.sleep(0)
        assert len(server.heads) == 1
        assert "last-event-id: é…:5" in server.heads[0].decode().lower()
        await network.close()
