"""What a real nats-server refuses, in words; and what a real relay does for notebooks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import AuthError, ConnectError
from gunj_widgets.session import reconciling
from gunj_widgets.session.relay import Relay
from gunj_widgets.sources.jetstream.streams import plans
from tests.live.client import wait_for
from tests.live.jetstream.servers import NatsServer

PERMISSIONS = """
authorization {
  users = [
    {user: relay, password: r}
    {user: viewer, password: v, permissions: {
      publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.*", "$JS.API.CONSUMER.CREATE.GUNJ_STATE",
                "$JS.API.CONSUMER.CREATE.KV_GUNJ_NOTES", "$JS.API.CONSUMER.CREATE.GUNJ_FEED",
                "$JS.API.CONSUMER.CREATE.GUNJ_METRICS", "$JS.FC.>"]
      subscribe: ["_INBOX.>"]
    }}
  ]
}
"""


@pytest.fixture
def operator() -> Iterator[Operator]:
    with Operator(heartbeat=0.5) as running:
        yield running
    gunj.close_all()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with NatsServer(tmp_path / "nats") as made:
        yield made


def test_nobody_is_there() -> None:
    with pytest.raises(ConnectError, match="no connection to 127.0.0.1:1"):
        gunj.connect("nats://127.0.0.1:1")


def test_without_jetstream(tmp_path: Path) -> None:
    with NatsServer(tmp_path / "nats", jetstream=False) as server:
        with pytest.raises(ConnectError, match="runs without JetStream") as caught:
            gunj.connect(server.url)
        assert "-js" in caught.value.remedy


def test_where_nobody_relays(server: NatsServer) -> None:
    with pytest.raises(ConnectError, match="GUNJ_STATE") as caught:
        gunj.connect(server.url)
    assert "gunj-widgets relay" in caught.value.remedy


def test_users_and_permissions(tmp_path: Path, operator: Operator) -> None:
    server = NatsServer(tmp_path / "nats", PERMISSIONS)
    try:
        with pytest.raises(AuthError, match="does not let us in") as caught:
            gunj.connect(server.url, token="canary")
        assert "canary" not in str(caught.value)
        upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
        with Relay([upstream], gunj.Source(url=server.url, basic=("relay", "r"))):
            rt = gunj.connect(gunj.Source(url=server.url, basic=("viewer", "v"))).wait_ready()
            assert {p.name for p in rt.platforms} == {p.name for p in upstream.platforms}
            metrics = rt.metrics("production")
            wait_for(lambda: len(metrics.df), 10)
            rt.logs("production")
            wait_for(lambda: rt.state == "waiting", 10)
            assert "GUNJ_LOGS" in rt.reason
            assert "permissions violation" in rt.reason
            with pytest.raises(ConnectError, match="not shared"):
                rt.note("may I?")
            assert metrics.df is not None
    finally:
        gunj.close_all()
        server.kill()


def test_a_server_that_is_too_small_says_what_to_do(tmp_path: Path, operator: Operator) -> None:
    server = NatsServer(tmp_path / "nats", max_file="100M")
    try:
        upstream = gunj.connect(operator.url, token=operator.token)
        with pytest.raises(ConnectError, match="insufficient storage") as caught:
            Relay([upstream], server.url).start()
        assert "max_bytes" in caught.value.remedy
    finally:
        gunj.close_all()
        server.kill()


def test_an_expired_history_is_a_visible_gap(server: NatsServer, operator: Operator) -> None:
    upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
    with Relay([upstream], server.url):
        rt = gunj.connect(server.url).wait_ready()
        metrics = rt.metrics("production")
        wait_for(lambda: len(metrics.df), 10)
        server.kill()
        rt.manager._bus._dial, dial = _never, rt.manager._bus._dial  # type: ignore[union-attr]
        server.start()
        published = upstream.store.stats().counts["stored"]
        wait_for(lambda: upstream.store.stats().counts["stored"] > published + 200, 30)
        asyncio.run(_purge(server.url))
        rt.manager._bus._dial = dial  # type: ignore[union-attr]
        rt.reconnect()
        wait_for(lambda: rt.stats()["reset"], 10)
        wait_for(lambda: rt.state == "open", 10)
        assert any(gap.kind == "metrics" for gap in rt.store.gaps)


def test_foreign_messages_and_illegal_subjects_are_counted(server: NatsServer, operator: Operator) -> None:
    upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
    with Relay([upstream], server.url):
        rt = gunj.connect(server.url).wait_ready()
        before = len(rt.platforms)
        asyncio.run(_litter(server.url))
        wait_for(lambda: rt.stats()["malformed"] >= 2, 10)
        assert len(rt.platforms) == before
        assert rt.malformed()
        assert rt.manager.stats().unaccounted == 0


def test_commands_alerts_and_notes_go_through(server: NatsServer, operator: Operator) -> None:
    upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
    with Relay([upstream], server.url, allow=["command.**", "request.*"]) as relay:
        rt = gunj.connect(server.url).wait_ready()
        other = gunj.connect(server.url, since="1m").wait_ready()
        assert other is not rt
        operation = rt.command("production", "backup")
        wait_for(lambda: rt.store.operations.get(operation.id) is not None, 10)
        assert rt.commands("production")
        written = rt.note("rolled back", author="ann")
        wait_for(lambda: written in list(other.notes), 10)
        assert [n.author for n in other.notes] == ["ann"]
        assert len(rt.notes) == 1, "our own note comes back, and is kept once"
        get_io().run(rt.act("mark", {"atMs": 5_000.0, "text": "it  broke\nhere"})).result(5)
        wait_for(lambda: any(n.text == "mark: it broke here" for n in other.notes), 10)
        assert next(n for n in other.notes if n.text.startswith("mark")).time == 5.0
        get_io().run(upstream.act("mark", {"text": "x"})).result(5)
        assert len(upstream.notes) == 0, "nobody else reads what stands there"
        wait_for(lambda: relay.answered >= 2, 10)


def test_what_ended_while_no_relay_ran_is_ended_by_the_next(
    server: NatsServer, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "LOOK", 0.5)
    upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
    operator.start_scenario("loki-volume-full", speed=20)
    wait_for(lambda: upstream.alerts.has_critical, 20)
    rt = None
    with Relay([upstream], server.url):
        rt = gunj.connect(server.url).wait_ready()
        wait_for(lambda: rt.alerts.has_critical, 10)
    operator.stop_scenario()
    wait_for(lambda: not upstream.alerts.has_critical, 30)
    assert rt.alerts.has_critical, "nobody told it"
    with Relay([upstream], server.url):
        wait_for(lambda: not rt.alerts.has_critical, 20)
        assert {p.name for p in rt.platforms} == {p.name for p in upstream.platforms}


def test_a_command_that_no_relay_takes(server: NatsServer, operator: Operator) -> None:
    upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
    with Relay([upstream], server.url):
        rt = gunj.connect(server.url).wait_ready()
        with pytest.raises(ConnectError, match="nobody answers"):
            rt.command("production", "backup")


async def _never(*_: object) -> None:
    raise ConnectError("not now")


async def _purge(url: str) -> None:
    client = await nats.connect(url)
    for plan in plans():
        await client.jetstream().purge_stream(plan.name)
    await client.close()


async def _litter(url: str) -> None:
    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.publish("gunj.v1.platform.x.status", b"not json")
    await stream.publish("gunj.v1.alert.x.firing", b'{"type": "platform.x.status", "payload": {}}')
    await client.close()
