"""A session's events, written for everyone; what notebooks may ask, and what not. Real servers: tests/live/jetstream."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import CommandError, ConnectError, SettingsError
from gunj_widgets.session.relay import Relay
from gunj_widgets.sources.jetstream.asking import Answer
from gunj_widgets.sources.jetstream.streams import METRICS, STATE
from gunj_widgets.testing import FakeClock
from tests.session.conftest import Rig, until
from tests.sources.jetstream.fake import FakeServer, Incoming


@pytest.fixture
def server() -> FakeServer:
    return FakeServer(FakeClock())


def relayed(rig: Rig, server: FakeServer, *allow: str) -> Relay:
    relay = Relay([rig.session], "nats://127.0.0.1:4222", allow=allow)
    relay._publisher._bus._dial = server.dial
    return relay


@pytest.fixture
def relay(rig: Rig, server: FakeServer) -> Iterator[Relay]:
    rig.session.wait_ready()
    with relayed(rig, server, "command.production.*", "request.GET") as made:
        yield made


def ask(server: FakeServer, subject: str, data: object) -> Answer:
    """Ask as a notebook would, and return what was said back."""
    link = server.links[-1]
    said: list[bytes] = []

    async def say(subject: str, data: bytes = b"") -> None:
        said.append(data)

    link.say = say  # type: ignore[method-assign]
    listening = next(take for pattern, take in link.listening.items() if _matches(pattern, subject))
    get_io().run(listening(Incoming(subject, msgspec.json.encode(data), "reply"))).result(5)
    return msgspec.json.decode(until(lambda: said)[0], type=Answer)


def _matches(pattern: str, subject: str) -> bool:
    mine, theirs = pattern.split("."), subject.split(".")
    return len(mine) == len(theirs) and all(a in ("*", b) for a, b in zip(mine, theirs, strict=True))


def test_what_stood_before_and_what_comes_is_written(rig: Rig, relay: Relay, server: FakeServer) -> None:
    subjects = until(lambda: {m.subject for m in server.stream(STATE).messages if ".status" in m.subject})
    assert subjects == {"gunj.v1.platform.production.status", "gunj.v1.platform.staging.status"}
    sample = {"metric": "cpu", "samples": [{"time": 1.0, "value": 2.0, "labels": {}}]}
    until(lambda: any(i.target == "metrics" for i in rig.session.manager.interests()))
    rig.publish("platform.production.metrics.cpu", sample)
    until(lambda: server.stream(METRICS).messages)
    assert relay.status().published >= 3
    assert "open" in repr(relay)


def test_platforms_that_come_later_are_relayed_whole(rig: Rig, relay: Relay, server: FakeServer) -> None:
    rig.publish("platform.new.status", {"id": "new", "name": "new", "phase": "Ready"})
    until(lambda: any((i.target, i.platform) == ("logs", "new") for i in rig.session.manager.interests()))


def test_after_the_end_nothing_is_asked_for_any_more(rig: Rig, server: FakeServer) -> None:
    rig.session.wait_ready()
    with relayed(rig, server):
        until(lambda: any(i.target == "logs" for i in rig.session.manager.interests()))
    until(lambda: not any(i.target == "logs" for i in rig.session.manager.interests()))
    assert rig.session._memory._taps == ()


def test_a_server_that_is_not_there_ends_the_start(rig: Rig, server: FakeServer) -> None:
    server.refusing = ConnectError("NATS: nobody there", "Check the address.")
    with pytest.raises(ConnectError, match="nobody there"):
        relayed(rig, server).start()
    assert rig.session._memory._taps == ()


def test_a_relay_is_of_a_list_of_sessions(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="a relay is of a list of sessions, not Session"):
        Relay(rig.session, "nats://127.0.0.1:1")  # type: ignore[arg-type]  on purpose


def test_a_command_that_is_allowed_is_given(
    rig: Rig, relay: Relay, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Command] = []

    async def take(command: Command, *, queue: bool = True) -> str:
        given.append(command)
        return "op-1"

    monkeypatch.setattr(rig.session.manager, "command", take)
    command = Command(platform="production", name="restart", args={"component": "loki"}, key="k1")
    answer = ask(server, "gunj.ask.command.production.restart", command)
    assert (answer.value, answer.problem) == ("op-1", "")
    assert given == [command]
    assert relay.answered == 1


def test_a_command_under_another_name_is_refused(relay: Relay, server: FakeServer) -> None:
    command = Command(platform="staging", name="delete", key="k1")
    answer = ask(server, "gunj.ask.command.production.restart", command)
    assert "not the one" in answer.problem


def test_what_is_not_allowed_is_not_even_heard(relay: Relay, server: FakeServer) -> None:
    assert set(server.links[-1].listening) == {"gunj.ask.command.production.*", "gunj.ask.request.GET"}


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/../../secret", "http://elsewhere/"])
def test_requests_stay_within_the_api(relay: Relay, server: FakeServer, path: str) -> None:
    assert "nothing of the operator's API" in ask(server, "gunj.ask.request.GET", {"path": path}).problem


def test_nonsense_is_answered(relay: Relay, server: FakeServer) -> None:
    assert "makes no sense" in ask(server, "gunj.ask.request.GET", [1, 2]).problem


@pytest.mark.parametrize("pattern", ["**", "platform.*", "**.restart"])
def test_a_pattern_that_names_no_question_is_refused(rig: Rig, pattern: str) -> None:
    with pytest.raises(CommandError, match="nothing that could be asked"):
        Relay([rig.session], "nats://127.0.0.1:4222", allow=[pattern])
