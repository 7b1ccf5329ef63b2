"""BackpressureManager: an Inbox and a Pacer as one."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.backpressure.inbox import Admission
from gunj_widgets.backpressure.manager import BackpressureManager
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.settings import PressureSettings
from tests.events.test_shown import bare


def test_events_come_out_in_order_of_priority_at_the_rate() -> None:
    pressure = BackpressureManager(rate=100)
    for number in range(300):
        assert pressure.offer(number, priority=number % 3, now=0.0) == Admission(kept=True)
    out = [number for tick in range(11) for number in pressure.drain(now=tick / 10)]
    assert len(out) == 110
    assert out[:100] == [number for number in range(300) if number % 3 == 2]
    assert out[100:] == [number for number in range(300) if number % 3 == 1][:10]
    assert pressure.depth == 190


def test_a_rate_change_counts_at_once() -> None:
    pressure = BackpressureManager(rate=100)
    for number in range(1000):
        pressure.offer(number, now=0.0)
    pressure.drain(0.0)
    pressure.observe(fps=60, paint=0.004, lag=0.0, cpu=0.9, memory=0.3, now=0.0)
    assert pressure.rate == 80
    assert len(pressure.drain(1.0)) == 80


def test_nothing_waits_nothing_saved_up() -> None:
    pressure = BackpressureManager(rate=100)
    assert pressure.drain(0.0) == []
    for number in range(500):
        pressure.offer(number, now=100.0)
    assert len(pressure.drain(100.0)) == 10


def test_budget_is_not_spent_on_what_is_not_there() -> None:
    pressure = BackpressureManager(rate=100)
    pressure.offer(1, now=0.0)
    assert pressure.drain(0.0) == [1]
    for number in range(20):
        pressure.offer(number, now=0.0)
    assert len(pressure.drain(0.0)) == 9


def test_full_buffer_drops_by_policy_and_says_so() -> None:
    pressure = BackpressureManager(buffer=2)
    pressure.offer("a", 1, now=0.0)
    pressure.offer("b", 0, now=0.0)
    assert pressure.offer("c", 1, now=0.0) == Admission(kept=True, dropped="b")
    assert pressure.offer("d", 0, now=0.0) == Admission(kept=False, dropped="d")
    stats = pressure.stats()
    assert (stats.depth, stats.capacity, stats.fill, stats.dropped, stats.kept) == (2, 2, 1.0, 2, 3)


def test_a_key_conflates_and_the_policy_conflate_takes_the_topic() -> None:
    keyed = BackpressureManager()
    keyed.offer("old", now=0.0, key="loki")
    assert keyed.offer("new", now=0.0, key="loki").conflated == "old"
    by_topic = BackpressureManager(policy="conflate")
    first, second = (Event(topic="platform.prod.status", data=number) for number in (1, 2))
    by_topic.offer(first, now=0.0)
    assert by_topic.offer(second, now=0.0).conflated is first
    by_topic.offer(Event(topic="platform.prod.status"), now=0.0, key="its own")
    assert [event.data for event in by_topic.drain(0.0)] == [2, None]


def test_slow_consumer_signal() -> None:
    pressure = BackpressureManager(rate=100, buffer=10)
    heard: list[bool] = []
    undo = pressure.listen(heard.append)
    for number in range(8):
        pressure.offer(number, now=0.0)
    assert pressure.slow
    pressure.drain(0.0)
    assert heard == [True, False]
    assert pressure.stats().pauses == 1
    undo()
    for number in range(10):
        pressure.offer(number, now=0.0)
    assert heard == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [{"buffer": 0}, {"policy": "lowest-priority"}, {"rate": 10}, {"rate": 300}, {"min_rate": 300}, {"max_rate": 10}],
)
def test_bad_settings_come_with_a_remedy(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        BackpressureManager(**wrong)
    assert caught.value.remedy


def test_settings_at_their_limits_and_by_default() -> None:
    assert BackpressureManager(rate=50, min_rate=50, max_rate=50, buffer=1).stats().capacity == 1
    stats, settings = BackpressureManager().stats(), PressureSettings()
    assert (stats.rate, stats.min_rate, stats.max_rate) == (settings.rate, settings.min_rate, settings.max_rate)
    assert (stats.capacity, stats.policy) == (settings.buffer, settings.policy)


def test_stats_balance_and_are_a_snapshot() -> None:
    pressure = BackpressureManager(rate=100, buffer=20)
    before = pressure.stats()
    for number in range(50):
        pressure.offer(number, now=0.0, key=number % 30)
    pressure.drain(0.0)
    stats = pressure.stats()
    assert stats.offered == 50 == stats.drained + stats.dropped + stats.conflated + stats.expired + stats.depth
    assert before.offered == 0
    with pytest.raises(AttributeError):
        before.offered = 5  # type: ignore[misc]
    assert stats.reason == "nothing observed yet"


def test_it_shows_its_rate_and_what_waits() -> None:
    manager = BackpressureManager()
    manager.offer(object(), now=0.0)
    assert repr(manager) == "<BackpressureManager 100 updates a second, 1 waiting>"
    assert "<td>offered</td><td>1</td>" in bare(manager._repr_html_())
