"""Notes: about a moment or a stretch; once, however often they are told. Shared ones: tests/live/jetstream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from tests.session.conftest import Rig


def test_a_note_is_about_now_or_about_a_moment(rig: Rig) -> None:
    now = rig.session.note("paged the network team")
    then = rig.session.note("rolled back", datetime(2026, 3, 1, 10, tzinfo=UTC), author="ann", platform="p")
    assert [n.text for n in rig.session.notes] == ["rolled back", "paged the network team"]
    assert (now.author, now.until) == ("", None)
    assert (then.time, then.author) == (datetime(2026, 3, 1, 10, tzinfo=UTC).timestamp(), "ann")


def test_a_note_is_about_a_selection(rig: Rig) -> None:
    class Selection:
        start = datetime(2026, 3, 1, 10, tzinfo=UTC)
        end = datetime(2026, 3, 1, 10, 5, tzinfo=UTC)

    note = rig.session.note("look here", Selection())
    assert note.until is not None
    assert note.until - note.time == 300.0
    assert str(rig.session.notes.df["until"].iloc[0]) == "2026-03-01 10:05:00+00:00"


def test_a_time_without_a_zone_is_refused(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="no time zone"):
        rig.session.note("when?", datetime(2026, 3, 1, 10))  # noqa: DTZ001


def test_what_is_told_twice_is_kept_once(rig: Rig) -> None:
    note = rig.session.note("once")
    rig.session.store.notes.add(note)
    assert len(rig.session.notes) == 1


@pytest.mark.parametrize("text", [5, None, ["x"]])
def test_what_is_no_text_is_no_note(rig: Rig, text: Any) -> None:
    with pytest.raises(SettingsError, match="a note is text, not"):
        rig.session.note(text)
    assert len(rig.session.notes) == 0


@pytest.mark.parametrize("at", [1_795_916_385_163.0, -5, datetime(9999, 1, 1, tzinfo=UTC)])
def test_a_time_of_another_century_is_refused_and_spoils_no_table(rig: Rig, at: Any) -> None:
    with pytest.raises(SettingsError, match="no time of this century, in epoch seconds"):
        rig.session.note("x", at=at)
    assert rig.session.notes.df.empty


@pytest.mark.parametrize("at", ["zz", [], float("nan"), slice(1, 2)])
def test_what_is_no_time_is_refused(rig: Rig, at: Any) -> None:
    with pytest.raises(SettingsError, match="is not a time"):
        rig.session.note("x", at=at)
