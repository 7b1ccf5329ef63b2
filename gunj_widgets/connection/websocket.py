"""The WebSocket conversation: hello, subscriptions, facts, heartbeats. One socket at a time, for all interests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from gunj_widgets import __version__
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.commands import Commands
from gunj_widgets.connection.intake import Intake, position_of
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.keepalive import Heart
from gunj_widgets.connection.polling import fetch
from gunj_widgets.connection.resume import MAX_TRIES, Track
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.status import Counters
from gunj_widgets.connection.supervisor import Supervisor
from gunj_widgets.connection.transport import Link, Lost, Network, Refused
from gunj_widgets.errors import GunjError, RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.codec import Control
from gunj_widgets.events.event import Event
from gunj_widgets.events.values import moment
from gunj_widgets.settings import ConnectionSettings

__all__ = ["SUBPROTOCOL", "WebSocketTransport"]

SUBPROTOCOL = "v1.gunj.operator"
TOO_BIG = 1009
QUEUE = 10_000
"""Messages of ours that may wait to be sent."""


log = logging.getLogger("gunj_widgets.connection")


class WebSocketTransport:
    """Speaks v1 where the server selects it, the operator UI's dialect where it does not. Lives on gunj-io."""

    source = "websocket"

    def __init__(
        self,
        network: Network,
        *,
        auth: Auth,
        intake: Intake,
        counters: Counters,
        clock: Clock,
        settings: ConnectionSettings,
        commands: Commands,
    ) -> None:
        self.server = ""
        self.latency: float | None = None
        self.last_heartbeat: float | None = None
        self.refused: dict[str, str] = {}
        """Interests the server will not serve: id → why."""
        self._network = network
        self._auth = auth
        self._intake = intake
        self._counters = counters
        self._clock = clock
        self._settings = settings
        self._commands = commands
        self._wanted: dict[str, Interest] = {}
        self._outbox: asyncio.Queue[str] | None = None
        self._pinging = False  # a ping has no answer yet
        self.is_legacy = False
        """Whether the server speaks the UI's dialect, which has no numbers and no metrics on the WebSocket."""
        self._last_error = ""
        self._oversize = 0

    @property
    def is_open(self) -> bool:
        return self._outbox is not None

    def add(self, interest: Interest) -> None:
        """Subscribe, now if the socket is open, and again on every new socket until `remove`."""
        self._wanted[interest.id] = interest
        if self.is_open:
            self._subscribe([interest])

    def remove(self, interest: Interest) -> None:
        self._wanted.pop(interest.id, None)
        self.refused.pop(interest.id, None)
        message = interest.legacy_message("unsubscribe") if self.is_legacy else interest.unsubscribe_message()
        if self.is_open and message is not None:
            self.send(message)

    async def attempt(self, supervisor: Supervisor) -> None:
        """Make one connection and serve it until it ends; raises Refused or Lost."""
        self._last_error = ""
        async with asyncio.timeout(self._settings.open_timeout + 1.0):
            headers = await self._auth.headers()
            link = await self._network.websocket("/ws", headers, SUBPROTOCOL)
        supervisor.reached()
        try:
            self.is_legacy = link.subprotocol != SUBPROTOCOL
            if not self.is_legacy:
                await self._greet(link, supervisor)
            await self._serve(link, supervisor)
        except Lost as end:
            self._too_big(end)
            raise Lost(end.code, end.detail or self._last_error) from None
        finally:
            self._outbox = None
            self._commands.closed()
            for interest in self._wanted.values():
                self._intake.track(interest).off(self)
            self._intake.flush()
            await asyncio.shield(_close(link))

    def _too_big(self, end: Lost) -> None:
        """Give up what follows the positions, once the same message was over the bound three times in a row."""
        self._oversize = self._oversize + 1 if end.code == TOO_BIG else 0
        if end.code == TOO_BIG:
            self._counters.oversize += 1
            self._counters.problem("a message was over Settings.limits.message_size")
        if self._oversize >= MAX_TRIES:
            self._oversize = 0
            for interest in self._wanted.values():
                self._intake.track(interest).give_up()

    async def _greet(self, link: Link, supervisor: Supervisor) -> None:
        """Say hello and await the welcome."""
        hello = {"type": "hello", "client": "gunj-widgets", "version": __version__, "dialects": ["v1"]}
        await link.send(codec.encode(hello))
        try:
            async with asyncio.timeout(self._settings.open_timeout):
                while True:
                    welcomed = False
                    frames = await link.recv()
                    arrived = self._heard(supervisor)
                    for data in frames:
                        for message in self._decode(data, arrived):
                            if not isinstance(message, Control):
                                self._counters.unasked += 1  # nothing was asked for yet
                            elif message.type == "welcome":
                                self._counters.control += 1
                                self.server = str(message.fields.get("server") or "")
                                welcomed = True
                            else:
                                self._control(message, supervisor, data)
                    if welcomed:
                        return
        except TimeoutError:
            # It let us in and then said nothing: what stands between may pass the handshake and hold back the rest.
            raise Refused("held", "the server did not answer our hello in time") from None

    async def _serve(self, link: Link, supervisor: Supervisor) -> None:
        self._outbox = asyncio.Queue(QUEUE)
        supervisor.opened()
        settings = self._settings
        heart = Heart(settings.ping_interval, settings.ping_timeout, self._clock.monotonic(), pings=True)
        self._subscribe(self._wanted.values())
        if self.is_legacy:
            self._commands.diverted()
        else:
            self._commands.opened()
        helpers = [self._write(link, self._outbox)]
        if self.is_legacy:
            helpers.append(self._catch_up(list(self._wanted.values())))
        tasks = [asyncio.ensure_future(helper) for helper in helpers]
        deaf = self._auth.listen(self._authenticate)
        try:
            await supervisor.guard(self._read(link, supervisor), heart, lambda: self._ping(link, supervisor))
        finally:
            deaf()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self, link: Link, supervisor: Supervisor) -> None:
        """Read for ever. Nothing downstream ever stops this: a socket that is not read dies of its own keepalive."""

        def take(frames: list[bytes]) -> None:
            self._receive(frames, self._heard(supervisor), supervisor)
            self._intake.flush()

        await link.follow(take)

    def _receive(self, frames: list[bytes], arrived: float, supervisor: Supervisor) -> None:
        """Take frames in order: runs of plain facts at once, whatever is between them one by one."""
        at = 0
        while at < len(frames):
            run = codec.decode_run(frames, at, arrived=arrived, source=self.source)
            self._counters.received += len(run)
            self._counters.bytes += sum(map(len, frames[at : at + len(run)]))
            taken = self._intake.run(run)
            for n, event in enumerate(run[taken:], at + taken):
                self._take([event], frames[n], supervisor)
            at += len(run)
            if at < len(frames):
                self._take(self._decode(frames[at], arrived), frames[at], supervisor)
                at += 1

    def _take(self, messages: Sequence[Event | Control], data: bytes, supervisor: Supervisor) -> None:
        """Give each message of one frame to whom it concerns."""
        tracks, intake = self._intake.tracks, self._intake
        for message in messages:
            if type(message) is Event:
                found = tracks.get(message.sub) if message.sub is not None else None
                if found is None:
                    if message.sub is not None:
                        self._counters.unasked += 1
                    else:
                        intake.event(message, None, None)
                elif not intake.event(message, *found):
                    self._ask_again(*found)
            elif isinstance(message, Control):
                self._control(message, supervisor, data)

    def _heard(self, supervisor: Supervisor) -> float:
        """Note a sign of life; return when it arrived."""
        arrived = self._clock.time()
        supervisor.heard(arrived)
        return arrived

    def _decode(self, data: bytes, arrived: float) -> list[Event | Control]:
        self._counters.bytes += len(data)
        try:
            messages = codec.decode(data, arrived=arrived, source=self.source)
        except RemoteProtocolError as error:
            self._counters.received += 1
            self._intake.malformed(error.problem, data)
            return []
        self._counters.received += len(messages)
        return messages

    def _control(self, control: Control, supervisor: Supervisor, raw: bytes) -> None:
        """Act on a control message; like every other message it ends up in exactly one count."""
        about = control.fields.get("id") if control.type in ("subscribed", "snapshot") else None
        if control.type == "malformed":
            self._intake.malformed(str(control.fields["problem"]), raw)
        elif about is not None and str(about) not in self._intake.tracks:
            self._counters.unasked += 1
        else:
            try:
                self._handle(control, supervisor)
                self._counters.control += 1
            except RemoteProtocolError as error:
                self._intake.malformed(error.problem, raw)

    def _handle(self, control: Control, supervisor: Supervisor) -> None:
        fields = control.fields
        if control.type in ("subscribed", "snapshot"):
            found = self._intake.tracks.get(str(fields.get("id")))
            if found is None:
                raise RemoteProtocolError(f"a message {control.type!r} names no subscription")
            if control.type == "snapshot":
                self._intake.snapshot(*found, control, self.source)
            else:
                self._subscribed(*found, fields, supervisor)
        elif control.type == "heartbeat":
            self.last_heartbeat = self._clock.time()
        elif control.type == "auth_ok":
            self._auth.expires(moment(fields.get("expires")))
        elif control.type == "command_ack":
            self._commands.acknowledged(str(fields.get("id")), fields.get("operation"))
        elif control.type == "error":
            self._error(fields)

    def _subscribed(self, interest: Interest, track: Track, fields: dict[str, Any], supervisor: Supervisor) -> None:
        self.refused.pop(interest.id, None)
        recovered = fields.get("recovered") is True
        if recovered and track.since is not None:
            supervisor.proven()
        self._intake.subscribed(interest, track, position_of(fields), recovered)

    def _error(self, fields: dict[str, Any]) -> None:
        text = " ".join(str(fields.get("message") or fields.get("code") or "unknown error").split())[:200]
        about = fields.get("id")
        if isinstance(about, str) and about in self._wanted:
            self.refused[about] = text
            self._intake.progressed()
        elif isinstance(about, str) and self._commands.refused(about, text):
            return
        else:
            self._last_error = text
        self._counters.problem(text)

    def _subscribe(self, interests: Iterable[Interest]) -> None:
        for interest in interests:
            track = self._intake.track(interest)
            if self.is_legacy:
                if interest.target != "metrics":  # the stream beside us says where those stand
                    self._intake.restarted(interest, track, self)
                message = interest.legacy_message("subscribe")
            else:
                track.asked(self)
                message = interest.subscribe_message(track.since)
            if message is not None:
                self.send(message)

    def _ask_again(self, interest: Interest, track: Track) -> None:
        """Fetch what is missing: subscribe anew from the last position that was whole."""
        self.send(interest.unsubscribe_message())
        track.asked(self)
        self.send(interest.subscribe_message(track.since))

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message; nothing while no WebSocket is open."""
        if self._outbox is None:
            return
        try:
            self._outbox.put_nowait(codec.encode(message))
        except asyncio.QueueFull:
            raise Lost(1006, "the server does not read what we send") from None

    async def _write(self, link: Link, outbox: asyncio.Queue[str]) -> None:
        try:
            while True:
                await link.send(await outbox.get())
        except Lost:
            return  # the reader learns it too
        except Exception:  # a fault of ours must not leave a socket that hears and says nothing
            log.exception("sending failed")
            await link.close(1011, "internal error")

    async def _ping(self, link: Link, supervisor: Supervisor) -> None:
        if self.is_legacy:
            self.send({"type": "ping"})
        if self._pinging:
            return  # a peer that sends and never answers a ping is alive, and not asked again and again
        self._pinging = True
        try:
            self.latency = await (await link.ping())
        except Lost:
            return  # the reader learns it too
        finally:
            self._pinging = False
        supervisor.heard(self._clock.time())

    def _authenticate(self, token: Secret) -> None:
        """Tell the live socket of a renewed token. The legacy dialect has no word for it: it reconnects and resumes."""
        if not self.is_legacy:
            self.send({"type": "auth", "token": str(token)})

    async def _catch_up(self, interests: list[Interest]) -> None:
        """A legacy server sends no snapshot: ask REST for the present state."""
        for interest in interests:
            if interest.target == "metrics":
                continue
            try:
                events = await fetch(
                    self._network, await self._auth.headers(), interest, since=None, now=self._clock.time()
                )
            except (Refused, GunjError) as error:
                self._counters.problem(str(error))
                continue
            self._intake.facts(events, self._intake.track(interest))


async def _close(link: Link) -> None:
    with suppress(Lost):
        await link.close()
