"""R16: a proxy that lets neither WebSocket nor stream through: polled, said so, and streamed again once it does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from gunj_widgets.connection import supervisor
from gunj_widgets.demo.operator import Operator
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from tests.live.client import wait_for
from tests.live.security.peers import Peer, Reader, Writer


class Gate(Peer):
    """An HTTP proxy in front of the operator. `shut` paths are refused with `status`, or let in and then cut."""

    def __init__(self, operator: Operator) -> None:
        self._target = urlsplit(operator.url)
        self.shut: tuple[str, ...] = ()
        self.status = 403
        self.cut = False
        self.asked: list[str] = []
        self.conditions: list[bool] = []
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: Reader, writer: Writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        self.asked.append(path)
        self.conditions.append(b"if-none-match" in head.lower())
        if path.startswith(self.shut) and not self.cut:
            writer.write(f"HTTP/1.1 {self.status} No\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        upstream, sender = await asyncio.open_connection(self._target.hostname, self._target.port)
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"host:", b"connection: keep"))]
        lines.insert(1, b"Host: " + self._target.netloc.encode())
        if not path.startswith("/ws"):
            lines.insert(1, b"Connection: close")
        sender.write(b"\r\n".join(lines))
        try:
            if path.startswith(self.shut):
                writer.write(await upstream.readuntil(b"\r\n\r\n"))  # the answer's head, and no more
                await writer.drain()
                return
            pumps = [asyncio.ensure_future(p) for p in (self._pump(reader, sender), self._pump(upstream, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
        finally:
            sender.transport.abort()


@pytest.fixture
def gate() -> Iterator[tuple[Gate, Operator]]:
    with Operator(seed=6) as operator, Gate(operator) as made:
        yield made, operator


@pytest.mark.parametrize(("status", "cut"), [(404, False), (400, False), (501, False), (0, True)])
def test_where_nothing_can_be_streamed_it_is_polled_until_it_can(
    gate: tuple[Gate, Operator], status: int, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "OTHER_WAY_DELAY", 1.5)
    monkeypatch.setattr("gunj_widgets.connection.backoff.FALSE_START_DELAY", 0.2)
    proxy, operator = gate
    proxy.shut, proxy.status, proxy.cut = ("/ws", "/sse"), status, cut
    settings = Settings.load(connection={"poll_interval": 0.3, "open_timeout": 3.0, "max_delay": 0.3})
    session = Session(proxy.url, auth=operator.token, settings=settings)
    try:
        wait_for(lambda: session.state == "polling", what=f"polling instead of {session.state}")
        session.wait_ready()
        assert not session.is_connected  # whoever asks is told that nothing is streamed
        names = {platform.name for platform in session.platforms}
        assert names == {"production", "staging"}
        wait_for(lambda: proxy.asked.count("/api/v1/platforms") >= 4, what="a second look")
        assert any(asked for asked in proxy.conditions)
        assert all(t.state == "polling" for t in session.status().transports if t.name.startswith("poll"))
        operator.start_scenario(operator.scenarios()[0].name, speed=60.0)
        wait_for(lambda: session.store.alerts.active, what="an alert by polling")
        proxy.shut = ()  # the proxy was put right
        wait_for(lambda: session.state == "open", what="the stream's return")
        wait_for(lambda: [t.name for t in session.status().transports] == ["WebSocket"], what="the end of polling")
        asked = len([path for path in proxy.asked if path.startswith("/api")])
        seen = session.stats()["delivered"]
        wait_for(lambda: session.stats()["delivered"] > seen, what="streamed facts")
        assert len([path for path in proxy.asked if path.startswith("/api")]) <= asked + 1  # at most one was on its way
    finally:
        session.shut()
