"""Waiting: what is there already, what comes, what comes too late; and nobody listens afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from gunj_widgets.errors import NotReadyError, SessionClosedError, SettingsError
from gunj_widgets.session.life import Life
from gunj_widgets.session.waiting import awaited, patience
from gunj_widgets.store.holder import Listeners

LATE = NotReadyError("not within the time", "Wait longer.")


def waiting(
    listeners: Listeners, look: Callable[[], Any], timeout: float | None = None, life: Life | None = None
) -> asyncio.Future[Any]:
    life = life or Life("closed", "Connect again.")
    return asyncio.ensure_future(
        awaited(lambda wake: listeners.add(wake, None), look, timeout, lambda: LATE, life)  # type: ignore[arg-type, unused-ignore]
    )


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_is_there_is_returned_at_once_and_what_comes_after_a_change() -> None:
    listeners, there = Listeners(), [1]
    assert await waiting(listeners, lambda: there[0] if there else None) == 1
    there.clear()
    looks = 0

    def look() -> int | None:
        nonlocal looks
        looks += 1
        return there[0] if there else None

    result = waiting(listeners, look)
    await turns()
    there.append(2)
    await turns()
    assert (result.done(), looks) == (False, 1)  # nobody said that anything changed
    listeners.tell("the news")
    assert await result == 2
    assert (looks, listeners.entries) == (2, ())


async def test_what_does_not_come_in_time_is_an_error_and_nobody_listens_any_more() -> None:
    listeners = Listeners()
    with pytest.raises(NotReadyError, match="not within"):
        await waiting(listeners, lambda: None, timeout=0.0)
    assert listeners.entries == ()
    given_up = waiting(listeners, lambda: None)
    await turns()
    assert len(listeners.entries) == 1
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert listeners.entries == ()


async def test_a_time_out_of_the_look_itself_is_not_ours() -> None:
    def look() -> None:
        raise TimeoutError("asking the database took too long")

    with pytest.raises(TimeoutError, match="database"):
        await waiting(Listeners(), look, timeout=60.0)


def test_how_long_somebody_waits() -> None:
    assert [patience(None), patience(0), patience(2.5), patience("5s"), patience("1m30s")] == [
        None,
        0.0,
        2.5,
        5.0,
        90.0,
    ]
    for wrong in ("x", -1, [], True):
        with pytest.raises(SettingsError, match="is not a duration"):
            patience(wrong)  # type: ignore[arg-type]  on purpose


async def test_once_nothing_can_come_any_more_that_is_told_unless_it_is_there_already() -> None:
    listeners, life = Listeners(), Life("the session is closed", "Connect again.")
    waits = waiting(listeners, lambda: None, life=life)
    await turns()
    assert not waits.done()
    life.end()
    with pytest.raises(SessionClosedError, match="the session is closed"):
        await waits
    assert (listeners.entries, life._listeners.entries) == ((), ())
    with pytest.raises(SessionClosedError):
        await waiting(listeners, lambda: None, life=life)
    assert await waiting(listeners, lambda: 1, life=life) == 1
