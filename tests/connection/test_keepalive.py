"""Heart: a dead peer is found within 20 s, and nobody is declared dead for our own standing still."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.connection.keepalive import PROBE, TICK, Beat, Heart


def run(heart: Heart, start: float, seconds: float, answer: Callable[[float], bool]) -> float | None:
    """Tick through `seconds`; `answer(now)` says whether something was heard before that tick. Returns the time of death."""
    now = start
    while now < start + seconds:
        now += TICK
        if answer(now):
            heart.heard()
        if heart.tick(now) is Beat.DEAD:
            return now
    return None


@given(st.floats(0.0, 60.0))
def test_a_silent_peer_is_dead_within_twenty_seconds(alive_for: float) -> None:
    for pings in (True, False):
        heart = Heart(10.0, 10.0, 0.0, pings=pings)
        last = max((n * TICK for n in range(1, 100) if n * TICK <= alive_for), default=0.0)
        died = run(heart, 0.0, 200.0, lambda now, limit=alive_for: now <= limit)
        assert died is not None
        assert died - last <= 20.0


@pytest.mark.parametrize("pings", [True, False])
def test_any_byte_keeps_it_alive(pings: bool) -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=pings)
    assert run(heart, 0.0, 3600.0, lambda now: now % 8 == 0) is None


def test_it_pings_every_interval_also_while_data_flows() -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=True)
    pinged = []
    for now in range(1, 61):
        heart.heard()
        if heart.tick(float(now)) is Beat.PING:
            pinged.append(now)
    assert len(pinged) == 6
    assert pinged[0] <= 2  # so that the latency is known soon


def test_a_stream_is_never_pinged() -> None:
    heart = Heart(20.0, 0.0, 0.0, pings=False)
    assert [heart.tick(float(now)) for now in range(1, 20)].count(Beat.NOTHING) == 19
    assert heart.tick(20.0) is Beat.DEAD


@pytest.mark.parametrize("stall", [1.5, 5.0, 30.0, 3600.0])
@pytest.mark.parametrize("pings", [True, False])
def test_a_stall_of_ours_kills_nobody(stall: float, pings: bool) -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=pings)
    for now in range(1, 11):
        heart.tick(float(now))  # a ping is in flight
    now = 11.0 + stall
    beat = heart.tick(now)  # the pong lies in the socket's buffer, unread
    assert beat is (Beat.PING if pings else Beat.NOTHING)
    assert run(heart, now, 9.0, lambda _: False) is None  # time enough to read it
    heart.heard()
    assert heart.tick(now + 10.0) is not Beat.DEAD


@pytest.mark.parametrize("pings", [True, False])
def test_a_dead_peer_is_still_found_after_a_stall(pings: bool) -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=pings)
    heart.tick(1.0)
    heart.tick(60.0)
    assert run(heart, 60.0, 20.0, lambda _: False) is not None


@pytest.mark.parametrize("pings", [True, False])
def test_a_probe_is_answered_in_three_seconds_or_it_is_over(pings: bool) -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=pings)
    heart.heard()
    heart.tick(1.0)
    heart.probe(1.0)
    died = run(heart, 1.0, 10.0, lambda _: False)
    assert died is not None
    assert died - 1.0 <= PROBE + TICK
    alive = Heart(10.0, 10.0, 0.0, pings=pings)
    alive.probe(0.0)
    assert run(alive, 0.0, 60.0, lambda _: True) is None


@pytest.mark.parametrize("pings", [True, False])
def test_a_hundred_random_stalls_close_nothing(pings: bool) -> None:
    """A peer that answers within 50 ms, and a loop that stands still 100 times for 0.5 to 30 s, mostly with a ping in flight."""
    random = Random(9)
    now, due = 0.0, None
    heart = Heart(10.0, 10.0, now, pings=pings)
    stalls, in_flight = 0, 0
    while stalls < 100:
        stall = random.uniform(0.5, 30.0) if random.random() < 0.3 else 0.0
        if stall:
            stalls += 1
            in_flight += due is not None
        now += TICK + stall
        beat = heart.tick(now)  # the loop looks at its timers before it reads what has arrived meanwhile
        assert beat is not Beat.DEAD, f"a false close after stall {stalls} of {stall:.1f} s"
        if due is not None and due <= now:
            heart.heard()
            due = None
        if beat is Beat.PING or not pings:
            due = now + random.uniform(0.0, 0.05)
        if random.random() < 0.5 and due is not None and not stall:
            now += 0.05  # and often it reads in time
            heart.heard()
            due = None
    assert in_flight > 10


def test_what_was_heard_before_the_sleep_does_not_answer_the_probe() -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=True)
    heart.tick(1.0)
    heart.heard()
    heart.probe(1.5)
    assert heart.tick(1.5) is Beat.PING
    died = run(heart, 1.5, 20.0, lambda _: False)
    assert died is not None
    assert died - 1.5 <= PROBE


@pytest.mark.parametrize(
    ("heart", "silent", "dead"),
    [
        (Heart(10.0, 10.0, 0.0, pings=True), 7, 11),
        (Heart(30.0, 4.0, 0.0, pings=True), 4, 5),
        (Heart(20.0, 0.0, 0.0, pings=False), 16, 20),
    ],
)
def test_it_is_silent_before_it_is_dead_and_no_more_once_it_is_heard(heart: Heart, silent: int, dead: int) -> None:
    """The first ping goes out at the first tick."""
    ticks = range(1, dead + 1)
    seen = [(heart.tick(float(now)), heart.silent) for now in ticks]
    assert [now for now, (_, quiet) in zip(ticks, seen, strict=True) if quiet] == list(range(silent, dead + 1))
    assert seen[-1][0] is Beat.DEAD
    heart.heard()
    heart.tick(dead + TICK)
    assert not heart.silent


@pytest.mark.parametrize("pings", [True, False])
def test_a_peer_that_is_well_is_never_silent(pings: bool) -> None:
    heart = Heart(10.0, 10.0, 0.0, pings=pings)
    for now in range(1, 600):
        if now % 11 == 0:
            heart.heard()
        pinged = heart.tick(float(now)) is Beat.PING
        assert not heart.silent
        if pinged and now % 2:
            heart.heard()
