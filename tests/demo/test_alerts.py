"""The alert board: pending, firing, resolved; acknowledged and silenced."""

from __future__ import annotations

from gunj_widgets.demo.alerts import AlertBoard, AlertState
from gunj_widgets.events import normalise


def raised(board: AlertBoard, status: str = "pending", time: float = 10.0, summary: str = "s") -> AlertState | None:
    return board.raise_("Full", "loki", status=status, severity="warning", summary=summary, description="d", time=time)


def test_an_alert_goes_from_pending_to_firing_to_resolved() -> None:
    board = AlertBoard("p")
    pending = raised(board)
    assert pending is not None
    assert (pending.status, pending.starts) == ("pending", 10.0)
    assert raised(board) is None, "it is pending already"
    firing = raised(board, "firing", 12.0, "worse")
    assert firing is pending
    assert (firing.status, firing.starts, firing.summary) == ("firing", 12.0, "worse")
    assert board.active == [firing]
    gone = board.resolve("Full", "loki", 20.0)
    assert gone is firing
    assert (gone.status, gone.ends, board.active) == ("resolved", 20.0, [])
    assert board.resolve("Full", "loki", 21.0) is None


def test_the_fingerprint_is_the_identity() -> None:
    first, again, elsewhere = raised(AlertBoard("p")), raised(AlertBoard("p"), "firing"), raised(AlertBoard("q"))
    assert first
    assert again
    assert elsewhere
    assert first.fingerprint == again.fingerprint != elsewhere.fingerprint
    assert len(first.fingerprint) == 16


def test_an_acknowledgement_and_a_silence_show_and_a_silence_ends() -> None:
    board = AlertBoard("p")
    alert = raised(board)
    assert alert is not None
    assert board.acknowledge(alert.fingerprint, "bo") is alert
    assert board.silence(alert.fingerprint, 100.0, "bo", "known") is alert
    read = normalise.alert(alert.payload())
    assert (read.acknowledged, read.silenced_until, read.component) == ("bo", 100.0, "loki")
    assert board.expire(99.0) == []
    assert board.expire(100.0) == [alert]
    assert alert.payload()["silencedUntil"] is None
    assert board.acknowledge("nope", "bo") is None
    assert board.silence("nope", 1.0, "bo", "") is None
