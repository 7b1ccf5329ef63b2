"""S11: one trust store and one proxy for the WebSocket, the streams and the requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import Settings
from tests.live.client import ALL, Client, wait_for
from tests.live.security.conftest import CANARY
from tests.live.security.peers import NAME, Authority, ConnectProxy, Front, Peer, SocksProxy

MakeFront = Callable[..., Front]


def everything_flows(url: str, settings: Settings, **options: object) -> None:
    """Hold facts from the WebSocket, lines from a stream and an answer to a request against each other."""
    client = Client(url, CANARY, settings, **options)
    try:
        client.open(*ALL)
        wait_for(lambda: client.by_source()["websocket"] and client.by_source()["sse"], what="both transports")
        reply = get_io().run(client.manager.request("GET", "/api/v1/platforms")).result(5)
        assert len(reply["items"]) == 2
        assert client.state == "open"
    finally:
        client.manager.close()


def refused(url: str, settings: Settings) -> str:
    client = Client(url, CANARY, settings)
    try:
        with pytest.raises(ConnectError) as caught:
            client.open()
    finally:
        client.manager.close()
    assert CANARY not in str(caught.value)
    return str(caught.value)


def settings(**connection: object) -> Settings:
    return Settings.load(connection={"open_timeout": 4.0, **connection})


def test_a_ca_of_one_s_own_holds_for_everything(front: MakeFront, authority: Authority) -> None:
    secured = front("IP:127.0.0.1")
    url = f"https://127.0.0.1:{secured.port}"
    assert "certificate" in refused(url, settings())
    assert secured.seen == b""  # no token before the certificate is known to be good
    everything_flows(url, settings(ca_file=authority.ca_file))


def test_a_certificate_for_another_name_is_refused(front: MakeFront, authority: Authority) -> None:
    secured = front("DNS:other.example.test")
    assert "certificate" in refused(f"https://127.0.0.1:{secured.port}", settings(ca_file=authority.ca_file))
    assert secured.seen == b""


def test_not_verified_only_by_argument_and_not_in_silence(front: MakeFront, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    everything_flows(f"https://127.0.0.1:{front('DNS:whoever').port}", settings(), verify=False)
    assert "verify=False" in caplog.text


@pytest.fixture(params=["http", "http with a password", "socks5h"])
def proxy(request: pytest.FixtureRequest) -> Iterator[tuple[Peer, str]]:
    if request.param == "socks5h":
        pytest.importorskip("python_socks", reason="the extra 'proxy' is not installed")
    user = "" if request.param != "http with a password" else "ann:canary-pass"
    with SocksProxy() if request.param == "socks5h" else ConnectProxy(user) as made:
        scheme = "socks5h" if request.param == "socks5h" else "http"
        yield made, f"{scheme}://{user}{'@' if user else ''}127.0.0.1:{made.port}"


def test_through_a_proxy_everything_flows_and_nothing_shows(
    proxy: tuple[SocksProxy | ConnectProxy, str],
    front: MakeFront,
    authority: Authority,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The host is known to the proxy alone: whatever got there went through it, name and all."""
    caplog.set_level(logging.DEBUG)
    peer, address = proxy
    url = f"https://{NAME}:{front(f'DNS:{NAME}').port}"
    found = settings(ca_file=authority.ca_file, proxy=address)
    everything_flows(url, found)
    assert len(peer.asked) >= 3
    assert all(NAME in asked for asked in peer.asked)
    assert CANARY.encode() not in peer.seen  # inside TLS
    for shown in (caplog.text, repr(found)):
        assert "canary" not in shown


def test_the_environment_names_the_proxy(
    front: MakeFront, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ConnectProxy() as peer:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{peer.port}")
        everything_flows(f"https://{NAME}:{front(f'DNS:{NAME}').port}", settings(ca_file=authority.ca_file))
        assert len(peer.asked) >= 3


def test_a_proxy_that_says_no(authority: Authority) -> None:
    with ConnectProxy("ann:right") as peer:
        said = refused(
            f"https://{NAME}:443",
            settings(ca_file=authority.ca_file, proxy=f"http://ann:canary-pass@127.0.0.1:{peer.port}"),
        )
    assert "did not let us through" in said
    assert "407" in said
    assert "canary" not in said
