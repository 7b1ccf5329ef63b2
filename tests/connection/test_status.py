"""Counts: a snapshot does not change, and nothing is counted that has no name."""

from __future__ import annotations

from gunj_widgets.connection.status import Counters

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
