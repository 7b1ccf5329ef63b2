"""What the alerts channel tells the browser."""

from __future__ import annotations

from types import SimpleNamespace

from gunj_widgets.events.records import Alert, AlertState, Severity
from gunj_widgets.widgets.alerts import AlertsChannel
from gunj_widgets.widgets.channel import Buffers
from tests.widgets.stub import StubFeed, StubSession


def test_active_resolved_and_counts() -> None:
    session = StubSession()
    book = session.store.alerts
    book.put(Alert(fingerprint="a", name="A", severity=Severity.WARNING, starts=1.0))
    book.put(Alert(fingerprint="b", name="B", severity=Severity.CRITICAL, starts=2.0, acknowledged="me"))
    book.put(Alert(fingerprint="c", name="C", severity=Severity.CRITICAL, state=AlertState.PENDING))
    book.put(Alert(fingerprint="d", name="D", state=AlertState.RESOLVED, starts=1.0, ends=3.0))
    body = AlertsChannel("alerts:1", StubFeed(), session).snap(Buffers(), 5.0)  # type: ignore[arg-type]
    assert body["counts"] == {"critical": 1, "warning": 1, "info": 0, "pending": 1}
    assert [a["fingerprint"] for a in body["resolved"]] == ["d"]
    assert {a["fingerprint"] for a in body["active"]} == {"a", "b", "c"}
    assert {a["fingerprint"]: a["acknowledgeable"] for a in body["active"]} == {"a": True, "b": True, "c": False}
    assert body["active"][0]["severity"] == "critical", "most severe first"
    acknowledged = next(a for a in body["active"] if a["fingerprint"] == "b")
    assert (acknowledged["acknowledged"], acknowledged["startsMs"]) == ("me", 2000.0)


def test_it_says_where_a_silence_stands_also_once_an_alertmanager_comes_or_goes() -> None:
    session, feed = StubSession(), StubFeed()
    channel = AlertsChannel("alerts:1", feed, session)  # type: ignore[arg-type]
    undos = channel.listen()
    assert channel.snap(Buffers(), 5.0)["standing"] == ""
    [look] = session.listeners
    look(session.current)
    assert feed.marks == 0
    session.at = SimpleNamespace(place="Alertmanager at 127.0.0.1:9093")
    look(session.current)
    assert feed.marks == 1
    assert channel.snap(Buffers(), 5.0)["standing"] == "Alertmanager at 127.0.0.1:9093"
    for undo in undos:
        undo()
    assert session.listeners == []


def test_once_the_session_is_closed_nobody_can_be_told_and_the_panel_is() -> None:
    session = StubSession()
    session.store.alerts.put(Alert(fingerprint="a", name="A", starts=1.0))
    feed = StubFeed()
    channel = AlertsChannel("alerts:1", feed, session)  # type: ignore[arg-type]
    undo = channel.listen()
    assert channel.snap(Buffers(), 5.0)["active"][0]["acknowledgeable"]
    marks = feed.marks
    session.life.end()
    session.listeners[0](session.current)
    assert feed.marks == marks + 1
    assert not channel.snap(Buffers(), 5.0)["active"][0]["acknowledgeable"]
    for each in undo:
        each()
    assert session.listeners == []
