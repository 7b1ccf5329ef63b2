"""What a metrics channel tells the browser: everything once, then only what came."""

from __future__ import annotations

from typing import Any

import numpy as np

from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.chart import MetricsChannel
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
