"""Ticks on a zone's clock, also in the nights in which it is put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gunj_widgets.widgets.clock_axis import MOST, axis_label, ticks

BERLIN = ZoneInfo("Europe/Berlin")
BACK = datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()
"""When the clocks of Berlin go from 3:00 to 2:00."""
FORWARD = datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()


def words(start: float, end: float, zone: ZoneInfo) -> list[str]:
    return [written for _, written in ticks(start, end, zone)]


def test_round_times_of_the_zone() -> None:
    noon = datetime(2026, 7, 1, 12, 3, 20, tzinfo=UTC).timestamp()
    assert words(noon, noon + 600, BERLIN) == ["14:04", "14:06", "14:08", "14:10", "14:12"]
    assert words(noon, noon + 600, ZoneInfo("Asia/Kathmandu")) == ["17:50", "17:52", "17:54", "17:56", "17:58"]
    assert [at - noon for at, _ in ticks(noon, noon + 600, BERLIN)] == [40, 160, 280, 400, 520]
    assert words(noon, noon + 30, ZoneInfo("UTC")) == [f"12:03:{second}" for second in (20, 30, 40, 50)]
    assert words(noon, noon + 0.2, ZoneInfo("UTC"))[:2] == ["12:03:20.00", "12:03:20.05"]
    assert words(noon, noon + 3 * 86_400, BERLIN) == ["02 Jul", "03 Jul", "04 Jul"]
    assert words(noon, noon + 2 * 86_400, BERLIN)[0] == "02 Jul 00:00"


def test_the_hour_that_comes_twice_has_its_ticks_twice_and_the_label_says_why() -> None:
    assert words(BACK - 5000, BACK + 5000, BERLIN) == ["02:00", "02:30", "02:00", "02:30", "03:00"]
    assert axis_label(BACK - 5400, BACK + 5400, BERLIN) == "time (Europe/Berlin, UTC+02:00 → UTC+01:00)"


def test_the_hour_that_there_is_not_has_none() -> None:
    assert words(FORWARD - 5000, FORWARD + 5000, BERLIN) == ["01:00", "01:30", "03:00", "03:30", "04:00"]
    assert axis_label(FORWARD - 5400, FORWARD + 5400, BERLIN) == "time (Europe/Berlin, UTC+01:00 → UTC+02:00)"


def test_the_label_names_the_clock() -> None:
    assert axis_label(BACK, BACK + 60, ZoneInfo("UTC")) == "time (UTC)"
    assert axis_label(BACK, BACK + 60, BERLIN) == "time (Europe/Berlin, UTC+01:00)"
    assert axis_label(BACK, BACK + 60, ZoneInfo("America/St_Johns")) == "time (America/St_Johns, UTC-02:30)"
    assert axis_label(BACK, BACK + 60, None).startswith("time (kernel's clock, UTC")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"])
@pytest.mark.parametrize("around", [BACK, FORWARD])
def test_each_tick_says_its_own_time_and_there_are_some_but_not_many(zone: str, around: float) -> None:
    clock = ZoneInfo(zone)
    for power in range(28):
        start = around - 0.37 * 2.0**power
        found = ticks(start, start + 2.0**power, clock)
        times = [at for at, _ in found]
        assert 1 <= len(found) <= MOST, power
        assert times == sorted(set(times))
        assert all(start - 1e-3 <= at <= start + 2.0**power + 1e-3 for at in times)
        for at, written in found:
            said = datetime.fromtimestamp(at, clock)
            assert written in {said.strftime(form) for form in ("%H:%M", "%H:%M:%S", "%d %b %H:%M", "%d %b")} | {
                said.strftime("%H:%M:%S.%f")[:-4]
            }


def test_one_moment_has_one_tick_at_most_and_years_have_some() -> None:
    assert words(5.0, 5.0, BERLIN) == ["01:00:05.00"]
    assert ticks(5.123, 5.123, BERLIN) == []
    assert 1 <= len(ticks(0.0, 3e8, BERLIN)) <= MOST
