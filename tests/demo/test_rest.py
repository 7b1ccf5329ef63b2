"""`/api/v1`: looking, doing and tokens, each with what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.asgi import BEARER, START, TOKEN, Demo

PRODUCTION = "/api/v1/platforms/production"


@pytest.fixture
def demo() -> Demo:
    demo = Demo()
    demo.live(5)
    return demo


async def items(demo: Demo, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await demo.request("GET", path, params=params)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_platforms_and_their_parts(demo: Demo) -> None:
    assert [p["name"] for p in await items(demo, "/api/v1/platforms")] == ["production", "staging"]
    assert (await demo.request("GET", PRODUCTION)).json()["name"] == "production"
    parts = {part["component"] for part in await items(demo, f"{PRODUCTION}/components")}
    health = (await demo.request("GET", f"{PRODUCTION}/health")).json()
    assert parts == set(health["components"])
    assert health["lastCheck"] == demo.clock.now


async def test_metrics_by_name_and_since(demo: Demo) -> None:
    columns = await items(demo, f"{PRODUCTION}/metrics", names="cpu_usage,latency_p95")
    assert {column["metric"] for column in columns} == {"cpu_usage", "latency_p95"}
    late = await items(demo, f"{PRODUCTION}/metrics", names="cpu_usage", since=START + 2.0)
    times = [time for column in late for series in column["series"] for time in series["times"]]
    assert times
    assert min(times) > START + 2.0


async def test_logs_by_component_since_and_limit(demo: Demo) -> None:
    every = await items(demo, f"{PRODUCTION}/logs")
    loki = await items(demo, f"{PRODUCTION}/logs", component="loki")
    assert {line["component"] for line in loki} == {"loki"}
    assert len(loki) < len(every)
    assert await items(demo, f"{PRODUCTION}/logs", limit=3) == every[-3:]
    assert await items(demo, f"{PRODUCTION}/logs", since=demo.clock.now) == []


async def test_events_alerts_and_scenarios(demo: Demo) -> None:
    assert isinstance(await items(demo, f"{PRODUCTION}/events"), list)
    assert await items(demo, "/api/v1/alerts/active")
    names = {info["name"] for info in await items(demo, "/api/v1/demo/scenarios")}
    assert "loki-volume-full" in names
    assert (await demo.request("GET", "/api/v1/demo/scenarios/loki-volume-full")).json()["name"] == "loki-volume-full"
    assert (await demo.request("GET", "/api/v1/demo/connections")).json()["websockets"] == 0


@pytest.mark.parametrize("query", ["since=soon", "since=nan", "since=inf", "limit=many"])
async def test_a_number_that_is_none_is_refused(demo: Demo, query: str) -> None:
    answer = await demo.request("GET", f"{PRODUCTION}/logs?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/platforms/nope",
        "/api/v1/platforms/nope/logs",
        "/api/v1/operations/nope",
        "/api/v1/demo/scenarios/nope",
    ],
)
async def test_what_is_not_there_is_a_404_in_words(demo: Demo, path: str) -> None:
    answer = await demo.request("GET", path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]


async def test_an_operation_is_started_once_per_key_seen_and_cancelled(demo: Demo) -> None:
    start = f"{PRODUCTION}/operations/restart"
    first = await demo.request("POST", start, json={"component": "loki", "idempotency_key": "k"})
    again = await demo.request("POST", start, json={"component": "loki"}, headers=keyed("k"))
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]
    path = f"/api/v1/operations/{first.json()['id']}"
    assert (await demo.request("GET", path)).json()["status"] == "running"
    assert (await demo.request("DELETE", path)).json()["status"] == "cancelled"


def keyed(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key}


async def test_an_alert_is_acknowledged_and_silenced(demo: Demo) -> None:
    fingerprint = (await items(demo, "/api/v1/alerts/active"))[0]["fingerprint"]
    alert = f"/api/v1/alerts/{fingerprint}"
    assert (await demo.request("POST", f"{alert}/ack", json={"by": "ada"})).json()["acknowledgedBy"] == "ada"
    silenced = (await demo.request("POST", f"{alert}/silence", json={"duration": 60})).json()
    assert silenced["silencedUntil"] == demo.clock.now + 60
    assert (await demo.request("POST", f"{alert}/silence", json={"duration": "long"})).status_code == 422


async def test_a_scenario_is_begun_and_ended(demo: Demo) -> None:
    path = "/api/v1/demo/scenarios/loki-volume-full"
    assert (await demo.request("POST", path, json={"platform": "staging", "speed": 2})).status_code == 202
    assert (await demo.request("DELETE", path)).json() == {"stopped": ["staging"]}


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b"[" * 60_000, 400), (b"x" * 70_000, 413), (b"\xff", 400)]
)
async def test_a_body_that_is_not_an_object_is_refused(demo: Demo, body: bytes, status: int) -> None:
    answer = await demo.request("POST", f"{PRODUCTION}/operations/restart", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_key_that_is_too_long_is_refused(demo: Demo) -> None:
    answer = await demo.request("POST", f"{PRODUCTION}/operations/restart", json={"idempotency_key": "k" * 201})
    assert answer.status_code == 400


async def test_a_pair_of_tokens_is_given_renewed_once_and_taken_back(demo: Demo) -> None:
    pair = (await demo.request("POST", "/api/v1/auth/login", json={"password": TOKEN})).json()
    assert pair["tokenType"] == "Bearer"
    mine = {"Authorization": f"Bearer {pair['token']}"}
    assert (await demo.request("GET", PRODUCTION, headers=mine)).status_code == 200
    renewal = {"refreshToken": pair["refreshToken"]}
    assert (await demo.request("POST", "/api/v1/auth/refresh", json=renewal)).status_code == 200
    assert (await demo.request("POST", "/api/v1/auth/refresh", json=renewal)).status_code == 401
    assert (await demo.request("POST", "/api/v1/auth/login", json={"password": "guess"})).status_code == 401
    another = (await demo.request("POST", "/api/v1/auth/login", json={"password": TOKEN})).json()
    mine = {"Authorization": f"Bearer {another['token']}"}
    assert (await demo.request("POST", "/api/v1/auth/logout", headers=mine)).status_code == 204
    assert (await demo.request("GET", PRODUCTION, headers=mine)).status_code == 401


async def test_who_has_the_answer_already_is_told_so(demo: Demo) -> None:
    first = await demo.request("GET", PRODUCTION)
    tag = {**BEARER, "If-None-Match": first.headers["etag"]}
    again = await demo.request("GET", PRODUCTION, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert (await demo.request("GET", "/api/v1/platforms/staging", headers=tag)).status_code == 200
