"""R15: mutated messages, on a real socket, into a whole session: nothing crashes, hangs, reconnects or grows.

CI runs slices of a few seconds; `GUNJ_SOAK=1` (`make soak`) a million messages. `GUNJ_SEED` repeats a run.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from gunj_widgets.connection.loop import IOThread
from gunj_widgets.session.session import Session
from tests.live.client import wait_for
from tests.live.security.fuzz import corpus, is_bad, mutate
from tests.live.security.peers import Peer, Reader, Writer

SOAK = os.environ.get("GUNJ_SOAK") == "1"
MESSAGES = 1_000_000 if SOAK else 40_000
SSE_MESSAGES = 200_000 if SOAK else 20_000
SEED = int(os.environ.get("GUNJ_SEED", "1"))
MIB = 1 << 20


def resident() -> int:
    """Bytes of memory in use now."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  no path of ours
        return int(file.read().split()[1]) * resource.getpagesize()


class Hostile:
    """An operator that greets as it should, and then says what it is told to."""

    def __init__(self) -> None:
        self.connections = 0
        self.heard: list[str] = []
        self._io = IOThread("hostile")
        self._socket: ServerConnection | None = None
        self._server = self._io.run(self._start()).result(5)
        self.url = f"http://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    def say(self, messages: list[bytes]) -> None:
        self._io.run(self._say(messages)).result(60)

    def close(self) -> None:
        self._io.run(self._close()).result(5)
        self._io.stop()

    async def _start(self) -> Any:
        return await serve(
            self._serve, "127.0.0.1", 0, subprotocols=["v1.gunj.operator"], compression=None, ping_interval=None
        )

    async def _serve(self, socket: ServerConnection) -> None:
        self.connections += 1
        await socket.recv()
        await socket.send(json.dumps({"type": "welcome", "epoch": "e1", "server": "gunj-operator/hostile"}))
        self._socket = socket
        async for text in socket:
            message = json.loads(text)
            self.heard.append(message["type"])
            if message["type"] == "subscribe":
                position = {"id": message["id"], "position": "e1:0"}
                await socket.send(json.dumps({"type": "subscribed", **position, "recovered": False}))
                await socket.send(json.dumps({"type": "snapshot", **position, "events": [], "last": True}))

    async def _say(self, messages: list[bytes]) -> None:
        assert self._socket is not None
        for message in messages:
            await self._socket.send(message, text=True)
            await asyncio.sleep(0)

    async def _close(self) -> None:
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    made = Hostile()
    yield made
    made.close()


@pytest.mark.timeout(900 if SOAK else 60)
def test_mutated_messages_on_the_socket(hostile: Hostile, caplog: pytest.LogCaptureFixture) -> None:
    random = Random(SEED)
    good = corpus()
    session = Session(hostile.url)
    try:
        wait_for(lambda: session.state == "open" and session.is_connected)
        session.wait_ready()
        hostile.say(good)
        sent = bad = 0
        begun, before = time.monotonic(), 0
        while sent < MESSAGES:
            batch = [mutate(random.choice(good), random) for _ in range(1000)]
            bad += sum(map(is_bad, batch))
            sent += len(batch)
            due = session.stats()["bytes"] + sum(map(len, batch))
            hostile.say(batch)
            wait_for(lambda due=due: session.stats()["bytes"] >= due, what=f"batch {sent} (seed {SEED})")
            if sent == 20_000:
                before = resident()  # every bounded buffer has had its chance to fill
        grown, took = resident() - before, time.monotonic() - begun
        stats = session.stats()
        print(  # noqa: T201  the figures of a soak
            f"\n{sent:,} messages in {took:.0f} s, {bad:,} surely bad, {stats['malformed']:,} counted malformed; "
            f"memory {grown / MIB:+.1f} MiB since the 20,000th; {stats.counts}"
        )
        assert stats["malformed"] >= bad
        wait_for(lambda: session.manager.stats().unaccounted == 0, what="one counted fate for each message")
        assert stats["errors"] == 0, session.stats().last_problem
        assert (hostile.connections, stats["reconnects"], session.state) == (1, 0, "open")
        assert grown < 32 * MIB
        assert 0 < len(session.malformed()) <= 100
        assert "Traceback" not in caplog.text
        # And it still works: a good fact after all that is stored.
        hostile.say(
            [json.dumps({"type": "alert.last.firing", "payload": {"fingerprint": "last", "name": "Last"}}).encode()]
        )
        wait_for(lambda: "last" in {alert.fingerprint for alert in session.store.alerts.active}, what="a good fact")
    finally:
        session.shut()


class HostileStream(Peer):
    """A stream of whatever it is told to send; the WebSocket answers as an operator that has none."""

    def __init__(self) -> None:
        self.opened = 0
        self._writer: Writer | None = None
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: Reader, writer: Writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"GET /sse/platforms "):
            writer.write(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        self.opened += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
        writer.write(b'event: snapshot\ndata: {"id":"platforms","position":"e1:0","events":[],"last":true}\n\n')
        self._writer = writer
        await reader.read()

    def send(self, data: bytes) -> None:
        self._io.run(self._send(data)).result(60)

    async def _send(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)
        await self._writer.drain()


@pytest.mark.timeout(600 if SOAK else 60)
def test_mutated_messages_and_endless_lines_on_a_stream() -> None:
    """Messages without numbers: a hole in the numbering is a reason to reconnect on a stream, a bad message is not."""
    random = Random(SEED)
    good = [raw for raw in corpus() if b'"seq"' not in raw and b'"position"' not in raw]
    with HostileStream() as server:
        session = Session(server.url)
        try:
            wait_for(lambda: server.opened and session.state == "open", what="the stream")
            sent = bad = 0
            before = 0
            while sent < SSE_MESSAGES:
                batch = [mutate(random.choice(good), random) for _ in range(1000)]
                batch = [raw for raw in batch if b"\n" not in raw and b"\r" not in raw and raw]
                bad += sum(map(is_bad, batch))
                sent += len(batch)
                text = b"".join(b"data: " + raw + b"\n\n" for raw in batch)
                due = session.stats()["bytes"] + len(text)
                server.send(text)
                wait_for(lambda due=due: session.stats()["bytes"] >= due, what=f"batch {sent} (seed {SEED})")
                if not before:
                    before = resident()
            for _ in range(64 if not SOAK else 256):  # a line without end, a MiB at a time
                server.send(b"x" * MIB)
            server.send(b'\n\ndata: {"type":"alert.last.firing","payload":{"fingerprint":"last","name":"Last"}}\n\n')
            wait_for(lambda: "last" in {a.fingerprint for a in session.store.alerts.active}, what="a good fact")
            grown, stats = resident() - before, session.stats()
            print(  # noqa: T201  the figures of a soak
                f"\n{sent:,} messages, {bad:,} surely bad, {stats['malformed']:,} malformed; {grown / MIB:+.1f} MiB; {stats.counts}"
            )
            assert stats["malformed"] >= bad
            assert stats["oversize"] == 1  # the endless line, counted once
            wait_for(lambda: session.manager.stats().unaccounted == 0, what="one counted fate for each message")
            assert (stats["errors"], server.opened, stats["reconnects"]) == (0, 1, 0)
            assert grown < 32 * MIB
            assert 0 < len(session.malformed()) <= 100
        finally:
            session.shut()
