"""The door: Host, Origin and token, for HTTP and before a WebSocket is upgraded."""

from __future__ import annotations

import pytest

from tests.demo.asgi import BEARER, TOKEN, V1, Demo, Events, Socket

API = "/api/v1/platforms"


@pytest.fixture
def demo() -> Demo:
    return Demo()


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
    ],
)
async def test_without_the_right_token_nothing(demo: Demo, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in (API, "/sse/alerts", "/api/v1/demo/scenarios", "/no/such/path", "/ready"):
        answer = await demo.request("GET", path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "unauthorized"
        assert TOKEN not in answer.text
    async with Socket(demo, headers=headers) as socket:
        assert await socket.until(lambda: socket.status) == 401
    assert demo.service.stats()["websockets"] == 0
    assert demo.service.stats()["refused_401"] == 6


async def test_health_tells_without_a_token_what_this_is(demo: Demo) -> None:
    answer = await demo.request("GET", "/health", headers={})
    assert answer.json() == {"status": "ok", "server": "gunj-operator/demo"}


async def test_bearer_is_a_word_in_any_case(demo: Demo) -> None:
    assert (await demo.request("GET", API, headers={"Authorization": f"bEaReR {TOKEN}"})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1", "10.0.0.1"],
)
async def test_a_foreign_host_is_refused_before_the_token_is_looked_at(demo: Demo, host: str) -> None:
    for headers in ({"Host": host}, {**BEARER, "Host": host}):
        answer = await demo.request("GET", API, headers=headers)
        assert answer.status_code == 403
    async with Socket(demo, headers={**BEARER, "Host": host}) as socket:
        assert await socket.until(lambda: socket.status) == 403
    assert (await demo.request("GET", "/health", headers={"Host": host})).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080"])
async def test_loopback_is_served(demo: Demo, host: str) -> None:
    assert (await demo.request("GET", API, headers={**BEARER, "Host": host})).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8888", "http://127.0.0.1", ""])
async def test_a_foreign_origin_is_refused(demo: Demo, origin: str) -> None:
    answer = await demo.request("GET", API, headers={**BEARER, "Origin": origin})
    assert answer.status_code == 403
    async with Socket(demo, headers={**BEARER, "Origin": origin}) as socket:
        assert await socket.until(lambda: socket.status) == 403


async def test_its_own_origin_is_not_foreign(demo: Demo) -> None:
    assert (await demo.request("GET", API, headers={**BEARER, "Origin": "http://127.0.0.1:1"})).status_code == 200


async def test_a_token_in_the_url_is_for_the_legacy_dialect_only(demo: Demo) -> None:
    query = f"token={TOKEN}"
    assert (await demo.request("GET", f"{API}?{query}", headers={})).status_code == 401
    assert (await demo.request("GET", f"/sse/alerts?{query}", headers={})).status_code == 401
    async with Socket(demo, subprotocol=V1, query=query, headers={}) as socket:
        assert await socket.until(lambda: socket.status) == 401
    async with Socket(demo, subprotocol="", query=query, headers={}) as socket:
        assert (await socket.next("heartbeat"))["payload"]["time"]
    async with Socket(demo, subprotocol="", query="token=wrong", headers={}) as socket:
        assert await socket.until(lambda: socket.status) == 401
    async with Events(demo, "/sse/alerts", query=f"dialect=legacy&{query}", headers={"Authorization": ""}) as events:
        assert await events.until(lambda: events.status) == 200
