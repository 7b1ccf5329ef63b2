"""ConnectionManager: all that one session needs from the network; it chooses the way for each interest."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from random import Random
from typing import Any

from gunj_widgets.connection.address import check_url, hidden, refuse_clear_text
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock, SystemClock
from gunj_widgets.connection.commands import Command, Commands
from gunj_widgets.connection.intake import Intake
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import SERVING, SEVERITY, State
from gunj_widgets.connection.loop import IOThread, get_io
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.polling import PollingTransport
from gunj_widgets.connection.rest import RestClient
from gunj_widgets.connection.samples import Samples
from gunj_widgets.connection.status import ConnectionStats, ConnectionStatus, Counters
from gunj_widgets.connection.stream import StreamTransport
from gunj_widgets.connection.supervisor import Supervisor
from gunj_widgets.connection.tls import Verify
from gunj_widgets.connection.transport import Network
from gunj_widgets.connection.verdict import Verdict
from gunj_widgets.connection.websocket import WebSocketTransport
from gunj_widgets.errors import AuthError, ConnectError, SessionClosedError
from gunj_widgets.events.event import Event
from gunj_widgets.events.shown import Shown, Table, stamp
from gunj_widgets.settings import Settings

__all__ = ["ConnectionManager", "ConnectionStatus", "check_url"]

WAKE_CHECK = 0.5
"""Seconds between two looks at the clocks; a machine that slept shows as a jump of wall time."""
SLEPT = 5.0
"""Seconds of such a jump after which every connection is doubted."""
AUTH_CODES = {401, 403, 3000, 3003, 4401, 4403}


class ConnectionManager(Shown):
    """One operator's connection: a WebSocket for state, metrics and alerts, an SSE stream for each log.

    Where the WebSocket is refused and a stream might pass, its interests move to SSE, then to polling, and back when it
    returns. `deliver(events)` and `on_state(status)` are called on gunj-io and must be quick. Every other method may be
    called from any thread; coroutines must be run on gunj-io (`io.run`).
    """

    def __init__(
        self,
        url: str,
        *,
        deliver: Callable[[list[Event]], None],
        auth: Auth | str | Callable[[], Any] | None = None,
        settings: Settings | None = None,
        verify: Verify = True,
        on_state: Callable[[ConnectionStatus], None] | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        io: IOThread | None = None,
        network: Network | None = None,
    ) -> None:
        url = hidden(url)
        self.url = check_url(url)
        self._settings = settings if settings is not None else Settings()
        self._auth = Auth.of(auth)
        if self._auth.exists:
            refuse_clear_text(self.url, self._settings)
        self._network = network if network is not None else WebNetwork(self.url, self._settings, verify)
        self._clock = clock if clock is not None else SystemClock()
        self._rng = rng if rng is not None else Random()
        self._io = io if io is not None else get_io()
        self._on_state = on_state
        self._counters = Counters()
        self.samples = Samples(self._auth.redact)
        """The newest messages that could not be used."""
        self._intake = Intake(deliver, self._counters, self._clock, self._progress, self.samples)
        self._lock = threading.Lock()
        self._holders: dict[Interest, int] = {}
        self._started = False
        self._closed = False
        self._pulse = asyncio.Event()
        self._websocket: WebSocketTransport | None = None
        self._main: Supervisor | None = None
        self._side: dict[Interest, Supervisor] = {}
        self._streamed: set[Interest] = set()
        """Interests whose streams have passed at least once."""
        self._shut = False
        """Whether the WebSocket is refused and its interests go another way."""
        self._opens = 0
        """How often the WebSocket has opened, as far as its interests know."""
        self._keepers: list[asyncio.Task[None]] = []
        self._rest = RestClient(self._network, self._auth)
        self._commands = Commands(self._clock, self._settings.commands, send=self._send, rest=self._rest.request)

    def _shown(self) -> Table:
        rows = [(t.name, t.state, t.reason, t.remedy, stamp(t.last_byte)) for t in self.status().transports]
        return repr(self)[1:-1], ("transport", "state", "reason", "remedy", "last heard"), rows

    def __repr__(self) -> str:
        return f"<ConnectionManager {self.url} {self.status().state}>"

    # -- for any thread -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect, and stay connected until `close()`. A second call does nothing."""
        if not self._started:
            self._started = True
            self._io.call(self._start)

    def close(self, timeout: float = 2.0) -> None:
        """Close everything; final. Waits up to `timeout` seconds for a clean end, except on gunj-io itself."""
        if not self._closed:
            self._closed = True
            self._io.finish(self._close, timeout)

    def watch(self, interest: Interest) -> Callable[[], None]:
        """Subscribe; the same interest twice is one subscription. Returns its release: the last one unsubscribes."""
        if self._closed:
            raise SessionClosedError("this connection is closed", "Run gunj.connect(...) again.")
        _ = interest.id  # one that cannot be told to the operator must not be held: it would be asked for for ever
        with self._lock:
            self._holders[interest] = self._holders.get(interest, 0) + 1
            if self._holders[interest] == 1:
                self._io.call(self._add, interest)
        released = threading.Event()

        def release() -> None:
            with self._lock:
                if released.is_set():
                    return
                released.set()
                self._holders[interest] -= 1
                if not self._holders[interest]:
                    del self._holders[interest]
                    self._io.call(self._remove, interest)

        return release

    def interests(self) -> list[Interest]:
        """What is subscribed to at present."""
        with self._lock:
            return list(self._holders)

    def status(self) -> ConnectionStatus:
        """The connection as it stands; in a forked child: closed, because the connection is the parent's."""
        if not self._io.is_alive:
            return ConnectionStatus(
                state=State.CLOSED, reason=self._io.problem, remedy="Connect again here.", since=self._clock.time()
            )
        socket, worst = self._websocket, self._worst()
        idle = State.CLOSED if self._closed else State.IDLE
        return ConnectionStatus(
            state=worst.state if worst is not None else idle,
            reason=worst.reason if worst is not None else "",
            remedy=worst.remedy if worst is not None else "",
            since=worst.since if worst is not None else self._clock.time(),
            retry_at=worst.retry_at if worst is not None else None,
            attempt=worst.attempts if worst is not None else 0,
            transports=tuple(supervisor.status() for supervisor in self._every()),
            latency=socket.latency if socket is not None else None,
            last_heartbeat=socket.last_heartbeat if socket is not None else None,
            server=socket.server if socket is not None else "",
        )

    def refuses(self, interest: Interest) -> bool:
        """Say whether the operator does not serve an interest at all, streamed or asked for."""
        side, socket = self._side.get(interest), self._websocket
        if socket is not None and interest.id in socket.refused:
            return True
        return side is not None and side.state is State.FAILED

    def stats(self) -> ConnectionStats:
        """Every count: received, delivered, duplicate, malformed, oversize, gap, reset, reconnects, bytes …"""
        return self._counters.snapshot()

    def adopt(self, auth: Auth) -> None:
        """Ask another source for tokens from now on, of the same identity; what was refused for its token tries again."""
        self._io.call(self._adopt, auth)

    def reconnect(self) -> None:
        """Try again now, without waiting for the countdown; also after it failed."""
        self._io.call(self._wake)

    # -- coroutines, on gunj-io ---------------------------------------------------------------------------------------

    async def request(self, method: str, path: str, json: Any = None) -> Any:
        """Make a REST call and return its JSON. AuthError, ConnectError, or CommandError in the operator's words."""
        return await self._rest.request(method, path, json)

    async def command(self, command: Command, *, queue: bool = True) -> str:
        """Return the id of the operation that a command began; see `Commands.run` for what else can come of it."""
        if self._closed:
            raise SessionClosedError("this connection is closed", "Run gunj.connect(...) again.")
        return await self._commands.run(command, queue=queue)

    async def wait_open(self) -> None:
        """Return once facts come in, streamed or polled; ConnectError as soon as it has failed for good."""
        await self._until(self._serves)

    async def wait_synced(self, interest: Interest) -> None:
        """Return once the interest's first snapshot is in; ConnectError where the server will not serve it."""
        await self._until(lambda: self._synced(interest))

    async def first_answer(self, timeout: float) -> None:
        """Return once open, else raise ConnectError: at once if the answer is no or nobody is there, or in `timeout` s."""
        try:
            async with asyncio.timeout(timeout):
                await self._until(lambda: self._serves() or self._puzzled() or self._unreachable())
                if self._puzzled():
                    await self._rest.probe()  # a better reason, if the server is something else altogether
                    await self._until(self._serves)
        except TimeoutError:
            pass
        status = self.status()
        if status.state not in SERVING:
            reason = status.reason or f"{self.url} did not answer within {timeout:g} s"
            raise ConnectError(reason, status.remedy or "Check address, firewall and VPN.")

    # -- on gunj-io ---------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._websocket = WebSocketTransport(
            self._network,
            auth=self._auth,
            intake=self._intake,
            counters=self._counters,
            clock=self._clock,
            settings=self._settings.connection,
            commands=self._commands,
        )
        self._main = self._supervisor("WebSocket", self._websocket.attempt, self._give_way)
        self._main.start()
        loop = asyncio.get_running_loop()
        self._keepers = [
            loop.create_task(self._watch_clocks(), name="gunj-clocks"),
            loop.create_task(self._auth.keep(self._clock, self._counters.problem), name="gunj-token"),
        ]
        for interest in self.interests():
            self._add(interest)

    async def _close(self) -> None:
        await self._commands.close()
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*(supervisor.close() for supervisor in self._every()))
        self._side.clear()
        self._intake.flush()
        await self._network.close()
        self._changed()

    def _add(self, interest: Interest) -> None:
        if self._websocket is None or self._closed or interest not in self._holders:
            return
        self._intake.track(interest)
        if self._streams(interest):
            self._open_stream(interest)
            return
        self._websocket.add(interest)
        if self._shut:
            self._open_stream(interest)

    def _remove(self, interest: Interest) -> None:
        if interest in self._holders:  # asked for again meanwhile
            return
        if self._websocket is not None:
            self._websocket.remove(interest)
        self._close_side(interest)
        self._streamed.discard(interest)
        self._intake.forget(interest)

    def _open_stream(self, interest: Interest) -> None:
        if interest in self._side:
            return
        stream = StreamTransport(
            interest,
            self._network,
            auth=self._auth,
            intake=self._intake,
            counters=self._counters,
            clock=self._clock,
            settings=self._settings,
        )
        self._open_side(interest, "SSE", stream.attempt, lambda verdict: self._poll_instead(interest))

    def _poll_instead(self, interest: Interest) -> bool:
        """Replace a stream that cannot be by polling, unless the settings forbid it."""
        if not self._settings.connection.polling:
            return False
        if self._side[interest].last_byte is not None:
            self._streamed.add(interest)
        poll = PollingTransport(
            interest,
            self._network,
            auth=self._auth,
            intake=self._intake,
            clock=self._clock,
            settings=self._settings.connection,
            soon=interest in self._streamed,
        )
        self._close_side(interest)
        self._open_side(interest, "poll", poll.attempt, lambda verdict: poll.over and self._stream_again(interest))
        return True

    def _stream_again(self, interest: Interest) -> bool:
        self._close_side(interest)
        self._open_stream(interest)
        return True

    def _open_side(
        self, interest: Interest, way: str, attempt: Callable[[Supervisor], Any], other_way: Callable[[Verdict], bool]
    ) -> None:
        self._side[interest] = self._supervisor(f"{way} {interest.id}", attempt, other_way)
        self._side[interest].start()

    def _close_side(self, interest: Interest) -> None:
        supervisor = self._side.pop(interest, None)
        if supervisor is not None:
            supervisor.abandon()

    def _supervisor(
        self,
        name: str,
        attempt: Callable[[Supervisor], Any],
        other_way: Callable[[Verdict], bool],
    ) -> Supervisor:
        return Supervisor(
            name,
            attempt,
            auth=self._auth,
            clock=self._clock,
            rng=self._rng,
            settings=self._settings.connection,
            counters=self._counters,
            changed=self._changed,
            other_way=other_way,
        )

    def _give_way(self, verdict: Verdict) -> bool:
        """Let the refused WebSocket's interests go by SSE until it returns."""
        self._shut = True
        self._commands.diverted()
        for interest in self.interests():
            self._open_stream(interest)
        return True

    def _streams(self, interest: Interest) -> bool:
        """Say whether an interest has a stream of its own even while the WebSocket is open."""
        legacy = self._websocket is not None and self._websocket.is_legacy
        return interest.target == "logs" or (interest.target == "metrics" and legacy)

    def _send(self, message: dict[str, Any]) -> None:
        if self._websocket is not None:
            self._websocket.send(message)

    def _take_back(self) -> None:
        """Give the interests back to the WebSocket; its subscriptions go on where the streams were."""
        self._shut = False
        for interest in self.interests():
            if self._streams(interest):
                self._open_stream(interest)
        for interest in [i for i in self._side if not self._streams(i)]:
            self._close_side(interest)
        self._stream_polled()

    def _stream_polled(self) -> None:
        """Look now whether what is polled can be streamed again."""
        for interest in [i for i, supervisor in self._side.items() if supervisor.state is State.POLLING]:
            self._stream_again(interest)

    def _adopt(self, auth: Auth) -> None:
        self._auth.adopt(auth)
        for supervisor in self._every():
            if supervisor.verdict is not None and supervisor.verdict.status in AUTH_CODES:
                supervisor.wake()

    def _wake(self) -> None:
        self._stream_polled()
        for supervisor in self._every():
            supervisor.wake()

    async def _watch_clocks(self) -> None:
        """Notice that the machine slept: the steady clock stood still while the wall clock went on."""
        skew = self._clock.time() - self._clock.monotonic()
        while True:
            await self._clock.sleep(WAKE_CHECK)
            before, skew = skew, self._clock.time() - self._clock.monotonic()
            if abs(skew - before) > SLEPT:
                self._auth.recheck()
                for supervisor in self._every():
                    supervisor.probe()

    # -- state --------------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Act on a transport's change and tell whoever wants to know."""
        main = self._main
        if main is not None and main.opens > self._opens:
            self._opens = main.opens
            self._take_back()
        self._progress()
        if self._on_state is not None:
            self._on_state(self.status())

    def _progress(self) -> None:
        """Let those who wait look again."""
        self._pulse.set()
        self._pulse = asyncio.Event()

    def _every(self) -> list[Supervisor]:
        return [*([self._main] if self._main is not None else []), *dict(self._side).values()]

    def _serves(self) -> bool:
        return self.status().state in SERVING

    def _puzzled(self) -> bool:
        """Say whether whoever answered the first WebSocket attempt may be no operator at all."""
        main = self._main
        return main is not None and not main.opens and main.verdict is not None and main.verdict.other_way

    def _unreachable(self) -> bool:
        """Say whether the first attempt found nobody there."""
        main = self._main
        if main is None or main.opens or main.verdict is None or main.state is not State.WAITING:
            return False
        return main.verdict.status is None and not main.verdict.other_way

    def _worst(self) -> Supervisor | None:
        """The transport whose state is the connection's: one that fails for its own interest alone does not count."""
        main, sides = self._main, dict(self._side)
        if main is None:
            return None
        needed = [s for i, s in sides.items() if self._shut and not self._streams(i)] or [main]
        # A log that is just being opened, or that does not exist, says nothing about the connection.
        needed += [
            s for i, s in sides.items() if self._streams(i) and (s.opens or s.state in (State.POLLING, State.WAITING))
        ]
        alive = [s for s in needed if s.state is not State.FAILED]
        return max(alive or needed, key=lambda s: SEVERITY.index(s.state))

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._raise_if_over()
            await self._pulse.wait()

    def _synced(self, interest: Interest) -> bool:
        refused = self._websocket.refused.get(interest.id) if self._websocket is not None else None
        if refused is not None:
            raise ConnectError(
                f"the operator does not serve {interest.id}: {refused}", "See session.platforms for what there is."
            )
        found = self._intake.tracks.get(interest.id)
        return found is not None and found[1].synced

    def _raise_if_over(self) -> None:
        status = self.status()
        if status.state is State.CLOSED or self._closed:
            raise SessionClosedError("this connection is closed", "Run gunj.connect(...) again.")
        if status.state is State.FAILED:
            worst = self._worst()
            code = worst.verdict.status if worst is not None and worst.verdict is not None else None
            kind = AuthError if code in AUTH_CODES else ConnectError
            raise kind(status.reason, status.remedy, status=code)
