"""One connection to a NATS server, for as long as it lives. The only module that knows nats-py.

Reconnecting is not left to it: a link ends where the connection does, and `bus` makes the next one.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from gunj_widgets.connection.tls import tls_context
from gunj_widgets.errors import AuthError, ConnectError, LimitError, SetupError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.cursor import StreamState
from gunj_widgets.sources.jetstream.streams import StreamPlan
from gunj_widgets.sources.source import Source

__all__ = ["HEARTBEAT", "Incoming", "Link", "NoStreamError", "Start", "outcome"]

HEARTBEAT = 0.5
"""Seconds of silence after which the server says that a consumer is still there."""
TIMEOUT = 5.0
"""Seconds that one question to JetStream may take."""
PING = 5
"""Seconds between two pings; two without an answer end the link."""
GLANCE = 0.25
"""Seconds between two looks at whether a link has ended without a word."""
WAITING = 65_536
"""Messages that may wait for us inside nats-py; over that, the consumer is made anew from where we are."""

Incoming = Any
"""A message of nats-py: `.data`, `.reply`, `.subject`, `.headers` (None or a dict)."""
T = TypeVar("T")
Taker = Callable[[Incoming], Awaitable[None]]


class NoStreamError(ConnectError):
    """The server is there, and has no such stream."""


class Start(msgspec.Struct, frozen=True):
    """Where a consumer begins: after a `sequence`, at a `time` in epoch seconds, or with the `newest` of each subject."""

    sequence: int | None = None
    time: float | None = None


class Link:
    """Made by `open`; ended by `close`, or by the server, after which `ended` is set and `reason` says why."""

    def __init__(self, client: Any, place: str) -> None:
        self._client = client
        self._js = client.jetstream(timeout=TIMEOUT)
        self._place = place
        self.ended = asyncio.Event()
        self.reason = ""
        self.refusal = ""
        """The last thing the server did not let us do; JetStream itself then just does not answer."""
        self._watch: asyncio.Future[None] | None = None  # held: asyncio forgets a task that nobody holds

    @classmethod
    async def open(cls, source: Source, settings: Settings, token: str | None) -> Self:
        """Connect. ConnectError where nobody answers or something else does, AuthError where we are not let in."""
        try:
            import nats.errors
            from nats.aio.client import Client
        except ModuleNotFoundError:
            raise SetupError(
                "NATS needs nats-py, which is not installed", "pip install 'gunj-widgets[nats]'."
            ) from None
        source.check(settings)
        place = urlsplit(source.url).netloc
        made: list[Link] = []
        refused: list[Exception] = []

        async def told(error: Exception) -> None:
            if isinstance(error, nats.errors.SlowConsumerError):
                return  # a hole in the numbering: the feed sees it
            text = str(error)
            refused[:] = [error]
            for link in made:
                if "permissions violation" in text.lower():
                    link.refusal = text.removeprefix("nats: ")[:200]
                else:
                    link.reason = link.reason or _words(error)

        async def closed() -> None:
            for link in made:
                link.ended.set()

        user, password = source.basic or (None, None)
        patience = settings.connection.open_timeout
        client = Client()
        try:
            async with asyncio.timeout(patience):
                await client.connect(
                    source.url,
                    name="gunj_widgets",
                    allow_reconnect=False,
                    connect_timeout=max(1, round(patience)),
                    ping_interval=PING,
                    max_outstanding_pings=2,
                    max_reconnect_attempts=1,  # tries of this very connection; without a bound it waits inside
                    reconnect_time_wait=0,
                    error_cb=told,
                    closed_cb=closed,
                    user=user,
                    password=password,
                    token=token,
                    tls=_context(source, place, settings),
                )
        except (TimeoutError, OSError, nats.errors.Error) as error:
            _hang_up(client)
            raise _no_link(place, refused[0] if refused else error, patience) from None
        except BaseException:
            _hang_up(client)
            raise
        link = cls(client, place)
        made.append(link)
        link._watch = asyncio.ensure_future(link._look())
        return link

    @property
    def version(self) -> str:
        found = self._client.connected_server_version
        return f"{found.major}.{found.minor}.{found.patch}"

    async def state(self, stream: str) -> StreamState:
        """Return what a stream holds; NoStreamError where there is none."""
        info = await self._asked(self._js.stream_info(stream), f"look at the stream {stream}")
        return StreamState(created=str(info.created), first=info.state.first_seq, last=info.state.last_seq)

    async def declare(self, plan: StreamPlan) -> None:
        """Make a stream as it is planned, or change one that differs."""
        from nats.js.api import DiscardPolicy, StreamConfig

        if plan.bucket:
            await self._bucket(plan)
            return
        config = StreamConfig(
            name=plan.name,
            subjects=list(plan.subjects),
            max_age=plan.max_age,
            max_bytes=plan.max_bytes,
            max_msgs_per_subject=plan.max_msgs_per_subject,
            duplicate_window=plan.duplicate_window,
            num_replicas=plan.replicas,
            discard=DiscardPolicy.OLD,
            allow_direct=True,
        )
        try:
            await self._asked(self._js.stream_info(plan.name), f"look at the stream {plan.name}")
        except NoStreamError:
            await self._asked(self._js.add_stream(config), f"make the stream {plan.name}")
        else:
            await self._asked(self._js.update_stream(config), f"change the stream {plan.name}")

    async def _bucket(self, plan: StreamPlan) -> None:
        """Make the stream of a key-value bucket, as `nats kv` makes it."""
        try:
            await self._asked(self._js.stream_info(plan.name), f"look at the bucket {plan.bucket}")
        except NoStreamError:
            making = self._js.create_key_value(
                bucket=plan.bucket, ttl=plan.max_age, max_bytes=plan.max_bytes, replicas=plan.replicas, history=1
            )
            await self._asked(making, f"make the bucket {plan.bucket}")

    async def consume(
        self, stream: str, subject: str, start: Start, take: Taker
    ) -> tuple[int, Callable[[], Awaitable[None]]]:
        """Have a stream's messages on a subject (">": all) brought in order; return how many wait there now, and how to end it.

        `take` is given every message, and the server's words between them: see `feed`.
        """
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        config = ConsumerConfig(
            deliver_subject=self._client.new_inbox(),
            filter_subject=subject,
            ack_policy=AckPolicy.NONE,
            max_deliver=1,
            flow_control=True,
            idle_heartbeat=HEARTBEAT,
            mem_storage=True,
            num_replicas=1,
            deliver_policy=DeliverPolicy.LAST_PER_SUBJECT,
        )
        if start.sequence is not None:
            config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, start.sequence
        elif start.time is not None:
            config.deliver_policy = DeliverPolicy.BY_START_TIME
            moment = datetime.datetime.fromtimestamp(start.time, datetime.UTC)
            config.opt_start_time = moment.isoformat().replace("+00:00", "Z")  # type: ignore[assignment]  # as JetStream reads it
        inbox = await self._client.subscribe(
            config.deliver_subject, cb=take, pending_msgs_limit=WAITING, pending_bytes_limit=0
        )

        async def end() -> None:
            if not self._client.is_closed:
                await inbox.unsubscribe()

        try:
            info = await self._asked(self._js.add_consumer(stream, config), f"read the stream {stream}")
        except BaseException:
            await end()
            raise
        brought = getattr(info.delivered, "consumer_seq", 0)  # what is on its way already waits for us all the same
        return int(info.num_pending or 0) + int(brought or 0), end

    async def publish(self, subject: str, data: bytes, id: str) -> asyncio.Future[Any]:
        """Send one message to its stream; the future has the answer, which `outcome` reads. LimitError where it is too big."""
        import nats.errors

        try:
            future: asyncio.Future[Any] = await self._js.publish_async(subject, data, headers={"Nats-Msg-Id": id})
        except nats.errors.MaxPayloadError:
            raise LimitError(
                f"a message of {len(data):,} bytes is more than the server takes", "Raise max_payload there."
            ) from None
        except (nats.errors.Error, OSError) as error:
            raise ConnectError(f"NATS: the connection broke: {_words(error)}") from None
        return future

    async def put(self, subject: str, data: bytes) -> None:
        """Publish one message, and return once it is stored."""
        await self._asked(self._js.publish(subject, data), f"write to {subject}")

    async def say(self, subject: str, data: bytes = b"") -> None:
        """Send what needs no answer."""
        await self._client.publish(subject, data)

    async def ask(self, subject: str, data: bytes, timeout: float) -> bytes:
        """Ask whoever answers on a subject; ConnectError where nobody does."""
        import nats.errors

        try:
            answer = await self._alive(self._client.request(subject, data, timeout=timeout))
        except nats.errors.NoRespondersError:
            raise ConnectError(
                "nobody answers there: no relay takes this", "Start one that does: gunj-widgets relay ... --allow."
            ) from None
        except (nats.errors.TimeoutError, TimeoutError):
            raise ConnectError(
                f"no answer within {timeout:g} s{self._refused()}", "Whether it was done is not known."
            ) from None
        except nats.errors.Error as error:
            raise ConnectError(f"the connection broke: {_words(error)}", "Whether it was done is not known.") from None
        return bytes(answer.data)

    async def answer(self, subject: str, queue: str, take: Taker) -> None:
        """Answer what is asked on a subject, one of those who share a `queue` each."""
        await self._client.subscribe(subject, queue=queue, cb=take)

    async def close(self) -> None:
        self.ended.set()
        if not self._client.is_closed:
            with suppress(OSError):
                await self._client.close()
        _hang_up(self._client)

    async def _look(self) -> None:
        """Set `ended`, which nats-py does not tell of where its last write fails."""
        while not self._client.is_closed and not self.ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), GLANCE)
        self.ended.set()

    async def _asked(self, question: Awaitable[Any], deed: str) -> Any:
        """Await an answer of JetStream, its refusals in words of ours."""
        import nats.errors
        import nats.js.errors

        self.refusal = ""
        try:
            return await self._alive(question)
        except nats.js.errors.NotFoundError:
            raise NoStreamError(
                f"NATS: {self._place} has nothing to {deed.replace('look at', 'look at:')}",
                "Start a relay: gunj-widgets relay SOURCE --to nats://...",
            ) from None
        except (
            nats.js.errors.ServiceUnavailableError,
            nats.errors.NoRespondersError,
            nats.js.errors.NoStreamResponseError,
        ):
            raise ConnectError(
                f"NATS: {self._place} runs without JetStream", "Run it with -js, or jetstream {} in its configuration."
            ) from None
        except nats.js.errors.APIError as error:
            raise ConnectError(
                f"NATS: cannot {deed}: {error.description or error}",
                "Where it is about storage: lower max_bytes in a file of your own (--streams), or raise the server's max_file.",
            ) from None
        except (nats.errors.TimeoutError, TimeoutError):
            if self.refusal:
                raise AuthError(
                    f"NATS: {self._place} does not let us {deed}: {self.refusal}",
                    "docs/jetstream.md lists the permissions a notebook and a relay need.",
                    status=403,
                ) from None
            raise ConnectError(
                f"NATS: no answer within {TIMEOUT:g} s when we wanted to {deed}", "It is busy, or has no leader."
            ) from None
        except nats.errors.Error as error:
            raise ConnectError(f"NATS: the connection broke: {_words(error)}", "") from None

    async def _alive(self, question: Awaitable[T]) -> T:
        """Await an answer for as long as there is a connection by which it can come: nats-py waits for its whole time-out."""
        answer, ended = asyncio.ensure_future(question), asyncio.ensure_future(self.ended.wait())
        try:
            await asyncio.wait((answer, ended), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise ConnectError(
                f"NATS: the connection ended: {self.reason or 'the server hung up'}", "It is made again."
            )
        finally:
            answer.cancel()
            ended.cancel()

    def _refused(self) -> str:
        return f": {self.refusal}" if self.refusal else ""


REACH = "Check the address, the network and the VPN; nats://host:4222 is the usual port."


def outcome(future: asyncio.Future[Any]) -> bool:
    """Return whether a published message was there already; LimitError where its stream refused it, ConnectError at a cut."""
    import nats.js.errors

    try:
        return bool(future.result().duplicate)
    except nats.js.errors.NoStreamResponseError:
        raise NoStreamError("NATS: no stream takes this subject", "The relay declares them when it starts.") from None
    except nats.js.errors.APIError as error:
        raise LimitError(
            f"the stream refused a message: {error.description or error}", "Raise its limits in streams.toml."
        ) from None


def _hang_up(client: Any) -> None:
    """Let go of what nats-py leaves behind where it was not let in, or where its last write failed: socket and readers."""
    for inbox in getattr(client, "_subs", {}).values():
        if (reader := inbox._wait_for_msgs_task) is not None:
            reader.cancel()
    if (transport := getattr(client, "_transport", None)) is not None:
        transport.close()


def _no_link(place: str, error: Exception, patience: float) -> ConnectError:
    """Say why there is no connection, and what helps."""
    if "authorization" in str(error).lower():
        return AuthError(
            f"NATS: {place} does not let us in",
            "Pass token=..., or a user and a password: gunj.connect(gunj.Source(url='nats://...', basic=(user, password))).",
            status=401,
        )
    if isinstance(error, ssl.SSLError):
        return ConnectError(
            f"NATS: {place} has a certificate that is not trusted: {getattr(error, 'verify_message', '') or error}",
            "Trust its CA: Settings.connection.ca_file.",
        )
    if isinstance(error, TimeoutError):
        return ConnectError(f"NATS: {place} did not answer within {patience:g} s", REACH)
    if isinstance(error, OSError):
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or error
        return ConnectError(f"NATS: no connection to {place}: {why}", REACH)
    return ConnectError(f"NATS: {place}: {_words(error)}", REACH)


def _context(source: Source, place: str, settings: Settings) -> ssl.SSLContext | None:
    if not source.url.startswith("tls:"):
        return None
    found = source.tls(place, settings.connection.ca_file)
    return found if isinstance(found, ssl.SSLContext) else tls_context(place, found, settings.connection.ca_file)


def _words(error: Exception) -> str:
    return " ".join(str(error).removeprefix("nats: ").split())[:200] or type(error).__name__
