"""Log lines: at their rates, in order, reproducible; an incident's chatter disturbs nobody else's."""

from __future__ import annotations

from random import Random

from gunj_widgets.demo.catalogue import PLATFORMS
from gunj_widgets.demo.logs import Line, LogModel

ORIGIN = 1_750_000_000.0
LOUD = ((1.0, "error", "no space left on device {n}"),)


def model(seed: int = 1) -> LogModel:
    return LogModel(PLATFORMS[0], Random(seed))


def run(made: LogModel, until: float, every: float = 0.25) -> list[Line]:
    steps = int(until / every)
    return [line for n in range(1, steps + 1) for line in made.step(n * every, ORIGIN)]


def test_more_than_thirty_lines_in_ten_seconds() -> None:
    for seed in range(20):
        assert len(run(model(seed), 10.0)) > 30


def test_lines_come_in_order_and_in_their_step() -> None:
    made = model()
    for n in range(1, 100):
        lines = made.step(n * 0.25, ORIGIN)
        assert lines == sorted(lines, key=lambda line: line.elapsed)
        assert all((n - 1) * 0.25 <= line.elapsed <= n * 0.25 for line in lines)


def test_the_same_lines_however_large_the_steps() -> None:
    assert run(model(), 60.0, 0.25) == run(model(), 60.0, 20.0)
    assert run(model(1), 10.0) != run(model(2), 10.0)


def test_chatter_begins_and_ends_and_leaves_the_rest_as_it_was() -> None:
    plain, loud = model(), model()
    loud.chatter("loki", LOUD, 10.0, elapsed=0.0, lasts=5.0)
    quiet_lines, all_lines = run(plain, 20.0), run(loud, 20.0)
    added = [line for line in all_lines if line.message.startswith("no space left")]
    assert [line for line in all_lines if line not in added] == quiet_lines
    assert 30 < len(added) < 80
    assert max(line.elapsed for line in added) <= 5.0


def test_a_component_that_does_not_run_says_nothing() -> None:
    made = model()
    made.quiet("loki")
    assert "loki" not in {line.component for line in run(made, 10.0)}
    made.resume("loki")
    assert "loki" in {line.component for n in range(41, 100) for line in made.step(n * 0.25, ORIGIN)}


def test_calm_ends_everything() -> None:
    made = model()
    made.chatter("loki", LOUD, 50.0, elapsed=0.0, lasts=100.0)
    made.quiet("grafana")
    made.calm()
    lines = run(made, 10.0)
    assert not [line for line in lines if line.message.startswith("no space left")]
    assert "grafana" in {line.component for line in lines}
