"""What the operations channel tells the browser."""

from __future__ import annotations

from gunj_widgets.events.records import Operation, OperationStatus, Platform, Stage
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.operations import NEWEST, OperationsChannel
from tests.widgets.stub import StubFeed, StubSession


def test_stages_times_and_the_newest_first() -> None:
    session = StubSession()
    session.store.platforms.put(Platform(id="p1", name="production"))
    stage = Stage(name="rollout", status=OperationStatus.RUNNING, progress=0.5, message="2 of 4")
    session.store.operations.put(Operation(id="o1", kind="backup", platform="p1", started=1.0, finished=3.0))
    session.store.operations.put(
        Operation(id="o2", kind="upgrade", platform="p1", status=OperationStatus.RUNNING, stages=(stage,), started=4.0)
    )
    session.store.operations.put(Operation(id="o3", kind="scale", platform="p2"))
    channel = OperationsChannel("operations:1:p1", StubFeed(), session, session.handle("p1"))  # type: ignore[arg-type]
    newest, oldest = channel.snap(Buffers(), 5.0)["operations"]
    assert (newest["id"], newest["startedMs"], newest["finishedMs"]) == ("o2", 4000.0, None)
    assert newest["stages"] == [{"name": "rollout", "status": "running", "progress": 0.5, "message": "2 of 4"}]
    assert (oldest["id"], oldest["finishedMs"]) == ("o1", 3000.0)


def test_all_platforms_and_a_bound() -> None:
    session = StubSession()
    for n in range(NEWEST + 10):
        session.store.operations.put(Operation(id=f"o{n}", kind="backup", platform=f"p{n}"))
    channel = OperationsChannel("operations:1:", StubFeed(), session, None)  # type: ignore[arg-type]
    operations = channel.snap(Buffers(), 5.0)["operations"]
    assert (len(operations), operations[0]["id"]) == (NEWEST, f"o{NEWEST + 9}")
