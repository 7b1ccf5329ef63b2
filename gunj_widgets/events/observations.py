"""Payloads → log lines and columns of samples: the two kinds that come in thousands."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias

import msgspec

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import words
from gunj_widgets.events.event import Event, Unread, payload_of
from gunj_widgets.events.records import LogEntry
from gunj_widgets.events.values import first, mapping, moment, number, sequence, strings, text

__all__ = ["Batch", "Metrics", "logs", "plain_columns", "plain_samples", "samples"]

_WIDE = ("cpu", "memory", "disk", "storage", "network", "p50", "p90", "p95", "p99")
"""Metrics that come side by side in one object: ComponentMetrics and the latency quantiles of the GraphQL schema."""
LATEST = 1e11
"""Epoch seconds from which a time must have meant another unit."""


Numbers: TypeAlias = "float | list[float] | bytes"
Batch: TypeAlias = "tuple[str, dict[str, str], Numbers, Numbers, str]"
"""Samples of one series: metric, labels, times (epoch seconds), as many values, unit; in the sender's order.

Of one sample, two floats; many may come as the machine's float64 side by side in memory, which is a fourth of a list.
"""


class _Row(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A v1 sample. What does not convert to it, or says more, takes the tolerant path."""

    time: float
    value: float
    labels: dict[str, str] = {}


class _Column(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A v1 series."""

    times: list[float]
    values: list[float]
    labels: dict[str, str] = {}


class Metrics(msgspec.Struct, gc=False):
    """A v1 payload of metrics: rows or columns."""

    metric: str
    unit: str = ""
    samples: list[_Row] | None = None
    series: list[_Column] | None = None


_metrics = msgspec.json.Decoder(Metrics).decode


def plain_samples(events: Iterable[Event], batches: list[Batch]) -> Event | None:
    """Append the samples of v1's own two shapes, rows and columns, read straight from the JSON; return the first event that has
    anything else, for `samples` to read, with all after it left in the iterator.

    This is the path that nearly every message takes, so one call reads as many as there are.
    """
    append = batches.append
    for event in events:
        held, before = payload_of(event), len(batches)
        try:
            if type(held) is msgspec.Raw:
                fields = _metrics(held)
            elif type(held) is Unread:
                taken = held.take()
                if taken is not None:
                    batches += taken
                    continue
                fields = _metrics(held.raw)
            else:
                fields = msgspec.convert(held, Metrics)
        except msgspec.MsgspecError:
            return event
        rows, metric, unit = fields.samples, fields.metric, fields.unit
        if rows is None or not metric:
            columns = plain_columns(fields)
            if columns is None:
                return event
            batches += columns
            continue
        for row in rows:
            time = row.time
            if not 0.0 <= time < LATEST:
                del batches[before:]
                return event
            append((metric, row.labels, time, row.value, unit))
    return None


def plain_columns(fields: Metrics) -> list[Batch] | None:
    """Return a payload's columns; None where there are none, or not as usual."""
    if not fields.metric or fields.samples is not None or fields.series is None:
        return None
    batches: list[Batch] = []
    for column in fields.series:
        times, values = column.times, column.values
        count = len(times)
        if not count or count != len(values) or not 0.0 <= times[0] < LATEST or not times[-1] < LATEST:
            return None
        pack = _packer(count)
        batches.append((fields.metric, column.labels, pack(*times), pack(*values), fields.unit))
    return batches


@lru_cache(maxsize=256)
def _packer(count: int) -> Callable[..., bytes]:
    """Return what packs so many numbers: in a third of the time an array is made of them."""
    return struct.Struct(f"{count}d").pack


def logs(data: object, *, platform: str = "", component: str = "", arrived: float) -> list[LogEntry]:
    """Read one log line or several (an array, or an object with `items`, `entries`, `logs` or `lines`)."""
    if isinstance(data, dict):
        inner = first(data, "items", "entries", "logs", "lines")
        data = inner if isinstance(inner, list) else [data]
    return [_line(item, platform, component, arrived) for item in sequence(data, "logs")]


def samples(data: object, *, metric: str = "", arrived: float) -> list[Batch]:
    """Read the samples of a metrics payload, of whichever shape; neighbours with the same labels share a batch.

    `metric` is the topic's name for what has none of its own. A sample without a time gets `arrived`.
    """
    if isinstance(data, list):
        return _rows(data, {}, metric, "", arrived)
    fields = mapping(data, "metrics")
    metric = text(fields, "metric", "name") or metric
    unit = text(fields, "unit")
    if isinstance(fields.get("samples"), list):
        return _rows(fields["samples"], {}, metric, unit, arrived)
    if "series" in fields:
        series = sequence(fields["series"], "series")
        return [batch for item in series for batch in _series(item, metric, unit, arrived)]
    if isinstance(fields.get("data"), list):
        return _rows(fields["data"], _labels(fields), metric, unit, arrived)
    if "values" in fields:
        return _series(fields, metric, unit, arrived)
    if "value" in fields:
        return _rows([fields], {}, metric, unit, arrived)
    wide = [name for name in _WIDE if isinstance(fields.get(name), int | float | str)]
    if not wide:
        raise RemoteProtocolError("a metrics payload has no samples, series, data or value")
    labels, time = _labels(fields), _time(fields, arrived)
    return [(name, labels, [time], [number(fields[name], name)], unit) for name in wide]


def _line(data: object, platform: str, component: str, arrived: float) -> LogEntry:
    fields = {"message": data} if isinstance(data, str) else mapping(data, "a log line")
    metadata = first(fields, "metadata", "labels")
    time = moment(first(fields, "timestamp", "time", "ts"))
    ns = fields.get("ns")
    return LogEntry(
        time=arrived if time is None else time,
        level=words.level(first(fields, "level", "severity")),
        component=text(fields, "component") or component,
        message=text(fields, "message", "msg", "line"),
        platform=platform or text(fields, "platform", "platformId"),
        metadata=metadata if isinstance(metadata, dict) else None,
        ns=ns if type(ns) is int and 0 <= ns < 1 << 63 else None,
    )


def _rows(rows: list[Any], shared: dict[str, str], metric: str, unit: str, arrived: float) -> list[Batch]:
    """Read `[{labels, time, value}]` into columns."""
    batches: list[tuple[str, dict[str, str], list[float], list[float], str]] = []
    for row in rows:
        fields = mapping(row, "a sample")
        name = text(fields, "metric", "name") or metric or text(fields, "type").lower()
        labels = {**shared, **_labels(fields)}
        if not batches or batches[-1][:2] != (name, labels):
            batches.append((_named(name), labels, [], [], text(fields, "unit") or unit))
        batches[-1][2].append(_time(fields, arrived))
        batches[-1][3].append(number(fields.get("value")))
    return [*batches]


def _series(data: object, metric: str, unit: str, arrived: float) -> list[Batch]:
    """Read one series: columnar `{labels, times, values}`, or OpenAPI's `{component, data: [{timestamp, value}]}`."""
    fields = mapping(data, "a series")
    name = text(fields, "metric", "name") or metric
    if isinstance(fields.get("data"), list):
        return _rows(fields["data"], _labels(fields), name, unit, arrived)
    times = _times(sequence(first(fields, "times", "timestamps"), "times"), arrived)
    values = _values(sequence(fields.get("values"), "values"))
    if len(times) != len(values):
        raise RemoteProtocolError(f"a series has {len(times)} times and {len(values)} values")
    return [(_named(name), _labels(fields), times, values, text(fields, "unit") or unit)] if times else []


def _labels(fields: dict[str, Any]) -> dict[str, str]:
    labels = strings(fields.get("labels"), "labels")
    component = fields.get("component")
    return {"component": component, **labels} if isinstance(component, str) and component else labels


def _times(values: list[Any], arrived: float) -> list[float]:
    """Convert a column of times: as one block where all are seconds, else one by one."""
    try:
        times = list(map(float, values))
        if not times or (isfinite(sum(times)) and min(times) >= 0.0 and max(times) < 1e11):
            return times
    except (TypeError, ValueError, OverflowError):
        pass
    return [arrived if time is None else time for time in (moment(value, "times") for value in values)]


def _values(values: list[Any]) -> list[float]:
    try:
        return list(map(float, values))
    except (TypeError, ValueError, OverflowError):
        return [number(value, "values") for value in values]


def _time(fields: dict[str, Any], arrived: float) -> float:
    value = first(fields, "time", "timestamp")
    if type(value) is float and 0.0 <= value < 1e11:
        return value
    time = moment(value)
    return arrived if time is None else time


def _named(metric: str) -> str:
    if not metric:
        raise RemoteProtocolError("a sample has no metric name")
    return metric
