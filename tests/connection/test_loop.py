"""The I/O thread: one per process, punctual or knowing that it was not, and none of a parent's after a fork."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import warnings
from collections.abc import Iterator

import pytest

from gunj_widgets.connection.loop import IOThread, get_io
from gunj_widgets.errors import SessionClosedError


@pytest.fixture
def io() -> Iterator[IOThread]:
    thread = IOThread("gunj-io-test")
    yield thread
    thread.stop()


def wait_for(condition: object, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


async def here() -> threading.Thread:
    return threading.current_thread()


def test_work_runs_on_the_one_thread_and_comes_back(io: IOThread) -> None:
    thread = io.run(here()).result(5)
    assert (thread.name, thread.daemon) == ("gunj-io-test", True)
    assert not io.is_here
    seen: list[bool] = []
    io.call(lambda: seen.append(io.is_here))
    wait_for(lambda: seen)
    assert seen == [True]


def test_calls_keep_their_order(io: IOThread) -> None:
    seen: list[int] = []
    for n in range(1000):
        io.call(seen.append, n)
    wait_for(lambda: len(seen) == 1000)
    assert seen == list(range(1000))


def test_an_error_comes_back_to_who_asked(io: IOThread) -> None:
    async def fail() -> None:
        raise ValueError("so it was")

    with pytest.raises(ValueError, match="so it was"):
        io.run(fail()).result(5)


def test_a_stall_shows_as_lag(io: IOThread) -> None:
    io.call(time.sleep, 0.6)
    wait_for(lambda: io.lag > 0.2)
    wait_for(lambda: io.lag < 0.2)


def test_stop_cancels_what_runs_and_leaves_no_thread() -> None:
    thread = IOThread("gunj-io-test")
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("cancelled")

    future = thread.run(forever())
    thread.run(asyncio.sleep(0)).result(5)
    thread.stop()
    assert ended == ["cancelled"]
    assert future.cancelled()
    assert not thread.is_alive
    thread.call(ended.append, "late")  # does nothing, and does not raise
    thread.stop()


def test_the_kernel_has_one() -> None:
    assert get_io() is get_io()
    assert get_io().is_alive


def test_a_stopped_one_is_replaced() -> None:
    first = get_io()
    first.stop()
    assert get_io() is not first
    assert get_io().is_alive


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_its_own_and_leaves_the_parents_alone() -> None:
    parent = get_io()
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads is what is tested
        pid = os.fork()
    if pid == 0:
        answer = b"nothing"
        try:
            parent.call(print, "must not happen")
            try:
                parent.run(here())
            except SessionClosedError:
                own = get_io()
                answer = b"good" if own is not parent and own.run(here()).result(5).name == "gunj-io" else b"bad"
        finally:
            os.write(write, answer)
            os._exit(0)
    os.close(write)
    assert os.read(read, 10) == b"good"
    os.close(read)
    os.waitpid(pid, 0)
    assert get_io() is parent
    assert parent.run(here()).result(5).name == "gunj-io"


def test_what_ends_something_is_waited_for_but_not_for_ever_and_never_here(io: IOThread) -> None:
    ended: list[str] = []

    async def quick() -> None:
        await asyncio.sleep(0.01)
        ended.append("quick")

    async def never() -> None:
        await asyncio.Event().wait()

    io.finish(quick, 5.0)
    assert ended == ["quick"]
    io.finish(never, 0.01)  # it is cancelled
    io.call(lambda: (io.finish(quick, 5.0), ended.append("at once")))
    wait_for(lambda: len(ended) == 3)
    assert ended == ["quick", "at once", "quick"]


def test_another_thread_sees_who_holds_the_loop(io: IOThread) -> None:
    go = threading.Event()

    async def holding() -> None:
        asyncio.current_task().set_name("holder")  # type: ignore[union-attr]
        go.wait(10)

    held = io.run(holding())
    wait_for(lambda: io.stall > 0)
    task, frame = io.running
    assert task is not None
    assert task.get_name() == "holder"
    assert frame is not None
    go.set()
    held.result(5)
    wait_for(lambda: io.stall == 0)


def test_it_can_be_stopped_from_within() -> None:
    io = IOThread("gunj-io-test")
    io.call(io.stop)
    wait_for(lambda: not io.is_alive)
