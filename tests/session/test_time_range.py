"""The one clock of a session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import Alert
from gunj_widgets.session.time_range import MAX_STEPS, SessionRange
from gunj_widgets.store.notes import Note


@pytest.fixture
def clock() -> SessionRange:
    return SessionRange(lambda tell: tell(), lambda: 10_000.0)


def test_it_begins_live_with_each_widget_s_own_window(clock: SessionRange) -> None:
    assert (clock.current, clock.is_live, clock.bounds(10_000.0)) == (None, True, None)


def test_a_span_is_live_and_a_zoom_is_not(clock: SessionRange) -> None:
    clock.set("now-15m")
    assert (clock.is_live, clock.bounds(10_000.0)) == (True, (9100.0, 10_000.0))
    clock.zoom(9200.0, 9300.0)
    assert (clock.is_live, clock.bounds(10_000.0)) == (False, (9200.0, 9300.0))


def test_back_and_forward_walk_through_what_was_shown(clock: SessionRange) -> None:
    clock.set("now-15m")
    clock.zoom(9200.0, 9300.0)
    clock.back()
    assert str(clock.current) == "now-15m"
    clock.back()
    assert clock.current is None
    assert clock.back() is None
    clock.forward()
    clock.forward()
    clock.forward()
    assert clock.bounds(10_000.0) == (9200.0, 9300.0)
    clock.back()
    clock.set("now-5m")
    assert str(clock.forward()) == "now-5m"  # a new step ends the old way forward


def test_its_history_is_bounded(clock: SessionRange) -> None:
    for i in range(3 * MAX_STEPS):
        clock.zoom(1.0 + i, 2.0 + i)
    for _ in range(3 * MAX_STEPS):
        clock.back()
    assert clock.bounds(10_000.0) == (2.0 * MAX_STEPS, 2.0 * MAX_STEPS + 1)


def test_listeners_hear_changes_and_only_changes(clock: SessionRange) -> None:
    heard: list[Any] = []
    clock.listen(lambda shared: heard.append(shared.bounds(10_000.0)))
    clock.zoom(1.0, 2.0)
    clock.zoom(1.0, 2.0)
    clock.live()
    assert heard == [(1.0, 2.0), None]


def test_what_has_no_meaning_changes_nothing(clock: SessionRange) -> None:
    for wanted in ("now to now-1h", "soon"):
        with pytest.raises(SettingsError):
            clock.set(wanted)
    assert clock.version == 0


def test_a_brush_zooms_and_live_returns_to_what_was_followed(clock: SessionRange) -> None:
    clock.set("now-15m")
    clock.act({"fromMs": 9_200_000, "toMs": 9_300_000.0})
    assert clock.bounds(10_000.0) == (9200.0, 9300.0)
    clock.act({})
    assert str(clock.current) == "now-15m"
    clock.act({"fromMs": "<b>", "toMs": None})
    assert str(clock.current) == "now-15m"


def test_a_range_that_is_empty_for_now_is_no_range(clock: SessionRange) -> None:
    clock.set("now/d to now-1h")
    assert clock.bounds(86_400.0 + 60) is None


def test_listeners_run_where_the_session_hands_them_over() -> None:
    waiting: list[Any] = []
    heard: list[Any] = []
    shared = SessionRange(waiting.append, lambda: 10_000.0)
    shared.listen(heard.append)
    shared.zoom(1.0, 2.0)
    assert heard == []
    waiting.pop()()
    assert heard == [shared]


def test_clear_shows_all_again_and_can_be_taken_back(clock: SessionRange) -> None:
    clock.set("now-5m")
    clock.live()
    assert str(clock.current) == "now-5m"  # it is live already
    clock.clear()
    assert (clock.current, clock.steps) == (None, (2, 0))
    clock.back()
    assert (str(clock.current), clock.steps) == ("now-5m", (1, 1))


def test_a_widget_walks_back_and_forward_and_leaves(clock: SessionRange) -> None:
    clock.set("now-5m")
    clock.act({"fromMs": 9_200_000, "toMs": 9_300_000})
    clock.act({"back": True})
    assert str(clock.current) == "now-5m"
    clock.act({"forward": True})
    assert clock.bounds(10_000.0) == (9200.0, 9300.0)
    clock.act({})
    assert str(clock.current) == "now-5m"
    clock.act({"all": True})
    assert clock.current is None


def test_it_shows_itself(clock: SessionRange) -> None:
    assert "each widget with its own window" in (clock._repr_html_() or "")
    clock.zoom(60.0, 120.0)
    html = clock._repr_html_() or ""
    assert "1970-01-01 00:01:00 UTC" in html
    assert "<script" not in html


def test_around_what_happened(clock: SessionRange) -> None:
    clock.around(Alert(fingerprint="f", name="F", starts=1_000.0), "1m")
    assert clock.bounds(0.0) == (940.0, 1_060.0)
    clock.around(Note(time=5_000.0, text="here"), 5)
    assert clock.bounds(0.0) == (4_995.0, 5_005.0)
    clock.around(datetime(1970, 1, 2, tzinfo=UTC))
    assert clock.bounds(0.0) == (85_800.0, 87_000.0)
    with pytest.raises(SettingsError, match="nobody said when"):
        clock.around(Alert(fingerprint="f", name="F"))


def test_the_zone_is_one_for_what_is_written_and_read(clock: SessionRange) -> None:
    heard: list[str] = []
    clock.listen(lambda shared: heard.append(shared.zone))
    assert clock.zone == "local"
    clock.zone = "Asia/Tokyo"
    clock.zone = "Asia/Tokyo"
    assert heard == ["Asia/Tokyo"]
    clock.set("1970-01-01T10:00 to 1970-01-01T11:00")
    assert clock.bounds(10_000.0) == (3600.0, 7200.0)
    clock.set("1970-01-01T10:00 to 1970-01-01T11:00", zone="UTC")
    assert clock.bounds(10_000.0) == (36_000.0, 39_600.0)
    assert clock.zone == "Asia/Tokyo", "how one text is read changes no view"
    with pytest.raises(SettingsError, match="time zone"):
        clock.zone = "Mars/Olympus"


def test_a_widget_goes_on_from_zone_to_zone(clock: SessionRange) -> None:
    def on() -> str:
        clock.act({"zone": True})
        return clock.zone

    assert [on(), on()] == ["UTC", "local"]
    clock.zone = "Europe/Berlin"
    assert [on(), on(), on()] == ["local", "UTC", "Europe/Berlin"]
    assert clock.current is None


def test_a_day_of_a_zone_has_the_hours_that_its_clock_has(clock: SessionRange) -> None:
    clock.zone = "Europe/Berlin"
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25)):
        clock.set(f"{day}T00:00 to {day}T23:59:59.999999")
        start, end = clock.bounds(0.0) or (0.0, 0.0)
        assert round((end - start) / 3600) == hours


@pytest.mark.parametrize("wanted", [5, None, ["now-5m"]])
def test_what_is_no_range_is_refused(clock: SessionRange, wanted: Any) -> None:
    with pytest.raises(SettingsError, match="a range is text, not"):
        clock.set(wanted)
    with pytest.raises(SettingsError, match="a time zone is named by text, not"):
        clock.zone = wanted
    with pytest.raises(SettingsError, match="is not a time"):
        clock.zoom("now-5m", wanted)  # type: ignore[arg-type]  on purpose
    assert (clock.current, clock.zone) == (None, "local")


def test_a_zoom_takes_datetimes(clock: SessionRange) -> None:
    clock.zoom(datetime.fromtimestamp(9200, UTC), 9300.0)
    assert clock.bounds(10_000.0) == (9200.0, 9300.0)
    with pytest.raises(SettingsError, match="no time zone"):
        clock.zoom(datetime(2026, 3, 1), 9300.0)  # noqa: DTZ001
