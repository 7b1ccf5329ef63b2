"""The embedded nats-server: where it cannot run, that is said. Running: tests/live/jetstream."""

from __future__ import annotations

import socket

import pytest

from gunj_widgets.cli import nats_server
from gunj_widgets.cli.nats_server import NatsServer
from gunj_widgets.errors import ConnectError, SetupError


def test_no_binary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_server.shutil, "which", lambda name, path=None: None)
    with pytest.raises(SetupError, match="no nats-server"):
        NatsServer().__enter__()


def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_server.shutil, "which", lambda name, path=None: "/bin/true")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConnectError, match="is taken"):
        NatsServer(taken.getsockname()[1]).__enter__()


def test_the_token_is_not_shown() -> None:
    server = NatsServer()
    assert str.__str__(server.token) not in repr(server) + repr(vars(server))
