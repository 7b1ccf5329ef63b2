"""The operator's own stream on a real nats-server, with and without a relay beside it; and all of it over TLS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig

import gunj_widgets as gunj
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import ConnectError
from gunj_widgets.session.relay import Relay
from gunj_widgets.settings import ConnectionSettings, Settings
from tests.live.client import wait_for
from tests.live.jetstream.servers import NatsServer
from tests.live.security.peers import Authority

SUBJECTS = ["platform.>", "component.>", "jobs.>", "cluster.>", "webhooks.>", "metrics.>"]
AT = "2026-11-27T10:00:00Z"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with NatsServer(tmp_path / "nats") as made:
        yield made
    gunj.close_all()


async def publish(url: str, *messages: tuple[str, dict[str, object]]) -> None:
    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.add_stream(StreamConfig(name="GUNJ_EVENTS", subjects=SUBJECTS, max_age=7 * 86400))
    for subject, message in messages:
        await stream.publish(subject, json.dumps(message).encode())
    await client.close()


def happened(phase: str, message: str) -> tuple[str, dict[str, object]]:
    about = {
        "type": "updated",
        "name": "prod",
        "namespace": "o11y",
        "phase": phase,
        "message": message,
        "timestamp": AT,
    }
    return "platform.o11y.prod.events", about


LOKI = (
    "component.o11y.prod.loki.state",
    {"component": "loki", "state": "Failed", "ready": False, "message": "disk is full"},
)


def test_the_operators_own_stream_is_a_session_without_any_relay(server: NatsServer) -> None:
    asyncio.run(publish(server.url, happened("Ready", "all is well"), LOKI, ("jobs.queue", {"type": "backup"})))
    rt = gunj.connect(server.url).wait_ready()
    platform = rt.platform("prod")
    wait_for(lambda: "loki" in platform.components, 10)
    assert (platform.phase, platform.components["loki"].message) == ("Ready", "disk is full")
    server.kill()
    server.start()
    asyncio.run(publish(server.url, happened("Degraded", "loki is down")))
    wait_for(lambda: platform.phase == "Degraded", 20)
    assert [event.message for event in platform.events] == ["all is well", "loki is down"]
    wait_for(lambda: rt.state == "open", 10)
    assert rt.stats()["malformed"] == 0


def test_over_tls_with_a_relay_and_only_for_those_who_trust_the_server(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.files("IP:127.0.0.1")
    server = NatsServer(tmp_path / "nats", f'tls {{ cert_file: "{cert}", key_file: "{key}" }}')
    url = server.url.replace("nats:", "tls:")
    settings = Settings(connection=ConnectionSettings(ca_file=authority.ca_file))
    try:
        with pytest.raises(ConnectError, match="not trusted") as caught:
            gunj.connect(url)
        assert "ca_file" in caught.value.remedy
        with Operator(heartbeat=0.5) as operator:
            upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
            with Relay([upstream], url, settings=settings):
                rt = gunj.connect(url, settings=settings).wait_ready()
                assert {p.name for p in rt.platforms} == {p.name for p in upstream.platforms}
                metrics = rt.metrics("production")
                wait_for(lambda: len(metrics.df) > 3, 10)
                server.kill()
                server.start()
                rows = metrics.stats().rows
                wait_for(lambda: metrics.stats().rows > rows + 20, 20)
    finally:
        gunj.close_all()
        server.kill()


def test_a_full_stream_lets_the_oldest_go_and_tells_who_had_not_read_them(server: NatsServer, tmp_path: Path) -> None:
    shipped = (Path(gunj.__file__).parent / "sources/jetstream/streams.toml").read_text(encoding="utf-8")
    small = tmp_path / "small.toml"
    small.write_text(shipped.replace('max_bytes = "512M"', 'max_bytes = "16K"'), encoding="utf-8")
    with Operator(heartbeat=0.5) as operator:
        upstream = gunj.connect(operator.url, token=operator.token).wait_ready()
        with Relay([upstream], server.url, streams=small) as relay:
            rt = gunj.connect(server.url).wait_ready()
            metrics = rt.metrics("production")
            wait_for(lambda: len(metrics.df) > 3, 10)
            assert relay.status().refused == 0
            rt.manager._bus._dial, dial = _never, rt.manager._bus._dial  # type: ignore[union-attr]
            server.kill()
            server.start()
            published = relay.status().published
            wait_for(lambda: relay.status().published > published + 250, 40)  # 16K hold some 60
            rt.manager._bus._dial = dial  # type: ignore[union-attr]
            rt.reconnect()
            wait_for(lambda: any(gap.kind == "metrics" for gap in rt.store.gaps), 20)
            assert relay.status().dropped == relay.status().refused == 0


async def _never(*_: object) -> None:
    raise ConnectError("not now")
