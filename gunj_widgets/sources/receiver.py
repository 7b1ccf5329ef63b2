"""Receiver: takes what a server of yours posts to this kernel: on 127.0.0.1, with a token, within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import h11

from gunj_widgets.arguments import kept_at
from gunj_widgets.connection.secret import Secret
from gunj_widgets.errors import RemoteProtocolError, SettingsError

__all__ = ["MAX_BODY", "Receiver"]

HOST = "127.0.0.1"
MAX_BODY = 16 << 20
MAX_LINKS = 16
"""Connections at the same time."""
PATIENCE = 30.0
"""Seconds in which a request must have come, and between two of one connection."""
PIECE = 64 << 10


class Receiver:
    """An HTTP server that takes POSTs to one path. `start` and `close` on gunj-io; all else from any thread.

    `take(body, content_type)` gets each that is let in; RemoteProtocolError from it is answered with 400, so that the sender
    does not send it again. `token` is made up where none is given, and never shown: `write_token` is for whoever needs it.
    """

    def __init__(
        self,
        path: str,
        take: Callable[[bytes, str], object],
        *,
        port: int = 0,
        token: str | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        if token is not None and len(token) < 16:
            raise SettingsError("a token of under 16 characters can be guessed", "Leave it out, and one is made up.")
        self.path = path
        self.port = port
        self.token: Secret = Secret(token or secrets.token_urlsafe(32))
        self.taken = 0
        self.refused = 0
        """Without the token, of another kind, too large, or no sense in them."""
        self.last_problem = ""
        self._take = take
        self._max_body = max_body
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where to post to; the port is known once it was started."""
        return f"http://{HOST}:{self.port}{self.path}"

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def write_token(self, path: str | Path) -> Path:
        """Write the token to a file that only you can read; return the file's full path."""
        file = kept_at(path).absolute()
        with contextlib.suppress(FileNotFoundError):
            file.unlink()  # one that others may read already would stay so
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(self.token)
        return file

    async def start(self) -> None:
        """Listen; SettingsError where the port is taken."""
        try:
            self._server = await asyncio.start_server(self._link, HOST, self.port)
        except OSError as error:
            raise SettingsError(f"cannot listen on {HOST}:{self.port}: {error.strerror}", "Leave port= out.") from None
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut who is connected."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def __repr__(self) -> str:
        return f"<Receiver {self.url}: {self.taken} taken, {self.refused} refused>"

    # -- one connection -----------------------------------------------------------------------------------------------

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._links) >= MAX_LINKS:
            writer.close()
            return
        self._links.add(task)
        try:
            await self._serve(reader, writer)
        except (h11.ProtocolError, OSError, TimeoutError, asyncio.CancelledError):
            pass  # whoever it is speaks no HTTP or has gone, or we close; asyncio's server takes a cancelled task for a fault
        finally:
            self._links.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        while True:
            async with asyncio.timeout(PATIENCE):
                status, text = await self._exchange(http, reader, writer)
            if not status:
                return
            body = text.encode()
            headers = [("Content-Length", str(len(body))), ("Content-Type", "text/plain; charset=utf-8")]
            if status != 204:
                self.refused += 1
                self.last_problem = f"{status} {text}"
                headers.append(("Connection", "close"))
            answer = http.send(h11.Response(status_code=status, headers=headers if status != 204 else []))
            answer += (http.send(h11.Data(data=body)) if body and status != 204 else b"") or b""
            writer.write((answer or b"") + (http.send(h11.EndOfMessage()) or b""))
            await writer.drain()
            if http.our_state is not h11.DONE or http.their_state is not h11.DONE:
                return
            http.start_next_cycle()

    async def _exchange(
        self, http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[int, str]:
        """Read one request; return what to answer, 0 where the other has gone."""
        request: h11.Request | None = None
        body = bytearray()
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                if http.they_are_waiting_for_100_continue:
                    writer.write(http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
                http.receive_data(await reader.read(PIECE))
            elif isinstance(event, h11.Request):
                request = event
                refusal = self._refusal(request)
                if refusal is not None:
                    return refusal  # unread, so that nobody fills our memory before being let in
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > self._max_body:
                    return 413, f"over {self._max_body} bytes"
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                return self._taken(bytes(body), _header(request, b"content-type"))
            else:
                return 0, ""

    def _refusal(self, request: h11.Request) -> tuple[int, str] | None:
        sent = _header(request, b"authorization")
        if not secrets.compare_digest(sent.encode(), f"Bearer {self.token}".encode()):
            return 401, "send the receiver's token as a bearer token"
        if _header(request, b"origin"):
            return 403, "web pages are not let in"
        if request.target.decode("ascii", "replace") != self.path:
            return 404, f"post to {self.path}"
        return None if request.method == b"POST" else (405, "only POST")

    def _taken(self, body: bytes, kind: str) -> tuple[int, str]:
        try:
            self._take(body, kind)
        except RemoteProtocolError as error:
            return 400, error.problem
        self.taken += 1
        return 204, ""


def _header(request: h11.Request, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in request.headers if key == name), "")
