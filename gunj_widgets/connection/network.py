"""The real network: websockets for the WebSocket, httpx for streams and requests. Foreign errors end here."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any, NoReturn, cast
from urllib.parse import quote, urljoin, urlsplit

import httpx
from websockets import exceptions as ws_errors
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from gunj_widgets.connection.address import origin, websocket_url
from gunj_widgets.connection.proxy import choose_proxy, shown
from gunj_widgets.connection.reader import BulkConnection, Take
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.tls import Verify, tls_context
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.errors import LocalProtocolError, RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.settings import Settings

__all__ = ["WebNetwork"]

MAX_REDIRECTS = 3
MAX_PROBLEM = 4096
"""Bytes of an error's body that are read for its message."""

# websockets logs headers at DEBUG, the token among them; no switch, general or not, turns this logger up to that.
_ws_log = logging.getLogger("gunj_widgets.connection.websockets")
_ws_log.addFilter(lambda record: record.levelno > logging.DEBUG)
_ws_log.setLevel(logging.WARNING)


class WebNetwork:
    """One operator's address, reached over TCP. One TLS context and one proxy for everything: WebSocket, streams, requests."""

    def __init__(self, url: str, settings: Settings, verify: Verify = True) -> None:
        self._url = url
        self._settings = settings
        parts = urlsplit(url)
        self._place = parts.netloc
        self._tls = tls_context(self._place, verify, settings.connection.ca_file) if parts.scheme == "https" else None
        self._proxy = choose_proxy(url, settings.connection.proxy)
        timeout = settings.connection.open_timeout
        self._client = httpx.AsyncClient(
            verify=self._tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,  # the proxy is chosen once, for the WebSocket too
            proxy=self._proxy,
            timeout=httpx.Timeout(timeout, read=None),
            limits=httpx.Limits(max_connections=None),
            headers={"Accept-Encoding": "identity", "User-Agent": "gunj-widgets"},
        )

    async def websocket(self, path: str, headers: Mapping[str, str], subprotocol: str) -> WebLink:
        """Open a WebSocket; redirects are refused, because the handshake carries the token. No `subprotocol`: none is offered."""
        sent = dict(headers)
        url = websocket_url(self._url) + path
        if self._settings.connection.token_in_url and "Authorization" in sent:
            url = Secret(f"{url}?token={quote(sent.pop('Authorization').removeprefix('Bearer '), safe='')}")
        try:
            connection = await _Connect(
                url,
                subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
                additional_headers=sent,
                user_agent_header="gunj-widgets",
                open_timeout=self._settings.connection.open_timeout,
                ping_interval=None,  # ours does not mistake a stalled loop for a dead peer
                close_timeout=1.0,
                max_size=self._settings.limits.message_size,
                create_connection=BulkConnection,
                compression="deflate" if self._settings.connection.compression else None,
                proxy=self._proxy,
                logger=_ws_log,
                ssl=self._tls,
            )
        except ws_errors.InvalidStatus as error:
            response = error.response
            self._refuse_status(response.status_code, dict(response.headers.raw_items()), bytes(response.body or b""))
        except (ws_errors.ProxyError, ws_errors.InvalidProxy) as error:
            raise self._no_way(error) from None
        except ws_errors.NegotiationError:
            raise Refused("dialect", f"{self._place} selected a dialect that nobody offered") from None
        except (ws_errors.WebSocketException, EOFError) as error:
            raise Refused("protocol", f"{self._place} does not speak WebSocket: {type(error).__name__}") from None
        except (OSError, TimeoutError) as error:
            raise self._unreachable(error) from None
        return WebLink(cast(BulkConnection, connection))

    async def stream(self, path: str, headers: Mapping[str, str]) -> WebStream:
        """Open a GET whose body is read as it comes."""
        response = await self._send("GET", path, {**headers, "Cache-Control": "no-cache"}, None)
        if response.status_code != 200:
            try:
                self._refuse_status(response.status_code, dict(response.headers), await _some(response))
            finally:
                await response.aclose()
        return WebStream(response)

    async def request(self, method: str, path: str, headers: Mapping[str, str], json: Any = None) -> WebReply:
        """Make one REST call; the answer is bounded by Settings.limits.reply_size."""
        limit = self._settings.limits.reply_size
        try:
            async with asyncio.timeout(self._settings.connection.open_timeout):
                response = await self._send(method, path, headers, json)
                try:
                    body = bytearray()
                    async for chunk in response.aiter_raw():
                        body += chunk
                        if len(body) > limit:
                            raise Refused("content", f"the answer to {method} {path} is over {limit} bytes")
                finally:
                    await response.aclose()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        except TimeoutError as error:
            raise self._unreachable(error) from None
        return WebReply(response.status_code, response.headers, bytes(body))

    async def close(self) -> None:
        await self._client.aclose()

    async def _send(self, method: str, path: str, headers: Mapping[str, str], json: Any) -> httpx.Response:
        """Send a request and follow redirects within the same origin only, so that no token travels further."""
        url = self._url + path
        for _ in range(MAX_REDIRECTS + 1):
            try:
                request = self._build(method, url, headers, json)
                response = await self._client.send(request, stream=True)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise self._unreachable(error) from None
            if response.status_code not in (301, 302, 303, 307, 308):
                return response
            await response.aclose()
            target = urljoin(url, response.headers.get("location", ""))
            if method != "GET" or target == url or origin(target) != origin(self._url):
                scheme, host, port = origin(target)
                raise Refused(
                    "redirect", f"{self._place} sends us to {scheme}://{host}:{port}", status=response.status_code
                )
            url = target
        raise Refused("redirect", f"{self._place} sends us in circles", status=response.status_code)

    def _build(self, method: str, url: str, headers: Mapping[str, str], json: Any) -> httpx.Request:
        """Build a request; what it carries is in no variable of a frame that waits."""
        content = None if json is None else codec.encode(json).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}
        # As bytes, so that a Last-Event-ID may hold any text the server made up; a line break in one is a bug of ours.
        raw = [(name.encode(), _line(value).encode()) for name, value in {**headers, **kind}.items()]
        return self._client.build_request(method, url, headers=raw, content=content)

    def _refuse_status(self, status: int, headers: Mapping[str, str], body: bytes) -> NoReturn:
        said = _message(body)
        if 300 <= status < 400:
            raise Refused("redirect", f"{self._place} sends the WebSocket elsewhere ({status})", status=status)
        raise Refused("status", f"{self._place} answered {status}{said}", status=status, headers=headers)

    def _unreachable(self, error: BaseException) -> Refused:
        """Say in words why there was no answer."""
        chain: list[BaseException] = []
        step: BaseException | None = error
        while step is not None and len(chain) < 8:
            chain.append(step)
            step = step.__cause__ or step.__context__
        for cause in chain:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Refused(
                    "tls",
                    f"the certificate of {self._place} cannot be verified: {getattr(cause, 'verify_message', '')}",
                )
            if isinstance(cause, ssl.SSLError):
                return Refused(
                    "tls",
                    f"{self._place} does not speak TLS as we do: {getattr(cause, 'reason', None) or 'handshake failed'}",
                )
            if isinstance(cause, socket.gaierror):
                return Refused("dns", f"the host {urlsplit(self._url).hostname} is not known")
            if isinstance(cause, ConnectionRefusedError):
                return Refused("network", f"nothing listens on {self._place} (connection refused)")
        if isinstance(error, httpx.ProxyError):
            return self._no_way(error)
        if isinstance(error, httpx.RemoteProtocolError):
            return Refused("protocol", f"{self._place} hung up without an answer")
        if any(isinstance(cause, TimeoutError | httpx.TimeoutException) for cause in chain):
            return Refused("timeout", f"{self._place} did not answer in time")
        return Refused("network", f"{self._place} cannot be reached ({_errno(chain)})")

    def _no_way(self, error: Exception) -> Refused:
        """Say that the proxy did not let us through: its own status, never its address' user and password."""
        said = error.response.status_code if isinstance(error, ws_errors.InvalidProxyStatus) else str(error)[:3]
        status = f" ({said})" if str(said).isdigit() else ""
        return Refused("proxy", f"the proxy {shown(self._proxy or '')} did not let us through to {self._place}{status}")


class _Connect(connect):
    """websockets' connect without its redirects."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class WebLink:
    """An open WebSocket."""

    def __init__(self, connection: BulkConnection) -> None:
        self._connection = connection
        self.subprotocol: str | None = connection.subprotocol

    async def recv(self) -> list[bytes]:
        try:
            return await self._connection.recv_many()
        except ws_errors.ConnectionClosed as error:
            raise _lost(error) from None

    async def follow(self, take: Take) -> None:
        try:
            await self._connection.follow(take)
        except ws_errors.ConnectionClosed as error:
            raise _lost(error) from None

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ws_errors.ConnectionClosed as error:
            raise _lost(error) from None

    async def ping(self) -> Awaitable[float]:
        try:
            return await self._connection.ping()
        except ws_errors.ConnectionClosed as error:
            raise _lost(error) from None

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._connection.close(code, reason)


class WebStream:
    """An open response."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_raw():
                yield chunk
        except httpx.HTTPError as error:
            raise Lost(None, f"the stream broke ({type(error).__name__})") from None
        raise Lost(None, "the server ended the stream", whole=True)

    async def close(self) -> None:
        await self._response.aclose()


class WebReply:
    """One answer, whole."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body


def _lost(error: ws_errors.ConnectionClosed) -> Lost:
    frame = error.rcvd or error.sent
    reason = frame.reason if frame is not None else ""
    return Lost(frame.code if frame is not None else 1006, " ".join(reason.split())[:200])


def _line(value: str) -> str:
    """Return a header's value; LocalProtocolError where it would end the header."""
    if any(letter in value for letter in "\r\n\0"):
        raise LocalProtocolError("a header may not hold a line break or NUL")
    return value


def _errno(chain: list[BaseException]) -> str:
    for cause in chain:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return type(chain[0]).__name__


async def _some(response: httpx.Response) -> bytes:
    """Read the beginning of an error's body."""
    body = bytearray()
    try:
        async with asyncio.timeout(2.0):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_PROBLEM:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass
    return bytes(body[:MAX_PROBLEM])


def _message(body: bytes) -> str:
    """Return ": message" from an error's JSON body, "" from any other."""
    try:
        error = codec.parse(body).get("error")
        text = error.get("message") if isinstance(error, dict) else error
    except (RemoteProtocolError, AttributeError):
        return ""
    return f": {' '.join(text.split())[:200]}" if isinstance(text, str) and text else ""
