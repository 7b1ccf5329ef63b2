"""The embedded operator from the outside: REST, its door, and starting again."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import ConnectError


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    with Operator(seed=3) as running:
        yield running


def get(operator: Operator, path: str, **headers: str) -> httpx.Response:
    return httpx.get(operator.url + path, headers={"Authorization": f"Bearer {operator.token}", **headers})


def test_without_the_token_nothing_but_health(operator: Operator) -> None:
    assert httpx.get(operator.url + "/health").json()["status"] == "ok"
    for path in ("/api/v1/platforms", "/sse/alerts", "/api/v1/alerts/active"):
        assert httpx.get(operator.url + path).status_code == 401
        assert get(operator, path, Authorization="Bearer wrong").status_code == 401
    assert httpx.get(f"{operator.url}/api/v1/platforms?token={operator.token}").status_code == 401


def test_foreign_hosts_and_origins_are_refused(operator: Operator) -> None:
    assert get(operator, "/api/v1/platforms", Host="evil.example").status_code == 403
    assert get(operator, "/api/v1/platforms", Origin="https://evil.example").status_code == 403


def test_rest_tells_platforms_metrics_and_alerts(operator: Operator) -> None:
    assert [p["name"] for p in get(operator, "/api/v1/platforms").json()["items"]] == ["production", "staging"]
    items = get(operator, "/api/v1/platforms/production/metrics?names=cpu_usage").json()["items"]
    assert {i["metric"] for i in items} == {"cpu_usage"}
    assert items[0]["series"][0]["times"][-1] - items[0]["series"][0]["times"][0] >= 590
    assert get(operator, "/api/v1/alerts/active").json()["items"]
    missing = get(operator, "/api/v1/platforms/nope")
    assert missing.status_code == 404
    assert "production" in missing.json()["error"]["message"]


def test_the_token_is_not_shown_and_a_port_in_use_is_told(operator: Operator) -> None:
    assert operator.token not in repr(operator)
    with pytest.raises(ConnectError, match=str(operator.port)):
        Operator(port=operator.port).start()


def test_it_starts_again_on_the_same_port() -> None:
    operator = Operator(seed=1).start()
    port = operator.port
    operator.stop()
    operator.stop()
    with operator:
        assert operator.port == port
        assert get(operator, "/api/v1/platforms").status_code == 200
