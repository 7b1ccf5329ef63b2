"""Backoff: bounded, spread, obedient, and never a hot loop."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.connection.backoff import ADVISED, Backoff, delays

SEEDS = st.integers(0, 2**32)


@given(SEEDS)
def test_every_delay_is_within_its_bounds(seed: int) -> None:
    for n, delay in enumerate(islice(delays(Random(seed)), 40)):
        base = min(8.0, 1.6**n)
        assert base / 4 <= delay <= base / 4 + base + 1e-9


def test_it_is_spread() -> None:
    firsts = sorted(next(delays(Random(seed))) for seed in range(2000))
    assert firsts[100] < 0.35
    assert firsts[-100] > 1.15


def test_a_storm_of_clients_comes_back_slowly_enough() -> None:
    """10,000 clients, server away for 60 s: the worst 100 ms takes ≤ 15 % of them, 99 % are back within 10 s."""
    attempts: dict[int, int] = {}
    back: list[float] = []
    for seed in range(10_000):
        backoff = Backoff(Random(seed))
        backoff.opened(-3600.0)  # all had been well for an hour
        now = 0.0
        while now < 60.0:
            now += backoff.failed(now)
            attempts[int(now * 10)] = attempts.get(int(now * 10), 0) + 1
        back.append(now - 60.0)
    assert max(attempts.values()) <= 1500
    assert sorted(back)[9900] <= 10.0


@given(SEEDS)
def test_accept_then_close_is_dialled_at_most_twelve_times_in_the_first_minute(seed: int) -> None:
    backoff, now, dials = Backoff(Random(seed)), 0.0, 0
    while now < 60.0:
        dials += 1
        backoff.opened(now)
        now += backoff.failed(now)
    assert dials <= 12


def test_health_starts_it_anew_and_less_does_not() -> None:
    backoff = Backoff(Random(1), healthy_after=30.0)
    for _ in range(10):
        backoff.failed(0.0)
    backoff.opened(100.0)
    backoff.failed(129.9)
    assert backoff.attempt == 11
    backoff.opened(200.0)
    delay = backoff.failed(230.0)
    assert backoff.attempt == 1
    assert delay <= 1.25


def test_an_acknowledged_resume_starts_it_anew() -> None:
    backoff = Backoff(Random(1))
    for _ in range(10):
        backoff.failed(0.0)
    backoff.opened(1.0)
    backoff.proven()
    assert backoff.failed(1.1) <= 1.25
    assert backoff.attempt == 1


@pytest.mark.parametrize(("advice", "low", "high"), [(10.0, 8.0, 12.0), (0.0, 0.2, 0.3), (1e9, 240.0, 360.0)])
def test_advice_is_obeyed_within_bounds(advice: float, low: float, high: float) -> None:
    found = [Backoff(Random(seed)).failed(0.0, advice) for seed in range(200)]
    assert low <= min(found) <= max(found) <= high
    assert max(found) - min(found) > (high - low) * 0.8  # spread, too
    assert ADVISED == (0.25, 300.0)
