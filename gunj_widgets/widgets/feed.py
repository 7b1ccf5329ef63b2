"""The feed: one envelope for all widgets, at the pace the browser can paint.

Channels mark themselves; marks wait in a BackpressureManager (conflated per channel, urgent first); the pump sends at
most `max_rate` envelopes a second, holds while `window` of them are unpainted, and sends nothing while nobody looks. All charts
that have new samples are one update: they are in the same envelope, and a page draws them in the same frame.
Everything here runs on gunj-io, except `on_message`, which any kernel thread may call.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from gunj_widgets.backpressure.manager import BackpressureManager
from gunj_widgets.connection.loop import IOThread
from gunj_widgets.session.stats import FeedStats
from gunj_widgets.settings import FeedSettings, PressureSettings
from gunj_widgets.widgets import bundle
from gunj_widgets.widgets.channel import Buffers, Channel
from gunj_widgets.widgets.load import Load
from gunj_widgets.widgets.pages import CREDIT, Pages

__all__ = ["Feed"]

Send = Callable[[dict[str, Any], list[bytes]], None]
Act = Callable[[str, dict[str, Any]], Any]

SLOW = 1.0
"""Seconds that a page may keep all others waiting before that is called slow."""
VIEW_PRIORITY = 10
"""A snap somebody waits for goes before everything else."""
MAX_CHANNELS = 64
"""Channels one view may ask for; ours have four."""
MAX_ACTIONS = 32
"""Actions of the browser under way at once."""


class Feed:
    """Collects what channels have to say and sends it, for one kernel."""

    def __init__(self, send: Send, io: IOThread, settings: FeedSettings, pressure: PressureSettings) -> None:
        self.settings = settings
        self.pages = Pages(settings.page_timeout)
        self.pressure: BackpressureManager = BackpressureManager(
            rate=pressure.rate,
            min_rate=pressure.min_rate,
            max_rate=pressure.max_rate,
            buffer=pressure.buffer,
            policy=pressure.policy,
        )
        self._nominal = pressure.rate
        self.sent = 0
        self.lost = 0
        self.errors = 0
        self.last_error: str = ""
        self._send = send
        self._io = io
        self._channels: dict[str, Channel] = {}
        self._actors: dict[str, Act] = {}
        self._replies: list[dict[str, Any]] = []
        self._code: set[str] = set()
        self._together: dict[str, dict[str, Channel]] = {}
        """By kind: channels with something new that travel together."""
        self._actions: set[asyncio.Task[None]] = set()
        self._direct: dict[str, Send] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.readings: dict[str, float | None] = {}
        """What the browser and this process were like at the last look: fps, paint and lag in seconds, cpu and memory as
        shares of 1, unacked in envelopes; None where nothing told."""
        self._load = Load()
        self._observed = 0.0
        self._beaten = 0.0
        self._last_sent = 0.0
        self._late: float | None = None
        """Since when nothing could be sent because a page is behind."""
        self.slow = False
        """Whether a page has been behind for longer than SLOW."""
        self.slow_pages = 0

    def stats(self) -> FeedStats:
        """Return an immutable snapshot of the counters."""
        pressure = self.pressure.stats()
        return FeedStats(
            rate=pressure.rate,
            conflated=pressure.conflated,
            dropped=pressure.dropped,
            expired=pressure.expired,
            envelopes=self.sent,
            envelopes_lost=self.lost,
            feed_errors=self.errors,
            slow_pages=self.slow_pages,
        )

    # -- what widgets call (any thread) ------------------------------------------------------------------

    def hold(self, channel_id: str, make: Callable[[str, Feed], Channel]) -> None:
        """Keep the channel `channel_id` alive for one more widget; `make` builds it where there is none."""
        self._io.call(self._hold, channel_id, make)

    def release(self, channel_id: str) -> None:
        """Undo one `hold`; the last one closes the channel."""
        self._io.call(self._release, channel_id)

    def on_message(self, message: Any, direct: tuple[str, Send] | None = None) -> None:
        """Take one control message; `direct` names the leaf it came by where the front-end has no `host.getWidget`."""
        if isinstance(message, dict):
            self._io.call(self._on_message, message, direct)

    def act_with(self, prefix: str, act: Act) -> None:
        """Let the coroutine function `act(verb, args)` answer the views whose channel starts with `prefix`."""
        self._actors[prefix] = act

    # -- on gunj-io ----------------------------------------------------------------------------------------

    def mark(self, channel: Channel) -> None:
        item: Channel | str = channel
        if channel.together:
            self._together.setdefault(channel.kind, {})[channel.id] = channel
            item = channel.kind
        key = channel.kind if channel.together else channel.id
        self.pressure.offer(item, priority=channel.priority, now=time.monotonic(), key=key)
        self._wake.set()

    def _hold(self, channel_id: str, make: Callable[[str, Feed], Channel]) -> None:
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._channels[channel_id] = make(channel_id, self)
            channel.open()
        channel.holders += 1
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._pump(), name="gunj-feed")

    def _release(self, channel_id: str) -> None:
        channel = self._channels.get(channel_id)
        if channel is not None:
            channel.holders -= 1
            if channel.holders <= 0:
                del self._channels[channel_id]
                channel.close()

    def _on_message(self, message: dict[str, Any], direct: tuple[str, Send] | None) -> None:
        now = time.monotonic()
        page, op = str(message.get("page", ""))[:64], message.get("op")
        if direct is not None and op == "hello":
            self._direct[direct[0]] = direct[1]
        if op == "hello":
            self.pages.hello(page, str(message.get("view", ""))[:64], self.sent, now)
            wanted = message.get("channels")
            for channel_id in wanted[:MAX_CHANNELS] if isinstance(wanted, list) else ():
                channel = self._channels.get(str(channel_id))
                if channel is not None:
                    channel.stale = True
                    self.pressure.offer(channel, priority=VIEW_PRIORITY, now=now, key=channel.id)
        elif op == "bye":
            self.pages.bye(page, str(message.get("view", "")))
        elif op == "credit":
            self.pages.credit(page, message, self.sent, now)
        elif op == "code" and message.get("name") in bundle.PARTS:
            self._code.add(message["name"])
        elif op == "act" and len(self._actions) < MAX_ACTIONS:
            task = asyncio.get_running_loop().create_task(self._act(message))
            self._actions.add(task)
            self._replies.append({"re": message.get("id"), "taken": True, "ok": True, "error": "", "told": []})
            task.add_done_callback(self._actions.discard)
        self._wake.set()

    async def _act(self, message: dict[str, Any]) -> None:
        channel_id, verb = str(message.get("ch", "")), str(message.get("verb", ""))
        args = message.get("args")
        error, told = "", []
        try:
            actor = next((act for prefix, act in self._actors.items() if channel_id.startswith(prefix)), None)
            if actor is None:
                error = "this view is no longer connected; run its cell again"
            else:
                answer = await actor(verb, args if isinstance(args, dict) else {})
                told = [str(line) for line in answer] if isinstance(answer, list) else []
        except Exception as problem:  # whatever an action raises is its answer, shown beside the button
            error = str(problem) or type(problem).__name__
        self._replies.append({"re": message.get("id"), "ok": not error, "error": error, "told": told})
        self._wake.set()

    async def _pump(self) -> None:
        """Send when there is something to send and somebody to see it."""
        due = 0.0
        while self._channels:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self.settings.beat)
            self._wake.clear()
            now = time.monotonic()
            self.pages.expire(now)
            if not self.pages.visible():
                continue
            if now - self._beaten >= self.settings.beat:
                self._beat(now)
            if self._behind() >= self.settings.window and not self._forgive(now):
                self._wait_for_page(now)
                continue  # the credit that lowers it wakes us
            self._late, self.slow = None, False
            if now < due:
                await asyncio.sleep(due - now)
                now = time.monotonic()
            self._observe(now)
            # One that comes late does not put off the next: so many a second are sent as there may be.
            due = max(due, now - self._pause) + self._pause
            self._send_due(now)
            if self.pressure.depth:
                self._wake.set()

    @property
    def _pause(self) -> float:
        """Seconds between two envelopes: longer in proportion while the pace is below what it was set to."""
        return max(1.0, self._nominal / self.pressure.rate) / self.settings.max_rate

    def _behind(self) -> int:
        """Envelopes that the slowest page has yet to paint, beside those it will tell of with its next credit."""
        return self.pages.outstanding(self.sent, round(CREDIT / self._pause))

    def _wait_for_page(self, now: float) -> None:
        """Note that a page is behind, and count it once it has been for long."""
        self._late = now if self._late is None else self._late
        if not self.slow and now - self._late >= SLOW:
            self.slow = True
            self.slow_pages += 1

    def _beat(self, now: float) -> None:
        self._beaten = now
        for channel in self._channels.values():
            if channel.beats:
                self.pressure.offer(channel, priority=channel.priority, now=now, key=channel.id)

    def _forgive(self, now: float) -> bool:
        """Send everything again where a page lives but its envelopes were lost (the notebook server drops some)."""
        if not self.pages.forgive(self.sent, self._last_sent, now):
            return False
        self.lost += 1
        for channel in self._channels.values():
            channel.stale = True
        return True

    def _observe(self, now: float) -> None:
        if now - self._observed < 1.0:
            return
        self._observed = now
        fps, paint = self.pages.worst()
        self.readings = {
            "fps": fps,
            "paint": paint,
            "lag": self._io.lag,
            "cpu": self._load.cpu(),
            "memory": self._load.memory(),
            "unacked": self._behind(),
        }
        self.pressure.observe(**self.readings, now=now)

    def _send_due(self, now: float) -> None:
        buffers = Buffers()
        parts: list[dict[str, Any]] = []
        wall = time.time()
        for item in self.pressure.drain(now=now):
            for channel in self._together.pop(item, {}).values() if isinstance(item, str) else (item,):
                if channel.id in self._channels:
                    self._add_part(channel, buffers, parts, wall)
        for reply in self._replies:
            parts.append({"ch": "reply", "kind": "reply", "op": "snap", "seq": 0, "body": reply})
        self._replies = []
        for name in sorted(self._code):
            body = {"name": name, "source": bundle.source(f"part-{name}")}
            parts.append({"ch": "code", "kind": "code", "op": "snap", "seq": 0, "body": body})
        self._code.clear()
        if not parts:
            return
        self.sent += 1
        self._last_sent = now
        envelope = {"v": 1, "n": self.sent, "sentMs": wall * 1000, "parts": parts}
        for send in (self._send, *self._direct.values()):
            try:
                send(envelope, buffers.items)
            except Exception as problem:  # a comm that was closed under us; the other views go on
                self._count(problem)

    def _add_part(self, channel: Channel, buffers: Buffers, parts: list[dict[str, Any]], wall: float) -> None:
        before = len(buffers.items)
        try:
            part = channel.part(buffers, wall)
        except Exception as problem:  # one broken channel must not silence the others
            del buffers.items[before:]
            self._count(problem)
            return
        if part is not None:
            parts.append(part)

    def _count(self, problem: Exception) -> None:
        self.errors += 1
        self.last_error = f"{type(problem).__name__}: {problem}"[:500]
