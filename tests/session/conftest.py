"""A session with the operator in memory, on the real I/O thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.events.records import Query
from gunj_widgets.session.session import Session
from gunj_widgets.testing import MemoryOperator


class Rig:
    """An operator in memory and one session with it. `do` runs something where the operator lives: on gunj-io."""

    def __init__(self) -> None:
        self.operator = MemoryOperator()
        self.session = Session("http://127.0.0.1:1", demo=True, network=self.operator)  # type: ignore[arg-type]

    def do(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        done: Future[Any] = Future()
        get_io().call(lambda: done.set_result(function(*arguments, **named)))
        return done.result(5)

    def publish(self, topic: str, payload: dict[str, Any], **named: Any) -> Any:
        return self.do(self.operator.publish, topic, payload, **named)


def until(check: Callable[[], Any], deadline: float = 5.0) -> Any:
    """Wait for another thread: the first true value of `check()`."""
    end = time.monotonic() + deadline
    while not (value := check()):
        assert time.monotonic() < end, f"never became true (last: {value!r})"
        time.sleep(0.002)
    return value


QUERIES = (
    Query(id="promql:1", language="promql", expression="up", window=7200.0),
    Query(id="promql:2", language="promql", expression="up", window=3600.0, step=15.0),
    Query(id="logql:1", language="logql", expression='{app="api"}', window=900.0, rows=200),
)


@pytest.fixture
def asked(rig: Rig, tmp_path: Path) -> Iterator[Session]:
    """A replay in which others asked `QUERIES`."""
    live = rig.session.wait_ready(5)
    for query in QUERIES:
        live.store.follow(query)
    live.record(tmp_path / "asked.gunj").stop()
    back = gunj.replay(tmp_path / "asked.gunj")
    back.player.seek(back.player.end_time)  # what was under way to the session may stand before what it knew
    yield back
    back.shut()


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.do(made.operator.platform, "production", namespace="observability", phase="Ready")
    made.do(made.operator.platform, "staging", namespace="test", phase="Pending")
    yield made
    made.session.shut()
