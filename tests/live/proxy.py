"""A TCP proxy whose connections a test can break: at once, after so many bytes, or silently."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

from gunj_widgets.connection.loop import IOThread


class Proxy:
    """Stands between client and operator, on a thread of its own. `cut_after` breaks each new connection after about so
    many bytes from the server; `hole` swallows everything and keeps the connection open."""

    def __init__(self, url: str, *, seed: int = 1) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)
        self._io = IOThread("proxy")
        self._random = Random(seed)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.cut_after: int | None = None
        self.hole = False
        self.cuts = 0
        self.connections = 0
        self._server = self._io.run(asyncio.start_server(self._serve, "127.0.0.1", 0)).result(5)
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
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(OSError):
            upstream, sender = await asyncio.open_connection(*self._target)
            left = None if self.cut_after is None else self._random.randrange(self.cut_after)
            self._writers |= {writer, sender}
            pumps = [self._pump(reader, sender, None), self._pump(upstream, writer, left)]
            tasks = [asyncio.ensure_future(pump) for pump in pumps]
            self._tasks |= set(tasks)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                for one in (writer, sender):
                    one.transport.abort()
                    self._writers.discard(one)
                self._tasks -= set(tasks)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                if self.hole:
                    continue
                if left is not None and len(data) >= left:
                    writer.write(data[:left])
                    await writer.drain()
                    self.cuts += 1
                    return
                left = None if left is None else left - len(data)
                writer.write(data)
                await writer.drain()
