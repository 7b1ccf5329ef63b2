"""A websockets connection that hands over all messages of one read at once.

The handshake, the proxy, TLS, pings, closing, compression and every error stay with websockets. Its parser sees each
frame that is not plain, whole and alone, and everything once the connection is closing.
"""

from __future__ import annotations

import asyncio
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.frames import DATA_OPCODES, Frame, Opcode
from websockets.protocol import Event, State

from gunj_widgets.connection.batching import Batching
from gunj_widgets.connection.splitter import cut, size_of

__all__ = ["BulkConnection"]

HIGH = 1_024
"""Messages that wait for `recv_many` when reading pauses. One read brings at most 256 KiB more."""
_HEAD_END = b"\r\n\r\n"


class BulkConnection(ClientConnection):
    """What `connect(create_connection=)` makes. Use `recv_many`; `recv` of the base class would wait for ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limit = self.protocol.max_message_size or 1 << 63
        self._messages: list[bytes] = []
        self._parts = bytearray()  # of a message in several frames; the protocol bounds their sum
        self._rest = bytearray()  # the beginning of a frame
        self._head = b""  # the last bytes of an answer to the handshake that is not over
        self._waiter: asyncio.Future[None] | None = None
        self._batching = Batching()
        self._timer: asyncio.TimerHandle | None = None  # while a busy socket is left alone

    async def recv_many(self) -> list[bytes]:
        """Return all messages that have come, at least one; raises ConnectionClosed at the end. One caller at a time."""
        while not self._messages:
            if self.connection_lost_waiter.done():
                raise self.protocol.close_exc from None
            self._waiter = self.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        messages, self._messages = self._messages, []
        if len(messages) > HIGH and self._timer is None:
            self.transport.resume_reading()
        return messages

    def data_received(self, data: bytes) -> None:
        size, before = len(data), len(self._messages)
        if self.response is None:
            data = self._shaken(data)
        self._split(data, self._completed(data) if self._rest else 0)
        if not self._messages:
            return
        pause = self._batching.pause(len(self._messages) - before, size, self.loop.time())
        if pause and self._timer is None:
            self._timer = self.loop.call_later(pause, self._look_again)
        if self._timer is not None or len(self._messages) > HIGH:
            self.transport.pause_reading()
        self._wake()

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

    def _look_again(self) -> None:
        self._timer = None
        if len(self._messages) <= HIGH:
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

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
