"""What every manager of sources does alike. Each of them: test_manager.py, jetstream/test_manager.py."""

from __future__ import annotations

import asyncio

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import ConnectionStatus, TransportStatus
from gunj_widgets.sources.standing import Standing
from gunj_widgets.testing import FakeClock, InlineIO


class Stub(Standing):
    """One transport that is open, one that waits, and one task."""

    def __init__(self) -> None:
        self.told: list[State] = []
        self.released = 0
        super().__init__(
            on_state=lambda status: self.told.append(status.state),
            clock=FakeClock(),
            io=InlineIO(),  # type: ignore[arg-type]
        )

    def _start(self) -> None:
        self._run(asyncio.Event().wait(), "waits")  # type: ignore[arg-type]

    def _stands(self) -> ConnectionStatus:
        opened = TransportStatus(name="a", state=State.OPEN, since=1.0)
        waits = TransportStatus(name="b", state=State.WAITING, since=2.0, reason="away", retry_at=9.0, attempt=3)
        return ConnectionStatus.of((opened, waits), "both")

    async def _release(self) -> None:
        self.released += 1


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_whole_is_the_worst_of_its_parts() -> None:
    status = Stub().status()
    assert (status.state, status.reason, status.since, status.retry_at) == (State.WAITING, "away", 2.0, 9.0)
    assert (status.attempt, status.server, len(status.transports)) == (3, "both", 2)


async def test_closing_ends_its_tasks_gives_back_and_tells() -> None:
    stub = Stub()
    stub.start()
    await settle()
    (task,) = stub._tasks
    await stub._close()
    stub._closed = True
    assert task.cancelled()
    assert stub.released == 1
    assert stub.told == [State.WAITING]
    assert stub.status().state is State.CLOSED


async def test_it_closes_once() -> None:
    stub = Stub()
    stub.start()
    await settle()
    stub.close()
    stub.close()
    await settle()
    assert stub.released == 1


async def test_a_task_that_fails_is_counted_and_told() -> None:
    stub = Stub()

    async def fails() -> None:
        raise ZeroDivisionError("oops")

    stub._run(fails(), "fails")
    await settle()
    assert stub._counters.errors == 1
    assert stub._counters.last_problem == "fails: ZeroDivisionError: oops"
    assert not stub._tasks


async def test_who_waits_looks_again_when_something_changed() -> None:
    stub = Stub()
    seen: list[int] = []
    waiting = asyncio.ensure_future(stub._until(lambda: bool(seen)))
    await asyncio.sleep(0)
    stub._progress()
    await asyncio.sleep(0)
    assert not waiting.done()
    seen.append(1)
    stub._tell()
    await waiting
    assert stub.told == [State.WAITING]
