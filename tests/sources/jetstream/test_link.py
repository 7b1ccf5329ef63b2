"""What nats-py says, in words of ours. The connection itself: tests/live/jetstream."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import nats.errors
import nats.js.errors
import pytest

from gunj_widgets.errors import AuthError, ConnectError, LimitError
from gunj_widgets.sources.jetstream.link import Link, NoStreamError, _no_link, outcome


class Client:
    is_closed = False

    def jetstream(self, timeout: float) -> None:
        return None


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (nats.errors.AuthorizationError(), AuthError, "does not let us in"),
        (nats.errors.Error("nats: 'Authorization Violation'"), AuthError, "does not let us in"),
        (TimeoutError(), ConnectError, "within 3 s"),
        (ConnectionRefusedError(111, "Connect call failed (…)"), ConnectError, "to host:4222: Connection refused"),
        (ssl.SSLCertVerificationError(1, "bad"), ConnectError, "certificate"),
        (nats.errors.NoServersError(), ConnectError, "host:4222"),
    ],
)
def test_why_there_is_no_connection(error: Exception, kind: type[Exception], words: str) -> None:
    made = _no_link("host:4222", error, 3.0)
    assert type(made) is kind
    assert words in made.problem
    assert made.remedy


async def _outcome(result: Any) -> bool:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)
    return outcome(future)


async def test_outcomes_of_publishing() -> None:
    assert await _outcome(type("Ack", (), {"duplicate": True})) is True
    assert await _outcome(type("Ack", (), {"duplicate": None})) is False
    with pytest.raises(NoStreamError):
        await _outcome(nats.js.errors.NoStreamResponseError())
    with pytest.raises(LimitError, match="maximum bytes"):
        await _outcome(nats.js.errors.APIError(code=503, description="maximum bytes exceeded"))


async def test_a_question_ends_with_the_connection() -> None:
    link = Link(Client(), "host:4222")
    asking = asyncio.ensure_future(link._alive(asyncio.sleep(60)))
    await asyncio.sleep(0)
    link.ended.set()
    with pytest.raises(ConnectError, match="connection ended"):
        await asking


async def test_a_refusal_is_told_where_jetstream_only_says_nothing() -> None:
    link = Link(Client(), "host:4222")

    async def question() -> None:
        link.refusal = 'Permissions Violation for Publish to "$JS.API"'
        raise nats.errors.TimeoutError

    with pytest.raises(AuthError, match="Permissions Violation") as caught:
        await link._asked(question(), "read the stream S")
    assert "docs/jetstream.md" in caught.value.remedy
