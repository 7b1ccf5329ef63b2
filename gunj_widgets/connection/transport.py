"""The seam between the connection and the network: what a transport must offer, and the two ways it ends.

`network.py` is the real one (websockets, httpx); `gunj_widgets.testing.MemoryNetwork` is the one with scripted faults.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol

__all__ = ["Link", "Lost", "Network", "Refused", "Reply", "Stream"]


class Refused(Exception):  # noqa: N818  an end, which may be no error
    """No connection. `kind`: status, content, held, dialect, redirect, proxy, dns, network, timeout, tls or protocol.

    `detail` is for people.
    """

    def __init__(
        self, kind: str, detail: str, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(kind, detail, status)
        self.kind, self.detail, self.status = kind, detail, status
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}


class Lost(Exception):  # noqa: N818  as above
    """A connection ended: `code` is the WebSocket close code, or None for a stream; `whole`: a stream said all it had to say."""

    def __init__(self, code: int | None, detail: str, *, whole: bool = False) -> None:
        super().__init__(code, detail)
        self.code, self.detail, self.whole = code, detail, whole


class Link(Protocol):
    """An open WebSocket. `recv` returns all messages that have come, at least one; `follow` does not return, and gives all that
    come to `take` as soon as they are there, a few hundred at a time. Both raise Lost at the end.

    What `ping` returns resolves to the round trip in seconds.
    """

    subprotocol: str | None

    async def recv(self) -> list[bytes]: ...
    async def follow(self, take: Callable[[list[bytes]], None]) -> None: ...
    async def send(self, text: str) -> None: ...
    async def ping(self) -> Awaitable[float]: ...
    async def close(self, code: int = 1000, reason: str = "") -> None: ...


class Stream(Protocol):
    """An open response body. `chunks` raises Lost at its end, expected or not."""

    status: int
    headers: Mapping[str, str]

    def chunks(self) -> AsyncIterator[bytes]: ...
    async def close(self) -> None: ...


class Reply(Protocol):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Network(Protocol):
    """Opens things; every method raises Refused where it cannot. `path` is relative to the operator's address."""

    async def websocket(self, path: str, headers: Mapping[str, str], subprotocol: str) -> Link: ...
    async def stream(self, path: str, headers: Mapping[str, str]) -> Stream: ...
    async def request(self, method: str, path: str, headers: Mapping[str, str], json: Any = None) -> Reply: ...
    async def close(self) -> None: ...
