"""What a metrics channel tells the browser: everything once, then only what came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.chart import MetricChart, MetricsChannel, Selection
from tests.events.test_shown import bare
from tests.session.conftest import Rig
from tests.session.conftest import rig as rig
from tests.widgets.stub import StubFeed, StubSession


def told(channel: MetricsChannel) -> tuple[dict[str, Any] | None, list[tuple[int, float, float]]]:
    """The next part, and its rows as (key, epoch ms, value)."""
    buffers = Buffers()
    part = channel.part(buffers, 0.0)
    if part is None:
        return None, []
    body = part["body"]
    if not body["rows"]:
        return part, []
    keys = np.frombuffer(buffers.items[body["kBuf"]], "<i4").tolist()
    times = np.frombuffer(buffers.items[body["xBuf"]], "<f8").tolist()
    values = np.frombuffer(buffers.items[body["yBuf"]], "<f8").tolist()
    return part, list(zip(keys, times, values, strict=True))


def test_snap_then_deltas_then_a_late_sample_makes_a_snap() -> None:
    session = StubSession()
    frame = session.frame("p1", "cpu_usage")
    channel = MetricsChannel("m", StubFeed(), frame)  # type: ignore[arg-type]
    part, rows = told(channel)
    assert part is not None
    assert (part["op"], part["body"]["windowMs"], rows) == ("snap", 600_000.0, [])
    frame.append("cpu_usage", {"component": "loki"}, 1000.0, 1.5, "percent")
    frame.append("cpu_usage", {"component": "loki"}, 1001.0, 2.5, "percent")
    part, rows = told(channel)
    assert part is not None
    assert part["op"] == "delta" or part["body"]["series"]
    assert [r[1:] for r in rows] == [(1_000_000.0, 1.5), (1_001_000.0, 2.5)]
    assert part["body"]["series"][0]["unit"] == "percent"
    assert part["body"]["series"][0]["labels"] == {"component": "loki"}
    assert told(channel) == (None, [])
    frame.append("cpu_usage", {"component": "loki"}, 1002.0, float("nan"))
    part, rows = told(channel)
    assert part is not None
    assert part["op"] == "delta"
    assert part["body"]["series"] == []
    assert np.isnan(rows[0][2])
    frame.append("cpu_usage", {"component": "loki"}, 1000.5, 9.0)
    part, rows = told(channel)
    assert part is not None
    assert part["op"] == "snap"
    assert len(rows) == 4


class Noticing(LiveMetrics):
    said = ""

    @property
    def notice(self) -> str:
        return self.said


def test_a_notice_travels_without_samples() -> None:
    session = StubSession()
    frame = Noticing.over(session.store.frame("p1"), "cpu_usage", window=600.0)
    frame.attach(session, "m", "p1", 600.0, lambda: None)  # type: ignore[arg-type]
    channel = MetricsChannel("m", StubFeed(), frame)  # type: ignore[arg-type]
    told(channel)
    assert told(channel) == (None, [])
    for said in ("waiting: it is away", ""):
        frame.said = said
        part, rows = told(channel)
        assert part is not None
        assert (part["body"]["notice"], rows) == (said, [])
        assert told(channel) == (None, [])


def test_other_metrics_of_the_platform_do_not_travel() -> None:
    session = StubSession()
    frame = session.frame("p1", "cpu_usage")
    channel = MetricsChannel("m", StubFeed(), frame)  # type: ignore[arg-type]
    told(channel)
    session.store.frame("p1").append("memory_usage", {}, 1000.0, 1.0)
    assert told(channel) == (None, [])


def test_a_new_sample_marks_the_channel_until_it_is_closed() -> None:
    session, feed = StubSession(), StubFeed()
    frame = session.frame("p1", "cpu_usage")
    channel = MetricsChannel("m", feed, frame)  # type: ignore[arg-type]
    channel.open()
    frame.append("cpu_usage", {}, 1000.0, 1.0)
    assert feed.marks == 1
    channel.close()
    frame.append("cpu_usage", {}, 1001.0, 1.0)
    assert feed.marks == 1


def test_what_the_browser_selects_is_a_frame_and_the_cell_that_gives_it() -> None:
    session = StubSession()
    frame = session.frame("p1", "cpu_usage")
    frame.extend("cpu_usage", {}, 1000.0 + np.arange(10), np.arange(10.0))
    selection = Selection(frame, 1002.0, 1004.5)
    assert selection.df["cpu_usage"].tolist() == [2.0, 3.0, 4.0]
    assert (selection.start.timestamp(), selection.end.timestamp()) == (1002.0, 1004.5)
    assert selection.code == 'm.df.loc["1970-01-01T00:16:42+00:00":"1970-01-01T00:16:44.500000+00:00"]'
    assert eval(selection.code, {"m": frame}).equals(selection.df)  # noqa: S307  our own words
    apply = Event(topic="platform.p1.status", data={"id": "p1", "name": "it's", "namespace": "n"}, arrived=1.0)
    session.store.apply(apply, 1.0)
    frame.source, frame.names = session.handle("p1"), ("cpu_usage",)
    assert selection.code.startswith("rt.metrics(\"it's\", ['cpu_usage'], window=600, namespace='n').df.loc[")


def test_a_cell_shows_a_selection_and_leaves_a_live_frame_to_its_chart() -> None:
    session = StubSession()
    frame = session.frame("p1", "cpu_usage")
    frame.title = "<script>"
    html = bare(Selection(frame, 1002.0, 1004.5)._repr_html_())
    assert "<strong>&lt;script&gt;</strong>" in html
    assert "<td>from</td><td>1970-01-01 00:16:42 UTC</td>" in html
    assert "m.df.loc[&quot;1970" in html
    assert frame._repr_html_() is None


def test_channels_of_samples_travel_as_one_update() -> None:
    assert MetricsChannel.together


def test_the_loading_of_a_history_is_told_until_it_is_here() -> None:
    session = StubSession()
    frame = session.frame("p1", "cpu_usage")
    where: list[tuple[int, int] | None] = [(0, 4)]

    class Loading(type(frame)):  # type: ignore[misc]
        progress = property(lambda _self: where[-1])

    frame.__class__ = Loading
    channel = MetricsChannel("m", StubFeed(), frame)  # type: ignore[arg-type]
    part, _ = told(channel)
    assert part is not None
    assert part["body"]["loading"] == (0, 4)
    assert told(channel) == (None, [])
    where.append((1, 4))
    part, _ = told(channel)
    assert part is not None
    assert part["body"]["loading"] == (1, 4)
    where.append(None)
    part, _ = told(channel)
    assert part is not None
    assert part["body"]["loading"] is None


async def test_a_chart_can_be_waited_for() -> None:
    session = StubSession()
    chart = MetricChart.__new__(MetricChart)
    chart.frame = session.frame("p1", "cpu_usage")
    chart.frame.append("cpu_usage", {}, 1000.0, 95.0)
    df = await chart.wait_for(lambda df: df["cpu_usage"].max() > 90, timeout=5)
    assert len(df) == 1


def test_it_narrows_by_metrics_and_labels(rig: Rig) -> None:
    frame = rig.session.metrics("production", ["cpu_usage", "memory_usage"])
    rig.do(frame.append, "cpu_usage", {"component": "loki"}, 1_750_000_000.0, 95.0)
    rig.do(frame.append, "cpu_usage", {"component": "tempo"}, 1_750_000_000.0, 5.0)
    rig.do(frame.append, "memory_usage", {"component": "loki"}, 1_750_000_000.0, 7.0)
    named = MetricChart(rig.session, "production", ["cpu_usage"], labels={"component": "loki"})
    of_frame = MetricChart(rig.session, frame, ["cpu_usage"], labels={"component": "loki"})
    for chart in (named, of_frame):
        assert chart.frame.df.to_numpy().tolist() == [[95.0]]
        assert chart.recipe["labels"] == {"component": ["loki"]}
        chart.close()
    whole = MetricChart(rig.session, frame)
    assert whole.frame is frame
    assert "labels" not in whole.recipe
    whole.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"thresholds": "x"}, "thresholds are a list, not 'x'"),
        ({"thresholds": {"value": 5}}, "thresholds are a list, not dict"),
        ({"facet": 5}, "facet is the name of a label, not 5"),
        ({"facet": "nope"}, "no series has the label 'nope'. There are: component, metric."),
        ({"key": 5}, "a key is text, not 5"),
        ({"height": "tall"}, "height is a number, not 'tall'"),
    ],
)
def test_what_a_chart_is_not_plotted_with_is_refused(rig: Rig, options: dict[str, Any], words: str) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    frame.append("cpu_usage", {"component": "loki"}, 1e9, 1.0)
    with pytest.raises(SettingsError, match=words):
        frame.plot(**options)


def test_a_chart_may_be_split_by_a_label_that_its_series_have_or_may_get(rig: Rig) -> None:
    frame = rig.session.metrics("production", "cpu_usage")
    frame.plot(facet="pod").close()  # there are no series yet
    frame.append("cpu_usage", {"component": "loki"}, 1e9, 1.0)
    for facet in ("component", "metric", None):
        frame.plot(facet=facet).close()
