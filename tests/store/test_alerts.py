"""AlertBook: what fires now, most severe first, and what did."""

from __future__ import annotations

import pytest

from gunj_widgets.events.records import Alert, AlertState, Severity
from gunj_widgets.store import alerts as module
from gunj_widgets.store.alerts import AlertBook

FIRING, PENDING, RESOLVED = AlertState.FIRING, AlertState.PENDING, AlertState.RESOLVED
CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


def alert(
    fingerprint: str,
    state: AlertState = FIRING,
    severity: Severity = WARNING,
    starts: float | None = 100.0,
    **more: object,
) -> Alert:
    return Alert(fingerprint=fingerprint, name=fingerprint, state=state, severity=severity, starts=starts, **more)  # type: ignore[arg-type]


def fingerprints(alerts: list[Alert]) -> list[str]:
    return [a.fingerprint for a in alerts]


def test_active_is_by_severity_and_then_by_start() -> None:
    book = AlertBook()
    book.put(alert("info", severity=INFO, starts=1.0))
    book.put(alert("late", severity=CRITICAL, starts=9.0))
    book.put(alert("unknown", severity=CRITICAL, starts=None))
    book.put(alert("early", severity=CRITICAL, starts=2.0, state=PENDING))
    book.put(alert("warning"))
    assert fingerprints(book.active) == ["early", "late", "unknown", "warning", "info"]
    assert fingerprints(book.critical) == ["early", "late", "unknown"]
    assert fingerprints(book.warning) == ["warning"]
    assert book.has_critical
    for name in ("early", "late", "unknown"):
        book.put(alert(name, RESOLVED, CRITICAL))
    assert not book.has_critical


def test_a_resolved_alert_moves_over_and_back() -> None:
    book = AlertBook()
    book.put(alert("a"))
    book.put(alert("a", RESOLVED, ends=200.0))
    assert (fingerprints(book.active), fingerprints(book.resolved)) == ([], ["a"])
    book.put(alert("a", starts=300.0))
    assert (fingerprints(book.active), fingerprints(book.resolved)) == (["a"], [])


@pytest.mark.parametrize(("ends", "now", "wanted"), [(200.0, 300.0, 200.0), (None, 300.0, 300.0), (None, None, 100.0)])
def test_a_resolved_alert_has_an_end(ends: float | None, now: float | None, wanted: float) -> None:
    book = AlertBook(max_age=None)
    book.put(alert("a", RESOLVED, ends=ends), now)
    assert book.resolved[0].ends == wanted


def test_resolved_is_newest_first_and_bounded_by_number_and_age() -> None:
    book = AlertBook(max_age=50, max_rows=3)
    for i in (3, 1, 4, 2):
        book.put(alert(str(i), RESOLVED, ends=100.0 + i), 110.0)
    assert fingerprints(book.resolved) == ["4", "3", "2"]
    assert book.evicted == 1
    version = book.version
    book.prune(110.0)
    assert book.version == version, "nothing changed"
    book.prune(153.5)
    assert fingerprints(book.resolved) == ["4"]
    assert book.version == version + 1
    unbounded = AlertBook(None, None)
    for i in range(500):
        unbounded.put(alert(str(i), RESOLVED, ends=float(i)), 1e9)
    assert len(unbounded.resolved) == 500


def test_what_was_put_away_is_held_again_as_one_change() -> None:
    book = AlertBook()
    for one in (alert("a"), alert("b", PENDING, acknowledged="ann"), alert("c", RESOLVED, ends=300.0)):
        book.put(one)
    other = AlertBook()
    other.put(alert("gone"))
    heard: list[object] = []
    other.listen(heard.append)
    other.restore(*book.dump())
    assert list(other) == list(book)
    assert len(heard) == 1


def test_what_people_noted_stays_for_the_same_firing_only() -> None:
    book = AlertBook()
    book.put(alert("a"))
    assert book.acknowledge("a", "ann")
    assert book.silence("a", 900.0)
    book.put(alert("a", severity=CRITICAL))
    found = book.get("a")
    assert found is not None
    assert (found.acknowledged, found.silenced_until, found.severity) == ("ann", 900.0, CRITICAL)
    assert book.silence("a", None)
    book.put(alert("a", starts=None))
    found = book.get("a")
    assert found is not None
    assert (found.acknowledged, found.silenced_until, found.starts) == ("ann", None, 100.0)
    book.put(alert("a", starts=700.0))
    found = book.get("a")
    assert found is not None
    assert found.acknowledged == "", "it fires again: nobody has seen that yet"


def test_noting_something_about_no_alert() -> None:
    book = AlertBook()
    assert not book.acknowledge("x", "ann")
    assert not book.silence("x", 1.0)
    assert book.get("x") is None
    assert book.version == 0


def test_a_storm_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ACTIVE", 3)
    book = AlertBook()
    assert [book.put(alert(str(i))) for i in range(5)] == [True, True, True, False, False]
    assert book.put(alert("1", severity=CRITICAL)), "a known one is always updated"
    assert (len(book.active), book.refused, book.version) == (3, 2, 4)


def test_df_iteration_and_clear() -> None:
    book = AlertBook()
    book.put(alert("a", silenced_until=1.5))
    book.put(alert("b", RESOLVED, ends=2.0))
    df = book.df
    assert df.index.tolist() == ["a", "b"] == fingerprints(list(book))
    assert df.loc["b", "state"] == "resolved"
    assert str(df.loc["a", "silenced_until"]) == "1970-01-01 00:00:01.500000+00:00"
    assert repr(book) == "<AlertBook 1 active, 1 resolved, version 2>"
    book.clear()
    assert len(book) == 0
    assert book.df.empty


def test_one_that_never_fired_is_forgotten_and_not_resolved() -> None:
    book = AlertBook()
    book.put(Alert(fingerprint="f", name="n", state=AlertState.PENDING))
    version = book.version
    assert book.drop("f")
    assert (book.active, book.resolved) == ([], [])
    assert book.version > version
    assert not book.drop("f")


def test_what_was_resolved_stays_so_while_its_like_is_pending_and_never_fires() -> None:
    book = AlertBook()
    pending = Alert(fingerprint="f", name="n", state=AlertState.PENDING)
    book.put(Alert(fingerprint="f", name="n"), 1.0)
    book.put(Alert(fingerprint="f", name="n", state=AlertState.RESOLVED, ends=2.0), 2.0)
    for _ in range(2):
        book.put(pending, 3.0)
    assert (len(book.active), book.resolved) == (1, [])
    book.drop("f")
    assert [alert.ends for alert in book.resolved] == [2.0]
    book.put(pending, 4.0)
    book.put(Alert(fingerprint="f", name="n"), 5.0)
    book.drop("f")
    assert book.resolved == []


def test_who_follows_is_told_of_each_alert_with_what_it_was_before() -> None:
    book, told = AlertBook(), []
    undo = book.follow(lambda held, new, before: told.append((new.state, None if before is None else before.state)))
    for state in (PENDING, FIRING, FIRING, RESOLVED):
        book.put(alert("a", state))
    assert told == [(PENDING, None), (FIRING, PENDING), (FIRING, FIRING), (RESOLVED, FIRING)]
    undo()
    book.put(alert("a"))
    assert len(told) == 4


def test_a_follower_that_raises_is_counted_and_costs_nothing() -> None:
    book = AlertBook()
    book.follow(lambda *_news: 1 / 0)
    assert book.put(alert("a"))
    assert (book.listener_errors, len(book)) == (1, 1)
