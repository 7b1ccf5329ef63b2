"""The feed's promises: one envelope for all, nothing while nobody looks, never far ahead of the browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gunj_widgets.session.stats import FeedStats
from gunj_widgets.settings import FeedSettings, PressureSettings
from gunj_widgets.widgets import bundle
from gunj_widgets.widgets import feed as module
from gunj_widgets.widgets.channel import Buffers, Channel, WholeChannel
from gunj_widgets.widgets.feed import Feed


class HereIO:
    """Stands for gunj-io: the test's own loop is the loop."""

    lag = 0.0

    def call(self, function: Callable[..., Any], *arguments: Any) -> None:
        function(*arguments)


class Counter(WholeChannel):
    kind = "counter"

    def __init__(self, channel_id: str, feed: Feed) -> None:
        super().__init__(channel_id, feed)
        self.value = 0
        self.broken = False

    def listen(self) -> list[Callable[[], None]]:
        return []

    def add(self) -> None:
        self.value += 1
        self.changed()

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        if self.broken:
            raise RuntimeError("broken on purpose")
        return {"value": self.value}


class Rig:
    """A feed whose envelopes land in a list, and a page that can paint them."""

    def __init__(self, **settings: Any) -> None:
        self.envelopes: list[dict[str, Any]] = []
        self.arrived = asyncio.Event()
        chosen = FeedSettings(**{"max_rate": 1000.0, "beat": 30.0, **settings})
        self.feed = Feed(self._send, HereIO(), chosen, PressureSettings())  # type: ignore[arg-type]
        self.channels: dict[str, Counter] = {}

    def _send(self, envelope: dict[str, Any], _buffers: list[bytes]) -> None:
        self.envelopes.append(envelope)
        self.arrived.set()

    def channel(self, name: str) -> Counter:
        def make(channel_id: str, feed: Feed) -> Channel:
            self.channels[channel_id] = Counter(channel_id, feed)
            return self.channels[channel_id]

        self.feed.hold(name, make)
        return self.channels[name]

    def say(self, **message: Any) -> None:
        self.feed.on_message({"page": "p", **message})

    async def envelope(self) -> dict[str, Any]:
        """The next envelope, whenever it comes."""
        async with asyncio.timeout(5):
            await self.arrived.wait()
        self.arrived.clear()
        return self.envelopes[-1]

    async def answered(self, action: str) -> dict[str, Any]:
        """The answer to an action, once it has come."""
        async with asyncio.timeout(5):
            while True:
                parts = [part for envelope in self.envelopes for part in envelope["parts"]]
                bodies = [part["body"] for part in parts if part["kind"] == "reply" and not part["body"].get("taken")]
                if found := [body for body in bodies if body["re"] == action]:
                    return found[-1]
                await self.arrived.wait()
                self.arrived.clear()

    async def settle(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = Rig()
    yield made
    for name in list(made.channels):
        made.feed.release(name)
    if made.feed._task is not None:
        made.feed._task.cancel()


async def test_nothing_is_sent_while_nobody_looks(rig: Rig) -> None:
    channel = rig.channel("a")
    for _ in range(10):
        channel.add()
    await rig.settle()
    assert rig.envelopes == []


async def test_hello_brings_a_snap_of_each_channel_in_one_envelope(rig: Rig) -> None:
    rig.channel("a").value = 3
    rig.channel("b").value = 4
    rig.say(op="hello", view="v", channels=["a", "b", "unknown"])
    envelope = await rig.envelope()
    assert {p["ch"]: p["body"]["value"] for p in envelope["parts"]} == {"a": 3, "b": 4}
    assert all(p["op"] == "snap" for p in envelope["parts"])


async def test_changes_between_two_envelopes_are_one_part(rig: Rig) -> None:
    channel = rig.channel("a")
    rig.say(op="hello", view="v", channels=["a"])
    await rig.envelope()
    for _ in range(500):
        channel.add()
    envelope = await rig.envelope()
    assert len(envelope["parts"]) == 1
    assert envelope["parts"][0]["body"]["value"] == 500
    assert rig.feed.pressure.stats().conflated >= 499


async def test_it_waits_for_a_browser_that_does_not_paint() -> None:
    rig = Rig(window=2)
    channel = rig.channel("a")
    rig.say(op="hello", view="v", channels=["a"])
    await rig.envelope()
    for _ in range(20):
        channel.add()
        await asyncio.sleep(0.002)
    assert len(rig.envelopes) == 2, "window of two unpainted envelopes"
    rig.say(op="credit", n=2, fps=60, paintMs=3, hidden=False, views=1)
    envelope = await rig.envelope()
    while envelope["n"] < 3:
        envelope = await rig.envelope()
    assert envelope["parts"][0]["body"]["value"] == 20, "what waited is the newest, not the oldest"
    rig.feed.release("a")


async def test_a_broken_channel_is_counted_and_silences_only_itself(rig: Rig) -> None:
    rig.channel("bad").broken = True
    rig.channel("good")
    rig.say(op="hello", view="v", channels=["bad", "good"])
    envelope = await rig.envelope()
    assert [p["ch"] for p in envelope["parts"]] == ["good"]
    assert rig.feed.errors == 1
    assert "broken on purpose" in rig.feed.last_error


async def test_actions_are_answered_with_the_error_in_words(rig: Rig) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    async def act(verb: str, args: dict[str, Any]) -> Any:
        asked.append((verb, args))
        if verb == "fail":
            raise ValueError("no such alert")
        return ["loki: 3 → 5"] if verb == "dryrun" else {"not": "for the browser"}

    rig.channel("status:1")
    rig.feed.act_with("status:1", act)
    rig.say(op="hello", view="v", channels=["status:1"])
    await rig.envelope()
    rig.say(op="act", ch="status:1", id="x1", verb="fail", args={"fingerprint": "f"})
    first = (await rig.envelope())["parts"][0]
    assert first["body"] == {"re": "x1", "taken": True, "ok": True, "error": "", "told": []}, (
        "the kernel has come to it"
    )
    reply = await rig.answered("x1")
    assert reply == {"re": "x1", "ok": False, "error": "no such alert", "told": []}
    rig.say(op="act", ch="status:1", id="x2", verb="dryrun", args={})
    reply = await rig.answered("x2")
    assert reply == {"re": "x2", "ok": True, "error": "", "told": ["loki: 3 → 5"]}
    rig.say(op="act", ch="status:9", id="x3", verb="ack", args={})
    assert not (await rig.answered("x3"))["ok"]
    assert asked == [("fail", {"fingerprint": "f"}), ("dryrun", {})]


async def test_a_part_of_the_browser_code_is_sent_once_for_each_time_it_was_asked_for(rig: Rig) -> None:
    rig.channel("a")
    rig.say(op="hello", view="v", channels=["a"])
    await rig.envelope()
    rig.say(op="code", name="logs")
    rig.say(op="code", name="../../../etc/passwd")
    rig.say(op="code", name=["logs"])
    parts = (await rig.envelope())["parts"]
    assert [(p["ch"], p["kind"], p["body"]["name"]) for p in parts] == [("code", "code", "logs")]
    assert parts[0]["body"]["source"] == bundle.source("part-logs")
    rig.say(op="hello", view="v", channels=["a"])
    assert [p["ch"] for p in (await rig.envelope())["parts"]] == ["a"]


async def test_the_last_release_closes_the_channel(rig: Rig) -> None:
    channel = rig.channel("a")
    rig.feed.hold("a", lambda _id, _feed: pytest.fail("it is there already"))
    rig.feed.release("a")
    rig.say(op="hello", view="v", channels=["a"])
    assert (await rig.envelope())["parts"]
    rig.feed.release("a")
    channel.add()
    rig.say(op="hello", view="v", channels=["a"])
    await rig.settle()
    assert len(rig.envelopes) == 1


@pytest.mark.parametrize(
    "message", [{}, {"op": "??"}, {"op": "hello", "channels": 7}, {"op": "hello", "channels": [None]}, {"op": "act"}]
)
async def test_nonsense_from_the_browser_does_no_harm(rig: Rig, message: dict[str, Any]) -> None:
    rig.channel("a")
    rig.say(**message)
    rig.say(op="hello", view="v", channels=["a"])
    assert (await rig.envelope())["parts"]


class Samples(Counter):
    kind = "samples"
    together = True


async def test_channels_that_travel_together_are_one_update(rig: Rig) -> None:
    made = [Samples(f"s{n}", rig.feed) for n in range(30)]
    for channel in made:
        rig.feed.hold(channel.id, lambda _id, _feed, channel=channel: channel)
    rig.say(op="hello", view="v", channels=[])
    await rig.settle()
    for _ in range(5):
        for channel in made:
            channel.add()
        drained = rig.feed.pressure.stats().drained
        envelope = await rig.envelope()
        assert [part["ch"] for part in envelope["parts"]] == [channel.id for channel in made]
        assert rig.feed.pressure.stats().drained == drained + 1
        rig.say(op="credit", n=rig.feed.sent, fps=60, views=1)
    for channel in made:
        rig.feed.release(channel.id)


async def test_a_page_that_keeps_up_may_be_a_second_behind_and_a_slow_one_not(rig: Rig) -> None:
    counter = rig.channel("status:1")
    rig.say(op="hello", view="v", channels=["status:1"])
    await rig.envelope()
    for fps, most in ((60, 40), (10, rig.feed.settings.window)):
        rig.say(op="credit", n=rig.feed.sent, fps=fps, views=1)
        before = rig.feed.sent
        for _ in range(40):
            counter.add()
            await asyncio.sleep(0.003)
        assert rig.feed.sent - before <= most
        assert rig.feed.sent - before > 4 or fps < 45


async def test_envelopes_are_rarer_while_the_pace_is_low(rig: Rig) -> None:
    usual = rig.feed._pause
    for now in range(1, 20):
        rig.feed.pressure.observe(fps=5, now=float(now))
    assert rig.feed.pressure.rate == 50
    assert rig.feed._pause == 2 * usual
    for now in range(20, 60):
        rig.feed.pressure.observe(fps=60, now=float(now))
    assert rig.feed._pause == usual, "never more than was set, however well it goes"


async def test_what_it_counts_is_a_snapshot_by_name() -> None:
    rig = Rig()
    before = rig.feed.stats()
    rig.feed.sent, rig.feed.lost, rig.feed.errors = 5, 2, 1
    for _ in range(3):
        rig.feed.pressure.offer("one", now=0.0, key="one")
    after = rig.feed.stats()
    assert (before.envelopes, before.conflated) == (0, 0)
    assert after == FeedStats(rate=100.0, conflated=2, envelopes=5, envelopes_lost=2, feed_errors=1)


async def test_the_pace_goes_by_what_the_kernel_is_seen_to_use(rig: Rig) -> None:
    class Full:
        def cpu(self) -> float:
            return 0.97

        def memory(self) -> float:
            return 0.3

    rig.feed._load = Full()  # type: ignore[assignment]
    channel = rig.channel("a")
    rig.say(op="hello", view="v", channels=["a"])
    before = rig.feed.pressure.rate
    channel.add()
    await rig.envelope()
    assert rig.feed.readings["cpu"] == 0.97
    assert rig.feed.pressure.rate < before
    assert "cpu" in rig.feed.pressure.stats().reason


async def test_a_page_that_is_behind_for_long_is_called_slow_until_it_has_painted(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW", 0.05)
    channel = rig.channel("a")
    rig.say(op="hello", view="v", channels=["a"])
    for _ in range(rig.feed.settings.window):
        channel.add()
        await rig.envelope()
    async with asyncio.timeout(5):
        while not rig.feed.slow:
            channel.add()
            await asyncio.sleep(0.01)
    assert rig.feed.stats().slow_pages == 1
    rig.say(op="credit", n=rig.feed.sent, fps=60, views=1)
    await rig.envelope()
    assert not rig.feed.slow
    assert rig.feed.stats().slow_pages == 1
