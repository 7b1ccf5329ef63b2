"""Counts: a snapshot does not change, and nothing is counted that has no name."""

from __future__ import annotations

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import ConnectionStatus, Counters, TransportStatus

PROMISED = {"received", "delivered", "duplicate", "malformed", "oversize", "gap", "reset", "reconnects", "bytes"}


def test_every_promised_count_is_there_from_the_start() -> None:
    stats = Counters().snapshot()
    assert set(stats.counts) >= PROMISED
    assert set(stats.counts.values()) == {0}


def test_a_snapshot_stays_as_it_was() -> None:
    counters = Counters()
    before = counters.snapshot()
    counters.gap += 1
    counters.problem("x" * 1000)
    assert before.counts["gap"] == 0
    assert counters.snapshot().counts["gap"] == 1
    assert len(counters.snapshot().last_problem) <= 200


def test_silence_counts_from_when_the_first_of_the_silent_was_last_heard() -> None:
    def one(silent: bool, last: float | None) -> TransportStatus:
        return TransportStatus(name="s", state=State.OPEN, since=5.0, last_byte=last, silent=silent)

    def since(*transports: TransportStatus) -> float | None:
        return ConnectionStatus.of(transports, "").silent_since

    assert since(one(False, 9.0)) is None
    assert since(one(False, 1.0), one(True, 8.0), one(True, 7.0)) == 7.0
    assert since(one(True, None)) == 5.0, "never heard at all"
