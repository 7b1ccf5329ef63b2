"""What the timeline channel tells the browser."""

from __future__ import annotations

from types import SimpleNamespace

from gunj_widgets.store.notes import Note
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.timeline import NEWEST, IncidentTimeline, TimelineChannel
from tests.widgets.stub import StubFeed, StubSession


def channel(session: StubSession) -> TimelineChannel:
    made = TimelineChannel("t", StubFeed(), session, None)  # type: ignore[arg-type]
    made.open()
    return made


def test_moments_go_in_order_with_their_times_in_milliseconds() -> None:
    session = StubSession()
    told = channel(session)
    session.store.notes.add(Note(time=2.0, text="rolled back", author="ada"))
    session.store.notes.add(Note(time=1.0, text="deploy"))
    assert told.feed.marks == 2  # type: ignore[attr-defined]
    part = told.part(Buffers(), 0.0)
    assert part is not None
    assert [(m["tMs"], m["kind"], m["title"], m["detail"]) for m in part["body"]["moments"]] == [
        (1000.0, "note", "deploy", ""),
        (2000.0, "note", "rolled back", "by ada"),
    ]
    assert part["body"]["total"] == 2


def test_of_many_the_newest_go_and_all_are_counted() -> None:
    session = StubSession()
    for n in range(NEWEST + 5):
        session.store.notes.add(Note(time=float(n), text="x" * 600))
    part = channel(session).part(Buffers(), 0.0)
    assert part is not None
    moments = part["body"]["moments"]
    assert (len(moments), part["body"]["total"], moments[0]["tMs"]) == (NEWEST, NEWEST + 5, 5000.0)
    assert len(moments[0]["title"]) == 500


def test_the_age_of_the_newest_is_told_in_a_unit_that_fits() -> None:
    session = StubSession()
    shown = SimpleNamespace(platform=None, session=session)
    session.store.notes.add(Note(time=session.now() - 207_361, text="deploy"))
    assert IncidentTimeline.summary(shown) == "1 moment; the newest 2 d 9 h ago: deploy"  # type: ignore[arg-type]
    session.store.notes.add(Note(time=session.now() - 59, text="rolled back"))
    assert IncidentTimeline.summary(shown).startswith("2 moments; the newest 59 s ago")  # type: ignore[arg-type]
