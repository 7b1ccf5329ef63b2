"""What servers and proxies answer in place of a stream: obeyed where it is advice, final where it is a no."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from email.utils import formatdate

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.interest import Interest
from tests.live.client import PLATFORM, Client, wait_for
from tests.live.faults.numbers import LOGS, METRICS, Numbers, told
from tests.live.proxy import WHOLE, Kind, Plan, Proxy, http

Through = Callable[..., tuple[Proxy, Client]]


class Once:
    """Answers the first `count` connections of each kind so; remembers when each came (monotonic seconds)."""

    def __init__(self, count: int, answer: Callable[[], bytes], *kinds: Kind) -> None:
        self.count, self.answer, self.kinds = count, answer, kinds or ("websocket", "sse")
        self.came: dict[Kind, list[float]] = defaultdict(list)
        self.armed = False

    def __call__(self, kind: Kind) -> Plan:
        if not self.armed:
            return WHOLE
        self.came[kind].append(time.monotonic())
        return Plan(answer=self.answer()) if kind in self.kinds and len(self.came[kind]) <= self.count else WHOLE

    def waits(self, kind: Kind) -> list[float]:
        return [b - a for a, b in zip(self.came[kind], self.came[kind][1:], strict=False)]


def numbers_arrive(operator: Numbers, client: Client) -> None:
    """Ten more numbers come through whole, on both transports."""
    operator.publish(10)
    wait_for(lambda: [len(n) for n in told(client.events)] == [operator.said] * 2, what="all numbers")
    assert told(client.events) == (list(range(1, operator.said + 1)),) * 2


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("503 Busy", "1"),
        ("503 Busy", "date"),
        ("429 Too Many Requests", "1"),
        ("408 Request Timeout", "1"),
        ("502 Bad Gateway", None),
    ],
)
def test_retry_after_is_obeyed_on_both_transports(
    operator: Numbers, through: Through, status: str, advice: str | None
) -> None:
    def answer() -> bytes:
        if advice is None:
            return http(status)
        return http(status, retry_after=formatdate(time.time() + 2, usegmt=True) if advice == "date" else advice)

    once = Once(1, answer)
    proxy, client = through(once)
    client.open(METRICS, LOGS)
    once.armed = True
    proxy.cut()
    wait_for(lambda: all(len(once.came[kind]) == 2 for kind in once.kinds), what="another attempt")
    for kind in once.kinds:
        waited = once.waits(kind)[0]
        if advice is None:
            assert waited < 0.5
        else:
            assert 0.75 <= waited < 4.5  # a second, or a date within two, ±20 %, on a loaded machine
    numbers_arrive(operator, client)


def test_a_no_is_final_and_says_what_to_do(operator: Numbers, through: Through) -> None:
    once = Once(99, lambda: http("403 Forbidden"))
    proxy, client = through(once)
    client.open(METRICS)
    once.armed = True
    proxy.cut()
    wait_for(lambda: client.state == "failed")
    status = client.manager.status()
    assert "may not" in status.reason
    assert "watch" in status.remedy
    assert len(once.came["websocket"]) == 1
    once.armed = False
    client.manager.reconnect()
    wait_for(lambda: client.state == "open", what="the way back once asked")
    operator.publish(10)
    wait_for(lambda: told(client.events)[0] == list(range(1, 11)), what="all numbers")


def test_an_old_token_is_renewed_once_on_either_transport(operator: Numbers) -> None:
    asked: list[float] = []

    def token() -> str:
        asked.append(time.monotonic())
        return operator.token

    once = Once(1, lambda: http("401 Unauthorized", www_authenticate="Bearer"))
    proxy = Proxy(operator.url, once)
    client = Client(proxy.url, Auth(token))
    try:
        client.open(METRICS, LOGS)
        once.armed = True
        renewals = len(asked)
        proxy.cut()
        wait_for(lambda: len(once.came["sse"]) >= 2 and len(once.came["websocket"]) >= 2, what="another attempt")
        numbers_arrive(operator, client)
        assert 1 <= len(asked) - renewals <= 2  # one for each transport at most; both at once share one
        assert client.state == "open"
    finally:
        client.manager.close()
        proxy.close()


def test_a_token_that_expires_mid_stream_costs_nothing() -> None:
    with Numbers(ring=50_000, max_lag=50_000, retry=None, token_lifetime=1.5) as operator:
        service = operator._live()

        def login() -> str:
            return operator._do(lambda: service.tokens.login(operator.token, service.clock())).access

        client = Client(operator.url, Auth(login))
        try:
            client.open(METRICS, LOGS)
            until = time.monotonic() + 6.0
            while time.monotonic() < until:
                operator.publish(20)
                time.sleep(0.02)
            numbers_arrive(operator, client)
            assert client.count("reset") == 0
            wait_for(lambda: client.state == "open")
        finally:
            client.manager.close()


def test_a_proxy_that_holds_the_stream_back_is_gone_around(operator: Numbers, through: Through) -> None:
    proxy, client = through(lambda kind: Plan(hold=True) if kind == "sse" else WHOLE)
    client.manager.start()
    client.manager.watch(METRICS)
    client.manager.watch(LOGS)
    wait_for(lambda: any(t.name.startswith("poll") for t in client.manager.status().transports), 10.0, "polling")
    wait_for(lambda: any(event.source == "poll" for event in client.events), what="polled lines")
    assert proxy.connections["rest"] >= 1
    operator.publish(10)
    wait_for(lambda: told(client.events)[0] == list(range(1, 11)), what="the WebSocket's numbers, undisturbed")


def test_a_page_in_place_of_the_stream_is_named(operator: Numbers, through: Through) -> None:
    page = http("200 OK", content_type="text/html")
    _proxy, client = through(lambda kind: Plan(answer=page) if kind == "sse" else WHOLE)
    client.manager.start()
    client.manager.watch(Interest("logs", PLATFORM))
    wait_for(lambda: any(t.name.startswith("poll") for t in client.manager.status().transports), what="going around it")


def test_a_stream_that_is_none_is_not_dialled_again_and_again(operator: Numbers, through: Through) -> None:
    """200 and an end at once: three in a row, and the way is doubted."""
    empty = http("200 OK", content_type="text/event-stream")
    proxy, client = through(lambda kind: Plan(answer=empty) if kind == "sse" else WHOLE)
    client.manager.start()
    client.manager.watch(LOGS)
    wait_for(lambda: any(t.name.startswith("poll") for t in client.manager.status().transports), what="going around it")
    assert proxy.connections["sse"] <= 4
