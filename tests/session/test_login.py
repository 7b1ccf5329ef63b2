"""login(): what a user calls. The exchange itself: tests/connection/test_login.py and tests/live/security."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gunj_widgets.connection.login import Login
from gunj_widgets.session import login as module
from gunj_widgets.testing import MemoryOperator, MemoryReply

SENT: list[Any] = []


class Server(MemoryOperator):
    async def request(self, method: str, path: str, headers: Mapping[str, str], json: Any = None) -> MemoryReply:
        SENT.append(json)
        return MemoryReply(200, {"token": "a", "refreshToken": "r", "expiresIn": 60})


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    SENT.clear()
    monkeypatch.setattr(module, "WebNetwork", lambda *_arguments: Server())


def test_with_a_password() -> None:
    login = module.login("https://gunj.example.com/", username="ann", password="open sesame")
    assert isinstance(login, Login)
    assert SENT == [{"username": "ann", "password": "open sesame"}]
    assert login.identity() == "login:ann"


def test_without_one_it_is_asked_for_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def getpass(prompt: str) -> str:
        asked.append(prompt)
        return "typed"

    monkeypatch.setattr(module.getpass, "getpass", getpass)
    module.login("https://gunj.example.com")
    assert asked == ["Password for https://gunj.example.com: "]
    assert SENT == [{"password": "typed"}]
