"""Where a shared history is: its address, and the credentials from the call or from the environment."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import ConnectError
from gunj_widgets.session.bus import bus_of, is_bus
from gunj_widgets.sources.source import Source


@pytest.mark.parametrize("target", ["nats://host:4222", "tls://host", Source(url="nats://host")])
def test_a_nats_server_is_known_by_its_scheme(target: str | Source) -> None:
    assert is_bus(target)
    assert bus_of(target).url.partition("://")[2].startswith("host")


@pytest.mark.parametrize("target", ["https://host", "demo", None, Source(url="https://host")])
def test_nothing_else_is(target: object) -> None:
    assert not is_bus(target)


def test_credentials_of_the_environment_are_for_who_brings_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_NATS_USER", "viewer")
    monkeypatch.setenv("GUNJ_NATS_PASSWORD", "canary")
    assert bus_of("nats://127.0.0.1").basic == ("viewer", "canary")
    assert bus_of("nats://127.0.0.1", "mine").basic is None
    assert "canary" not in repr(bus_of("nats://127.0.0.1"))
    monkeypatch.delenv("GUNJ_NATS_USER")
    monkeypatch.setenv("GUNJ_NATS_TOKEN", "canary")
    assert bus_of("nats://127.0.0.1").token == "canary"
    assert bus_of(Source(url="nats://127.0.0.1", basic=("me", "pass"))).basic == ("me", "pass")


def test_a_password_in_the_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ConnectError) as caught:
        bus_of("nats://me:canary@host:4222")
    assert "canary" not in str(caught.value)


def test_an_address_of_something_else_is_refused() -> None:
    with pytest.raises(ConnectError, match=r"nats:// or tls://"):
        bus_of("https://host")
