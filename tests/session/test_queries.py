"""What an operator's session says to a question for Prometheus. All else: tests/live/sources."""

from __future__ import annotations

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import ConnectError, SettingsError, SetupError
from gunj_widgets.session.logql import LiveLogQL
from gunj_widgets.session.session import Session
from tests.session.conftest import Rig


def test_an_operators_session_has_no_prometheus(rig: Rig) -> None:
    with pytest.raises(SetupError, match="no platform tells where its Prometheus is"):
        rig.session.promql("up")
    with pytest.raises(SetupError, match=r"gunj\.connect\(..., alertmanager="):
        rig.session.silences()


def test_an_operator_and_a_cluster_are_two_sessions() -> None:
    with pytest.raises(SettingsError, match="two sessions"):
        gunj.connect("http://127.0.0.1:1", kubernetes=gunj.Source(url="http://127.0.0.1:1"))


def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(ConnectError, match=r"Prometheus: nothing listens on 127\.0\.0\.1:1"):
        gunj.connect(prometheus="http://127.0.0.1:1")
    gunj.close_all()


def test_what_was_asked_is_in_the_cell_that_gives_the_frame_again(asked: Session) -> None:
    frame = asked.promql("up", window="1h", step=15)
    assert frame.code == "rt.promql('up', window=3600, step=15)"
    assert eval(frame.code, {"rt": asked}) is frame  # noqa: S307  our own words
    lines = asked.logql('{app="api"}', level=["warn", "error"], search="disk")
    assert isinstance(lines, LiveLogQL)
    assert lines.code == ("""rt.logql('{app="api"}', window=900, rows=200, level=['error', 'warn'], search='disk')""")
    assert eval(lines.code, {"rt": asked}) is lines  # noqa: S307


def test_a_narrower_view_of_a_query_tells_what_was_asked_and_what_is_left(asked: Session) -> None:
    frame = asked.promql("up", window="1h", step=15)
    assert frame.recipe == {"promql": "up", "window": 3600.0, "step": 15.0}
    view = frame.select("up", {"job": "api"}).window("5m")
    assert view.recipe == {"promql": "up", "window": 300.0, "step": 15.0, "metrics": ["up"], "labels": {"job": ["api"]}}
    assert eval(view.code, {"rt": asked}).recipe == view.recipe  # noqa: S307  our own words


def test_how_long_its_history_is_waited_for_is_a_duration(asked: Session) -> None:
    assert asked.promql("up", window="1h", step=15, wait="5s").span == 3600.0
    with pytest.raises(SettingsError, match="'soon' is not a duration"):
        asked.promql("up", wait="soon")


def test_what_is_no_query_and_a_step_that_never_ends_are_refused(asked: Session) -> None:
    for ask in (asked.promql, asked.logql):
        with pytest.raises(SettingsError, match="a query is text, not 5"):
            ask(5)  # type: ignore[operator]  on purpose
        for query in ("", "  ", "x" * 60_001):
            with pytest.raises(SettingsError, match="a query has 1 to 60,000 characters"):
                ask(query)
        with pytest.raises(SettingsError, match='a step of 1e-09. Give at least "1ms"'):
            ask("sum(up)", step=1e-9)


def test_nobody_is_asked_for_times_before_1970(rig: Rig, asked: Session) -> None:
    for ask in (rig.session.promql, rig.session.logql):
        with pytest.raises(SettingsError, match="a window of '5000w' begins before 1970"):
            ask("up", window="5000w")
        with pytest.raises(SetupError):
            ask("up", window="500w")
    assert asked.promql("up", window="5000w", step=15).span == 5000 * 604800.0  # what is here is all there is
