"""login(): what a user calls. The exchange itself: tests/connection/test_login.py and tests/live/security."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gunj_widgets.connection.login import Login
from gunj_widgets.errors import SettingsError
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


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": 5}, "named by text"),
        ({"password": 1234567}, "a password is text"),
        ({"settings": 5}, "settings are"),
        ({"verify": "ca.pem"}, "verify"),
    ],
)
def test_what_cannot_be_logged_in_with_is_told_before_anything_is_sent(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        module.login("https://gunj.example.com", **({"password": "open sesame"} | wrong))
    assert SENT == []
    assert "1234567" not in f"{caught.value} {caught.traceback[-1].locals}"
