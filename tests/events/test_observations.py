"""Log lines and samples: each shape the same columns, neighbours together, bad numbers named."""

from __future__ import annotations

from array import array
from math import inf, isnan
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.events.observations import Batch, logs, plain_samples, samples
from gunj_widgets.events.records import LogEntry

T = 1_750_000_000.0
AT = "2025-06-15T15:06:40Z"
LOKI = {"component": "loki"}
CPU: Batch = ("cpu", LOKI, [T], [42.0], "%")


@pytest.mark.parametrize(
    "data",
    [
        {"metric": "cpu", "unit": "%", "samples": [{"labels": LOKI, "time": T, "value": 42.0}]},
        {"metric": "cpu", "unit": "%", "samples": [{"labels": LOKI, "time": AT, "value": "42"}]},
        {"metric": "cpu", "unit": "%", "samples": [{"labels": LOKI, "timestamp": T * 1000, "value": 42}]},
        {"metric": "cpu", "unit": "%", "series": [{"labels": LOKI, "times": [T], "values": [42.0]}]},
        {"metric": "cpu", "unit": "%", "series": [{"labels": LOKI, "times": [AT], "values": ["42"]}]},
        {"metric": "cpu", "unit": "%", "series": [{"component": "loki", "data": [{"timestamp": AT, "value": 42}]}]},
        {"metric": "cpu", "unit": "%", "labels": LOKI, "timestamps": [T], "values": [42]},
        {"metric": "cpu", "unit": "%", "labels": LOKI, "timestamp": AT, "value": 42},
        {"name": "cpu", "unit": "%", "labels": LOKI, "timestamp": T, "value": 42},
        {"type": "CPU", "unit": "%", "labels": LOKI, "timestamp": T, "value": 42},
        {"component": "loki", "unit": "%", "data": [{"name": "cpu", "value": 42, "timestamp": T}]},
        {"component": "loki", "unit": "%", "cpu": 42, "timestamp": T},
    ],
)
def test_a_sample_in_each_shape(data: dict[str, Any]) -> None:
    assert samples(data, arrived=1.0) == [CPU]


def test_without_a_time_it_is_now_and_the_topic_names_the_metric() -> None:
    assert samples({"value": 1}, metric="m", arrived=7.0) == [("m", {}, [7.0], [1.0], "")]
    assert samples([{"value": 1}], metric="m", arrived=7.0) == [("m", {}, [7.0], [1.0], "")]


def test_neighbours_with_the_same_labels_share_a_batch() -> None:
    rows = [{"labels": {"a": a}, "time": t, "value": t} for a, t in [("x", 1.0), ("x", 2.0), ("y", 3.0), ("x", 4.0)]]
    found = samples({"metric": "m", "samples": rows}, arrived=0.0)
    assert [(labels["a"], times, values) for _, labels, times, values, _ in found] == [
        ("x", [1.0, 2.0], [1.0, 2.0]),
        ("y", [3.0], [3.0]),
        ("x", [4.0], [4.0]),
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.floats(0, 4e9), st.floats(allow_nan=False, allow_infinity=False)),
        max_size=20,
    )
)
def test_both_paths_read_the_same(rows: list[tuple[str, float, float]]) -> None:
    plain = [{"labels": {"c": c}, "time": t, "value": v} for c, t, v in rows]
    tolerant = [{**row, "more": 1} for row in plain]
    assert samples({"metric": "m", "samples": plain}, arrived=0.0) == samples(
        {"metric": "m", "samples": tolerant}, arrived=0.0
    )


def test_numbers_json_cannot_say() -> None:
    for data in (
        {"metric": "m", "samples": [{"time": 1.0, "value": v} for v in ("NaN", "+Inf", "-Inf", None)]},
        {"metric": "m", "series": [{"times": [1.0] * 4, "values": ["NaN", "+Inf", "-Inf", None]}]},
    ):
        ((_, _, _, values, _),) = samples(data, arrived=0.0)
        assert isnan(values[0])
        assert values[1:3] == [inf, -inf]
        assert isnan(values[3])


def test_times_are_brought_to_seconds_one_by_one_where_they_must() -> None:
    series = {"times": [T, T * 1000, AT, str(int(T)), None], "values": [1, 2, 3, 4, 5]}
    ((_, _, times, _, _),) = samples({"metric": "m", "series": [series]}, arrived=9.0)
    assert times == [T, T, T, T, 9.0]


def test_nothing_is_nothing() -> None:
    assert samples({"metric": "m", "samples": []}, arrived=0.0) == []
    assert samples({"metric": "m", "series": [{"times": [], "values": []}]}, arrived=0.0) == []
    assert samples([], arrived=0.0) == []
    assert logs([], arrived=0.0) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"metric": "m"}, "no samples, series, data or value"),
        ({"value": 1}, "no metric name"),
        ({"metric": "m", "series": [{"times": [1.0], "values": []}]}, "1 times and 0 values"),
        ({"metric": "m", "samples": [{"time": 1.0, "value": "high"}]}, "value is not a number"),
        ({"metric": "m", "samples": [{"time": "then", "value": 1}]}, "timestamp is not a time"),
        ({"metric": "m", "samples": [{"time": 1.0, "value": 1, "labels": "x"}]}, "labels is not an object"),
        ({"metric": "m", "samples": [3]}, "a sample is not an object"),
        ({"metric": "m", "series": [{"times": ["NaN"], "values": [1]}]}, "times is not a time"),
        ("x", "metrics is not an object"),
    ],
)
def test_what_is_wrong_is_named(data: object, words: str) -> None:
    with pytest.raises(RemoteProtocolError, match=words):
        samples(data, arrived=0.0)


LINE = LogEntry(time=T, level="warn", component="loki", message="hi", platform="p", metadata={"pod": "l-0"})


@pytest.mark.parametrize(
    "data",
    [
        {"timestamp": T, "level": "warn", "component": "loki", "message": "hi", "metadata": {"pod": "l-0"}},
        {"timestamp": AT, "level": "WARNING", "component": "loki", "message": "hi", "labels": {"pod": "l-0"}},
        {"ts": T, "severity": "Warn", "component": "loki", "msg": "hi", "metadata": {"pod": "l-0"}},
        {"items": [{"time": T * 1000, "level": "wrn", "component": "loki", "line": "hi", "metadata": {"pod": "l-0"}}]},
        [{"timestamp": T, "level": "warn", "message": "hi", "metadata": {"pod": "l-0"}}],
    ],
)
def test_a_line_in_each_shape(data: object) -> None:
    assert logs(data, platform="p", component="loki", arrived=1.0) == [LINE]


def test_a_line_that_says_little() -> None:
    assert logs({"message": 7}, arrived=3.0) == [LogEntry(time=3.0, message="7")]
    assert logs(["plain"], arrived=3.0) == [LogEntry(time=3.0, message="plain")]
    assert logs({"message": {"a": 1}, "level": "shout", "metadata": "x"}, arrived=3.0) == [
        LogEntry(time=3.0, message='{"a":1}')
    ]


PLAIN = {"metric": "cpu", "samples": [{"time": 5.0, "value": 1.5, "labels": {"a": "b"}}]}
COLUMN = {"metric": "cpu", "unit": "s", "series": [{"labels": {}, "times": [5.0, 6.0], "values": [1.0, 2.0]}]}


def changed(data: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return the data with fields of its one sample or column changed."""
    name = "samples" if "samples" in data else "series"
    return {**data, name: [{**data[name][0], **change}]}


def plain(data: Any, *, wire: bool) -> list[Batch] | None:
    """Read a payload made here, or as it comes from the wire."""
    batches: list[Batch] = []
    odd = plain_samples([event(data, wire=wire)], batches)
    return batches if odd is None else None


def event(data: Any, *, wire: bool) -> Event:
    made = Event(topic="platform.p.metrics.m", data=data)
    return msgspec.json.decode(msgspec.json.encode(made), type=Event) if wire else made


def flat(batches: list[Batch]) -> list[tuple[Any, ...]]:
    return [
        (m, labels, t, v, unit)
        for m, labels, ts, vs, unit in batches
        for t, v in zip(numbers(ts), numbers(vs), strict=True)
    ]


def numbers(column: Any) -> list[float]:
    return [column] if isinstance(column, float) else list(array("d", column))


@pytest.mark.parametrize("wire", [True, False])
@pytest.mark.parametrize(
    "data",
    [PLAIN, COLUMN, {**PLAIN, "samples": PLAIN["samples"] * 3}, changed(PLAIN, time=5), {**COLUMN, "series": []}],
)
def test_what_is_plain_reads_the_same_by_either_path(data: dict[str, Any], wire: bool) -> None:
    found = plain(data, wire=wire)
    assert found is not None
    assert flat(found) == flat(samples(data, arrived=9.0))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {**PLAIN, "metric": ""},
        {**PLAIN, "metric": 5},
        {**PLAIN, "unit": 5},
        {**PLAIN, "samples": 5},
        changed(PLAIN, time=-1.0),
        changed(PLAIN, time=1.7e12),  # milliseconds
        changed(PLAIN, value=None),
        changed(PLAIN, value="NaN"),
        changed(PLAIN, labels=None),
        changed(PLAIN, labels={"a": 5}),
        changed(PLAIN, labels={"a": []}),
        changed(PLAIN, unit="s"),
        changed(COLUMN, times=[1.0]),
        changed(COLUMN, times=["1", "2"]),
        changed(COLUMN, times=[1.7e12, 1.8e12]),
        changed(COLUMN, values=[1.0, None]),
        changed(COLUMN, times=[], values=[]),
        changed(COLUMN, metric="mem"),
    ],
)
def test_what_is_not_plain_takes_the_careful_path(data: Any) -> None:
    assert plain(data, wire=False) is None
    assert plain(data, wire=True) is None


@pytest.mark.parametrize("wire", [True, False])
def test_a_run_is_read_up_to_what_is_not_plain_and_goes_on_after_it(wire: bool) -> None:
    odd = {**PLAIN, "samples": [*PLAIN["samples"], {"time": 1.7e12, "value": 1.0}]}  # half of it is plain
    run = [event(data, wire=wire) for data in (PLAIN, COLUMN, odd, PLAIN)]
    rest, batches = iter(run), list[Batch]()
    assert plain_samples(rest, batches) is run[2]
    assert flat(batches) == [*flat(samples(PLAIN, arrived=9.0)), *flat(samples(COLUMN, arrived=9.0))]
    assert plain_samples(rest, batches) is None
    assert flat(batches)[-1:] == flat(samples(PLAIN, arrived=9.0))
    assert len(flat(batches)) == 4
