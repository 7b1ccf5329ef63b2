"""What stands between a client and an operator: a TLS front with a CA of its own, an HTTP proxy, a SOCKS proxy."""

from __future__ import annotations

import asyncio
import base64
import shutil
import ssl
import struct
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from gunj_widgets.connection.loop import IOThread

NAME = "gunj.example.test"
"""A host that no resolver knows: whoever reaches it went through a proxy, and let the proxy resolve it."""

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


class Peer:
    """A TCP server on a thread of its own. `seen` is every byte it was sent, in the order of arrival."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen = bytearray()
        self.connections = 0
        self._io = IOThread("peer")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._server = self._io.run(asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls)).result(5)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._io.run(self._close()).result(5)
        self._io.stop()

    async def serve(self, reader: Reader, writer: Writer) -> None:
        raise NotImplementedError

    async def join(self, reader: Reader, writer: Writer, host: str, port: int) -> None:
        """Carry bytes both ways until one side ends."""
        upstream, sender = await asyncio.open_connection(host, port)
        pumps = [asyncio.ensure_future(p) for p in (self._pump(reader, sender, True), self._pump(upstream, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            sender.transport.abort()

    async def _pump(self, reader: Reader, writer: Writer, watched: bool = False) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if watched:
                    self.seen += data
                writer.write(data)
                await writer.drain()

    async def _accept(self, reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Front(Peer):
    """Takes TLS in front of an operator, as an ingress does."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self._target = urlsplit(url)
        super().__init__(tls)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        # The demo operator serves loopback names only; an ingress sets the Host, too.
        head = await reader.readuntil(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"host:")]
        lines.insert(1, b"Host: " + self._target.netloc.encode())
        self.seen += head
        upstream, sender = await asyncio.open_connection(self._target.hostname, self._target.port)
        sender.write(b"\r\n".join(lines))
        pumps = [asyncio.ensure_future(p) for p in (self._pump(reader, sender, True), self._pump(upstream, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            sender.transport.abort()


class ConnectProxy(Peer):
    """An HTTP proxy: CONNECT only. It leads `NAME` to 127.0.0.1. `wants` is `user:password`, if it asks for one."""

    def __init__(self, wants: str = "") -> None:
        self.asked: list[str] = []
        self._wants = wants
        super().__init__()

    async def serve(self, reader: Reader, writer: Writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, *_ = head.split()
        self.asked.append(f"{method} {target}")
        given = next((line for line in head.split("\r\n") if line.lower().startswith("proxy-authorization:")), "")
        if self._wants and given.partition("Basic ")[2] != base64.b64encode(self._wants.encode()).decode():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        host, _, port = target.rpartition(":")
        if method != "CONNECT" or host != NAME:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await self.join(reader, writer, "127.0.0.1", int(port))


class SocksProxy(Peer):
    """A SOCKS 5 proxy without authentication (RFC 1928). It leads `NAME` to 127.0.0.1."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__()

    async def serve(self, reader: Reader, writer: Writer) -> None:
        _version, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _version, command, _reserved, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = f"address of kind {kind}: {await reader.readexactly(4 if kind == 1 else 16)!r}"
        (port,) = struct.unpack("!H", await reader.readexactly(2))
        self.asked.append(host)
        if command != 1 or host != NAME:
            writer.write(b"\x05\x02\x00\x01" + bytes(6))
            await writer.drain()
            return
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await self.join(reader, writer, "127.0.0.1", port)


class Raw(Peer):
    """Answers every request with what `answer(head)` returns, and hangs up."""

    def __init__(self, answer: Callable[[bytes], bytes | Awaitable[bytes]], tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self.heads: list[bytes] = []
        super().__init__(tls)

    async def serve(self, reader: Reader, writer: Writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        reply = self._answer(head)
        writer.write(reply if isinstance(reply, bytes) else await reply)
        await writer.drain()


class Authority:
    """A certificate authority in a folder, made by openssl; `context(*names)` is a server's for these names."""

    def __init__(self, folder: Path) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("no openssl here to make a certificate")
        self._openssl, self._folder = openssl, folder
        self.ca_file = str(folder / "ca.pem")
        self._run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gunj test CA")(
            "-keyout", "ca.key", "-out", "ca.pem", "-addext", "keyUsage=critical,keyCertSign"
        )

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*self.files(*names))
        return context

    def files(self, *names: str) -> tuple[Path, Path]:
        """Make a certificate for these names; return where it and its key are."""
        name = names[0]
        self._run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}")(
            "-keyout", f"{name}.key", "-out", f"{name}.csr"
        )
        (self._folder / "ext").write_text(f"subjectAltName={','.join(names)}", encoding="utf-8")
        self._run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")(
            "-days", "2", "-extfile", "ext", "-out", f"{name}.pem"
        )
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def _run(self, *first: str) -> Callable[..., None]:
        def more(*rest: str) -> None:
            subprocess.run([self._openssl, *first, *rest], cwd=self._folder, check=True, capture_output=True)

        return more
