"""Login: a password once, then tokens; each refresh token used once, and what the operator calls them does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.login import Login
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import AuthError, ConnectError
from gunj_widgets.settings import Settings
from gunj_widgets.testing import MemoryOperator, MemoryReply

CANARY = "canary-7f3a9b2c"
URL = "https://gunj.example.com"


class Server(MemoryOperator):
    """Answers logins from a list, and remembers what it was sent."""

    def __init__(self, *answers: MemoryReply | Refused) -> None:
        super().__init__()
        self.replies = list(answers)
        self.bodies: list[tuple[str, Any]] = []
        self.closed = 0

    async def request(self, method: str, path: str, headers: Mapping[str, str], json: Any = None) -> MemoryReply:
        self.bodies.append((path.rpartition("/")[2], json))
        assert "Authorization" not in headers
        reply = self.replies.pop(0)
        if isinstance(reply, Refused):
            raise reply
        return reply

    async def close(self) -> None:
        self.closed += 1


def pair(number: int, **fields: Any) -> MemoryReply:
    return MemoryReply(200, {"token": f"a{number}", "refreshToken": f"r{number}", "expiresIn": 3600, **fields})


async def entered(server: Server, username: str | None = None) -> Login:
    login = Login(URL, lambda: server, Settings(), username)
    await login.enter(CANARY)
    return login


async def test_a_password_then_a_chain_of_refresh_tokens() -> None:
    server = Server(pair(1), pair(2), pair(3))
    auth = Auth.of(await entered(server))
    assert [await auth.token(), await auth.token(), await auth.renew(), await auth.renew()] == ["a1", "a1", "a2", "a3"]
    refreshed = [("refresh", {"refreshToken": f"r{n}", "refresh_token": f"r{n}"}) for n in (1, 2)]
    assert server.bodies == [("login", {"password": CANARY}), *refreshed]
    assert server.closed == 3


@pytest.mark.parametrize(
    "answer",
    [
        {"token": "a", "refreshToken": "r", "expiresIn": 60},
        {"accessToken": "a", "refreshToken": "r", "expiresIn": 60, "user": {}},
        {"access_token": "a", "refresh_token": "r", "expires_in": 60},
        {"success": True, "data": {"token": "a", "refreshToken": "r", "expiresIn": 60}},
    ],
)
async def test_every_spelling(answer: dict[str, Any]) -> None:
    login = await entered(Server(MemoryReply(200, answer)))
    assert await login() == ("a", 60.0)
    assert login._refresh == "r"


@pytest.mark.parametrize("life", [None, "soon", True, -1, 1e300, 0])
async def test_a_life_that_makes_no_sense_is_unknown(life: object) -> None:
    assert await (await entered(Server(pair(1, expiresIn=life))))() == ("a1", None)


async def test_the_user_by_name_or_address() -> None:
    for name, body in ((None, {}), ("ann", {"username": "ann"}), ("a@b", {"username": "a@b", "email": "a@b"})):
        server = Server(pair(1))
        await entered(server, name)
        assert server.bodies == [("login", {"password": CANARY, **body})]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (MemoryReply(401, {"error": {"message": CANARY}}), AuthError),
        (MemoryReply(503), ConnectError),
        (MemoryReply(200, b"<html>"), ConnectError),
        (MemoryReply(200, {}), ConnectError),
        (MemoryReply(200, []), ConnectError),
        (Refused("network", "nothing listens"), ConnectError),
    ],
)
async def test_what_can_go_wrong(reply: MemoryReply | Refused, kind: type[ConnectError]) -> None:
    server = Server(reply)
    with pytest.raises(kind) as caught:
        await entered(server)
    assert type(caught.value) is kind
    assert CANARY not in f"{caught.value}{caught.value!r}"
    assert server.closed == 1


async def test_a_refresh_token_that_is_refused_ends_it_for_good() -> None:
    login = await entered(Server(pair(1), MemoryReply(401)))
    await login()
    with pytest.raises(AuthError, match="Log in again") as caught:
        await login()
    assert caught.value.status == 401


async def test_without_a_refresh_token_it_ends_with_the_first() -> None:
    login = await entered(Server(pair(1, refreshToken=None)))
    await login()
    with pytest.raises(AuthError, match="has ended"):
        await login()


async def test_a_server_that_is_away_is_asked_again_with_the_same_token() -> None:
    login = await entered(Server(pair(1), Refused("network", "away"), pair(2)))
    await login()
    with pytest.raises(ConnectError):
        await login()
    assert (await login())[0] == "a2"


async def test_nothing_of_it_shows() -> None:
    login = await entered(Server(pair(1, token="canary-access", refreshToken="canary-refresh")), "ann")
    shown = f"{login!r}{login}{vars(login)}"
    assert "ann" in shown
    assert not [word for word in (CANARY, "canary-access", "canary-refresh") if word in shown]


def test_no_password_in_clear_text() -> None:
    with pytest.raises(ConnectError, match="clear text"):
        Login("http://gunj.example.com", MemoryOperator, Settings())
