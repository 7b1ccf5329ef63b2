"""`gunj-widgets relay --embedded`: a nats-server of our own, with a token, that goes when we go."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import AuthError, ConnectError
from tests.live.jetstream.servers import Child, need_nats


def test_the_embedded_server_lets_in_who_has_its_token_and_ends_with_the_relay() -> None:
    need_nats()
    child = Child("-m", "gunj_widgets.cli", "relay", "demo", "--embedded", "--port", "0")
    try:
        said = child.said()
        found = re.search(r"gunj\.connect\('(nats://[^']+)', token=\.\.\.\)  with the token in (\S+)", said)
        assert found is not None, said
        url, token_file = found[1], Path(found[2])
        assert child.said().startswith("relaying")
        token = token_file.read_text()
        assert token not in said
        assert token_file.parent.stat().st_mode & 0o077 == 0, "nobody else may read the token"
        with pytest.raises(AuthError):
            gunj.connect(url, token="wrong")
        rt = gunj.connect(url, token=gunj.TokenFile(token_file)).wait_ready()
        assert {p.name for p in rt.platforms} == {"production", "staging"}
        child.signal(signal.SIGTERM)
        assert "published" in child.said() + child.said()
        assert child.ended(10) == 0
        assert not token_file.parent.exists()
        with pytest.raises(ConnectError):
            gunj.connect(url, token="any", since="1m")
    finally:
        gunj.close_all()
        child.kill()
