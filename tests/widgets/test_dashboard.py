"""The dashboard: what may stand in it, how it is laid out, kept, restored and refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SettingsError, UnknownPlatformError
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.dashboard import KINDS, _Item
from tests.session.conftest import Rig
from tests.session.conftest import asked as asked


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.do(made.operator.platform, "production", namespace="observability", phase="Ready")
    yield made
    made.session.shut()


def standing() -> int:
    """How many widgets of this kernel are open."""
    return sum(isinstance(one, LiveWidget) for one in ipywidgets.widgets.widget._instances.values())


def full(rt: Any) -> gunj.Dashboard:
    chart = gunj.MetricChart(rt, "production", "cpu_usage", window="5m", thresholds=[(80, "high")], stacked=True)
    logs = gunj.LogViewer(rt, "production", level=["warn", "error"], search="disk", height=200)
    return gunj.Dashboard(
        [
            [rt.platform("production"), chart],
            [logs, gunj.AlertPanel(rt, matchers="severity=critical")],
            rt.timeline,
            [rt, gunj.EventFeed(rt, "production"), gunj.OperationProgress(rt), gunj.BackpressureMonitor(rt)],
        ],
        min_width=300,
    )


def test_what_can_be_displayed_stands_for_its_widget(rig: Rig) -> None:
    board = full(rig.session)
    assert repr(board) == (
        "<Dashboard platform, chart | logs, alerts | timeline | status, events, operations, pressure>"
    )
    assert "minmax(min(100%, 300px), 1fr)" in board.children[0].layout.grid_template_columns
    board.close()


def test_it_is_restored_as_it_was(rig: Rig, tmp_path: Path) -> None:
    board = full(rig.session)
    board.save(tmp_path / "board.json")
    again = gunj.Dashboard.load(rig.session, tmp_path / "board.json")
    assert again.to_json() == board.to_json()
    for before, after in zip(chain(*board.rows), chain(*again.rows), strict=True):
        assert (type(before).__name__, before._options, before._channels) == (
            type(after).__name__,
            after._options,
            after._channels,
        )
    board.close()
    again.close()


def test_the_zone_of_its_times_is_kept(rig: Rig) -> None:
    rt = rig.session
    rt.range.zone = "Europe/Berlin"
    board = gunj.Dashboard([rt.alerts])
    kept = board.to_json()
    rt.range.zone = "UTC"
    again = gunj.Dashboard.from_json(rt, kept)
    assert rt.range.zone == "Europe/Berlin"
    old = gunj.Dashboard.from_json(rt, '{"version": 1, "min_width": 380, "rows": []}')
    assert rt.range.zone == "Europe/Berlin", "one that was kept before there were zones says nothing of them"
    for made in (board, again, old):
        made.close()


def test_with_a_key_a_second_run_takes_the_place_of_the_first(rig: Rig) -> None:
    rt = rig.session

    def run() -> tuple[gunj.Dashboard, gunj.MetricChart, gunj.AlertPanel]:
        chart, panel = gunj.MetricChart(rt, "production", "cpu_usage"), gunj.AlertPanel(rt)
        return gunj.Dashboard([[chart, rt.timeline], panel], key="board"), chart, panel

    first, chart, panel = run()
    chart._by_hand = {"selected": {"fromMs": 1000.0, "toMs": 2000.0}}
    shared = rt.timeline.view()
    second, again, _ = run()
    assert (first.comm, chart.comm, panel.comm) == (None, None, None)
    assert again.selection is not None
    assert again.selection.start.timestamp() == 1.0
    assert shared.comm is not None, "what stands in both stays"
    other = gunj.Dashboard([rt.alerts], key="other")
    assert second.comm is not None
    second.close()
    other.close()


def test_it_freezes_widget_by_widget(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    board = gunj.Dashboard([[gunj.AlertPanel(rig.session), gunj.EventFeed(rig.session)], rig.session.timeline])
    frozen: list[str] = []
    monkeypatch.setattr(gunj.AlertPanel.__mro__[1], "freeze", lambda widget: frozen.append(widget.kind))
    board.freeze()
    assert frozen == ["alerts", "events", "timeline"]
    board.close()


def test_narrowed_charts_are_kept_and_narrowed_again(rig: Rig, asked: Session) -> None:
    frame = rig.session.metrics("production", ["cpu_usage", "memory_usage"])
    for session, views in (
        (rig.session, [frame.select(labels={"component": ["loki"]}), frame.window("1m"), frame.select("cpu_usage")]),
        (asked, [asked.promql("up", window="1h", step=15).select("up", {"job": ["api", "web"]})]),
    ):
        board = gunj.Dashboard([views])
        again = gunj.Dashboard.from_json(session, board.to_json())
        assert again.to_json() == board.to_json()
        for view, widget in zip(views, again.rows[0], strict=True):
            assert isinstance(widget, gunj.MetricChart)
            assert widget.frame._selection == view._selection
        board.close()
        again.close()


def test_queries_are_asked_again_as_they_were(asked: Session) -> None:
    lines = asked.logql('{app="api"}', level="error", search="disk")
    board = gunj.Dashboard(
        [[asked.promql("up", window="1h", step=15), lines], gunj.LogViewer(asked, lines, height=200)]
    )
    [chart, viewer], [small] = json.loads(board.to_json())["rows"]
    assert {name: chart[name] for name in ("promql", "window", "step")} == {"promql": "up", "window": 3600, "step": 15}
    assert (viewer["rows"], viewer["level"], viewer["search"], small["height"]) == (200, ["error"], "disk", 200)
    again = gunj.Dashboard.from_json(asked, board.to_json())
    assert again.to_json() == board.to_json()
    for before, after in zip(chain(*board.rows), chain(*again.rows), strict=True):
        assert (before._options, before._channels) == (after._options, after._channels)
    board.close()
    again.close()


def test_a_query_is_restored_with_all_that_it_was_asked_with(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose Prometheus or Loki, too; the session alone knows which there are."""
    heard: list[Any] = []

    def ask(_session: Any, expression: str, **named: Any) -> Any:
        heard.append((expression, named))
        return rig.session.logs("production") if "app" in expression else rig.session.metrics("production")

    for language in ("promql", "logql"):
        monkeypatch.setattr(Session, language, ask)
    monkeypatch.setattr(Session, "pushed", ask)
    whose = {"platform": "production", "namespace": "observability"}
    chart = {"kind": "chart", "promql": "up", "window": 60.0, "step": 5.0, **whose, "stacked": True}
    narrowed = {"level": ["warn"], "component": ["api"], "search": "x", "regex": "y+"}
    logs = {"kind": "logs", "logql": "{app}", "window": 60.0, "rows": 7, **narrowed, **whose}
    pushed = {"kind": "chart", "pushed": ["up"], "window": 60.0}
    rows = [[chart, logs, pushed]]
    board = gunj.Dashboard.from_json(rig.session, json.dumps({"version": 1, "min_width": 380, "rows": rows}))
    assert heard == [
        ("up", {"window": 60.0, "step": 5.0, **whose}),
        ("{app}", {"window": 60.0, "rows": 7, **narrowed, **whose}),
        (["up"], {"window": 60.0}),
    ]
    board.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no dashboard"),
        ("[]", "no dashboard"),
        ('{"version": 1, "rows": [[5]]}', "no dashboard"),
        ('{"version": 2, "rows": []}', "version 2"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "pie"}]]}', "kind 'pie'"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": []}]]}', "kind"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "chart", "colour": 1}]]}', "unknown field `colour`"),
        ('{"version": 1, "rows": []}', "min_width"),
        ('{"version": 1, "min_width": "wide", "rows": []}', "min_width"),
        ('{"version": 1, "min_width": 380}', "rows"),
        ('{"min_width": 380, "rows": []}', "version"),
        ('{"version": [], "min_width": 380, "rows": []}', "version"),
        ('{"version": 1, "min_width": 380, "rows": [], "range": "now-5m"}', "range"),
        ('{"version": 1, "min_width": 380, "rows": [], "range": {"start": "soon"}}', "soon"),
        ('{"version": 1, "min_width": 380, "rows": [], "range": {"start": "9", "end": "5"}}', "ends before"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "chart", "platform": 5}]]}', "platform"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "logs", "level": {}}]]}', "level"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "alerts", "title": {}}]]}', "rows.*title"),
        (
            '{"version": 1, "min_width": 380, "rows": [[{"kind": "alerts", "_esm": "alert(1)"}]]}',
            "unknown field `_esm`",
        ),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "alerts", "layout": {}}]]}', "unknown field `layout`"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "alerts", "by_hand": []}]]}', "by_hand"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "alerts", "by_hand": {"a": "\\ud800"}}]]}', "by hand"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "alerts", "window": 5}]]}', "cannot be built again"),
        ('{"version": 1, "min_width": 380, "rows": [[{"kind": "chart", "metrics": [[1, 2]]}]]}', "metrics"),
        ("[" * 100_000, "no dashboard"),
        ('{"version": ' + "9" * 5_000 + "}", "no dashboard"),
        (" " * 4_000_001, "more than 4,000,000 characters"),
        (
            json.dumps(
                {
                    "version": 1,
                    "min_width": 380,
                    "rows": [[{"kind": "status"}, {"kind": "alerts", "by_hand": {"search": "x" * 10_000}}]],
                }
            ),
            "more than 10,000",
        ),
        ('{"version": 1, "min_width": 5, "rows": []}', "min_width"),
        ('{"version": 1, "min_width": 380, "zone": "Mars", "rows": []}', "time zone"),
        (json.dumps({"version": 1, "min_width": 380, "rows": [[{"kind": "alerts"}] * 101]}), "more than 100"),
    ],
)
def test_what_cannot_be_restored_says_why_and_leaves_nothing_behind(rig: Rig, text: str, words: str) -> None:
    rt = rig.session
    before = rt.range.current, rt.range.zone, standing()
    with pytest.raises(SettingsError, match=words):
        gunj.Dashboard.from_json(rt, text)
    assert (rt.range.current, rt.range.zone, standing()) == before


def test_a_file_that_is_no_text_is_no_dashboard(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\xff\xfe")
    with pytest.raises(SettingsError, match="no dashboard"):
        gunj.Dashboard.load(rig.session, tmp_path / "picture.png")


def test_a_place_without_a_file_is_told(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read .*none: No such file"):
        gunj.Dashboard.load(rig.session, tmp_path / "none")
    with pytest.raises(SettingsError, match="cannot write .*: No such file"):
        gunj.Dashboard([]).save(tmp_path / "no" / "folder")


def test_what_was_set_by_hand_and_the_time_that_is_shown_are_kept(rig: Rig) -> None:
    rt = rig.session
    panel, viewer = gunj.AlertPanel(rt), gunj.LogViewer(rt, "production")
    board = gunj.Dashboard([panel, viewer])
    panel._by_hand = {"matchers": "component=loki", "sound": True}
    for wanted in ("now-15m", "2026-03-01T10:00Z ± 10m"):
        rt.range.set(wanted)
        shown, kept = rt.range.current, board.to_json()
        rt.range.set("now-7d")
        again = gunj.Dashboard.from_json(rt, kept)
        assert rt.range.current == shown
        assert [widget._by_hand for widget in chain(*again.rows)] == [panel._by_hand, {}]
        assert again.to_json() == kept
        again.close()
    rt.range.clear()
    live = board.to_json()
    rt.range.set("now-7d")
    gunj.Dashboard.from_json(rt, live).close()
    assert rt.range.current is None, "as it was: each chart follows now"
    board.close()


def test_widgets_of_two_sessions_are_not_kept_as_if_they_were_of_one(rig: Rig) -> None:
    other = Rig()
    board = gunj.Dashboard([[gunj.AlertPanel(rig.session), gunj.AlertPanel(other.session)]])
    with pytest.raises(SettingsError, match="shows 2 sessions"):
        board.to_json()
    board.close()
    other.session.shut()


@pytest.mark.parametrize("made", KINDS.values(), ids=lambda made: made.kind)
def test_a_file_may_say_whatever_a_widget_is_made_with(made: type[LiveWidget]) -> None:
    asked = {name for name, one in signature(made).parameters.items() if one.kind is not one.VAR_KEYWORD}
    assert asked - {"session", "key"} <= set(_Item.__struct_fields__)


def test_a_platform_that_is_gone_is_named(rig: Rig) -> None:
    text = '{"version": 1, "min_width": 380, "rows": [[{"kind": "chart", "platform": "gone", "metrics": []}]]}'
    with pytest.raises(UnknownPlatformError, match="gone"):
        gunj.Dashboard.from_json(rig.session, text)


def test_only_widgets_may_stand_in_it(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="no widget"):
        gunj.Dashboard([[rig.session, "text"]])


def test_what_makes_no_dashboard_is_refused(rig: Rig) -> None:
    for wrong in (5, None):
        with pytest.raises(SettingsError, match="a dashboard is made of rows, not"):
            gunj.Dashboard(wrong)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="min_width is a number, not 'wide'"):
        gunj.Dashboard([], min_width="wide")  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="a key is text, not 5"):
        gunj.Dashboard([], key=5)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="a dashboard is kept as text, not None"):
        gunj.Dashboard.from_json(rig.session, None)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="a dashboard is built on a session, not None"):
        gunj.Dashboard.from_json(None, "{}")  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="a file is named by text or a Path, not None"):
        gunj.Dashboard.load(rig.session, None)  # type: ignore[arg-type]  on purpose
