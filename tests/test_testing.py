"""What is shipped for users' own tests works as its docstrings say."""

from __future__ import annotations

import asyncio

import pytest

from gunj_widgets import testing
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.connection.transport import Lost
from gunj_widgets.events.event import Event
from gunj_widgets.testing import FakeClock, InlineIO, MemoryLink, MemoryOperator, settle


async def test_a_clock_that_is_moved() -> None:
    clock, woke = FakeClock(1000.0), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woke.append((seconds, clock.time()))

    tasks = [asyncio.ensure_future(sleeper(s)) for s in (3.0, 1.0, 2.0, 0.0)]
    await clock.advance(2.5)
    assert woke == [(0.0, 1000.0), (1.0, 1001.0), (2.0, 1002.0)]
    assert clock.time() == 1002.5
    before = clock.monotonic()
    clock.jump(3600.0)
    assert (clock.time(), clock.monotonic()) == (4602.5, before)
    await clock.advance(1.0)
    assert len(woke) == 4
    await asyncio.gather(*tasks)


async def test_the_example_of_the_docstring() -> None:
    events: list[Event] = []
    clock, operator = FakeClock(), MemoryOperator()
    operator.platform("production", phase="Ready")
    manager = ConnectionManager("http://operator", deliver=events.extend, clock=clock, network=operator, io=InlineIO())
    manager.start()
    manager.watch(Interest("platforms"))
    await clock.advance(1)
    operator.cut()
    operator.platform("production", phase="Failed")
    await clock.advance(5)
    assert [event.data["phase"] for event in events] == ["Ready", "Failed"]
    manager.close()
    await settle()


async def test_a_link_that_is_dropped_or_deaf() -> None:
    link = MemoryLink(MemoryOperator(), "v1")
    link.push({"a": 1}, "text", b"bytes")
    assert await link.recv() == [b'{"a":1}', b"text", b"bytes"]
    assert (await (await link.ping())) == 0.001
    link.deaf = True
    link.push("lost")
    assert not (await link.ping()).done()  # type: ignore[attr-defined]
    link.drop(4401, "token")
    link.drop(1000)
    for _ in range(2):
        with pytest.raises(Lost) as caught:
            await link.recv()
        assert caught.value.code == 4401
    with pytest.raises(Lost):
        await link.send("{}")


def test_all_is_there() -> None:
    assert all(hasattr(testing, name) for name in testing.__all__)
