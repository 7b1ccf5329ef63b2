"""Addresses: what a user may type becomes one form; everything else is told in one line."""

from __future__ import annotations

import pytest

from gunj_widgets.connection.address import NATS, check_url, is_loopback, origin, refuse_clear_text, websocket_url
from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import Settings


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://gunj.example.com", "https://gunj.example.com"),
        (" https://gunj.example.com/ ", "https://gunj.example.com"),
        ("HTTPS://Gunj.Example.com:443", "https://gunj.example.com"),
        ("http://localhost:8080/ws", "http://localhost:8080"),
        ("wss://gunj.example.com/ws", "https://gunj.example.com"),
        ("ws://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("https://gunj.example.com/gunj/api/v1", "https://gunj.example.com/gunj"),
        ("https://gunj.example.com/sse/", "https://gunj.example.com"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_one_form(typed: str, url: str) -> None:
    assert check_url(typed) == url


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("gunj.example.com", "no http:// or https:// in front"),
        ("localhost:8080", "Try https://localhost:8080"),
        ("ftp://gunj", "no http:// or https:// in front"),
        ("https://", "names no host"),
        ("https:///path", "names no host"),
        ("https://gunj .com", "names no host"),
        ("https://gunj\r\nHost: evil", "no"),
        ("https://host:port", "not an address"),
        ("https://host:99999", "not an address"),
        ("https://[::1", "not an address"),
        ("https://user:canary@host", "carries no user"),
        ("https://host?token=canary", "carries no user"),
        ("https://host#canary", "carries no user"),
        ("canary@host", "no http://"),
        ("", "no http://"),
    ],
)
def test_what_is_wrong_is_told_without_what_may_be_secret(typed: str, words: str) -> None:
    with pytest.raises(ConnectError, match=words) as caught:
        check_url(typed)
    assert caught.value.remedy
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:80", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80", True),
        ("http://localhost", True),
        ("http://LOCALHOST.", True),
        ("http://a.localhost", True),
        ("http://localhost.evil.com", False),
        ("http://127.0.0.1.evil.com", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
    ],
)
def test_what_is_this_machine(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_origins() -> None:
    assert origin("https://A.com/x") == origin("wss://a.com:443") == ("https", "a.com", 443)
    assert origin("http://a.com") != origin("https://a.com")
    assert origin("https://a.com") != origin("https://a.com:8443")
    assert websocket_url("https://a.com/x") == "wss://a.com/x"
    assert websocket_url("http://a.com") == "ws://a.com"


def test_a_nats_server_has_schemes_of_its_own() -> None:
    assert check_url("nats://host:4222", NATS) == "nats://host:4222"
    assert check_url("tls://[::1]", NATS) == "tls://[::1]"
    with pytest.raises(ConnectError, match=r"no nats:// or tls://"):
        check_url("https://host", NATS)
    with pytest.raises(ConnectError, match=r"no http:// or https://"):
        check_url("nats://host:4222")
    with pytest.raises(ConnectError, match="clear text") as caught:
        refuse_clear_text("nats://bus.example.com", Settings())
    assert "tls://" in caught.value.remedy
    refuse_clear_text("nats://127.0.0.1", Settings())
    refuse_clear_text("tls://bus.example.com", Settings())
