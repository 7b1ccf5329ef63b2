"""The bqplot figure: what is drawn, what of bqplot's faults is kept away, when it is drawn anew and when no more."""

from __future__ import annotations

import datetime
import gc
import time
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import SettingsError
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.widgets import figure as figures
from gunj_widgets.widgets.figure import MetricFigure
from tests.widgets.stub import StubSession

T0 = 1_750_000_000.0


def until(check: Any, deadline: float = 5.0) -> None:
    end = time.monotonic() + deadline
    while not check():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def frame() -> LiveMetrics:
    return StubSession().frame("p1")


@pytest.fixture
def figure(frame: LiveMetrics) -> Iterator[MetricFigure]:
    frame.extend("cpu", {"pod": "a"}, T0 + np.arange(10), np.arange(10) + 3e9, "bytes")
    frame.extend("cpu", {"pod": "b"}, [T0 + 4], [float("inf")])
    made = MetricFigure(frame, rate=20)
    yield made
    made.close()


def test_each_series_is_a_line_of_float64_over_milliseconds(figure: MetricFigure) -> None:
    one, two = figure.marks
    assert [mark.labels for mark in figure.marks] == [["a"], ["b"]]
    assert (one.y.dtype, one.x.dtype) == (np.float64, "datetime64[ms]")
    assert one.y.tolist() == [3e9 + n for n in range(10)]
    assert one.x[0] == np.datetime64(int(T0 * 1000), "ms")
    assert two.y.tolist() == [float("inf")]
    assert one.colors != two.colors
    assert figure.axes[1].label == "bytes"


def test_what_comes_later_is_drawn_with_the_same_marks(frame: LiveMetrics, figure: MetricFigure) -> None:
    before = figure.marks[0]
    for second in range(10, 60):
        frame.append("cpu", {"pod": "a"}, T0 + second, 1.0)
    until(lambda: len(before.x) == 60)
    assert figure.marks[0] is before
    frame.append("mem", {}, T0 + 60, 1.0)
    until(lambda: len(figure.marks) == 3)
    assert figure.selector.marks == figure.marks
    assert [mark.labels for mark in figure.marks] == [["cpu a"], ["cpu b"], ["mem"]]


def test_a_gap_breaks_the_line(frame: LiveMetrics, figure: MetricFigure) -> None:
    frame.mark_gap(T0 + 10, T0 + 20)
    frame.append("cpu", {"pod": "a"}, T0 + 21, 1.0)
    until(lambda: len(figure.marks[0].y) == 12)
    assert np.isnan(figure.marks[0].y[10])


def test_of_many_points_the_extremes_stay(frame: LiveMetrics) -> None:
    values = np.zeros(50_000)
    values[[777, 31_415]] = 5.0, -7.0
    frame.session.store.frame("p1")._table.keep_at_least(1e6)
    frame.extend("cpu", {}, T0 + np.arange(50_000) / 100, values)
    figure = MetricFigure(frame, max_points=400)
    assert len(figure.marks[0].y) <= 400
    assert {5.0, -7.0} <= set(figure.marks[0].y.tolist())
    figure.close()


def test_the_brush_selects_a_frame(figure: MetricFigure) -> None:
    assert len(figure.selection) == 10
    moment = datetime.datetime(2025, 6, 15, 15, 6, 40)  # noqa: DTZ001  bqplot tells no zone
    figure.selector.selected = np.array([moment + datetime.timedelta(seconds=s) for s in (2, 5)], "datetime64[ms]")
    assert len(figure.selection) == 4
    assert figure.selection.index[0].timestamp() == T0 + 2


def brush(figure: MetricFigure, start: float, end: float) -> None:
    """Brush as a browser tells it: it begins, moves, and rests with its last place in the same message."""
    moment = datetime.datetime(2025, 6, 15, 15, 6, 40)  # noqa: DTZ001  bqplot tells no zone
    figure.selector.brushing = True
    place = np.array([moment + datetime.timedelta(seconds=s) for s in (start, end)], "datetime64[ms]")
    figure.selector.selected = place
    with figure.selector.hold_trait_notifications():
        figure.selector.brushing = False
        figure.selector.selected = place


def test_a_brush_moves_the_clock_of_its_session_once(frame: LiveMetrics, figure: MetricFigure) -> None:
    shared = frame.session.range
    heard: list[Any] = []
    undo = shared.listen(lambda _range: heard.append(shared.bounds(0.0)))
    figure.selector.brushing = True
    brush(figure, 2, 5)
    assert (shared.bounds(0.0), shared.is_live) == ((T0 + 2, T0 + 5), False)
    assert figure.selector.selected is None, "the brush has gone: the figure shows just that"
    until(lambda: figure.time_scale.min is not None)
    assert figure.time_scale.max - figure.time_scale.min == datetime.timedelta(seconds=3)
    assert len(figure.selection) == 4
    shared.back()
    until(lambda: figure.time_scale.min is None)
    assert len(figure.selection) == 10
    assert heard == [(T0 + 2, T0 + 5), None], "nobody answers a change with another"
    undo()


def test_a_click_or_a_brush_that_still_moves_is_none(frame: LiveMetrics, figure: MetricFigure) -> None:
    brush(figure, 2, 2.1)
    moment = datetime.datetime(2025, 6, 15, 15, 6, 40)  # noqa: DTZ001  bqplot tells no zone
    figure.selector.selected = np.array([moment, moment + datetime.timedelta(seconds=5)], "datetime64[ms]")
    figure.selector.brushing = True
    assert frame.session.range.current is None


def test_it_follows_the_clock_of_its_session(frame: LiveMetrics, figure: MetricFigure) -> None:
    assert figure.time_scale.min is None
    frame.session.range.zoom(T0 + 1, T0 + 3)
    until(lambda: figure.time_scale.min is not None)
    assert figure.time_scale.max - figure.time_scale.min == datetime.timedelta(seconds=2)
    frame.session.range.clear()
    until(lambda: figure.time_scale.min is None)


def test_its_times_are_those_of_the_sessions_zone(frame: LiveMetrics, figure: MetricFigure) -> None:
    axis, shared = figure.axes[0], frame.session.range
    shared.zone = "UTC"
    until(lambda: axis.label == "time (UTC)")
    shared.zone = "Asia/Kathmandu"
    until(lambda: axis.label == "time (Asia/Kathmandu, UTC+05:45)")
    shared.zoom(T0, T0 + 600)
    until(lambda: figure.time_scale.min is not None)
    assert axis.tick_values.dtype == np.float64, "bqplot cuts int64"
    # What bqplot looks a label up by is the number as JavaScript writes it.
    assert list(axis.tick_labels.values()) == ["20:52", "20:54", "20:56", "20:58", "21:00"]
    assert list(axis.tick_labels) == [str(int(value)) for value in axis.tick_values]
    assert axis.num_ticks is None


def test_without_samples_it_has_no_ticks_of_another_clock(frame: LiveMetrics) -> None:
    frame.session.range.zone = "Asia/Kathmandu"
    empty = MetricFigure(frame)
    axis = empty.axes[0]
    assert (len(axis.tick_values), axis.num_ticks) == (0, 1)
    assert axis.label == "time (Asia/Kathmandu, UTC+05:45)"
    empty.close()


def test_closed_it_is_drawn_no_more(frame: LiveMetrics, figure: MetricFigure) -> None:
    listening = len(frame._table.listeners.entries)
    drawn = weakref.ref(figure.marks[0])
    figure.close()
    assert len(frame._table.listeners.entries) == listening - 1
    frame.append("cpu", {"pod": "a"}, T0 + 30, 1.0)
    get_io().call(lambda: None)
    mark = drawn()
    assert mark is None or len(mark.x) == 10
    gc.collect()


def test_with_a_key_a_second_run_takes_the_place_of_the_first(frame: LiveMetrics) -> None:
    frame.extend("cpu", {"pod": "a"}, T0 + np.arange(10), np.arange(10.0))
    first = MetricFigure(frame, key="cpu")
    brush(first, 2, 5)
    other = MetricFigure(frame, key="other")
    second = MetricFigure(frame, key="cpu")
    assert first.comm is None
    assert other.comm is not None
    assert len(second.selection) == 4
    second.close()
    other.close()


class Output:
    shown: dict[str, str] | None = None
    alt = ""

    def update(self, data: dict[str, str], *, metadata: dict[str, dict[str, str]], raw: bool) -> None:
        assert raw
        self.shown = data
        self.alt = metadata["image/png"]["alt"]


def test_it_freezes_as_a_table_and_a_picture(figure: MetricFigure, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs: list[tuple[dict[str, str], Output]] = []
    asked: list[dict[str, Any]] = []

    def put(data: dict[str, str], *, later: bool = False) -> Output:
        outputs.append((data, Output()))
        return outputs[-1][1]

    monkeypatch.setattr(figures, "put", put)
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: asked.append(content))
    figure.freeze()
    figure.freeze()
    (table, _), (words, first), _, (_, second) = outputs
    assert "cpu" in table["text/html"]
    assert "picture of" in words["text/plain"]
    assert [one["type"] for one in asked] == ["upload_png"], "one picture is for both"
    figure._handle_custom_msgs(figure, {"event": "upload_png"}, [memoryview(b"png")])
    assert first.shown == second.shown
    assert first.shown is not None
    assert first.shown["image/png"] == "cG5n"
    assert "picture of" in first.alt
    figure.freeze()
    figure._pictured_at -= 10
    figure.freeze()
    assert len(asked) == 3, "asked again where no page was there to make it"


@pytest.mark.parametrize(("name", "value"), [("rate", 0), ("rate", 100), ("max_points", 5)])
def test_what_it_cannot_do_is_said(frame: LiveMetrics, name: str, value: float) -> None:
    with pytest.raises(SettingsError, match=name):
        MetricFigure(frame, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rate": "x"}, "rate is a number, not 'x'"),
        ({"max_points": None}, "max_points is a number, not None"),
        ({"max_points": "many"}, "max_points is a number, not 'many'"),
        ({"key": 5}, "a key is text, not 5"),
    ],
)
def test_what_a_figure_is_not_made_with_is_refused(frame: LiveMetrics, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        MetricFigure(frame, **options)


def test_keywords_that_bqplot_does_not_know_are_refused(frame: LiveMetrics) -> None:
    with pytest.raises(TypeError, match="MetricFigure does not know foo"):
        MetricFigure(frame, foo=1)
    MetricFigure(frame, legend_location="top-right", title="mine").close()
