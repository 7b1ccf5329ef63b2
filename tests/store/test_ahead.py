"""How far ahead a sample may lie, and what is said of one that lies further."""

from __future__ import annotations

import math

from gunj_widgets.events.event import Event
from gunj_widgets.store.ahead import MAX_AHEAD, MAX_LEAD, Lead, ceiling, problem, untold
from gunj_widgets.store.retention import MAX_TIME
from gunj_widgets.store.staleness import STALE_AFTER

T0 = 1_764_000_000.0


def test_the_bound_counts_from_the_time_that_is_told() -> None:
    assert ceiling(T0) == T0 + MAX_AHEAD
    assert ceiling(None) == ceiling(MAX_TIME) == MAX_TIME


def test_one_wrong_clock_makes_no_other_series_stale() -> None:
    assert MAX_AHEAD < STALE_AFTER


def test_a_problem_names_the_sample_and_what_may_be_wrong() -> None:
    said = problem("cpu", {"host": "x" * 500}, T0 + 7200, ceiling(T0))
    assert "7,200 s ahead of our clock: cpu {'host': 'xxx" in said
    assert len(said) < 400
    assert "its time is nan: cpu. Times are epoch seconds" in problem("cpu", {}, math.nan, ceiling(T0))
    assert "its time is 1764000000000.0" in problem("cpu", {}, T0 * 1000, ceiling(T0))
    untold(said)


def at(*leads: float | None) -> list[Event]:
    return [Event(topic="a.b", arrived=T0, time=None if lead is None else T0 + lead) for lead in leads]


def test_the_senders_clock_is_what_most_of_the_last_events_say() -> None:
    lead = Lead()
    assert lead.hear(at(300.0, None)) == 0.0, "one may be wrong by itself"
    assert lead.hear(at(299.0, 301.0)) == 300.0
    assert lead.hear(at(7200.0, 7200.0)) == 301.0
    assert lead.hear(at(*[0.0] * 20)) == 0.0
    assert lead.hear(at(*[-50.0] * 20)) == 0.0, "a sender that is behind puts no bound nearer"
    assert lead.hear(at(*[1e9] * 20)) == MAX_LEAD
