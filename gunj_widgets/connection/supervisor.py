"""Keeps one transport alive: attempt, judge the end, wait, attempt again. Every state change is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from random import Random

import msgspec

from gunj_widgets.connection.auth import Auth, is_final
from gunj_widgets.connection.backoff import Backoff
from gunj_widgets.connection.clock import Clock, pause
from gunj_widgets.connection.keepalive import TICK, Beat, Heart
from gunj_widgets.connection.lifecycle import SERVING, State, Trigger, step
from gunj_widgets.connection.status import Counters, TransportStatus
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.connection.verdict import Action, Verdict, judge
from gunj_widgets.errors import AuthError, GunjError
from gunj_widgets.settings import ConnectionSettings

__all__ = ["Supervisor"]

OTHER_WAY_DELAY = 60.0
"""Seconds between looks at a way that is shut while another one serves."""
LOOK_SOON = 2.0
"""Seconds to the first such look where the end may have been an accident; doubling from there."""

FALSE_STARTS = 3
"""Connections in a row that break at once, before another way is tried: a proxy may pass the handshake and no more."""

log = logging.getLogger("gunj_widgets.connection")


class Supervisor:
    """One transport's life.

    `attempt(self)` makes one connection and returns or raises when it ends; meanwhile it calls `reached()`, `opened()`,
    `proven()` and `heard()`. `changed()` is called after every change worth showing. `other_way(verdict)` is asked when this
    transport is refused for a reason that concerns it alone: if another takes over, this one only looks again once a
    minute.
    """

    def __init__(
        self,
        name: str,
        attempt: Callable[[Supervisor], Awaitable[None]],
        *,
        auth: Auth,
        clock: Clock,
        rng: Random,
        settings: ConnectionSettings,
        counters: Counters,
        changed: Callable[[], None],
        other_way: Callable[[Verdict], bool],
    ) -> None:
        self.name = name
        self.state = State.IDLE
        self.reason = ""
        self.remedy = ""
        self.verdict: Verdict | None = None
        self.since = clock.time()
        self.retry_at: float | None = None
        self.last_byte: float | None = None
        self.advice: float | None = None
        """Seconds the server wants us to wait before the next attempt (SSE `retry:`)."""
        self.opens = 0
        self.heart: Heart | None = None
        self._attempt = attempt
        self._auth = auth
        self._clock = clock
        self._settings = settings
        self._counters = counters
        self._changed = changed
        self._other_way = other_way
        self._backoff = Backoff(rng, max_delay=settings.max_delay, healthy_after=settings.healthy_after)
        self._renewed = False
        self._generation = 0
        """Which token the present attempt was made with."""
        self._opened = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tick: asyncio.Future[None] | None = None

    # -- what the manager calls ---------------------------------------------------------------------------------------

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"gunj-{self.name}")

    def wake(self) -> None:
        """Cut a wait short; a failed transport tries again."""
        if self.state in (State.WAITING, State.FAILED):
            self._wake.set()

    def probe(self) -> None:
        """Doubt the connection, as after the machine slept: ping at once."""
        if self.heart is not None and self._tick is not None:
            self.heart.probe(self._clock.monotonic())
            self._tick.cancel()
        self.wake()

    async def close(self) -> None:
        """End it, whatever it is doing. Final."""
        if self.state not in (State.CLOSING, State.CLOSED):
            self._to(Trigger.CLOSE, "closed", "")
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._to(Trigger.DONE, "closed", "")

    def abandon(self) -> None:
        """End it at once and say nothing: another transport has taken its place."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    @property
    def attempts(self) -> int:
        """Failures in a row."""
        return self._backoff.attempt

    def status(self) -> TransportStatus:
        return TransportStatus(
            name=self.name,
            state=self.state,
            reason=self.reason,
            remedy=self.remedy,
            since=self.since,
            retry_at=self.retry_at,
            attempt=self._backoff.attempt,
            last_byte=self.last_byte,
            silent=self.state is State.OPEN and self.heart is not None and self.heart.silent,
        )

    # -- what the attempt calls ---------------------------------------------------------------------------------------

    def reached(self) -> None:
        """The server let us in; whether it speaks our protocol is still open."""
        self._opened = self._clock.monotonic()
        self._backoff.opened(self._opened)

    def opened(self) -> None:
        """The server speaks our protocol."""
        self.opens += 1
        if self.opens > 1:
            self._counters.reconnects += 1
        self.verdict = None
        self._to(Trigger.OPENED, "", "")

    def polled(self) -> None:
        """The server answers plain requests; there is no stream."""
        if self.state is not State.POLLING:
            self.verdict = None
            self._to(Trigger.POLLED, "", "")

    def proven(self) -> None:
        """The server acknowledged a resume: count attempts from zero."""
        self._backoff.proven()
        self._renewed = False

    def heard(self, arrived: float) -> None:
        """Something arrived (epoch seconds)."""
        self.last_byte = arrived
        if self.heart is not None:
            self.heart.heard()

    async def guard(
        self, reading: Awaitable[None], heart: Heart, ping: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Await `reading` and look after the peer meanwhile; Lost where it gives no sign of life."""
        reader = asyncio.ensure_future(reading)
        self.heart = heart
        pings: set[asyncio.Future[None]] = set()
        try:
            while True:
                tick = self._tick = asyncio.ensure_future(self._clock.sleep(TICK))
                try:
                    await asyncio.wait({reader, tick}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    tick.cancel()
                if reader.done():
                    return reader.result()
                silent = heart.silent
                beat = heart.tick(self._clock.monotonic())
                if heart.silent is not silent:
                    self._changed()
                if beat is Beat.DEAD:
                    raise Lost(1006, "the server gave no sign of life")
                if beat is Beat.PING and ping is not None:
                    pinging = asyncio.ensure_future(ping())
                    pings.add(pinging)
                    pinging.add_done_callback(pings.discard)
        finally:
            self.heart = self._tick = None
            reader.cancel()
            for task in pings:
                task.cancel()
            await asyncio.gather(reader, *pings, return_exceptions=True)

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        trigger = Trigger.START
        while True:
            self._to(trigger, "", "")
            verdict = await self._one()
            if verdict.action is Action.REFRESH:
                verdict = await self._renew(verdict)
            elif verdict.action is Action.RETRY and self._is_outdated():
                # The server ended what the token before the present one had opened: no fault, and nothing to wait for.
                verdict = msgspec.structs.replace(verdict, action=Action.REFRESH)
            self.verdict = verdict
            trigger = await self._act(verdict)

    async def _one(self) -> Verdict:
        """Make one attempt and judge its end."""
        try:
            await self._auth.token()
            self._generation = self._auth.generation
            await self._attempt(self)
            end: Refused | Lost = Lost(None, "the server ended the stream")
        except (Refused, Lost) as error:
            end = error
        except AuthError as error:
            return _no_token(error)
        except GunjError as error:
            return Verdict(action=Action.RETRY, reason=error.problem, remedy=error.remedy)
        except Exception as error:  # a fault of ours: told, logged and retried, because a session must not die of it
            log.exception("%s: unexpected error", self.name)
            return Verdict(
                action=Action.RETRY, reason=f"internal error: {type(error).__name__}", remedy="Please report it."
            )
        if isinstance(end, Refused) and end.kind in ("protocol", "content", "held"):
            self.reached()  # someone is there, and no good
        return judge(end, self._clock.time())

    def _is_outdated(self) -> bool:
        """Say whether the connection that just ended was opened with a token that has been renewed since."""
        return self.state is State.OPEN and self._generation != self._auth.generation

    async def _renew(self, verdict: Verdict) -> Verdict:
        """Get a new token, once, unless there is one already; what was refused twice in a row has failed."""
        if self._opened and self._clock.monotonic() - self._opened >= self._settings.healthy_after:
            self._renewed = False
        self._opened = 0.0
        failed = Verdict(action=Action.FAIL, reason=verdict.reason, remedy=verdict.remedy, status=verdict.status)
        if self._renewed or not self._auth.renewable:
            return failed
        self._renewed = self._generation == self._auth.generation  # else there is a newer one, not yet refused
        try:
            await self._auth.renew(since=self._generation)
        except AuthError as error:
            return _no_token(error)
        return verdict

    async def _act(self, verdict: Verdict) -> Trigger:
        """Wait as long as the verdict says; return what leads on."""
        delay = self._backoff.failed(
            self._clock.monotonic(), verdict.delay if verdict.delay is not None else self.advice
        )
        # A way that has worked is not given up for one handshake that was cut: that is what bad networks do.
        shut = verdict.other_way and not (self.opens and verdict.action is Action.RETRY)
        broken = shut or self._backoff.false_starts >= FALSE_STARTS
        taken_over = broken and self._other_way(verdict)
        await asyncio.sleep(0)  # whoever took over may have ended this one
        most = self._settings.max_attempts
        if verdict.action is Action.FAIL and not taken_over:
            return await self._rest(verdict.reason, verdict.remedy)
        if most is not None and self._backoff.attempt >= most:
            return await self._rest(f"gave up after {most} attempts: {verdict.reason}", verdict.remedy)
        if taken_over:
            soon = LOOK_SOON * 2.0 ** min(self._backoff.attempt - 1, 8)
            delay = min(OTHER_WAY_DELAY, soon) if verdict.action is Action.RETRY else OTHER_WAY_DELAY
        elif verdict.action is Action.REFRESH:
            delay = 0.0
        self.retry_at = self._clock.time() + delay
        self._to(Trigger.LOST, verdict.reason, verdict.remedy)
        await pause(self._clock, delay, self._wake)
        self.retry_at = None
        return Trigger.DUE

    async def _rest(self, reason: str, remedy: str) -> Trigger:
        """Stay failed until someone asks again."""
        self._to(Trigger.REFUSED, reason, remedy)
        await self._wake.wait()
        self._wake.clear()
        self._backoff.proven()
        self._renewed = False
        return Trigger.START

    def _to(self, trigger: Trigger, reason: str, remedy: str) -> None:
        self.state = step(self.state, trigger)
        self.since = self._clock.time()
        if trigger is not Trigger.LOST:
            self.retry_at = None
        if reason or self.state in SERVING:
            self.reason, self.remedy = self._auth.redact(reason), self._auth.redact(remedy)
        self._changed()


def _no_token(error: AuthError) -> Verdict:
    """Judge a source that gave no token: for good where it was refused itself, else it may be asked again."""
    action = Action.FAIL if is_final(error) else Action.RETRY
    return Verdict(action=action, reason=error.problem, remedy=error.remedy, status=error.status)
