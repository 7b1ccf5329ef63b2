"""The real network against servers that are broken or hostile: told in words, bounded, and no token given away."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import resource
import shutil
import ssl
import struct
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import ConnectionSettings, Settings

Serve = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
StartServer = Callable[..., Awaitable[str]]
TOKEN = {"Authorization": "Bearer canary"}
QUICK = Settings(connection=ConnectionSettings(open_timeout=1.0))
MIB = 1 << 20


@pytest.fixture
async def server() -> AsyncIterator[StartServer]:
    """Start a raw server; `serve(request head, writer)` does what it likes. Returns the address."""
    servers: list[asyncio.Server] = []

    async def start(serve: Serve, tls: ssl.SSLContext | None = None) -> str:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(await reader.readuntil(b"\r\n\r\n"), writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.transport.abort()

        servers.append(await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls))
        return f"{'https' if tls else 'http'}://127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}"

    yield start
    for one in servers:
        one.close()


async def refusal(work: Awaitable[object]) -> Refused:
    with pytest.raises(Refused) as caught:
        await work
    assert "canary" not in f"{caught.value!r}{caught.value}"
    return caught.value


def answer(status: str, body: bytes = b"", **headers: str) -> bytes:
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def handshake(head: bytes, *more: bytes) -> bytes:
    key = next(
        line.partition(b":")[2].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324  RFC 6455
    lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
    return b"\r\n".join([*lines, b"Sec-WebSocket-Accept: " + accept, *more, b"", b""])


def peak() -> int:
    """Bytes of memory this process ever used at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize(
    ("reply", "kind", "status"),
    [
        (answer("200 OK", b"<html>", Content_Type="text/html"), "status", 200),
        (answer("401 Unauthorized"), "status", 401),
        (answer("403 Forbidden", b'{"error": {"message": "no canary"}}'), "status", 403),
        (answer("426 Upgrade Required"), "status", 426),
        (answer("503 Service Unavailable", Retry_After="7"), "status", 503),
        (answer("302 Found", Location="http://127.0.0.1:1/ws"), "redirect", 302),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "protocol", None),
        (b"", "protocol", None),
    ],
)
async def test_handshakes_that_fail(server: StartServer, reply: bytes, kind: str, status: int | None) -> None:
    asked: list[bytes] = []

    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(head)
        writer.write(reply)
        await writer.drain()
        await asyncio.sleep(0.05)

    network = WebNetwork(await server(serve), QUICK)
    with pytest.raises(Refused) as caught:
        await network.websocket("/ws", TOKEN, "v1.gunj.operator")
    assert (caught.value.kind, caught.value.status) == (kind, status)
    assert len(asked) == 1
    assert b"GET /ws HTTP/1.1" in asked[0]  # no token in the address
    assert b"Bearer canary" in asked[0]
    await network.close()


async def test_a_server_that_never_answers_is_left_in_time(server: StartServer) -> None:
    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)

    network = WebNetwork(await server(serve), QUICK)
    start = time.monotonic()
    assert (await refusal(network.websocket("/ws", TOKEN, "v1"))).kind == "timeout"
    assert (await refusal(network.request("GET", "/x", TOKEN))).kind == "timeout"
    assert time.monotonic() - start < 4.0
    await network.close()


async def test_a_message_over_the_bound_ends_the_connection(server: StartServer) -> None:
    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(handshake(head) + struct.pack("!BBQ", 0x81, 127, MIB + 1) + b"x" * (MIB + 1))
        await writer.drain()
        await asyncio.sleep(1)

    network = WebNetwork(await server(serve), QUICK)
    link = await network.websocket("/ws", {}, "v1")
    assert link.subprotocol is None
    with pytest.raises(Lost) as caught:
        await link.recv()
    assert caught.value.code == 1009
    await link.close()
    await network.close()


async def test_a_deflate_bomb_is_refused_without_memory(server: StartServer) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(b"x" * MIB) for _ in range(128)) + packer.flush(zlib.Z_SYNC_FLUSH)
    bomb = bomb.removesuffix(b"\0\0\xff\xff")

    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        offer = b"Sec-WebSocket-Extensions: permessage-deflate"
        writer.write(handshake(head, offer) + struct.pack("!BBQ", 0xC1, 127, len(bomb)) + bomb)
        await writer.drain()
        await asyncio.sleep(1)

    network = WebNetwork(await server(serve), QUICK)
    link = await network.websocket("/ws", {}, "v1")
    before = peak()
    with pytest.raises(Lost) as caught:
        await link.recv()
    assert caught.value.code == 1009
    assert peak() - before < 32 * MIB
    await link.close()
    await network.close()


async def test_a_gzip_bomb_is_refused_unread(server: StartServer) -> None:
    bomb = gzip.compress(b"data: " + b"x" * (64 * MIB), 9)
    asked: list[bytes] = []

    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(head.lower())
        writer.write(answer("200 OK", bomb, Content_Type="text/event-stream", Content_Encoding="gzip"))
        await writer.drain()
        await asyncio.sleep(1)

    url = await server(serve)
    before = peak()
    events: list[object] = []
    manager = ConnectionManager(url, deliver=events.extend, settings=QUICK)
    manager.start()
    manager.watch(Interest("logs", "p"))
    deadline = time.monotonic() + 10
    while not any("compressed" in t.reason for t in manager.status().transports) and time.monotonic() < deadline:
        if any(t.name.startswith("poll") for t in manager.status().transports):
            break  # the stream was refused and polling has taken over
        await asyncio.sleep(0.01)
    assert time.monotonic() < deadline
    assert all(b"accept-encoding: identity" in head for head in asked if b"/sse/" in head)
    assert events == []
    assert peak() - before < 48 * MIB
    await asyncio.to_thread(manager.close)


async def test_headers_without_end_are_bounded(server: StartServer) -> None:
    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(10_000):
            writer.write(b"X-%d: %s\r\n" % (n, b"y" * 1000))
            await writer.drain()

    network = WebNetwork(await server(serve), QUICK)
    for work in (
        network.websocket("/ws", TOKEN, "v1"),
        network.stream("/sse", TOKEN),
        network.request("GET", "/x", TOKEN),
    ):
        assert (await refusal(work)).kind in ("protocol", "network")
    await network.close()


async def test_the_legacy_token_in_the_address_is_asked_for_and_shown_nowhere(server: StartServer) -> None:
    asked: list[bytes] = []

    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(head)
        writer.write(answer("503 Busy"))
        await writer.drain()

    settings = Settings(connection=ConnectionSettings(token_in_url=True))
    network = WebNetwork(await server(serve), settings)
    await refusal(network.websocket("/ws", {"Authorization": "Bearer canary+/="}, "v1"))
    assert b"GET /ws?token=canary%2B%2F%3D HTTP/1.1" in asked[0]
    assert b"authorization" not in asked[0].lower()
    await network.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate that nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate")
    folder: Path = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *request, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context


async def test_a_certificate_nobody_vouches_for_is_refused_everywhere(
    server: StartServer, certificate: ssl.SSLContext
) -> None:
    seen: list[bytes] = []

    async def serve(head: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(head)

    url = await server(serve, certificate)
    network = WebNetwork(url, QUICK)
    for work in (
        network.websocket("/ws", TOKEN, "v1"),
        network.stream("/sse", TOKEN),
        network.request("GET", "/x", TOKEN),
    ):
        error = await refusal(work)
        assert error.kind == "tls"
        assert "certificate" in error.detail
    assert seen == []  # the token was never sent
    await network.close()
    manager = ConnectionManager(url, deliver=lambda events: None, auth="canary", settings=QUICK)
    manager.start()
    with pytest.raises(ConnectError, match="SSL_CERT_FILE"):
        await asyncio.wrap_future(get_io().run(manager.first_answer(5.0)))
    await asyncio.to_thread(manager.close)


async def test_tls_where_there_is_none() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer("400 Bad Request"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        network = WebNetwork(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}", QUICK)
        for work in (network.websocket("/ws", TOKEN, "v1"), network.request("GET", "/x", TOKEN)):
            error = await refusal(work)
            assert (error.kind, "does not speak TLS" in error.detail) == ("tls", True)
        await network.close()
