"""One back end's HTTP: credentials, patience, bounds, and errors in words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import pytest

from gunj_widgets.connection.transport import Link, Refused, Stream
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


class Doors(FakeNetwork):
    """Opens a stream or a WebSocket once the token is the right one; `shut` is why not at all."""

    shut: Refused | None = None

    def _open(self, headers: Mapping[str, str]) -> Any:
        self.headers = headers
        if self.shut is not None:
            raise self.shut
        if headers.get("Authorization") != "Bearer new":
            raise Refused("status", "127.0.0.1:9090 answered 401", status=401)
        return "open"

    async def websocket(self, path: str, headers: Mapping[str, str], subprotocol: str) -> Link:
        return self._open(headers)  # type: ignore[no-any-return]

    async def stream(self, path: str, headers: Mapping[str, str]) -> Stream:
        return self._open(headers)  # type: ignore[no-any-return]


@pytest.mark.parametrize("door", ["websocket", "stream"])
async def test_what_is_read_as_it_comes_is_opened_with_a_renewed_token(door: str) -> None:
    tokens = iter(["old", "new", "new"])
    network = Doors(lambda path, asked: (200, b""))
    asked = backend(network, FakeClock(), token=lambda: next(tokens), tenant="sre")
    assert await getattr(asked, door)("/x", {"a": "b"}) == "open"
    assert asked.requests == 2
    assert network.headers["X-Scope-OrgID"] == "sre"
    network.shut = Refused("status", "127.0.0.1:9090 answered 401", status=401)
    with pytest.raises(AuthError, match="gunj.Source"):
        await getattr(asked, door)("/x", {})
    network.shut = Refused("status", "127.0.0.1:9090 answered 400: too many tails", status=400)
    with pytest.raises(ConnectError, match="too many tails$") as caught:  # it says what is wrong: nothing is added
        await getattr(asked, door)("/x", {})
    assert caught.value.status == 400
    network.shut = Refused("network", "nothing listens")
    with pytest.raises(ConnectError, match="Check that"):
        await getattr(asked, door)("/x", {})


async def test_a_refusal_is_told_in_the_servers_words_where_those_are_short() -> None:
    said = {"kind": "Status", "message": "no\n  such role " + "x" * 400}
    asked = backend(FakeNetwork(lambda path, parameters: (403, said)), FakeClock())
    with pytest.raises(AuthError, match=r"answered 403: no such role x{187}\.") as caught:
        await asked.get("/x")
    assert caught.value.status == 403
    for body in (b"<html>", b"[1]", {"message": 1}, {"message": "x", "more": "y" * 20_000}):
        network = FakeNetwork(lambda path, parameters, body=body: (403, body))  # type: ignore[misc]
        with pytest.raises(AuthError, match=r"answered 403\."):
            await backend(network, FakeClock()).get("/x")
