"""One back end's HTTP: credentials, patience, bounds, and errors in words."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import Any

import pytest

from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import AuthError, ConnectError, QueryError
from gunj_widgets.sources.backend import SLOTS
from gunj_widgets.testing import FakeClock, settle
from tests.sources.fake import Answer, FakeNetwork, backend


async def test_credentials_go_with_each_request() -> None:
    network = FakeNetwork(lambda path, asked: (200, {}))
    await backend(network, FakeClock(), token="t", tenant="a", headers={"X-Key": "k"}).get("/x", {"a": ["1", "2"]})
    assert {"Authorization": "Bearer t", "X-Scope-OrgID": "a", "X-Key": "k"}.items() <= dict(network.headers).items()
    assert network.asked == [("GET", "/x", {"a": ["1", "2"]}, None)]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_credential_is_an_auth_error(status: int) -> None:
    told: list[ConnectError | None] = []
    one = backend(FakeNetwork(lambda path, asked: (status, b"no")), FakeClock(), told=told.append)
    with pytest.raises(AuthError, match=f"127.0.0.1:9090 answered {status}") as caught:
        await one.get("/x")
    assert told == [caught.value]


async def test_a_renewable_token_is_renewed_once() -> None:
    tokens = iter(["old", "new"])
    network = FakeNetwork(lambda path, asked: (200 if network.headers["Authorization"] == "Bearer new" else 401, {}))
    one = backend(network, FakeClock(), token=lambda: next(tokens))
    assert (await one.get("/x")).status == 200
    assert len(network.asked) == 2


async def test_patience_is_waited_out_as_long_as_the_server_says() -> None:
    answers: list[Answer] = [(429, b"", {"retry-after": "7"}), (200, {})]
    clock = FakeClock()
    one = backend(FakeNetwork(lambda path, asked: answers.pop(0)), clock)
    task = asyncio.ensure_future(one.get("/x"))
    await clock.advance(6.9)
    assert not task.done()
    await clock.advance(0.2)
    assert (await task).status == 200
    assert one.waited == 1


async def test_too_long_a_wait_is_told() -> None:
    one = backend(FakeNetwork(lambda path, asked: (429, b"", {"retry-after": "3600"})), FakeClock())
    with pytest.raises(QueryError, match="again in 3600 s") as caught:
        await one.get("/x")
    assert caught.value.status == 429


async def test_what_changes_something_is_never_sent_twice() -> None:
    network = FakeNetwork(lambda path, asked: (429, b"", {"retry-after": "1"}))
    with pytest.raises(QueryError):
        await backend(network, FakeClock()).ask("POST", "/x", {})
    assert len(network.asked) == 1


async def test_a_huge_answer_is_a_query_to_narrow() -> None:
    end = Refused("content", "the answer to GET /x?query=secret is over 1 bytes")
    with pytest.raises(QueryError, match="over 64 MB. Narrow"):
        await backend(FakeNetwork(lambda path, asked: end), FakeClock()).get("/x")


@pytest.mark.parametrize("kind", ["dns", "network", "timeout", "tls", "redirect", "protocol"])
async def test_no_answer_is_a_connect_error_with_a_remedy(kind: str) -> None:
    with pytest.raises(ConnectError, match="Prometheus: why") as caught:
        await backend(FakeNetwork(lambda path, asked: Refused(kind, "why")), FakeClock()).get("/x")
    assert caught.value.remedy


async def test_no_more_than_a_few_questions_at_once() -> None:
    running, most = 0, 0
    gate = asyncio.Event()
    network = FakeNetwork(lambda path, asked: (200, {}))
    plain = network.request

    async def slow(*arguments: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return await plain(*arguments)

    network.request = slow  # type: ignore[method-assign]
    one = backend(network, FakeClock())
    tasks = [asyncio.ensure_future(one.get("/x")) for _ in range(3 * SLOTS)]
    await settle()
    assert most == SLOTS
    gate.set()
    await asyncio.gather(*tasks)
    assert most == SLOTS


async def test_a_server_with_another_clock_is_asked_by_its_own() -> None:
    clock = FakeClock()
    dates = iter([formatdate(clock.time() + 300, usegmt=True), formatdate(clock.time(), usegmt=True), "nonsense"])
    one = backend(FakeNetwork(lambda path, asked: (200, {}, {"date": next(dates)})), clock)
    await one.get("/x")
    assert one.now() == pytest.approx(clock.time() + 300, abs=1.0)
    await one.get("/x")
    assert one.now() == clock.time()
    await one.get("/x")
    assert one.now() == clock.time()
