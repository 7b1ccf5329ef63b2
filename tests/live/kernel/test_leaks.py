"""Connect and close, again and again: tasks, timers, sockets and threads go back to where they were.

100 times; 1,000 times with GUNJ_SOAK=1.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from typing import Any

import psutil
import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from tests.live.client import wait_for

TIMES = 1000 if os.environ.get("GUNJ_SOAK") == "1" else 100


def held() -> dict[str, int]:
    """What this process and its I/O loop hold at this moment."""

    async def on_the_loop() -> tuple[int, int]:
        loop: Any = asyncio.get_running_loop()
        return len(asyncio.all_tasks()), sum(not timer.cancelled() for timer in loop._scheduled)

    tasks, timers = get_io().run(on_the_loop()).result(5)
    threads = sum(not thread.name.startswith("asyncio_") for thread in threading.enumerate())  # a pool of a fixed size
    return {"tasks": tasks, "timers": timers, "files": psutil.Process().num_fds(), "threads": threads}


def visit(url: str, token: str) -> None:
    with gunj.connect(url, token=token).wait_ready() as rt:
        rt.platform("production")
        rt.metrics("production")
        rt.logs("production")
        rt.on("platform.production.**", lambda event: None)


@pytest.mark.timeout(600 if TIMES > 100 else 90)
def test_opened_and_closed_again_and_again_it_leaves_nothing() -> None:
    with Operator(seed=7) as operator:
        for _ in range(3):  # what is made once, on first use
            visit(operator.url, operator.token)
        gc.collect()
        before = held()
        for _ in range(TIMES):
            visit(operator.url, operator.token)
        gc.collect()
        wait_for(lambda: all(now <= before[name] for name, now in held().items()), 10.0, f"the way back to {before}")
