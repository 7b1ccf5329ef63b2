"""What people write for a stretch of time, and what it comes to, clock changes included."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.time_range import TimeRange, epoch_of, moment

ZURICH = "Europe/Zurich"


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


NOW = at("2026-11-24T10:20:30")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("now-15m", "2026-11-24T10:05:30", "2026-11-24T10:20:30"),
        ("now/d", "2026-11-24T00:00:00", "2026-11-24T10:20:30"),
        ("now-1d/d to now/d", "2026-11-23T00:00:00", "2026-11-24T00:00:00"),
        ("now-2h/h to now-1h", "2026-11-24T08:00:00", "2026-11-24T09:20:30"),
        ("now/w", "2026-11-23T00:00:00", "2026-11-24T10:20:30"),
        ("now/M", "2026-11-01T00:00:00", "2026-11-24T10:20:30"),
        ("now-1y/y", "2025-01-01T00:00:00", "2026-11-24T10:20:30"),
        ("now-9M", "2026-02-24T10:20:30", "2026-11-24T10:20:30"),
        ("2026-11-24T08:00Z ± 10m", "2026-11-24T07:50:00", "2026-11-24T08:10:00"),
        ("2026-11-24T08:00+01:00 +- 30s", "2026-11-24T06:59:30", "2026-11-24T07:00:30"),
        ("20261120 to 20261124", "2026-11-20T00:00:00", "2026-11-24T00:00:00"),
        ("2026-11-24T08:00 to 2026-11-24T09:00", "2026-11-24T08:00:00", "2026-11-24T09:00:00"),
    ],
)
def test_a_range_says_what_people_mean(text: str, start: str, end: str) -> None:
    assert TimeRange.parse(text).at(NOW) == (at(start), at(end))


def test_only_an_end_that_moves_with_now_is_live() -> None:
    assert TimeRange.parse("now-15m").live
    assert not TimeRange.parse("2026-11-24T08:00Z ± 10m").live
    assert not TimeRange.absolute(1.0, 2.0).live


@pytest.mark.parametrize(
    ("now", "text", "meant"),
    [
        ("2026-03-29T12:00", "now-1d", "2026-03-28T12:00"),  # 23 hours, not 24
        ("2026-10-25T12:00", "now-1d", "2026-10-24T12:00"),  # 25 hours
        ("2026-10-25T12:00", "now/d", "2026-10-25T00:00"),
        ("2026-03-30T02:30", "now-1d", "2026-03-29T03:30"),  # 02:30 was skipped that day
        ("2024-03-31T12:00", "now-1M", "2024-02-29T12:00"),
    ],
)
def test_days_are_days_of_the_calendar_across_clock_changes(now: str, text: str, meant: str) -> None:
    assert moment(text, now=at(now, ZURICH), zone=ZURICH) == at(meant, ZURICH)


def test_hours_are_elapsed_time_and_a_doubled_hour_keeps_its_half() -> None:
    second = at("2026-10-25T01:30:00")  # 02:30 in Zurich, for the second time
    assert moment("now-1h", now=second, zone=ZURICH) == second - 3600
    assert moment("now/h", now=second, zone=ZURICH) == at("2026-10-25T01:00:00")


def test_a_time_without_a_zone_is_read_in_the_range_s() -> None:
    assert moment("2026-07-01T12:00", now=0, zone=ZURICH) == at("2026-07-01T10:00")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now-",
        "now-15",
        "now-15x",
        "now -15m",
        "nowhere",
        "yesterday",
        "now ± 5m",
        "1e99",
        "٣",
        "now-999999y",
        "9" * 200,
    ],
)
def test_what_has_no_meaning_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        TimeRange.parse(text).at(NOW)


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(SettingsError, match="before it begins"):
        TimeRange.parse("now to now-1h").at(NOW)
    with pytest.raises(SettingsError):
        TimeRange.absolute(float("nan"), 5.0)


def test_an_unknown_zone_is_refused() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(SettingsError, match="time zone"):
            TimeRange.parse("now-1h", zone)


@given(start=st.floats(0, 4e9), width=st.floats(0.001, 1e6))
def test_an_absolute_range_survives_its_text(start: float, width: float) -> None:
    made = TimeRange.absolute(start, start + width)
    assert TimeRange.parse(str(made)).at(NOW) == pytest.approx((start, start + width), rel=0, abs=1e-6)


@given(st.text(max_size=40))
def test_any_text_is_a_range_or_a_settings_error(text: str) -> None:
    with contextlib.suppress(SettingsError):
        TimeRange.parse(text).at(NOW)


def test_a_moment_is_epoch_seconds_or_an_aware_datetime() -> None:
    assert epoch_of(5) == 5.0
    assert epoch_of(datetime(2026, 3, 1, 10, tzinfo=UTC)) == 1772359200.0
    with pytest.raises(SettingsError, match="no time zone"):
        epoch_of(datetime(2026, 3, 1, 10))  # noqa: DTZ001
    for nothing in ("5m", None, True, float("nan"), [5]):
        with pytest.raises(SettingsError, match="epoch seconds"):
            epoch_of(nothing)  # type: ignore[arg-type]
