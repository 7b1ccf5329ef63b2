"""ReplayManager: a recording in the place where a live session has its connection; `rt.player` moves about in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gunj_widgets.arguments import needed
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock, SystemClock
from gunj_widgets.connection.commands import Command
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.loop import IOThread, get_io
from gunj_widgets.connection.samples import Samples
from gunj_widgets.connection.status import ConnectionStats, ConnectionStatus, Counters
from gunj_widgets.errors import CommandError, RemoteProtocolError, SessionClosedError, SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.recording.player import Player
from gunj_widgets.session.doors import Displayable
from gunj_widgets.session.moments import When, epoch_when
from gunj_widgets.session.progress import Share, unknown, waited
from gunj_widgets.store.retention import seconds
from gunj_widgets.store.store import Store

__all__ = ["MAX_SPEED", "MIN_SPEED", "ReplayManager"]

MIN_SPEED, MAX_SPEED = 0.1, 1_000.0
TICK = 0.05
"""Seconds between two steps of the clock while it plays."""
SHOW = 0.25
"""Seconds between two words to the widgets about where we are."""
SLICE = 0.02
"""Seconds of work after which everything else on gunj-io gets its turn."""


class ReplayManager(Displayable):
    """Plays a recording into a session. Plain methods may be called from any thread and wait until it is done.

    What the store holds at a place depends on the recording and the place alone, however one came there: by a snapshot in the
    recording and what follows it, or all the way from the beginning. Handlers are told only while it plays or steps; `forget()`
    is called when it goes back.
    """

    def __init__(
        self,
        player: Player,
        *,
        deliver: Callable[[list[Event]], None],
        remember: Callable[[list[Event]], None],
        forget: Callable[[], None],
        store: Store,
        on_state: Callable[[ConnectionStatus], None] = lambda status: None,
        clock: Clock | None = None,
        io: IOThread | None = None,
    ) -> None:
        self.session: Any = None
        """The session that it plays into."""
        self._player = player
        self._deliver = deliver
        self._remember = remember
        self._forget = forget
        self._store = store
        self._on_state = on_state
        self._clock = clock if clock is not None else SystemClock()
        self._io = io if io is not None else get_io()
        self._counters = Counters()
        self.samples = Samples()
        """The newest messages that could not be used."""
        self.start_time, self.end_time = player.start, player.end
        """First and last arrival in the recording, in epoch seconds."""
        self._now = self._reached = player.start
        """Where we are, and, on the way to another place, how far that has come."""
        self._speed = 1.0
        self._playing = False
        self._closed = False
        self._problem = ""
        self._since = self._clock.time()
        self._task: asyncio.Task[None] | None = None
        self._moving = asyncio.Lock()
        self._resumed = asyncio.Event()

    # -- for people -----------------------------------------------------------------------------------------

    @property
    def position(self) -> float:
        """Where we are: epoch seconds of the recording."""
        return self._now

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def speed(self) -> float:
        """Seconds of the recording that pass in one of ours."""
        return self._speed

    @property
    def told(self) -> int:
        """Events told up to here."""
        return self._player.told

    @property
    def total(self) -> int:
        """Events in the recording."""
        return self._player.total

    def play(self, speed: float | None = None) -> None:
        """Play on from here, `speed` times as fast (0.1 to 1,000; SettingsError outside of that); SessionClosedError once closed."""
        self._need_open()
        if speed is not None:
            needed(speed, (int, float), "a speed is a number", f"Give {MIN_SPEED:g} to {MAX_SPEED:g}.")
            if not MIN_SPEED <= speed <= MAX_SPEED:
                raise SettingsError(f"a speed of {speed!r}", f"Give {MIN_SPEED:g} to {MAX_SPEED:g}.")
            self._speed = float(speed)
        self._playing = True
        self._io.call(self._resumed.set)
        self._show()

    def pause(self) -> None:
        """Stop where we are."""
        self._playing = False
        self._show()

    def seek(self, to: When | str) -> None:
        """Go to a time (epoch seconds, aware datetime), to when something happened (a note, an event, an alert, what the timeline
        has), or, as "5m" or "90s", that far from the beginning."""
        there, here = self._time_of(to), self._now
        words = f"going to {datetime.fromtimestamp(there, UTC):%Y-%m-%d %H:%M:%S} UTC"
        begin = here if there > here else self.start_time
        self._wait(self._go(there), words, lambda: (self._reached - begin) / max(1e-6, there - begin))

    def step(self, batches: int = 1) -> None:
        """Tell the next of what came together, as it came."""
        needed(batches, int, "steps are counted", "As in rt.player.step(5).")
        self._wait(self._step(batches), f"telling {batches:,} steps")

    async def act(self, args: dict[str, Any]) -> None:
        """What the bar asks: `{play: bool}`, `{speed}`, `{seekMs}` or `{step}`; on gunj-io."""
        speed, play, seek, step = (args.get(name) for name in ("speed", "play", "seekMs", "step"))
        if isinstance(speed, int | float):
            self._speed = min(max(float(speed), MIN_SPEED), MAX_SPEED)
        if isinstance(play, bool):
            if play and self._player.ended:
                await self._go(self.start_time)
            self._playing = play
            self._resumed.set()
        if isinstance(seek, int | float):
            await self._go(self._time_of(seek / 1000))
        if isinstance(step, int):
            await self._step(min(step, 1_000))
        self._on_state(self.status())

    def __repr__(self) -> str:
        done = f"{self._now - self.start_time:.1f} of {self.end_time - self.start_time:.1f} s"
        return f"<Replay {'playing' if self._playing else 'paused'} ×{self._speed:g} at {done}, {self.told:,} of {self.total:,} events>"

    # -- what a session asks of whatever its events come from -----------------------------------------------

    def now(self) -> float:
        """What time it is in the recording."""
        return self._now

    def start(self) -> None:
        """Tell what was known at the beginning, and begin to listen to what is wanted."""
        self._io.call(self._start)

    def close(self, timeout: float = 2.0) -> None:
        """Close everything; final."""
        if not self._closed:
            self._closed = True
            self._io.finish(self._close, timeout)

    def watch(self, interest: Interest) -> Callable[[], None]:
        """Return an empty release: a recording tells all it has."""
        return lambda: None

    def interests(self) -> list[Interest]:
        return []

    def status(self) -> ConnectionStatus:
        """Open while there is something to be told; failed where the file cannot be read on."""
        if self._closed or not self._io.is_alive:
            return ConnectionStatus(state=State.CLOSED, reason=self._io.problem, since=self._since)
        state = State.FAILED if self._problem else State.OPEN
        remedy = "gunj-widgets recording check FILE tells what can be read." if self._problem else ""
        return ConnectionStatus(
            state=state, reason=self._problem, remedy=remedy, since=self._since, server="a recording"
        )

    def stats(self) -> ConnectionStats:
        return self._counters.snapshot()

    def adopt(self, auth: Auth) -> None:
        """Do nothing: a file asks for no token."""

    def reconnect(self) -> None:
        """Do nothing: there is nobody to connect to."""

    async def request(self, method: str, path: str, json: Any = None) -> Any:
        """Raise CommandError: there is no operator to ask."""
        raise CommandError("this is a recording", "Commands and silences need a live session.")

    async def command(self, command: Command, *, queue: bool = True) -> str:
        """Raise CommandError: there is no operator to command."""
        await self.request("POST", "/commands")
        raise AssertionError("unreachable")

    async def first_answer(self, timeout: float) -> None:
        """Return at once."""

    async def wait_open(self) -> None:
        """Return at once."""

    async def wait_synced(self, interest: Interest) -> None:
        """Return once what was known at the beginning has been told."""
        async with self._moving:
            return

    # -- on gunj-io -----------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._tell_next()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="gunj-replay")

    async def _run(self) -> None:
        shown = last = self._clock.monotonic()
        while True:
            if await self._paused():
                last = self._clock.monotonic()
            await self._clock.sleep(TICK)
            now = self._clock.monotonic()
            elapsed, last = now - last, now
            if not self._playing:
                continue
            async with self._moving:
                await self._until(min(self.end_time, self._now + elapsed * self._speed), self._deliver)
            if self._ended():
                self._playing = False
            if now - shown >= SHOW or not self._playing:
                shown = now
                self._on_state(self.status())

    async def _paused(self) -> bool:
        """Wait until it plays; say whether that had to be waited for. Meanwhile nothing wakes."""
        waited = False
        while not self._playing:
            waited = True
            self._resumed.clear()
            await self._resumed.wait()
        return waited

    async def _go(self, to: float) -> None:
        async with self._moving:
            back = to < self._now
            self._problem = ""  # told again where the way leads there again
            if back:
                self._forget()
                self._reached = self.start_time
            self._approach(to, back)
            await self._until(to, self._remember)
            self._store.renew()
        self._on_state(self.status())

    def _approach(self, to: float, back: bool) -> None:
        """Go where it is not far from a place: to a snapshot, or to the beginning; stay where we are if that is nearest."""
        mark = self._player.mark(to)
        if mark is not None and (back or mark.events > self._player.told):
            try:
                self._player.jump(mark, self._store)
                return
            except RemoteProtocolError as error:
                self.samples.add(self._clock.time(), error.problem, "")  # the long way leads there, too
        if back:
            self._player.rewind()
            self._store.clear()

    async def _step(self, batches: int) -> None:
        async with self._moving:
            for _ in range(batches):
                if not self._tell_next():
                    break
        self._on_state(self.status())

    def _ended(self) -> bool:
        """Whether there is no more that can be read."""
        try:
            return self._player.ended
        except RemoteProtocolError:
            return True

    def _tell_next(self) -> bool:
        """Tell the next of what came together, and be there; False where there is no more that can be read."""
        try:
            batch = self._player.step()
        except RemoteProtocolError as error:
            self._stop(error)
            return False
        if batch is None:
            return False
        self._tell(batch, self._deliver)
        self._now = batch[-1].arrived
        return True

    async def _until(self, to: float, tell: Callable[[list[Event]], None]) -> None:
        """Tell all up to a time, in slices, and be there."""
        began = self._clock.monotonic()
        try:
            for batch in self._player.until(to):
                self._tell(batch, tell)
                if self._clock.monotonic() - began > SLICE:
                    await asyncio.sleep(0)
                    began = self._clock.monotonic()
        except RemoteProtocolError as error:
            self._stop(error)
        self._now = to

    def _stop(self, error: RemoteProtocolError) -> None:
        """Go no further than what can be read, and say so: in the status, and among what could not be used."""
        self._problem, self._playing = error.problem, False
        self._counters.problem(error.problem)
        self.samples.add(self._clock.time(), error.problem, "")

    def _tell(self, batch: list[Event], tell: Callable[[list[Event]], None]) -> None:
        self._counters.received += len(batch)
        self._counters.delivered += len(batch)
        tell(batch)
        self._reached = batch[-1].arrived

    async def _close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._player.close()
        self._on_state(self.status())

    def _time_of(self, to: When | str) -> float:
        moment = self.start_time + seconds(to) if isinstance(to, str) else epoch_when(to)
        return min(max(moment, self.start_time), self.end_time)

    def _wait(self, work: Any, words: str, share: Share = unknown) -> None:
        if self._closed:
            work.close()
        self._need_open()
        waited(self._io.run(work), words, share)

    def _need_open(self) -> None:
        if self._closed:
            raise SessionClosedError("this replay is closed", "gunj.replay(path) opens it again.")

    def _show(self) -> None:
        self._io.call(lambda: self._on_state(self.status()))
