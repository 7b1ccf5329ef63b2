"""What a log query's handle says of itself. All else: tests/live/sources/test_logs.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gunj_widgets.errors import SettingsError, SetupError
from gunj_widgets.events.records import LogEntry, Query
from gunj_widgets.session.logql import LiveLogQL
from gunj_widgets.session.session import Session
from gunj_widgets.sources.loki.live import TailStatus
from gunj_widgets.store.logs import LogBuffer
from tests.session.conftest import Rig
from tests.widgets.stub import StubSession

QUERY = Query(id="l", language="logql", expression='{a="b"}', window=60.0, rows=10)


def handle(**status: Any) -> LiveLogQL:
    tail = SimpleNamespace(status=TailStatus(**status))
    return LiveLogQL(StubSession(), LogBuffer(), QUERY, lambda: None, tail, {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "notice"),
    [
        ({}, ""),
        ({"phase": "live", "tail": True}, ""),
        ({"phase": "live"}, "polled: no tail yet"),
        ({"phase": "live", "tail_problem": "too many"}, "polled: too many"),
        ({"phase": "live", "tail": True, "recovered": 4300}, "4,300 recovered"),
        ({"phase": "live", "tail": True, "gaps": 2, "notes": ("crowded",)}, "2 gaps · crowded"),
        ({"phase": "waiting", "reason": "nothing listens", "recovered": 1}, "waiting: nothing listens"),
    ],
)
def test_the_viewer_says_what_is_not_as_it_should_be(status: dict[str, Any], notice: str) -> None:
    assert handle(**status).notice == notice


def test_who_listens_is_told_of_lines_and_of_each_new_notice() -> None:
    logs = handle(phase="live", tail=True)
    heard: list[Any] = []
    end = logs.listen(heard.append)
    logs.changed()
    assert heard == []
    logs.tail.status = TailStatus(phase="live", tail=True, recovered=1)
    logs.changed()
    logs.changed()
    assert len(heard) == 1
    logs.buffer.mark_gap(1.0, 2.0)
    assert len(heard) == 2
    end()
    logs.buffer.mark_gap(1.0, 2.0)
    assert len(heard) == 2


def test_an_operators_session_has_no_loki(rig: Rig) -> None:
    with pytest.raises(SetupError, match="loki="):
        rig.session.logql('{a="b"}')


def test_lines_are_narrowed_as_those_of_a_platform(asked: Session) -> None:
    query = '{app="api"}'
    lines = asked.logql(query, level=["warn", "error"], component="api", search="disk", regex=r"full|\d+ %")
    assert isinstance(lines, LiveLogQL)
    assert lines.title == query + r": error/warn api “disk” /full|\d+ %/"
    for level, component, message in [
        ("warn", "api", "disk full"),
        ("warn", "api", "disk slow"),
        ("warn", "db", "disk full"),
    ]:
        entry = LogEntry(time=1.0, level=level, component=component, message=message, platform="logql:1")
        asked.store.logs("logql:1").append(entry)
    assert list(lines.df["message"]) == ["disk full"]
    assert list(lines.df["component"]) == ["api"]
    assert eval(lines.code, {"rt": asked}) is lines  # noqa: S307  our own words


def test_each_narrowing_has_a_channel_of_its_own(asked: Session) -> None:
    """Two viewers of one query would show the lines of whichever came first."""
    narrowed: list[dict[str, Any]] = [
        {},
        {"level": "error"},
        {"search": "error"},
        {"regex": "error"},
        {"component": "a"},
    ]
    views = [asked.logql('{app="api"}', **asked_for) for asked_for in narrowed]
    assert len({view.label for view in views}) == len(views)


@pytest.mark.parametrize(
    ("query", "narrowed"),
    [('{app="api"}', {"regex": "("}), ('{app="api"}', {"level": "loud"}), ('rate({app="api"}[1m])', {"search": "x"})],
)
def test_what_cannot_be_narrowed_so_is_refused_and_nobody_asked(
    asked: Session, query: str, narrowed: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError):
        asked.logql(query, **narrowed)


def test_how_long_its_history_is_waited_for_is_a_duration(asked: Session) -> None:
    asked.logql('{app="api"}', wait="5s")
    with pytest.raises(SettingsError, match="'soon' is not a duration"):
        asked.logql('{app="api"}', wait="soon")
