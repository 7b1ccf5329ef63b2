"""One back end's HTTP: its credentials, how many questions at once, patience when it asks for it, and errors in words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.transport import Link, Network, Refused, Reply, Stream
from gunj_widgets.connection.verdict import retry_after
from gunj_widgets.errors import AuthError, ConnectError, QueryError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.source import Source

__all__ = ["Backend", "Params", "message_of", "said"]

SLOTS = 4
"""Questions to one back end at the same time: a dashboard of ours must not be what topples it."""
TRIES = 3
MAX_PATIENCE = 30.0
"""Seconds that a Retry-After may make us wait inside one question; a longer one is told to the caller."""
TIMEOUT = 30.0
"""Seconds one question may take: a query is slower than a handshake."""
ANSWER = 64 << 20
"""Bytes of one answer; questions that are asked in pieces stay far below."""
MESSAGE = 16 << 20
"""Bytes of one message on a WebSocket: a tail sends what came in half a second as one."""
MAX_REFUSAL, MAX_MESSAGE = 16 << 10, 200
"""Bytes of a refusal that are read for its message, and characters of that which are shown."""
SKEW = 1.5
"""Seconds by which clocks must differ before we go by the server's: its Date header knows no fractions."""

T = TypeVar("T")
Params: TypeAlias = Mapping[str, str | Sequence[str]]


class Backend:
    """Asks one back end; used by every source. Lives on gunj-io, has a client of its own, and so slows no other.

    `told(error)` is called after each request: None where there was an answer, whatever it said. `forbidden` and `unknown` are
    the remedies for a 403 and for a 401, where there is a better one than other credentials.
    """

    def __init__(
        self,
        name: str,
        source: Source,
        *,
        settings: Settings,
        clock: Clock,
        rng: Random,
        network: Network | None = None,
        told: Callable[[ConnectError | None], object] = lambda error: None,
        forbidden: str = "",
        unknown: str = "",
    ) -> None:
        source.check(settings)
        self.name = name
        self.url = source.url
        self.clock = clock
        self.rng = rng
        self._network = network if network is not None else _network(source, settings)
        self._auth = source.auth()
        self._headers = source.sent()
        self._slots = asyncio.Semaphore(SLOTS)
        self._told = told
        self._remedies = {403: forbidden, 401: unknown}
        self._skew = 0.0
        self.requests = 0
        self.waited = 0
        """Times it asked for patience."""
        self.bytes = 0

    @property
    def place(self) -> str:
        """Host and port, for people to read."""
        return urlsplit(self.url).netloc

    def now(self) -> float:
        """Epoch seconds by the server's clock, as far as its Date header tells it from ours."""
        return self.clock.time() + self._skew

    async def get(self, path: str, params: Params | None = None) -> Reply:
        """Ask, and return the answer whatever its status, but 401 and 403 (AuthError) and 429 (waited out, then QueryError)."""
        return await self.ask("GET", path if not params else f"{path}?{urlencode(params, doseq=True)}")

    async def ask(self, method: str, path: str, json: Any = None) -> Reply:
        """Make one request. ConnectError where there is no answer; only a GET is ever sent again."""
        for tried in range(1, TRIES + 1):
            async with self._slots:
                self.requests += 1
                try:
                    reply = await self._send(method, path, json)
                except ConnectError as error:
                    self._told(error)
                    raise
            self._told(None)
            delay = retry_after(reply.headers.get("retry-after"), self.clock.time())
            if reply.status != 429 and not (reply.status == 503 and delay is not None):
                return reply
            self.waited += 1
            delay = self.rng.uniform(0.5, 1.5) * tried if delay is None else delay
            if method != "GET" or tried == TRIES or delay > MAX_PATIENCE:
                break
            await self.clock.sleep(delay)
        raise QueryError(
            f"{self.name} at {self.place} asks for patience ({reply.status})",
            f"Ask less often, or again in {delay:.0f} s.",
            status=reply.status,
        )

    async def websocket(self, path: str, params: Params) -> Link:
        """Open a WebSocket; ConnectError or AuthError where there is none. What `recv` of it raises is the caller's."""
        place = f"{path}?{urlencode(params, doseq=True)}"
        return await self._opened(lambda headers: self._network.websocket(place, headers, ""))

    async def stream(self, path: str, params: Params) -> Stream:
        """Open a GET whose body is read as it comes; ConnectError or AuthError where there is none."""
        place = f"{path}?{urlencode(params, doseq=True)}"
        try:
            return await self._opened(lambda headers: self._network.stream(place, headers))
        except ConnectError as error:
            self._told(error)
            raise

    async def close(self) -> None:
        await self._network.close()

    async def _opened(self, opening: Callable[[Mapping[str, str]], Awaitable[T]]) -> T:
        """Open what is read as it comes; where the token is refused, once more with a renewed one."""
        await self._auth.token()
        generation = self._auth.generation
        self.requests += 1
        try:
            return await opening(await self._sent())
        except Refused as end:
            if end.status != 401 or not self._auth.renewable:
                raise self._shut(end) from None
        await self._auth.renew(generation)
        self.requests += 1
        try:
            return await opening(await self._sent())
        except Refused as end:
            raise self._shut(end) from None

    async def _sent(self) -> dict[str, str]:
        """Return the headers that go with each request."""
        return {"Accept": "application/json", **self._headers, **await self._auth.headers()}

    async def _send(self, method: str, path: str, json: Any) -> Reply:
        await self._auth.token()
        generation = self._auth.generation
        reply = await self._request(method, path, json)
        if reply.status == 401 and self._auth.renewable:
            await self._auth.renew(generation)
            reply = await self._request(method, path, json)
        self.bytes += len(reply.body)
        self._look_at_clock(reply)
        if reply.status in (401, 403):
            raise self._no_entry(reply.status, f"{self.place} answered {reply.status}{message_of(reply)}")
        return reply

    def _no_entry(self, status: int, detail: str) -> AuthError:
        credentials = "Pass its credentials: gunj.Source(url=..., token=...), or basic=, headers=, tenant=, cert=."
        return AuthError(f"{self.name} at {detail}", self._remedies.get(status) or credentials, status=status)

    async def _request(self, method: str, path: str, json: Any) -> Reply:
        try:
            return await self._network.request(method, path, await self._sent(), json)
        except Refused as end:
            if end.kind == "content":
                raise QueryError(
                    f"the answer of {self.name} is over {ANSWER >> 20} MB", "Narrow the query, or its time range."
                ) from None
            raise self._shut(end) from None

    def _shut(self, end: Refused) -> ConnectError:
        """Say why there is no answer, and what helps."""
        if end.status in (401, 403):
            return self._no_entry(end.status, end.detail)
        remedies = {
            "dns": "Check the spelling of the host, the network and the VPN.",
            "redirect": "Give that address if you trust it: no token is sent elsewhere.",
            "status": "",  # it is there, and says what is wrong
            "tls": "Trust its CA: Settings.connection.ca_file.",
            "timeout": "It may be overloaded: narrow the query, or ask again later.",
        }
        remedy = remedies.get(end.kind, f"Check that {self.name} runs there, its port, and the VPN.")
        return ConnectError(f"{self.name}: {end.detail}", remedy, status=end.status)

    def _look_at_clock(self, reply: Reply) -> None:
        try:
            skew = parsedate_to_datetime(reply.headers["date"]).timestamp() + 0.5 - self.clock.time()
        except (KeyError, ValueError):
            return
        self._skew = skew if abs(skew) > SKEW else 0.0


def said(reply: Reply) -> dict[str, Any]:
    """Return an answer that is a JSON object; an empty one where it is none."""
    try:
        return msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return {}


def message_of(reply: Reply) -> str:
    """Return ": message" from a refusal whose JSON has one, on one line; else nothing."""
    text = said(reply).get("message") if len(reply.body) <= MAX_REFUSAL else None
    return f": {' '.join(text.split())[:MAX_MESSAGE]}" if isinstance(text, str) and text else ""


def _network(source: Source, settings: Settings) -> Network:
    """A client of its own for each source, with bounds for answers to queries."""
    tuned = msgspec.structs.replace(
        settings,
        connection=msgspec.structs.replace(settings.connection, open_timeout=TIMEOUT, token_in_url=False),
        limits=msgspec.structs.replace(
            settings.limits,
            reply_size=max(ANSWER, settings.limits.reply_size),
            message_size=max(MESSAGE, settings.limits.message_size),
        ),
    )
    return WebNetwork(source.url, tuned, source.tls(urlsplit(source.url).netloc, settings.connection.ca_file))
