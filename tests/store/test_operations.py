"""OperationBook: progress, and no way back from the end."""

from __future__ import annotations

from gunj_widgets.events.records import Operation, OperationStatus, Stage
from gunj_widgets.store.operations import OperationBook

RUNNING, SUCCEEDED, FAILED = OperationStatus.RUNNING, OperationStatus.SUCCEEDED, OperationStatus.FAILED


def operation(id: str = "op1", status: OperationStatus = RUNNING, **more: object) -> Operation:
    return Operation(id=id, kind=str(more.pop("kind", "backup")), status=status, **more)  # type: ignore[arg-type]


def test_a_report_completes_what_it_leaves_out() -> None:
    book = OperationBook()
    stage = Stage(name="dump")
    book.put(operation(platform="production", started=5.0, stages=(stage,), progress=0.2))
    book.put(operation(kind="", progress=0.7, message="half way"))
    found = book.get("op1")
    assert found == operation(platform="production", started=5.0, stages=(stage,), progress=0.7, message="half way")


def test_a_late_report_does_not_restart_what_finished() -> None:
    book = OperationBook()
    book.put(operation(status=FAILED, error="disk full"))
    assert not book.put(operation(progress=0.9))
    found = book.get("op1")
    assert found is not None
    assert (found.status, book.stale, book.version) == (FAILED, 1, 1)
    assert book.put(operation(status=SUCCEEDED)), "a retry that ended well is news"


def test_finished_ones_give_way_first() -> None:
    book = OperationBook(max_rows=3)
    book.put(operation("1"))
    book.put(operation("2", SUCCEEDED))
    book.put(operation("3"))
    book.put(operation("4"))
    assert [o.id for o in book] == ["1", "3", "4"]
    book.put(operation("5"))
    assert [o.id for o in book] == ["3", "4", "5"]
    assert book.evicted == 2


def test_running_df_and_listeners() -> None:
    book = OperationBook()
    heard: list[object] = []
    undo = book.listen(heard.append)
    book.put(operation("1", SUCCEEDED, finished=9.0))
    book.put(operation("2", started=1.0))
    undo()
    assert heard == [book, book]
    assert [o.id for o in book.running] == ["2"]
    df = book.df
    assert df.loc["1", "status"] == "succeeded"
    assert str(df["finished"].dtype) == "datetime64[us, UTC]"
    assert repr(book) == "<OperationBook 2 operations, 1 running, version 2>"
    book.clear()
    assert len(book) == 0
    assert book.get("1") is None
