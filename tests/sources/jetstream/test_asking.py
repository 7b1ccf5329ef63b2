"""What notebooks ask of relays, and what comes back."""

from __future__ import annotations

import msgspec
import pytest

from gunj_widgets.connection.commands import Command
from gunj_widgets.errors import CommandError, ConnectError, RemoteProtocolError
from gunj_widgets.sources.jetstream import asking
from gunj_widgets.sources.jetstream.asking import Answer
from gunj_widgets.testing import FakeClock
from tests.sources.jetstream.fake import FakeLink, FakeServer


@pytest.fixture
def server() -> FakeServer:
    return FakeServer(FakeClock())


async def test_a_command_goes_out_under_its_name_and_brings_an_operation(server: FakeServer) -> None:
    subject = "gunj.ask.command.prod%2Eeu.restart"
    server.answers[subject] = msgspec.json.encode(Answer(value="op-1"))
    command = Command(platform="prod.eu", name="restart", args={"component": "loki"}, key="k")
    assert await asking.command(FakeLink(server), command) == "op-1"  # type: ignore[arg-type]
    assert server.asked[0][0] == subject
    assert msgspec.json.decode(server.asked[0][1], type=Command) == command


async def test_a_request_names_its_method(server: FakeServer) -> None:
    server.answers["gunj.ask.request.GET"] = msgspec.json.encode(Answer(value={"items": []}))
    assert await asking.request(FakeLink(server), "GET", "/api/v1/platforms", None) == {"items": []}  # type: ignore[arg-type]


async def test_a_refusal_is_the_operators_own(server: FakeServer) -> None:
    server.answers["gunj.ask.request.GET"] = asking.refused(CommandError("no such platform", "See platforms."))
    with pytest.raises(CommandError, match="no such platform") as caught:
        await asking.request(FakeLink(server), "GET", "/api/v1/x", None)  # type: ignore[arg-type]
    assert caught.value.remedy == "See platforms."


async def test_nobody_answers(server: FakeServer) -> None:
    with pytest.raises(ConnectError, match="nobody answers"):
        await asking.request(FakeLink(server), "GET", "/api/v1/x", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("reply", [b"", b"hello", b"[]", b'{"problem": 3}'])
async def test_something_else_answers(server: FakeServer, reply: bytes) -> None:
    server.answers["gunj.ask.request.GET"] = reply
    with pytest.raises(RemoteProtocolError, match="no relay"):
        await asking.request(FakeLink(server), "GET", "/api/v1/x", None)  # type: ignore[arg-type]
