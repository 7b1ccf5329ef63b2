"""Commands: kept, sent again, done once, and never left in doubt without a word."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gunj_widgets.connection.commands import Command, Commands
from gunj_widgets.errors import CommandError, ConnectError, GunjError, LimitError, NotReadyError
from gunj_widgets.settings import CommandSettings
from gunj_widgets.testing import FakeClock, settle


class Given:
    """Commands whose WebSocket and REST are lists."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock(1_000.0)
        self.sent: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: list[Any] = []
        self.commands = Commands(self.clock, CommandSettings(**settings), send=self.sent.append, rest=self._rest)

    async def _rest(self, method: str, path: str, body: Any) -> Any:
        self.asked.append((method, path, body))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, name: str = "backup", *, queue: bool = True, **more: Any) -> asyncio.Task[str]:
        command = Command(platform="prod/a", name=name, args={"to": "s3"}, **{"key": f"key-{name}", **more})
        return asyncio.ensure_future(self.commands.run(command, queue=queue))


async def outcome(task: asyncio.Task[str]) -> str | GunjError:
    await settle()
    assert task.done()
    try:
        return task.result()
    except GunjError as error:
        return error


async def test_a_command_travels_whole_and_its_answer_is_the_operation() -> None:
    given = Given()
    given.commands.opened()
    task = given.run(deadline=1_060.0)
    await settle()
    assert given.sent == [
        {
            "type": "command",
            "id": "c1",
            "platform": "prod/a",
            "name": "backup",
            "args": {"to": "s3"},
            "idempotency_key": "key-backup",
            "deadline": 1_060.0,
        }
    ]
    given.commands.acknowledged("c1", "op-7")
    assert await outcome(task) == "op-7"
    assert len(given.commands) == 0
    given.commands.acknowledged("c1", "late")  # an answer to nothing does no harm


async def test_a_refusal_is_told_in_the_operators_words() -> None:
    given = Given()
    given.commands.opened()
    task = given.run()
    await settle()
    assert given.commands.refused("c1", "no such thing")
    error = await outcome(task)
    assert isinstance(error, CommandError)
    assert "no such thing" in str(error)
    assert not given.commands.refused("s1", "somebody else's")


async def test_what_is_said_offline_waits_in_order_and_is_sent_once_there_is_a_way() -> None:
    given = Given()
    tasks = [given.run(name) for name in ("one", "two", "three")]
    await given.clock.advance(30.0)
    assert given.sent == []
    given.commands.opened()
    assert [message["name"] for message in given.sent] == ["one", "two", "three"]
    for number in (1, 2, 3):
        given.commands.acknowledged(f"c{number}", f"op-{number}")
    assert [await outcome(task) for task in tasks] == ["op-1", "op-2", "op-3"]


async def test_cut_before_the_answer_it_is_sent_again_under_the_same_key() -> None:
    given = Given()
    given.commands.opened()
    task = given.run()
    await settle()
    given.commands.closed()
    given.commands.opened()
    assert [message["idempotency_key"] for message in given.sent] == ["key-backup"] * 2
    assert {message["id"] for message in given.sent} == {"c1"}
    assert given.commands.resent == 1
    given.commands.acknowledged("c1", "op")
    assert await outcome(task) == "op"


async def test_where_no_websocket_serves_rest_does() -> None:
    given = Given()
    waiting = given.run()
    await settle()
    given.answers = [ConnectError("hung up"), {"id": "op-1"}, {"id": "op-2"}]
    given.commands.diverted()
    assert await outcome(waiting) == "op-1"
    assert await outcome(given.run("restart")) == "op-2"
    assert given.asked == [
        ("POST", "/api/v1/platforms/prod%2Fa/operations/backup", {"to": "s3", "idempotency_key": "key-backup"}),
        ("POST", "/api/v1/platforms/prod%2Fa/operations/backup", {"to": "s3", "idempotency_key": "key-backup"}),
        ("POST", "/api/v1/platforms/prod%2Fa/operations/restart", {"to": "s3", "idempotency_key": "key-restart"}),
    ]
    assert given.commands.resent == 1


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ([CommandError("no")], CommandError),
        ([ConnectError("busy", status=503)], ConnectError),
        ([ConnectError("gone"), ConnectError("gone")], ConnectError),
        ([{}], CommandError),
        ([None], CommandError),
    ],
)
async def test_what_rest_says_is_the_outcome(answers: list[Any], kind: type[GunjError]) -> None:
    given = Given()
    given.answers = answers
    given.commands.diverted()
    assert type(await outcome(given.run())) is kind
    assert given.answers == []


async def test_it_waits_only_so_long_and_only_so_many_do() -> None:
    given = Given(queue=2, expiry=20.0)
    first, second = given.run("one"), given.run("two", deadline=1_005.0)
    await settle()
    refused = await outcome(given.run("three"))
    assert isinstance(refused, LimitError)
    assert (refused.limit, refused.value) == ("queue", 2)
    await given.clock.advance(6.0)
    error = await outcome(second)
    assert isinstance(error, CommandError)
    assert "never sent" in str(error)
    assert not first.done()
    await given.clock.advance(15.0)
    assert isinstance(await outcome(first), CommandError)
    given.commands.opened()
    assert given.sent == []


async def test_who_does_not_want_to_wait_is_told_at_once() -> None:
    assert isinstance(await outcome(Given().run(queue=False)), ConnectError)
    assert isinstance(await outcome(Given(queue=0).run()), ConnectError)
    late = Given()
    late.commands.opened()
    assert isinstance(await outcome(late.run(deadline=999.0)), CommandError)
    assert late.sent == []


async def test_no_answer_is_said_to_be_one_that_is_not_known() -> None:
    given = Given(timeout=10.0)
    given.commands.opened()
    task = given.run()
    await settle()
    await given.clock.advance(10.5)
    error = await outcome(task)
    assert isinstance(error, NotReadyError)
    assert "may have begun" in error.problem
    assert "key-backup" in error.remedy


async def test_closing_ends_who_waits() -> None:
    given = Given()
    task = given.run()
    await settle()
    await given.commands.close()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_every_wish_has_a_key_of_its_own() -> None:
    assert len({Command.new_key() for _ in range(100)}) == 100
