"""A running operation, as its handle tells it."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from gunj_widgets.errors import CommandError, NotReadyError, SessionClosedError, SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.session.operations import OperationHandle
from gunj_widgets.widgets.operations import OperationProgress
from tests.events.test_shown import bare
from tests.session.conftest import Rig, until

TOPIC = "platform.production.operation.o1.progress"


def tell(rig: Rig, status: str, progress: float, **more: str) -> None:
    rig.publish(
        TOPIC, {"id": "o1", "type": "backup", "platform": "production", "status": status, "progress": progress, **more}
    )


@pytest.fixture
def handle(rig: Rig) -> OperationHandle:
    rig.session.platform("production")
    return OperationHandle(rig.session, "o1", "backup", "production")


def test_it_is_pending_until_the_operator_says_more(handle: OperationHandle) -> None:
    assert (str(handle.status), handle.progress) == ("pending", 0.0)
    assert "backup of production" in repr(handle)


def test_a_cell_shows_what_is_known_of_it(rig: Rig, handle: OperationHandle) -> None:
    tell(rig, "running", 0.5, message="<script>copying</script>")
    until(lambda: handle.progress == 0.5)
    html = bare(handle._repr_html_())
    assert "<strong>Operation backup of production: running 50%</strong>" in html
    assert "<td>message</td><td>&lt;script&gt;copying&lt;/script&gt;</td>" in html


def test_wait_returns_the_finished_operation(rig: Rig, handle: OperationHandle) -> None:
    teller = threading.Thread(target=lambda: (tell(rig, "running", 0.5), tell(rig, "succeeded", 1.0)))
    teller.start()
    assert handle.wait(5).progress == 1.0
    teller.join(5)


def test_wait_raises_what_went_wrong(rig: Rig, handle: OperationHandle) -> None:
    teller = threading.Thread(target=lambda: tell(rig, "failed", 0.4, error="disk full"))
    teller.start()
    with pytest.raises(CommandError, match="disk full") as caught:
        handle.wait(5)
    teller.join(5)
    assert caught.value.operation_id == "o1"


def test_wait_says_how_far_it_came(handle: OperationHandle) -> None:
    with pytest.raises(NotReadyError, match="pending at 0%"):
        handle.wait(0.01)


async def test_once_the_session_is_closed_nobody_waits_for_it(rig: Rig, handle: OperationHandle) -> None:
    waiting = asyncio.ensure_future(handle.finished())
    await asyncio.sleep(0)
    rig.session.shut()
    with pytest.raises(SessionClosedError, match="the session with"):
        await asyncio.wait_for(waiting, 5)
    with pytest.raises(SessionClosedError, match="the session with"):
        handle.wait()


def test_all_operations_of_a_session(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    rig.do(
        rig.session._memory.take,
        [
            Event(topic="platform.production.operation.a", data={"type": "backup", "status": "running"}, arrived=1.0),
            Event(topic="platform.staging.operation.b", data={"type": "scale", "status": "failed"}, arrived=1.0),
        ],
    )
    assert rt.operations is rt.operations
    assert [o.kind for o in rt.operations] == ["backup", "scale"]
    assert [o.id for o in rt.operations.running] == ["a"]
    assert rt.operations.df.loc["b", ["platform", "status"]].tolist() == ["staging", "failed"]
    assert repr(rt.operations) == "<Operations 2, 1 under way>"
    view = rt.operations.view()
    assert isinstance(view, OperationProgress)
    assert view.platform is None
    view.close()


async def test_without_a_limit_it_is_waited_for_until_it_is_over(rig: Rig, handle: OperationHandle) -> None:
    waiting = [
        asyncio.ensure_future(handle.finished(None)),
        asyncio.ensure_future(asyncio.to_thread(handle.wait, None)),
    ]
    await asyncio.sleep(0)
    assert not any(each.done() for each in waiting)
    rig.session.shut()
    for each in waiting:
        with pytest.raises(SessionClosedError):
            await asyncio.wait_for(each, 5)


async def test_how_long_is_waited_is_a_duration(handle: OperationHandle) -> None:
    with pytest.raises(NotReadyError, match="after 0.01 s"):
        handle.wait("10ms")
    with pytest.raises(NotReadyError, match="after 0.01 s"):
        await handle.finished("10ms")
    with pytest.raises(SettingsError, match="is not a duration"):
        handle.wait("soon")


def test_a_command_of_what_cannot_be_sent_is_refused_with_what_to_give(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="an argument that JSON cannot tell.*int64"):
        rig.session.command("production", "scale", component="loki", replicas=np.int64(2))
    with pytest.raises(SettingsError, match="'soon' is not a duration"):
        rig.session.command("production", "restart", component="loki", deadline="soon")
