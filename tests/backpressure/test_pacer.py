"""Pacer: the bucket, and the controller as a closed loop with times written down."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.backpressure.pacer import BACK_OFF, BURST, MAX_CREDIT, RECOVERY_CHECKS, SIGNALS, Pacer
from gunj_widgets.errors import SettingsError

HEALTHY = {"fps": 60.0, "paint": 0.004, "lag": 0.0, "cpu": 0.2, "memory": 0.3, "unacked": 0.0}


def take(pacer: Pacer, now: float, waiting: int = 10**9) -> int:
    """Spend as a consumer with `waiting` messages would; return how many went."""
    count = min(pacer.budget(now), waiting)
    pacer.spend(count, waiting=waiting > count)
    return count


# -- the bucket ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tick", [0.001, 0.01, 0.04, 0.1, 0.25, 1.0])
@pytest.mark.parametrize("rate", [50, 100, 200])
def test_the_rate_is_kept_however_often_one_asks(tick: float, rate: int) -> None:
    pacer = Pacer(rate)
    sent = sum(take(pacer, number * tick) for number in range(round(10 / tick) + 1))
    assert 10 * rate <= sent <= 10 * rate + rate * BURST + 1


def test_a_burst_is_small_after_idleness() -> None:
    pacer = Pacer(100)
    assert take(pacer, 0.0, waiting=1) == 1
    assert take(pacer, 1000.0) == 10


def test_credit_while_messages_wait_is_bounded() -> None:
    pacer = Pacer(100)
    take(pacer, 0.0)
    assert take(pacer, 3600.0) == 100 * MAX_CREDIT


def test_a_slow_rate_still_lets_one_go() -> None:
    pacer = Pacer(rate=0.5, min_rate=0.5, max_rate=1)
    assert [take(pacer, t) for t in (0.0, 1.0, 2.0, 3.0, 4.0)] == [1, 0, 1, 0, 1]


def test_a_clock_that_steps_back_neither_pays_nor_freezes() -> None:
    pacer = Pacer(100)
    take(pacer, 1000.0)
    assert take(pacer, 0.0) == 0
    assert take(pacer, 0.5) == 50


def test_a_new_rate_counts_at_once() -> None:
    """The seed fixed the length of a slot per drain, so a new rate waited for the queue to empty."""
    pacer = Pacer(100)
    take(pacer, 0.0)
    pacer.observe(cpu=0.9, now=0.5)
    assert pacer.rate == 80
    assert take(pacer, 0.75) == 70  # half a second at 100, a quarter at 80


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(0, 50), st.sampled_from([None, 0.2, 0.9])), max_size=60))
def test_never_more_than_the_bucket_and_the_time_allow(steps: list[tuple[float, int, float | None]]) -> None:
    pacer, now, sent = Pacer(100), 0.0, 0
    for pause, waiting, cpu in steps:
        now += pause
        pacer.observe(cpu=cpu, now=now)
        sent += take(pacer, now, waiting)
        assert sent <= 200 * now + max(1.0, 200 * BURST) + 1
        assert 50 <= pacer.rate <= 200


# -- one reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "limit", "worse"),
    [
        ("cpu", 0.8, 0.81),
        ("memory", 0.85, 0.86),
        ("fps", 30.0, 29.9),
        ("lag", 0.1, 0.11),
        ("paint", 1 / 30, 0.034),
        ("unacked", 3, 4),
    ],
)
def test_pressure_begins_past_the_limit(name: str, limit: float, worse: float) -> None:
    at_limit: Any = {name: limit}
    beyond: Any = {name: worse}
    noise: Any = {
        name: limit * (1 + (-1e-15 if name == "fps" else 1e-15))
    }  # the seed backed off at 80.00000000000001 %
    for readings, expected in ((at_limit, 100), (beyond, 80), (noise, 100)):
        pacer = Pacer(100)
        pacer.observe(**readings, now=0.0)
        assert pacer.rate == expected


@pytest.mark.parametrize(
    ("name", "limit", "better"),
    [
        ("cpu", 0.5, 0.49),
        ("memory", 0.6, 0.59),
        ("fps", 50.0, 50.1),
        ("lag", 0.05, 0.04),
        ("paint", 1 / 60, 0.016),
        ("unacked", 2, 1),
    ],
)
def test_health_begins_past_the_other_limit(name: str, limit: float, better: float) -> None:
    at_limit: Any = {name: limit}
    beyond: Any = {name: better}
    for readings, expected in ((at_limit, 100), (beyond, 110)):
        pacer = Pacer(100)
        pacer.observe(**readings, now=0.0)
        assert pacer.rate == expected


@pytest.mark.parametrize("unknown", [None, math.nan, -1.0])
@pytest.mark.parametrize("name", list(SIGNALS))
def test_the_unknown_is_neither_good_nor_bad(name: str, unknown: float | None) -> None:
    readings: Any = {name: unknown}
    pacer = Pacer(100)
    pacer.observe(**readings, now=0.0)
    assert pacer.rate == 100
    assert pacer.stats().checks == 0
    pacer.observe(**{**HEALTHY, **readings}, now=1.0)
    assert pacer.rate == 110
    pacer.observe(cpu=0.9, **{key: value for key, value in readings.items() if key != "cpu"}, now=2.0)
    assert pacer.rate == 88


def test_no_paint_at_all_is_pressure() -> None:
    """The seed read 0 fps as 60."""
    pacer = Pacer(100)
    pacer.observe(fps=0.0, now=0.0)
    assert pacer.rate == 80


def test_more_than_one_core_is_pressure_too() -> None:
    pacer = Pacer(100)
    pacer.observe(cpu=1.4, now=0.0)
    pacer.observe(lag=math.inf, now=1.0)
    assert pacer.rate == 64


def test_one_bad_reading_outweighs_five_good_ones() -> None:
    pacer = Pacer(100)
    pacer.observe(**{**HEALTHY, "lag": 0.5}, now=0.0)
    assert pacer.rate == 80
    assert pacer.stats().reason == "lag 0.5 is past 0.1"


# -- checks in time --------------------------------------------------------------------------------------------------


def test_checks_are_an_interval_apart_and_judge_all_readings_between() -> None:
    pacer = Pacer(100)
    pacer.observe(cpu=0.2, now=0.0)
    assert pacer.rate == 110
    pacer.observe(cpu=0.9, now=0.5)  # remembered
    pacer.observe(cpu=0.2, now=0.999)
    assert pacer.rate == 110
    pacer.observe(cpu=0.2, now=1.0)
    assert pacer.rate == 88
    pacer.observe(cpu=0.2, now=2.0)
    assert pacer.rate == 98
    stats = pacer.stats()
    assert (stats.checks, stats.backoffs, stats.recoveries) == (3, 1, 2)


def test_a_clock_that_steps_back_does_not_stop_the_checks() -> None:
    pacer = Pacer(100)
    pacer.observe(cpu=0.2, now=1000.0)
    pacer.observe(cpu=0.9, now=5.0)
    assert pacer.rate == 88


def test_interval_is_a_setting() -> None:
    pacer = Pacer(100, interval=5.0)
    for second in range(10):
        pacer.observe(cpu=0.9, now=float(second))
    assert pacer.stats().checks == 2


# -- the loop, closed ------------------------------------------------------------------------------------------------


def run(pacer: Pacer, seconds: int, start: int = 0, **readings: Any) -> list[float]:
    rates = []
    for second in range(start, start + seconds):
        pacer.observe(**readings, now=float(second))
        rates.append(pacer.rate)
    return rates


def test_step_load_is_met_within_seven_checks_and_left_within_fifteen() -> None:
    pacer = Pacer(200)
    down = run(pacer, 7, **{**HEALTHY, "cpu": 0.95})
    assert down == pytest.approx([max(50, 200 * BACK_OFF**n) for n in range(1, 8)])
    assert down[-1] == 50
    assert run(pacer, 3, 7, **{**HEALTHY, "cpu": 0.95}) == [50, 50, 50]
    up = run(pacer, RECOVERY_CHECKS, 10, **HEALTHY)
    assert up == sorted(up)
    assert up[-1] == pytest.approx(200)
    assert run(pacer, 3, 30, **HEALTHY)[-1] <= 200


def test_no_ratchet() -> None:
    """The seed could only ever slow down: 100, 80, 64, 51, 50, for good. Ten troubles must leave no mark on ours."""
    pacer = Pacer(100)
    for trouble in range(10):
        start = 100 * trouble
        run(pacer, 3, start, **{**HEALTHY, "cpu": 0.9})
        assert pacer.rate <= 200 * BACK_OFF**3 + 1e-6
        assert run(pacer, 20, start + 3, **HEALTHY)[-1] == pytest.approx(200)


def test_lukewarm_readings_lead_back_to_the_nominal_rate_and_no_further() -> None:
    """A machine that idles at 60 % must not stay slow for ever after one hiccup."""
    lukewarm = {**HEALTHY, "cpu": 0.6}
    pacer = Pacer(100)
    run(pacer, 4, **{**HEALTHY, "cpu": 0.9})
    assert pacer.rate == 50
    assert run(pacer, 5, 4, **lukewarm)[-1] == 100
    assert run(pacer, 5, 9, **lukewarm)[-1] == 100
    run(pacer, 3, 14, **HEALTHY)
    assert pacer.rate == 130
    assert run(pacer, 5, 17, **lukewarm)[-1] == 130  # and what was earned stays


def test_a_consumer_with_a_capacity_is_found_and_not_shaken() -> None:
    """The consumer's lag rises above 120 a second; the rate settles around there and does not swing to its bounds."""
    pacer = Pacer(100)
    rates = []
    for second in range(300):
        pacer.observe(lag=0.3 if pacer.rate > 120 else 0.01, now=float(second))
        rates.append(pacer.rate)
    settled = rates[30:]
    assert min(settled) >= 120 * BACK_OFF
    assert max(settled) <= 120 + (200 - 50) / RECOVERY_CHECKS
    assert sum(settled) / len(settled) >= 100


def test_a_fast_oscillation_ends_low_and_recovers() -> None:
    pacer = Pacer(100)
    for second in range(60):
        pacer.observe(cpu=0.9 if second % 2 else 0.2, now=float(second))
        assert 50 <= pacer.rate <= 200
    assert pacer.rate < 70
    assert run(pacer, 15, 60, cpu=0.2)[-1] == pytest.approx(200)


@given(
    st.lists(st.sampled_from([0.2, 0.6, 0.9, None]), max_size=60),
    st.integers(1, 100),
    st.integers(0, 100),
    st.integers(0, 100),
)
def test_always_within_bounds_and_always_able_to_recover(
    history: list[float | None], low: int, more: int, most: int
) -> None:
    pacer = Pacer(low + more, low, low + more + most)
    for second, cpu in enumerate(history):
        pacer.observe(cpu=cpu, now=float(second))
        assert low <= pacer.rate <= low + more + most
    assert run(pacer, RECOVERY_CHECKS + 1, 1000, cpu=0.1)[-1] == pytest.approx(low + more + most)


def test_equal_bounds_fix_the_rate() -> None:
    pacer = Pacer(100, 100, 100)
    assert run(pacer, 3, cpu=0.9) == [100, 100, 100]
    assert run(pacer, 3, 3, cpu=0.1) == [100, 100, 100]
    assert (pacer.stats().backoffs, pacer.stats().recoveries) == (0, 0)


# -- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_rate": 0},
        {"min_rate": -1},
        {"rate": 49},
        {"rate": 201},
        {"rate": math.nan},
        {"max_rate": math.inf},
        {"min_rate": 200, "max_rate": 50},
        {"interval": 0},
        {"interval": math.nan},
    ],
)
def test_bad_settings(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        Pacer(**wrong)
    assert caught.value.remedy


def test_settings_at_their_limits() -> None:
    assert Pacer(50, 50, 200).rate == 50
    assert Pacer(200, 50, 200).rate == 200
