"""REST: the operator's own words, the right kind of error, and one renewal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.rest import RestClient
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import AuthError, CommandError, ConnectError, GunjError, RemoteProtocolError
from gunj_widgets.testing import MemoryOperator, MemoryReply

PATH = "/api/v1/x"


def client(*replies: MemoryReply | Refused, auth: Any = None) -> tuple[RestClient, list[dict[str, str]]]:
    """A client of a server that gives these answers, one by one; and the headers it got."""
    operator, left, headers = MemoryOperator(), list(replies), []

    async def request(method: str, path: str, sent: Mapping[str, str], json: Any = None) -> MemoryReply:
        headers.append(dict(sent))
        reply = left.pop(0)
        if isinstance(reply, Refused):
            raise reply
        return reply

    operator.request = request  # type: ignore[method-assign]
    return RestClient(operator, Auth.of(auth)), headers


@pytest.mark.parametrize(("reply", "value"), [(MemoryReply(200, {"a": 1}), {"a": 1}), (MemoryReply(204), None)])
async def test_an_answer(reply: MemoryReply, value: object) -> None:
    assert await client(reply)[0].request("GET", PATH) == value


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (MemoryReply(404, {"error": {"code": "X", "message": "no such platform"}}), CommandError, "no such platform"),
        (MemoryReply(409, {"message": "busy"}), CommandError, "busy"),
        (MemoryReply(422, {"error": "bad"}), CommandError, "bad"),
        (MemoryReply(400, b"<html>"), CommandError, "status 400"),
        (MemoryReply(401, {}), AuthError, "does not accept the token"),
        (MemoryReply(403, {}), AuthError, "may not"),
        (MemoryReply(503, {"error": "later"}), ConnectError, "503: later"),
        (MemoryReply(200, b"<html>"), RemoteProtocolError, "not JSON"),
        (Refused("network", "nothing listens"), ConnectError, "nothing listens"),
    ],
)
async def test_each_failure_is_its_kind_of_error(reply: Any, kind: type[GunjError], words: str) -> None:
    with pytest.raises(kind, match=words):
        await client(reply)[0].request("POST", PATH, {})


async def test_a_refused_token_is_renewed_once_and_the_call_repeated() -> None:
    tokens = iter(["one", "two", "three"])
    rest, headers = client(MemoryReply(401), MemoryReply(200, 5), auth=lambda: next(tokens))
    assert await rest.request("GET", PATH) == 5
    assert [h["Authorization"] for h in headers] == ["Bearer one", "Bearer two"]
    rest, headers = client(MemoryReply(401), MemoryReply(401), auth=lambda: next(iter(["same"])))
    with pytest.raises(AuthError):
        await rest.request("GET", PATH)
    assert len(headers) == 2


async def test_a_token_in_the_servers_words_is_hidden() -> None:
    rest, _ = client(MemoryReply(400, {"error": "bad token canary-1"}), auth="canary-1")
    with pytest.raises(CommandError) as caught:
        await rest.request("GET", PATH)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (MemoryReply(200, b"<html>", {"content-type": "text/html"}), "a web page"),
        (MemoryReply(404, {}), "something else"),
        (MemoryReply(200, {"status": "ok"}), "something else"),
        (MemoryReply(200, {"server": "nginx"}), "something else"),
    ],
)
async def test_who_is_no_operator_is_told_so(reply: MemoryReply, words: str) -> None:
    rest, headers = client(reply, MemoryReply(404, {"error": "nothing here"}), auth="canary-1")
    with pytest.raises(ConnectError, match=words) as caught:
        await rest.probe()
    assert caught.value.remedy
    assert headers == [{}, {}]  # whoever it is, it gets no token


async def test_an_operator_and_nobody_are_no_error_of_a_probe() -> None:
    await client(MemoryReply(200, {"server": "gunj-operator/1"}))[0].probe()
    await client(Refused("network", "x"))[0].probe()


@pytest.mark.parametrize(
    "platforms",
    [
        MemoryReply(200, {"items": []}),
        MemoryReply(200, []),
        MemoryReply(401, {"success": False, "error": {"code": "x"}}),
    ],
)
async def test_one_that_says_no_name_is_known_by_its_platforms(platforms: MemoryReply) -> None:
    rest, headers = client(MemoryReply(200, {"status": "healthy"}), platforms, auth="canary-1")
    await rest.probe()
    assert headers == [{}, {}]
