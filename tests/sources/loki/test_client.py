"""Questions to a Loki: pages without loss, bounds it names, and what is no Loki."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from gunj_widgets.errors import AuthError, ConnectError, QueryError
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend, recorded

QUERY = '{job="s"}'


class Log:
    """Answers as Loki does: start included, end not, `most` lines at most."""

    def __init__(self, times: list[int], most: int = 5_000) -> None:
        self.entries = sorted((ns, f"line {i}") for i, ns in enumerate(times))
        self.most = most
        self.network = FakeNetwork(self.answer)
        self.client = LokiClient(backend(self.network, FakeClock()))

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        limit = int(asked["limit"][0])
        if limit > self.most:
            text = f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {self.most})"
            return 400, text.encode()
        found = [e for e in self.entries if int(asked["start"][0]) <= e[0] < int(asked["end"][0])]
        page = found[:limit] if asked["direction"] == ["forward"] else found[-limit:]
        values: list[Any] = [[str(ns), text] for ns, text in page]
        result = [{"stream": {"job": "s"}, "values": values}]
        return 200, {"status": "success", "data": {"resultType": "streams", "result": result}}

    async def forward(self) -> list[str]:
        found: dict[bytes, str] = {}
        async for page in self.client.forward(QUERY, 0, 10**6):
            found.update((line.key, line.text) for line in page)
        return list(found.values())


@pytest.mark.parametrize("seed", range(5))
async def test_pages_miss_nothing_where_many_lines_have_one_time(seed: int) -> None:
    rng = Random(seed)
    log = Log([rng.randrange(40) for _ in range(200)], most=20)
    log.client.page = 20
    assert await log.forward() == [text for _, text in log.entries]
    assert log.client.crowded == 0
    newest = await log.client.newest(QUERY, 0, 10**6, 50)
    assert sorted(line.ns for line in newest) == [ns for ns, _ in log.entries[-50:]]


async def test_the_page_shrinks_to_what_the_server_gives() -> None:
    log = Log(list(range(700)), most=300)
    assert len(await log.forward()) == 700
    assert log.client.page == 300
    assert len(log.network.asked) == 4


async def test_a_moment_with_more_lines_than_a_page_is_passed_and_told() -> None:
    log = Log([1] + [5] * 30 + [9], most=10)
    log.client.page = 10
    found = await log.forward()
    assert found[0] == "line 0"
    assert "line 31" in found
    assert log.client.crowded == 1
    newest = await log.client.newest(QUERY, 0, 10**6, 30)
    assert {line.ns for line in newest} >= {1, 5, 9}


async def test_a_wrong_query_is_an_error() -> None:
    network = FakeNetwork(lambda path, asked: (400, b"parse error at line 1, col 6: syntax error"))
    with pytest.raises(QueryError, match="parse error") as caught:
        await LokiClient(backend(network, FakeClock())).lines("{job=", 0, 1, forward=True)
    assert caught.value.position == 5


async def test_labels_and_their_values() -> None:
    network = FakeNetwork(lambda path, asked: recorded("loki", "labels"))
    client = LokiClient(backend(network, FakeClock()))
    assert await client.label_names() == ["component", "job", "level"]
    await client.label_values("a/b", QUERY)
    assert network.asked[-1][1:3] == ("/loki/api/v1/label/a%2Fb/values", {"query": [QUERY]})


async def test_version_is_told_or_the_labels_prove_it() -> None:
    client = LokiClient(backend(FakeNetwork(lambda path, asked: (200, {"version": "3.1"})), FakeClock()))
    assert await client.version() == "3.1"
    old = FakeNetwork(lambda path, asked: recorded("loki", "labels") if path.endswith("labels") else (404, b""))
    assert await LokiClient(backend(old, FakeClock())).version() == ""


@pytest.mark.parametrize("reply", [(200, b"<html>"), (404, b"not found"), (200, {"status": "success", "data": 1})])
async def test_what_is_no_loki_is_said_so(reply: Answer) -> None:
    client = LokiClient(backend(FakeNetwork(lambda path, asked: reply), FakeClock()))
    with pytest.raises(ConnectError, match="is no Loki"):
        await client.version()


async def test_who_may_not_ask_is_told_what_to_pass() -> None:
    client = LokiClient(backend(FakeNetwork(lambda path, asked: (401, b"no org id")), FakeClock()))
    with pytest.raises(AuthError, match="tenant="):
        await client.version()
