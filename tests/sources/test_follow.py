"""What every followed query does, with time in our hands. Each kind of query: prometheus/test_live.py, loki/test_live.py."""

from __future__ import annotations

import asyncio

import pytest

from gunj_widgets.errors import ConnectError, GunjError, QueryError
from gunj_widgets.sources.follow import Follower, FollowStatus
from gunj_widgets.sources.pace import Pace
from gunj_widgets.testing import FakeClock
from tests.sources.fake import FakeNetwork, backend


class Stub(Follower[FollowStatus]):
    """Loads and looks as `error` lets it; `done` says what it did."""

    def __init__(self, clock: FakeClock) -> None:
        asked = backend(FakeNetwork(lambda path, asked: (200, b"")), clock)
        self.phases: list[str] = []
        super().__init__(asked, FollowStatus(), Pace(asked.rng), lambda: self.phases.append(self.status.phase))
        self.error_now: GunjError | None = None
        self.done: list[str] = []

    async def _load(self) -> None:
        await self._do("load")

    async def _look(self) -> None:
        await self._do("look")

    async def _do(self, what: str) -> None:
        if self.error_now is not None:
            raise self.error_now
        self.done.append(what)

    def _looked(self, took: float) -> dict[str, object]:
        self._pace.looked(1.0, took)
        return {}


async def test_it_loads_once_and_then_looks() -> None:
    clock = FakeClock()
    stub = Stub(clock)
    task = asyncio.ensure_future(stub.run())
    await clock.advance(3)
    await stub.settled()
    assert stub.done[0] == "load"
    assert set(stub.done[1:]) == {"look"}
    assert stub.phases == ["live"]
    task.cancel()


async def test_what_passes_is_waited_out_and_what_is_wrong_at_first_is_final() -> None:
    clock = FakeClock()
    stub = Stub(clock)
    stub.error_now = QueryError("busy", status=503)
    task = asyncio.ensure_future(stub.run())
    await clock.advance(0.1)
    assert (stub.status.phase, stub.error) == ("waiting", stub.error_now)
    stub.error_now = None
    stub.wake()
    await clock.advance(0)
    assert (stub.status.phase, stub.error) == ("live", None)
    stub.error_now = QueryError("no longer understood", status=400)  # it was, so this may pass
    await clock.advance(3)
    assert stub.status.phase == "waiting"
    task.cancel()


@pytest.mark.parametrize("error", [QueryError("wrong", "Correct it.", status=400), QueryError("too much")])
async def test_a_wrong_query_ends_it(error: QueryError) -> None:
    stub = Stub(FakeClock())
    stub.error_now = error
    await stub.run()
    assert (stub.status.phase, stub.status.reason, stub.status.remedy) == ("failed", error.problem, error.remedy)


async def test_one_that_is_away_is_asked_again_by_itself() -> None:
    clock = FakeClock()
    stub = Stub(clock)
    stub.error_now = ConnectError("nothing listens")
    task = asyncio.ensure_future(stub.run())
    await clock.advance(1)
    stub.error_now = None
    await clock.advance(60)
    assert stub.done[:2] == ["load", "look"]
    assert stub.phases == ["waiting", "live"]
    task.cancel()
