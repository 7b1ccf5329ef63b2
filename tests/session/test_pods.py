"""What the viewer says beside the lines of pods. All else, over real sockets: tests/live/sources/test_pod_logs.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from gunj_widgets.session.pods import LivePodLogs
from gunj_widgets.sources.kubernetes.podlogs import PodLogs, PodLogStatus
from gunj_widgets.store.holder import Listeners
from gunj_widgets.store.logs import LogBuffer
from tests.widgets.stub import StubSession


def test_notice_and_those_who_listen() -> None:
    logs = LivePodLogs(cast(Any, StubSession()), LogBuffer(60.0, 10), "label", "title", lambda: None)
    pods = SimpleNamespace(status=PodLogStatus(), listeners=Listeners())
    logs.pods = cast(PodLogs, pods)
    told: list[str] = []
    undo = logs.listen(lambda _logs: told.append(logs.notice))
    assert logs.notice == ""
    pods.status = PodLogStatus(problem="pods is forbidden", left_out=3, gaps=1, cut=2)
    pods.listeners.tell()
    assert told == ["pods is forbidden · 3 containers left out · 1 gaps · 2 lines cut"]
    undo()
    pods.listeners.tell()
    assert len(told) == 1
