"""A collection kept equal to the server's, with time in our hands. All else, over real sockets: tests/live/sources/test_cluster.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from gunj_widgets.connection.transport import Lost, Refused, Stream
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.reflector import FORBIDDEN, Reflector
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend


class Body:
    """A stream that says `lines` and then ends."""

    status = 200
    headers: Mapping[str, str] = {}

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines
        self.closed = False

    async def chunks(self) -> AsyncIterator[bytes]:
        for line in self.lines:
            yield line + b"\n"
        raise Lost(None, "the server ended the stream")

    async def close(self) -> None:
        self.closed = True


class Network(FakeNetwork):
    bodies: list[Body | Refused]

    async def stream(self, path: str, headers: Mapping[str, str]) -> Stream:
        body = self.bodies.pop(0) if self.bodies else Body([])
        if isinstance(body, Refused):
            raise body
        return body


class Rig:
    def __init__(self, *bodies: Body | Refused) -> None:
        self.clock = FakeClock()
        self.reply: Answer = (200, {"items": [], "metadata": {"resourceVersion": "5"}})
        self.network = Network(lambda path, asked: self.reply)
        self.network.bodies = list(bodies)
        self.told: list[tuple[int, float | None]] = []
        client = KubernetesClient(backend(self.network, self.clock))

        async def path() -> str:
            return "/x"

        self.reflector = Reflector(client, path, lambda changes, since: self.told.append((len(changes), since)))

    async def run(self, seconds: float) -> None:
        task = asyncio.ensure_future(self.reflector.run())
        await self.clock.advance(seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def line(kind: str, version: int, **more: Any) -> bytes:
    about = {"name": "a", "uid": "u", "resourceVersion": str(version)}
    return json.dumps({"type": kind, "object": {"metadata": about, **more}}).encode()


async def test_a_server_that_ends_each_watch_at_once_is_not_hammered() -> None:
    rig = Rig()
    await rig.run(30)
    assert 15 < rig.reflector.watches < 65
    assert rig.reflector.lists == 1


async def test_a_watch_goes_on_where_it_ended() -> None:
    rig = Rig(Body([line("ADDED", 7)]), Body([line("MODIFIED", 8)]))
    await rig.run(10)
    assert rig.reflector.collection.version == "8"
    assert [count for count, _ in rig.told] == [0, 1, 1]


@pytest.mark.parametrize("end", [Body([line("ERROR", 1, code=410)]), Refused("status", "gone", status=410)])
async def test_an_expired_version_is_listed_anew_with_the_time_it_was_last_heard(end: Body | Refused) -> None:
    rig = Rig(Body([line("ADDED", 7)]), end)
    await rig.run(10)
    assert rig.reflector.lists == 2
    assert [since is not None for _, since in rig.told] == [False, False, True]


async def test_a_line_that_cannot_be_read_means_a_new_list() -> None:
    rig = Rig(Body([b"<html>"]))
    await rig.run(10)
    assert rig.reflector.lists == 2


async def test_what_is_forbidden_is_tried_again_after_a_minute() -> None:
    rig = Rig()
    rig.reply = (403, {"message": "no"})
    await rig.run(FORBIDDEN * 3 + 5)
    assert len(rig.network.asked) == 4
    assert "answered 403: no" in rig.reflector.problem


async def test_a_server_that_is_away_is_asked_less_and_less_often() -> None:
    rig = Rig()
    rig.network.answer = lambda path, asked: Refused("network", "nothing listens")
    await rig.run(300)
    assert 10 < len(rig.network.asked) < 30
    assert rig.reflector.collection.version is None
