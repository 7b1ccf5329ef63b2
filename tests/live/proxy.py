"""A TCP proxy whose connections a test can break: by a plan made for each one, at once, or silently."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from gunj_widgets.connection.loop import IOThread

Kind = Literal["websocket", "sse", "rest"]
MAX_HEAD = 65_536


@dataclass(frozen=True)
class Plan:
    """What becomes of one connection. `after` bytes from the server it ends: by a reset, properly, or by silence.

    `step`: bytes passed on at a time; `delay`: seconds before each; `hold`: pass nothing on until the server is done.
    `answer`: what the proxy answers in the server's place before it hangs up.
    `request`, `reply`: bytes of the request's head and of the answer's first bytes, and what the proxy puts in their place.
    """

    after: int | None = None
    end: Literal["rst", "fin", "hole"] = "rst"
    step: int = 65_536
    delay: float = 0.0
    hold: bool = False
    answer: bytes | None = None
    request: tuple[bytes, bytes] = (b"", b"")
    reply: tuple[bytes, bytes] = (b"", b"")


WHOLE = Plan()


class Proxy:
    """Stands between client and operator, on a thread of its own. `plan(kind)` is asked once for each connection.

    `hole` swallows everything on all connections and keeps them open; `cut()` breaks them all now.
    """

    def __init__(self, url: str, plan: Callable[[Kind], Plan] = lambda kind: WHOLE) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)
        self._io = IOThread("proxy")
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.plan = plan
        self.hole = False
        self.connections: Counter[Kind] = Counter()
        self.cuts: Counter[Kind] = Counter()
        self._server = self._io.run(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=MAX_HEAD)).result(5)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection now."""
        self._io.call(self._abort)

    def close(self) -> None:
        self._io.run(self._close()).result(5)
        self._io.stop()

    async def _close(self) -> None:
        self._server.close()
        self._abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _abort(self) -> None:
        for writer in list(self._writers):
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            kind = _kind(head)
            self.connections[kind] += 1
            plan = self.plan(kind)
            if plan.answer is not None:
                writer.write(plan.answer)
                await writer.drain()
                writer.close()
                self._writers.discard(writer)
                return
            upstream, sender = await asyncio.open_connection(*self._target)
            self._writers.add(sender)
            if kind == "rest":  # one question each: the next one on this connection might be a stream
                head = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            sender.write(_replace(head, plan.request))
            pumps = [self._up(reader, sender), self._down(upstream, writer, plan, kind)]
            tasks = [asyncio.ensure_future(pump) for pump in pumps]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in tasks:
                    pump.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                sender.transport.abort()
                self._writers.discard(sender)
        writer.transport.abort()
        self._writers.discard(writer)

    async def _up(self, reader: asyncio.StreamReader, sender: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self.hole:
                sender.write(data)
                await sender.drain()

    async def _down(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, plan: Plan, kind: Kind) -> None:
        left = plan.after
        held = b""
        first = True
        while data := await upstream.read(65_536):
            if self.hole:
                continue
            if first:
                data = _replace(data, plan.reply)
                first = False
            if plan.hold:
                held += data
                continue
            whole = left is None or len(data) < left
            await _pass_on(data if whole else data[:left], writer, plan)
            if whole:
                left = None if left is None else left - len(data)
                continue
            self.cuts[kind] += 1
            await self._end(plan, upstream, writer)
            return
        while self.hole:  # noqa: ASYNC110  set by another thread; across a dead line no end of the server is heard
            await asyncio.sleep(0.05)
        writer.write(held)
        await writer.drain()

    async def _end(self, plan: Plan, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if plan.end == "hole":
            while await upstream.read(65_536):
                pass
        elif plan.end == "fin":
            writer.close()
            await writer.wait_closed()
        else:
            _reset(writer)


async def _pass_on(data: bytes, writer: asyncio.StreamWriter, plan: Plan) -> None:
    for start in range(0, len(data), plan.step):
        if plan.delay:
            await asyncio.sleep(plan.delay)
        if writer.is_closing():
            raise ConnectionResetError
        writer.write(data[start : start + plan.step])
        await writer.drain()
        await asyncio.sleep(0)  # so that the pieces arrive as pieces


def http(status: str, **headers: str) -> bytes:
    """Return an HTTP answer without a body: `http("503 Busy", retry_after="1")`."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}content-length: 0\r\nconnection: close\r\n\r\n".encode()


def _replace(data: bytes, change: tuple[bytes, bytes]) -> bytes:
    old, new = change
    return data.replace(old, new, 1) if old else data


def _kind(head: bytes) -> Kind:
    lower = head.lower()
    return "websocket" if b"upgrade: websocket" in lower else "sse" if b"text/event-stream" in lower else "rest"


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the peer gets a RST."""
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
