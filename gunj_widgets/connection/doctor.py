"""What stands between this kernel and an operator: each step of the way looked at by itself, and said in words."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from enum import StrEnum
from statistics import median
from urllib.parse import urlsplit

import msgspec

from gunj_widgets.connection.address import origin, refuse_clear_text
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.proxy import choose_proxy, shown
from gunj_widgets.connection.tls import Verify, tls_context
from gunj_widgets.connection.transport import Link, Lost, Refused
from gunj_widgets.connection.verdict import judge
from gunj_widgets.errors import GunjError, RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.shown import lasting
from gunj_widgets.settings import Settings

__all__ = ["Finding", "Grade", "examine"]

SUBPROTOCOL = "v1.gunj.operator"
SKEW = 5.0
"""Seconds the two clocks may differ: more, and ages, countdowns and token lives are off."""
EXPIRES_SOON = 14 * 86_400.0
FIRST_BYTE = 5.0
"""Seconds a stream may take to its first byte: every operator says something at once."""
SLOW = 0.25
"""Seconds of latency from which a dashboard no longer feels live."""


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One step: what was looked at, how it is, what was found, and what to do about it."""

    step: str
    grade: Grade
    found: str
    remedy: str = ""


class _Stop(Exception):  # noqa: N818  nothing went wrong here; the rest of the way is closed
    """What follows cannot work."""


async def examine(
    url: str, auth: Auth, settings: Settings, *, clock: Clock, verify: Verify = True
) -> AsyncIterator[Finding]:
    """Yield a Finding for each step from the name to the first event. `url` as `check_url` returns it."""
    way = _Way(url, auth, settings, clock, verify)
    steps: list[tuple[str, Callable[[], Awaitable[Finding]]]] = [
        ("proxy", way.proxy),
        ("DNS", way.dns),
        ("TCP", way.tcp),
        ("TLS", way.tls),
        ("server", way.server),
        ("clock", way.clocks),
        ("token", way.token),
        ("WebSocket", way.websocket),
        ("SSE", way.sse),
    ]
    closed = ""
    try:
        for name, look in steps:
            if closed:
                yield Finding(step=name, grade=Grade.SKIPPED, found=f"because of {closed}")
                continue
            try:
                finding = await look()
            except Refused as end:
                verdict = judge(end, clock.time())
                finding = Finding(
                    step=name, grade=Grade.FAILED, found=auth.redact(verdict.reason), remedy=verdict.remedy
                )
            except GunjError as error:
                finding = Finding(step=name, grade=Grade.FAILED, found=auth.redact(error.problem), remedy=error.remedy)
            yield finding
            if finding.grade is Grade.FAILED and name in ("DNS", "TCP", "TLS", "server", "token"):
                closed = name
    finally:
        await way.close()


class _Way:
    """The way to one operator. Each method looks at one step; Refused and GunjError say that it is closed."""

    def __init__(self, url: str, auth: Auth, settings: Settings, clock: Clock, verify: Verify) -> None:
        self._url, self._auth, self._settings, self._clock, self._verify = url, auth, settings, clock, verify
        self._scheme, self._host, self._port = origin(url)
        self._proxy = choose_proxy(url, settings.connection.proxy)
        self._network = WebNetwork(url, settings, verify)
        self._date: tuple[str, float] | None = None

    async def close(self) -> None:
        await self._network.close()

    async def proxy(self) -> Finding:
        if self._proxy is None:
            return _ok("proxy", "none: the connection is direct")
        return _ok(
            "proxy", f"{shown(self._proxy)} – name, port and certificate of {self._host} are looked at from there"
        )

    async def dns(self) -> Finding:
        if self._proxy is not None:
            return Finding(step="DNS", grade=Grade.SKIPPED, found="the proxy resolves the name")
        began = self._clock.monotonic()
        try:
            found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except socket.gaierror:
            raise Refused("dns", f"the host {self._host} is not known") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        return _ok("DNS", f"{', '.join(addresses[:4])} in {_ms(self._clock.monotonic() - began)}")

    async def tcp(self) -> Finding:
        if self._proxy is not None:
            return Finding(step="TCP", grade=Grade.SKIPPED, found="the proxy connects")
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._settings.connection.open_timeout):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except ConnectionRefusedError:
            raise Refused("network", f"nothing listens on {self._host}:{self._port} (connection refused)") from None
        except TimeoutError:
            raise Refused("timeout", f"{self._host}:{self._port} did not answer in time") from None
        except OSError as error:
            raise Refused("network", f"{self._host}:{self._port} cannot be reached ({error.strerror})") from None
        writer.close()
        return _ok("TCP", f"port {self._port} open in {_ms(self._clock.monotonic() - began)}")

    async def tls(self) -> Finding:
        if self._scheme != "https":
            return Finding(step="TLS", grade=Grade.SKIPPED, found="http: nothing is encrypted on the way")
        if self._proxy is not None:
            return Finding(step="TLS", grade=Grade.SKIPPED, found="through the proxy; see the server")
        context = tls_context(urlsplit(self._url).netloc, self._verify, self._settings.connection.ca_file)
        try:
            async with asyncio.timeout(self._settings.connection.open_timeout):
                _, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        except ssl.SSLCertVerificationError as error:
            raise Refused("tls", f"the certificate cannot be verified: {error.verify_message}") from None
        except (OSError, TimeoutError) as error:
            why = getattr(error, "reason", None) or "the handshake failed"
            raise Refused("tls", f"no TLS with {self._host}:{self._port}: {why}") from None
        shaken = writer.get_extra_info("ssl_object")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return self._certificate(shaken)

    def _certificate(self, shaken: ssl.SSLObject) -> Finding:
        certificate = shaken.getpeercert() or {}
        said = f"{shaken.version()}, issued by {_issuer(certificate)}"
        until = certificate.get("notAfter")
        if not isinstance(until, str):
            return Finding(
                step="TLS", grade=Grade.WARNING, found=f"{said}; not verified", remedy="Trust its CA instead."
            )
        left = ssl.cert_time_to_seconds(until) - self._clock.time()
        grade = Grade.WARNING if left < EXPIRES_SOON else Grade.OK
        remedy = "Renew the server's certificate." if grade is Grade.WARNING else ""
        return Finding(step="TLS", grade=grade, found=f"{said}, valid for {left / 86_400:.0f} days", remedy=remedy)

    async def server(self) -> Finding:
        began = self._clock.time()
        reply = await self._network.request("GET", "/health", {})
        took = self._clock.time() - began
        date = reply.headers.get("date")
        self._date = (date, began + took / 2) if date else None
        try:
            answer = codec.parse(reply.body)
        except RemoteProtocolError:
            answer = None
        name = answer.get("server") if isinstance(answer, dict) else None
        if not isinstance(name, str) or not name.startswith("gunj-"):
            kind = reply.headers.get("content-type", "nothing").partition(";")[0][:40]
            raise Refused("content", f"/health gave {reply.status} and {kind!a}: this is no Gunj operator")
        return _ok("server", f"{name[:60]} in {_ms(took)}")

    async def clocks(self) -> Finding:
        if self._date is None:
            return Finding(step="clock", grade=Grade.SKIPPED, found="the server tells no date")
        said, at = self._date
        try:
            skew = parsedate_to_datetime(said).timestamp() + 0.5 - at  # the header has whole seconds
        except ValueError:
            return Finding(step="clock", grade=Grade.SKIPPED, found="the server's date makes no sense")
        if abs(skew) <= SKEW:
            return _ok("clock", "the server's agrees with ours within a few seconds")
        ahead = "ahead of" if skew > 0 else "behind"
        found = f"the server's is {lasting(abs(skew))} {ahead} ours"
        return Finding(step="clock", grade=Grade.WARNING, found=found, remedy="Synchronise both by NTP.")

    async def token(self) -> Finding:
        if self._auth.exists:
            refuse_clear_text(self._url, self._settings)
        reply = await self._network.request("GET", "/api/v1/platforms", await self._auth.headers())
        if reply.status != 200:
            raise Refused("status", f"/api/v1/platforms answered {reply.status}", status=reply.status)
        answer = codec.parse(reply.body)
        items = answer.get("items") if isinstance(answer, dict) else None
        seen = f"{len(items)} platforms" if isinstance(items, list) else "the platforms"
        return _ok("token", f"{'accepted' if self._auth.exists else 'none was needed'}; it may see {seen}")

    async def websocket(self) -> Finding:
        link = await self._network.websocket("/ws", await self._auth.headers(), SUBPROTOCOL)
        try:
            async with asyncio.timeout(self._settings.connection.open_timeout):
                if link.subprotocol == SUBPROTOCOL:
                    await link.send(
                        codec.encode({"type": "hello", "client": "gunj-widgets doctor", "dialects": ["v1"]})
                    )
                    await link.recv()
                latency = await self._latency(link)
        except TimeoutError:
            raise Refused("timeout", "the WebSocket opened and did not answer") from None
        except Lost as end:
            raise Refused("protocol", f"the WebSocket opened and broke: {end.detail or end.code}") from None
        finally:
            with suppress(Lost):
                await link.close()
        dialect = link.subprotocol or "the UI's dialect: nothing can be resumed"
        found = f"{dialect}, round trip {_ms(latency)}"
        if link.subprotocol is None or latency > SLOW:
            remedy = "A nearer operator would be livelier." if latency > SLOW else "Update the operator."
            return Finding(step="WebSocket", grade=Grade.WARNING, found=found, remedy=remedy)
        return _ok("WebSocket", found)

    async def _latency(self, link: Link) -> float:
        """Return the median of three pings. Somebody must read meanwhile, or no pong is seen."""

        async def read() -> None:
            with suppress(Lost):
                while True:
                    await link.recv()

        reading = asyncio.ensure_future(read())
        try:
            return median([await (await link.ping()) for _ in range(3)])
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def sse(self) -> Finding:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity", **await self._auth.headers()}
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._settings.connection.open_timeout):
                stream = await self._network.stream("/sse/platforms", headers)
        except TimeoutError:
            raise Refused("held", "the stream did not open: a proxy may hold it back") from None
        try:
            kind = stream.headers.get("content-type", "")
            if not kind.startswith("text/event-stream"):
                raise Refused("content", f"a stream was asked for and {kind[:40]!a} came")
            async with asyncio.timeout(FIRST_BYTE):
                await anext(aiter(stream.chunks()))
        except TimeoutError:
            raise Refused("held", f"the stream opened and not a byte came in {FIRST_BYTE:g} s") from None
        except Lost as end:
            raise Refused("protocol", f"the stream opened and ended: {end.detail}") from None
        finally:
            await stream.close()
        return _ok("SSE", f"first byte after {_ms(self._clock.monotonic() - began)}")


def _issuer(certificate: Mapping[str, object]) -> str:
    """Return who issued a certificate, as `getpeercert()` has it."""
    issuer = certificate.get("issuer")
    parts = {pair[0][0]: pair[0][1] for pair in issuer} if isinstance(issuer, tuple) else {}
    return str(parts.get("organizationName") or parts.get("commonName") or "somebody unknown")[:60]


def _ok(step: str, found: str) -> Finding:
    return Finding(step=step, grade=Grade.OK, found=found)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
