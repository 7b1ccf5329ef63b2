"""Operations: stages in order, progress that only rises, one end."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.demo.operations import PLANS, Operations, OperationState, Stage
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.events import normalise


class Bench:
    """Operations with everything they report."""

    def __init__(self, fail_at: str = "") -> None:
        self.reports: list[dict[str, Any]] = []
        self.entered: list[str] = []
        self.done: list[str] = []
        self.fail_at = fail_at
        self.now = 100.0
        self.all = Operations("p", entered=self._entered, done=lambda o: self.done.append(o.id), report=self._report)

    def _entered(self, operation: OperationState, stage: Stage) -> str:
        self.entered.append(stage.name)
        return "the disk is full" if stage.name == self.fail_at else ""

    def _report(self, operation: OperationState) -> None:
        self.reports.append(operation.payload())

    def start(self, kind: str = "backup", id: str = "op1", **kwargs: Any) -> OperationState:
        return self.all.start(id, kind, {"loki": True}, time=self.now, **kwargs)

    def live(self, seconds: float, step: float = 0.25) -> None:
        for _ in range(round(seconds / step)):
            self.now += step
            self.all.step(self.now, step)


@pytest.mark.parametrize("kind", list(PLANS))
def test_every_kind_runs_through_its_stages(kind: str) -> None:
    bench = Bench()
    operation = bench.start(kind)
    bench.live(sum(seconds for _, seconds in PLANS[kind]) + 0.5)
    assert bench.entered == [name for name, _ in PLANS[kind]]
    assert (operation.status, operation.progress, bench.done) == ("succeeded", 1.0, ["op1"])
    progress = [report["progress"] for report in bench.reports]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert bench.reports[-1]["completedAt"] == operation.completed
    assert operation.stage is None


def test_progress_is_reported_twice_a_second_not_at_every_tick() -> None:
    bench = Bench()
    bench.start()
    bench.live(12.5, 0.05)
    assert 20 < len(bench.reports) < 45


def test_large_steps_skip_no_stage() -> None:
    bench = Bench()
    bench.start()
    bench.live(60, 60)
    assert bench.entered == [name for name, _ in PLANS["backup"]]
    assert bench.reports[-1]["status"] == "succeeded"


def test_a_stage_that_cannot_begin_fails_the_operation() -> None:
    bench = Bench(fail_at="upload")
    operation = bench.start()
    bench.live(10)
    assert (operation.status, operation.error) == ("failed", "the disk is full")
    assert [stage.status for stage in operation.stages] == ["succeeded", "failed", "cancelled", "cancelled"]
    assert bench.done == ["op1"]


def test_cancelling_ends_it_once() -> None:
    bench = Bench()
    operation = bench.start()
    bench.live(4)
    bench.all.cancel(operation, bench.now)
    assert operation.status == "cancelled"
    before = len(bench.reports)
    bench.live(5)
    assert len(bench.reports) == before, "nothing happens afterwards"
    with pytest.raises(RefusedError, match="already cancelled") as caught:
        bench.all.cancel(operation, bench.now)
    assert caught.value.status == 409


def test_two_of_a_kind_do_not_run_at_once() -> None:
    bench = Bench()
    bench.start("backup", "a")
    with pytest.raises(RefusedError, match="already under way") as caught:
        bench.start("backup", "b")
    assert caught.value.status == 409
    bench.start("restart", "c")
    bench.live(13)
    bench.start("backup", "d")


def test_a_scripted_one_is_moved_by_hand() -> None:
    bench = Bench()
    operation = bench.start("upgrade", scripted=True)
    bench.live(60)
    assert operation.progress == 0.0
    bench.all.enter(operation, bench.now, "rollout")
    assert [stage.status for stage in operation.stages] == ["succeeded", "succeeded", "running", "pending", "pending"]
    bench.all.finish(operation, bench.now, "failed", "crash loop")
    assert (operation.status, operation.error) == ("failed", "crash loop")


def test_finished_ones_are_forgotten_in_the_end() -> None:
    bench = Bench()
    for n in range(150):
        bench.start("restart", f"r{n}")
        bench.live(8, 8)
        bench.live(8, 8)
    assert len(bench.all.all) <= 101
    assert bench.all.find("r0") is None
    assert bench.all.find("r149") is not None


def test_the_client_understands_the_payload() -> None:
    bench = Bench()
    bench.start()
    bench.live(6)
    read = normalise.operation(bench.reports[-1])
    assert (read.kind, read.status, read.platform) == ("backup", "running", "p")
    assert 0.3 < read.progress < 0.7
    assert [stage.name for stage in read.stages] == [name for name, _ in PLANS["backup"]]
