"""What the server selects in place of our dialect: the UI's own is spoken, one that nobody offered is gone around."""

from __future__ import annotations

from collections.abc import Callable

from gunj_widgets.connection.interest import Interest
from tests.live.client import PLATFORM, Client, wait_for
from tests.live.faults.numbers import METRICS, Numbers, told
from tests.live.proxy import WHOLE, Kind, Plan, Proxy

Through = Callable[..., tuple[Proxy, Client]]
OURS = b"v1.gunj.operator"


def test_a_server_that_selects_none_is_spoken_to_in_its_own(operator: Numbers, through: Through) -> None:
    offer = b"Sec-WebSocket-Protocol: " + OURS + b"\r\n"
    _proxy, client = through(lambda kind: Plan(request=(offer, b"")) if kind == "websocket" else WHOLE)
    client.manager.start()
    client.manager.watch(Interest("platform", PLATFORM))
    wait_for(
        lambda: {"status", "component"} <= client.by_source()["websocket"], what="the platform in the UI's dialect"
    )
    assert client.state == "open"
    assert all(event.seq is None for event in client.events)  # it has no numbers: nothing missed can be asked for
    assert client.count("malformed") == 0


def test_a_dialect_nobody_offered_is_gone_around_and_named(operator: Numbers, through: Through) -> None:
    def other(kind: Kind) -> Plan:
        return Plan(reply=(OURS, b"v9.not.operator")) if kind == "websocket" else WHOLE

    _proxy, client = through(other)
    client.manager.start()
    client.manager.watch(METRICS)
    wait_for(lambda: client.state == "open", what="the other way")
    operator.publish(10)
    wait_for(lambda: told(client.events)[0] == list(range(1, 11)), what="all numbers")
    assert {event.source for event in client.events if event.seq} == {"sse"}
    socket = next(t for t in client.manager.status().transports if t.name == "WebSocket")
    assert socket.state != "open"
    assert "dialect" in socket.reason
    assert "Update" in socket.remedy


def test_in_the_uis_dialect_metrics_come_by_a_stream(operator: Numbers, through: Through) -> None:
    offer = b"Sec-WebSocket-Protocol: " + OURS + b"\r\n"
    _proxy, client = through(lambda kind: Plan(request=(offer, b"")) if kind == "websocket" else WHOLE)
    client.open(METRICS)
    operator.publish(10)
    wait_for(lambda: told(client.events)[0] == list(range(1, 11)), what="all numbers")
    assert {event.source for event in client.events if event.seq} == {"sse"}
