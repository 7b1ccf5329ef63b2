"""What happens to a kernel from outside: interrupted, stopped and continued, forked, restarted."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gunj_widgets.demo.operator import Operator
from tests.live.client import wait_for
from tests.live.kernel.kernels import Kernel

STRICT = 1.0
"""Seconds between the operator's pings: it hangs up on who is silent for 2 s."""
REPORT = "print(book.report(time.time()))"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    with Operator(seed=7, heartbeat=STRICT) as running:
        yield running


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with Kernel(tmp_path_factory.mktemp("kernel")) as running:
        yield running


@pytest.fixture
def kernel(started: Kernel, operator: Operator) -> Iterator[Kernel]:
    """The kernel with a fresh book; afterwards nothing of it is connected."""
    wait_for(lambda: operator.stats()["websockets"] == 0)
    yield started.prepare(operator.url, operator.token)
    started.run("import gunj_widgets; gunj_widgets.session.connect.close_all()")


def report(kernel: Kernel) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kernel.run(REPORT, 60.0))
    assert found["wrong"] == 0, "something was lost, doubled or out of order"
    assert (found["counts"]["gap"], found["counts"]["reset"], found["counts"]["errors"]) == (0, 0, 0)
    return found


def test_a_hundred_interrupts_cost_nothing(kernel: Kernel) -> None:
    kernel.run(
        """
        from gunj_widgets.connection.loop import get_io
        async def tasks():
            import asyncio
            return sorted(task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("gunj-"))
        before = get_io().run(tasks()).result(5)
        """
    )
    cell = kernel.start(
        """
        caught = 0
        while caught < 100:
            try:
                print(caught, flush=True)
                while True:
                    book.rt.status(); book.metrics.df; book.rt.wait_ready()
            except KeyboardInterrupt:
                caught += 1
        """
    )
    for n in range(100):
        kernel.wait_printed(cell, f"{n}\n")
        kernel.interrupt()
    kernel.finish(cell)
    assert report(kernel)["states"] == []
    kernel.run(
        """
        assert get_io().run(tasks()).result(5) == before
        assert not book.probe.done() and book.rt.state == "open"
        """
    )


@pytest.mark.parametrize(("seconds", "cut"), [(0.5, False), (4.0, True)])
def test_stopped_and_continued_it_goes_on(kernel: Kernel, seconds: float, cut: bool) -> None:
    """SIGSTOP and SIGCONT, as a suspended machine or a debugger does; after the long one the operator has hung up."""
    os.kill(kernel.pid, signal.SIGSTOP)
    time.sleep(seconds)  # what is tested is time going by
    os.kill(kernel.pid, signal.SIGCONT)
    found = report(kernel)
    assert found["fresh"] <= 5.0
    assert (found["counts"]["reconnects"] > 0) is cut


def test_a_forked_child_leaves_the_parents_sockets_alone(kernel: Kernel, operator: Operator) -> None:
    """It ends in the ordinary way, with everything collected, and connects for itself before."""
    kernel.run(
        f"""
        import gc, warnings
        warnings.simplefilter("ignore")
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            answer = "nothing"
            try:
                import gunj_widgets as gunj
                rt, told = book.rt, book.rt.state
                own = gunj.connect({operator.url!r}, token={operator.token!r}).wait_ready()
                try:
                    rt.reconnect()
                    told = "reconnected"
                except gunj.errors.SessionClosedError:
                    rt.close()
                answer = told, own is not rt, own.state, len(own.platforms) > 0
                own.close()
                del book.rt, rt, own
                gunj.session.connect._inherited.clear()
                del book
                gc.collect()
            except BaseException as error:
                answer = repr(error)
            os.write(write, repr(answer).encode())
            os._exit(0)
        os.close(write)
        answer = os.read(read, 1000).decode()
        os.waitpid(pid, 0)
        assert answer == repr(("closed", True, "open", True)), answer
        """
    )
    kernel.run("time.sleep(3)")  # longer than the operator waits for a pong
    assert report(kernel)["states"] == []


def test_a_restart_is_seen_by_the_operator_within_two_seconds(kernel: Kernel, operator: Operator) -> None:
    before = operator.stats()
    assert (before["websockets"], before["event_streams"]) == (1, 1)
    os.kill(kernel.pid, signal.SIGKILL)
    wait_for(
        lambda: (operator.stats()["websockets"], operator.stats()["event_streams"]) == (0, 0), 2.0, "the end of it"
    )
    kernel.restart()
    kernel.prepare(operator.url, operator.token)
    assert report(kernel)["states"] == []
