"""Commands through faults: what was asked for happens once, however often the line breaks before the answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import CommandError, ConnectError
from gunj_widgets.session.session import Session
from tests.live.client import wait_for
from tests.live.faults.conftest import settings
from tests.live.proxy import WHOLE, Kind, Plan, Proxy, http


@pytest.fixture
def line() -> Iterator[tuple[Operator, Proxy, Session]]:
    with Operator(seed=7, retry=None) as operator:
        proxy = Proxy(operator.url)
        session = Session(proxy.url, auth=operator.token, settings=settings())
        try:
            session.wait_ready(10)
            session.platform("production")
            yield operator, proxy, session
        finally:
            session.shut()
            proxy.close()


def operations(operator: Operator) -> list[Any]:
    return operator._do(lambda: list(operator.world.clusters["production"].operations.all))


def test_asked_while_the_line_breaks_it_happens_once(line: tuple[Operator, Proxy, Session]) -> None:
    operator, proxy, session = line
    known = len(operations(operator))
    proxy.hole = True  # the command leaves us, and neither it nor an answer gets through
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(session.command("production", "restart", component="loki")))
    thread.start()
    wait_for(lambda: len(session.manager._commands) == 1, what="sending")
    proxy.hole = False
    proxy.cut()
    thread.join(20)
    assert results
    assert len(operations(operator)) == known + 1
    finished = results[0].wait(30)
    assert finished.status == "succeeded"
    assert [stage.status for stage in finished.stages] == ["succeeded"] * len(finished.stages)
    assert len(finished.stages) > 1


def test_the_same_key_twice_is_one_operation(line: tuple[Operator, Proxy, Session]) -> None:
    _operator, _proxy, session = line
    first = session.command("production", "backup", key="mine", destination="s3://b/p")
    again = session.command("production", "backup", key="mine", destination="s3://b/p")
    assert first.id == again.id
    first.cancel()
    with pytest.raises(CommandError, match="cancelled"):
        first.wait(20)


def test_without_a_websocket_it_goes_by_rest(line: tuple[Operator, Proxy, Session]) -> None:
    _operator, proxy, session = line

    def no_socket(kind: Kind) -> Plan:
        return Plan(answer=http("404 Not Found")) if kind == "websocket" else WHOLE

    proxy.plan = no_socket
    proxy.cut()
    wait_for(lambda: session.manager._shut, what="going another way")
    operation = session.command("production", "restart", component="loki")

    async def in_a_cell() -> str:
        return str((await operation).status)

    assert asyncio.run(in_a_cell()) == "succeeded"


def test_offline_it_waits_or_is_refused_as_the_caller_chooses(line: tuple[Operator, Proxy, Session]) -> None:
    operator, proxy, session = line
    known = len(operations(operator))
    proxy.plan = lambda kind: Plan(answer=http("503 Busy"))
    proxy.cut()
    wait_for(lambda: session.state != "open")
    with pytest.raises(ConnectError, match="was not sent"):
        session.command("production", "restart", component="loki", queue=False)
    with pytest.raises(CommandError, match="never sent"):
        session.command("production", "restart", component="loki", deadline=0.3)
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(session.command("production", "restart", component="loki")))
    thread.start()
    wait_for(lambda: len(session.manager._commands) == 1, what="queueing")
    proxy.plan = lambda kind: WHOLE
    thread.join(20)
    assert results
    assert len(operations(operator)) == known + 1
