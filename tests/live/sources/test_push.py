"""Pushed by real servers: Alertmanager's webhook and Prometheus' remote_write; and whoever else knocks there."""

from __future__ import annotations

import json
import math
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SettingsError
from gunj_widgets.session.session import Session
from gunj_widgets.sources.receiver import MAX_LINKS
from tests.live.sources.servers import Stack, free_port
from tests.live.sources.test_tail import until

TOKEN = "a-token-of-one's-own"
NEWS = json.dumps({"version": "4", "alerts": [{}]}).encode()


@pytest.fixture
def pushing(tmp_path: Path) -> Iterator[tuple[Stack, Session]]:
    """A stack that pushes to a session; the ports are known before either is there."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    hook, write = free_port(), free_port()
    receiver = (
        f"{{name: none, webhook_configs: [{{url: 'http://127.0.0.1:{hook}/alertmanager', "
        f"http_config: {{authorization: {{credentials_file: {token}}}}}}}]}}"
    )
    push = (
        f"  - {{url: 'http://127.0.0.1:{write}/api/v1/write', authorization: {{credentials_file: {token}}}, "
        "queue_config: {batch_send_deadline: 200ms, max_samples_per_send: 2000}}"
    )
    stack = Stack(tmp_path, receiver=receiver, push=push)
    try:
        rt = gunj.connect(prometheus=stack.prometheus.url, alertmanager=stack.alertmanager.url)
        rt.receive_alerts(port=hook, token=TOKEN)
        rt.receive_samples(port=write, token=TOKEN)
        yield stack, rt
    finally:
        gunj.close_all()
        stack.close()


def test_samples_come_as_they_are_scraped_the_very_same_ones(pushing: tuple[Stack, Session]) -> None:
    stack, rt = pushing
    frame = rt.pushed("node_load1", window="5m")
    arrived: list[float] = []
    frame.listen(lambda one: arrived.append(time.time() - one.df.index[-1].timestamp()))
    until(lambda: len(frame.df) >= 8)
    stack.node.kill()
    until(lambda: math.isnan(frame["node_load1"].iloc[-1]))  # the marker of one that ended
    found = stack.prometheus.get("/api/v1/query?query=node_load1[5m]")["data"]["result"][0]["values"]
    truth = {round(t * 1000): float(value) for t, value in found}
    mine = {round(t.timestamp() * 1000): v for t, v in frame["node_load1"].items() if not math.isnan(v)}
    assert mine.items() <= truth.items()
    assert len(mine) >= 8
    assert sorted(arrived)[len(arrived) // 2] < 1.0  # a wide bound: what it takes is printed by benchmarks
    receiver = rt.receive_samples()
    assert receiver.refused == 0
    assert "node_memory_MemTotal_bytes" in receiver.names
    assert receiver.unasked > 0


def test_an_alert_is_looked_at_when_alertmanager_tells(pushing: tuple[Stack, Session]) -> None:
    stack, rt = pushing
    stack.node.kill()
    until(lambda: any(a.name == "TargetDown" for a in rt.alerts.active))
    hook = rt.receive_alerts()
    until(lambda: hook.alerts >= 1)
    assert hook.refused == 0


@pytest.fixture
def rt_alone(stack: Stack) -> Iterator[Session]:
    yield gunj.connect(alertmanager=stack.alertmanager.url)
    gunj.close_all()


def test_who_is_not_let_in(rt_alone: Session) -> None:
    hook = rt_alone.receive_alerts()
    good = {"Authorization": f"Bearer {hook.token}"}
    cases = [
        ({}, "POST", hook.url, NEWS, 401),
        ({"Authorization": "Bearer wrong"}, "POST", hook.url, NEWS, 401),
        ({**good, "Origin": "http://evil.example.com"}, "POST", hook.url, NEWS, 403),
        (good, "GET", hook.url, b"", 405),
        (good, "POST", hook.url + "/more", NEWS, 404),
        (good, "POST", hook.url, b"not json", 400),
        (good, "POST", hook.url, b"x" * ((4 << 20) + 1), 413),
        (good, "POST", hook.url, NEWS, 204),
    ]
    for headers, method, url, body, status in cases:
        assert httpx.request(method, url, headers=headers, content=body).status_code == status, (method, url, status)
    with httpx.Client(headers=good) as client:  # one connection, many requests
        assert [client.post(hook.url, content=NEWS).status_code for _ in range(3)] == [204] * 3
    assert (hook.taken, hook.refused) == (4, len(cases) - 1)
    assert str(hook.token) not in f"{hook!r} {rt_alone.stats()!r} {hook.last_problem}"


def test_who_speaks_no_http_or_never_ends_costs_the_others_nothing(rt_alone: Session) -> None:
    hook = rt_alone.receive_alerts()
    links = [socket.create_connection(("127.0.0.1", hook.port)) for _ in range(MAX_LINKS - 1)]
    links[0].sendall(b"\x00\xff\x00 garbage\r\n\r\n")
    links[1].sendall(b"POST /alertmanager HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000)
    answer = httpx.post(hook.url, headers={"Authorization": f"Bearer {hook.token}"}, content=NEWS)
    assert answer.status_code == 204
    for link in links:
        link.close()
    until(lambda: not hook._links)


def test_a_port_that_is_taken(rt_alone: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="cannot listen"):
        rt_alone.receive_alerts(port=taken.getsockname()[1])
    assert rt_alone.receive_alerts().is_open


def test_it_ends_with_the_session(rt_alone: Session) -> None:
    hook = rt_alone.receive_alerts()
    with socket.create_connection(("127.0.0.1", hook.port), timeout=5) as link:
        until(lambda: hook._links)
        rt_alone.shut()
        assert link.recv(1) == b""
    with pytest.raises(httpx.ConnectError):
        httpx.post(hook.url, content=NEWS)
