"""A websockets connection that hands over all messages of one read at once.

The handshake, the proxy, TLS, pings, closing, compression and every error stay with websockets. Its parser sees each
frame that is not plain, whole and alone, and everything once the connection is closing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, TypeAlias

from websockets.asyncio.client import ClientConnection
from websockets.frames import DATA_OPCODES, Frame, Opcode
from websockets.protocol import Event, State

from gunj_widgets.connection.batching import Batching
from gunj_widgets.connection.splitter import cut, size_of

__all__ = ["BURST", "HIGH", "BulkConnection", "Take"]

BURST = 256
"""Messages after which other tasks of the loop get their turn."""
HIGH = 1_024
"""Messages that wait when reading pauses. One read brings at most 512 KiB more."""
READ = 524_288
"""Bytes of one read. asyncio's is half of it, which costs messages of 2 kB a twentieth more; more than this gains nothing."""
_HEAD_END = b"\r\n\r\n"

Take: TypeAlias = Callable[[list[bytes]], None]


class BulkConnection(ClientConnection):
    """What `connect(create_connection=)` makes. Use `recv_many` and `follow`; `recv` of the base class would wait for ever.

    A busy socket is read by the clock, past a transport that is paused meanwhile: to have it resumed and paused at each turn
    costs as much as reading, decoding and storing a dozen messages.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = self.protocol.max_message_size or 1 << 63
        self._messages: list[bytes] = []
        self._parts = bytearray()  # of a message in several frames; the protocol bounds their sum
        self._rest = bytearray()  # the beginning of a frame
        self._head = b""  # the last bytes of an answer to the handshake that is not over
        self._waiter: asyncio.Future[None] | None = None
        self._take: Take | None = None
        self._error: Exception | None = None  # what it raised
        self._due = False  # whether a turn of handing on is due in the loop
        self._batching = Batching()
        self._timer: asyncio.TimerHandle | None = None  # while a busy socket is left alone
        self._paused = False
        self._socket: int | None = None  # what may be read past the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._socket = _readable(self.loop, transport)
        if self._socket is not None:
            transport.max_size = READ  # type: ignore[attr-defined]  # what asyncio's own transport gives to `recv`

    async def recv_many(self) -> list[bytes]:
        """Return all messages that have come, at least one; raises ConnectionClosed at the end. One caller at a time."""
        while not self._messages:
            if self.connection_lost_waiter.done():
                raise self.protocol.close_exc from None
            await self._awoken()
        messages, self._messages = self._messages, []
        self._steer()
        return messages

    async def follow(self, take: Take) -> None:
        """Give all messages to `take` as they come, at most `BURST` at a time, right where they are read.

        Raises what `take` raises, and ConnectionClosed at the end. Once it is over nobody reads, and what comes is let go.
        """
        self._take = take
        self._hand_on()
        try:
            while self._error is None and (self._messages or not self.connection_lost_waiter.done()):
                await self._awoken()
            raise self._error or self.protocol.close_exc from None
        finally:
            self._take = _let_go

    def data_received(self, data: bytes) -> None:
        size, before = len(data), len(self._messages)
        if self.response is None:
            data = self._shaken(data)
        self._split(data, self._completed(data) if self._rest else 0)
        if not self._messages:
            return
        now = self.loop.time()
        pause = self._batching.pause(len(self._messages) - before, size, now)
        if pause and self._timer is None:
            self._timer = self.loop.call_at(now + pause, self._look_again)
        if self._take is None:
            self._wake()
        elif not self._due:
            self._hand_on()
        self._steer()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()
        self._wake()

    def process_event(self, event: Event) -> None:
        if not isinstance(event, Frame) or event.opcode not in DATA_OPCODES:
            super().process_event(event)
        elif event.fin and event.opcode is not Opcode.CONT:
            self._messages.append(bytes(event.data))
        else:
            self._add(event)

    async def _awoken(self) -> None:
        self._waiter = self.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _hand_on(self) -> None:
        """Give one burst to whoever follows, and see to it that the next one has its turn."""
        self._due = len(self._messages) > BURST
        messages, self._messages = self._messages[:BURST], self._messages[BURST:]
        if not messages or self._take is None:
            return
        if self._due:
            self.loop.call_soon(self._next_burst)
        try:
            self._take(messages)
        except Exception as error:  # raised by `follow`, which is awaited for it
            self._take, self._error = _let_go, error
            self._wake()

    def _next_burst(self) -> None:
        self._hand_on()
        self._steer()
        if self.connection_lost_waiter.done():
            self._wake()

    def _look_again(self) -> None:
        """Read a busy socket at its time; once it has nothing, or has ended, the transport sees to it again."""
        self._timer = None
        if self._socket is not None and not self.transport.is_closing() and len(self._messages) <= HIGH:
            try:
                data = os.read(self._socket, READ)
            except OSError:  # nothing there, or broken, which the transport will find too
                data = b""
            if data:
                self.data_received(data)
        self._steer()

    def _steer(self) -> None:
        """Have the transport read, or not: while a busy socket is left alone, and while too much waits."""
        pause = self._timer is not None or len(self._messages) > HIGH
        if pause is self._paused:
            return
        self._paused = pause
        if pause:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _shaken(self, data: bytes) -> bytes:
        """Give the handshake its answer, and return what follows it."""
        at = (self._head + data).find(_HEAD_END)
        if at < 0:
            self._head = (self._head + data)[-3:]
            super().data_received(data)
            return b""
        end = at + len(_HEAD_END) - len(self._head)
        super().data_received(data[:end])
        return data[end:]

    def _completed(self, data: bytes) -> int:
        """Add to the beginning of a frame what it lacks and deal with it once it is whole; return how many bytes that took.

        All else is cut where it came: a copy of everything for the sake of one frame costs as much as the cutting.
        """
        rest, at = self._rest, 0
        while at < len(data):
            size = size_of(rest, 0)
            lacking = size - len(rest) if size else 1  # of a head, which has 14 bytes at most
            rest += data[at : at + lacking]
            at += lacking
            size = size or size_of(rest, 0)
            if size and (len(rest) >= size or size > self._limit + 14):
                frame = bytes(rest)
                rest.clear()
                self._split(frame, 0)
                return at
        return len(data)

    def _split(self, data: bytes, at: int) -> None:
        """Cut the plain messages out, show the protocol every other frame, and keep the beginning of one."""
        protocol, end = self.protocol, len(data)
        while at < end:
            if protocol.state is State.OPEN and protocol.current_size is None:
                at = cut(data, at, self._limit, self._messages)
                if at == end:
                    return
            size = size_of(data, at)
            if protocol.state is not State.OPEN or size > self._limit + 14:
                super().data_received(data[at:])
                return
            if not size or at + size > end:
                self._rest += data[at:]
                return
            super().data_received(data[at : at + size])
            at += size

    def _add(self, frame: Frame) -> None:
        """Put a message of several frames together."""
        self._parts += frame.data
        if frame.fin:
            self._messages.append(bytes(self._parts))
            self._parts.clear()


def _readable(loop: asyncio.AbstractEventLoop, transport: asyncio.BaseTransport) -> int | None:
    """Return the number of a socket that may be read past its transport: one that holds nothing back and decrypts nothing."""
    socket = transport.get_extra_info("socket")
    plain = transport.get_extra_info("sslcontext") is None and isinstance(loop, asyncio.SelectorEventLoop)
    return socket.fileno() if socket is not None and plain and os.name == "posix" else None


def _let_go(messages: list[bytes]) -> None:
    pass
