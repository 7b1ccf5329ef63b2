"""The doctor on the way to real servers, sound and broken: the step that is closed, in words, and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import SystemClock
from gunj_widgets.connection.doctor import Finding, examine
from gunj_widgets.demo.operator import Operator
from gunj_widgets.settings import ConnectionSettings, Settings
from tests.live.proxy import WHOLE, Kind, Plan, Proxy, http
from tests.live.security.peers import Authority, Front

QUICK = ConnectionSettings(open_timeout=1.0)


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    with Operator(seed=3) as running:
        yield running


def findings(url: str, token: str | None, **connection: object) -> dict[str, Finding]:
    settings = Settings(connection=ConnectionSettings(**{"open_timeout": 1.0, **connection}))  # type: ignore[arg-type]

    async def look() -> dict[str, Finding]:
        return {f.step: f async for f in examine(url, Auth.of(token), settings, clock=SystemClock())}

    return asyncio.run(look())


def grades(found: dict[str, Finding]) -> str:
    """One letter for each step: o, w, f or s."""
    return "".join(finding.grade[0] for finding in found.values())


def test_all_is_well(operator: Operator) -> None:
    found = findings(operator.url, operator.token)
    assert list(found) == ["proxy", "DNS", "TCP", "TLS", "server", "clock", "token", "WebSocket", "SSE"]
    assert grades(found) == "ooosooooo"
    assert "2 platforms" in found["token"].found
    assert operator.token not in repr(found)


def test_what_follows_a_closed_step_is_not_tried(operator: Operator) -> None:
    assert grades(findings("https://no.such.host.invalid", None)) == "ofsssssss"
    found = findings("http://127.0.0.1:9", None)
    assert grades(found) == "oofssssss"
    assert "port" in found["TCP"].remedy
    wrong = findings(operator.url, "wrong")
    assert grades(wrong) == "ooosoofss"
    assert "token" in wrong["token"].remedy


@pytest.mark.parametrize(
    ("broken", "plan", "words"),
    [
        ("WebSocket", Plan(answer=http("404 Not Found")), "404"),
        ("WebSocket", Plan(after=0, end="rst"), "hung up|cannot be reached|speak WebSocket"),
        ("WebSocket", Plan(after=140, end="hole"), "did not answer"),
        ("SSE", Plan(hold=True), "proxy|byte"),
        ("SSE", Plan(answer=http("200 OK", content_type="text/html")), "text/html"),
        ("SSE", Plan(answer=http("200 OK", content_type="text/event-stream")), "ended"),
    ],
)
def test_the_transport_that_does_not_get_through_is_named(
    operator: Operator, broken: str, plan: Plan, words: str
) -> None:
    def choose(kind: Kind) -> Plan:
        return plan if kind == broken.lower() else WHOLE

    proxy = Proxy(operator.url, choose)
    try:
        found = findings(proxy.url, operator.token)
    finally:
        proxy.close()
    other = "SSE" if broken == "WebSocket" else "WebSocket"
    assert (found[broken].grade, found[other].grade) == ("failed", "ok")
    assert any(word in found[broken].found for word in words.split("|")), found[broken]


def test_a_server_that_is_none_and_one_whose_clock_is_wrong(operator: Operator) -> None:
    page = Plan(answer=http("200 OK", content_type="text/html"))
    proxy = Proxy(operator.url, lambda kind: page)
    try:
        found = findings(proxy.url, operator.token)
    finally:
        proxy.close()
    assert found["server"].grade == "failed"
    assert "no Gunj operator" in found["server"].found
    assert found["WebSocket"].grade == "skipped"


def test_certificates(operator: Operator, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Front(operator.url, authority.context("IP:127.0.0.1")) as front:
        url = f"https://127.0.0.1:{front.port}"
        unknown = findings(url, operator.token)
        assert unknown["TLS"].grade == "failed"
        assert "certificate" in unknown["TLS"].found
        assert unknown["token"].grade == "skipped"  # nobody got the token
        known = findings(url, operator.token, ca_file=authority.ca_file)
        assert known["TLS"].grade in ("ok", "warning")
        assert "valid for" in known["TLS"].found
        assert known["WebSocket"].grade == "ok"
