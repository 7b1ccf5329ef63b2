"""The rhythm: aligned, off the beat of others, slower where the server is."""

from __future__ import annotations

from random import Random

from gunj_widgets.sources.pace import MAX_WAIT, Pace


def test_looks_come_on_a_grid_that_is_its_own() -> None:
    paces = [Pace(Random(seed), 10.0) for seed in range(20)]
    dues = {round((1000.0 + pace.wait(1000.0)) % 10, 6) for pace in paces}
    assert len(dues) == 20
    for pace in paces:
        first = 1000.0 + pace.wait(1000.0)
        assert abs(first + pace.wait(first + 1e-6) - (first + 10.0)) < 1e-3
        assert 0 < pace.wait(1000.0) <= 10.0


def test_it_follows_the_scrape_interval() -> None:
    pace = Pace(Random(1))
    assert pace.every == 1.0
    pace.looked(15.0, 0.01)
    assert pace.every == 15.0
    pace.looked(0.1, 0.01)
    assert pace.every == 1.0


def test_a_slow_server_is_asked_less_often_and_more_again_later() -> None:
    pace = Pace(Random(1), 2.0)
    pace.looked(2.0, 1.5)
    assert pace.every == 4.0
    pace.looked(2.0, 2.5)
    assert pace.every == 8.0
    for _ in range(3):
        pace.looked(2.0, 0.01)
    assert pace.every == 2.0


def test_a_server_that_is_away_is_tried_ever_more_rarely() -> None:
    pace = Pace(Random(1))
    waits = [pace.failed() for _ in range(12)]
    assert waits[0] <= 1.25
    assert all(wait <= MAX_WAIT * 1.25 for wait in waits)
    assert waits[-1] > 20
    pace.looked(1.0, 0.01)
    assert pace.failed() <= 1.25
