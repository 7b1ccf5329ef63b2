"""What the application answers where no route does, and when it fails."""

from __future__ import annotations

import httpx
import pytest

from gunj_widgets.demo.app import create_app
from gunj_widgets.demo.service import Service
from tests.demo.asgi import BEARER, TOKEN, Demo


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no/such/path", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("POST", "/api/v1/platforms", 405, "method_not_allowed"),
        ("GET", "/ws", 404, "not_found"),
    ],
)
async def test_what_is_not_served_is_told_as_every_error_is(method: str, path: str, status: int, code: str) -> None:
    answer = await Demo().request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


async def test_a_fault_of_ours_is_a_500_without_its_insides(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(TOKEN)
    monkeypatch.setattr(Service, "stats", lambda _self: 1 / 0)
    transport = httpx.ASGITransport(create_app(service), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
        answer = await client.get("/api/v1/demo/connections", headers=BEARER)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "division" not in answer.text


def test_the_application_serves_the_service_it_was_made_for() -> None:
    service = Service(TOKEN)
    assert create_app(service).state.service is service
