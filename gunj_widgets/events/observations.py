"""Payloads → log lines and columns of samples: the two kinds that come in thousands."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

import msgspec

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import words
from gunj_widgets.events.records import LogEntry
from gunj_widgets.events.values import first, mapping, moment, number, sequence, strings, text

__all__ = ["Batch", "logs", "plain_samples", "samples"]

_WIDE = ("cpu", "memory", "disk", "storage", "network", "p50", "p90", "p95", "p99")
"""Metrics that come side by side in one object: ComponentMetrics and the latency quantiles of the GraphQL schema."""


class Batch(NamedTuple):
    """Samples of one series: `values[i]` at `times[i]` (epoch seconds), both of one length, in the sender's order."""

    metric: str
    labels: dict[str, str]
    times: list[float]
    values: list[float]
    unit: str


class _Row(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A v1 sample. What does not convert to it, or says more, takes the tolerant path."""

    time: float
    value: float
    labels: dict[str, str] = {}


def plain_samples(data: Any) -> list[Batch] | None:
    """Read v1's own two shapes, rows and columns, without a detour; None for anything else, which `samples` reads.

    This is the path that nearly every message takes: it checks types, and converts nothing.
    """
    try:
        metric, unit = data["metric"], data.get("unit", "")
        if type(metric) is not str or not metric or type(unit) is not str:
            return None
        rows = data.get("samples")
        if rows is None:
            return [_plain_column(metric, unit, column) for column in data["series"]]
        batches = []
        for row in rows:
            time, value, labels = row["time"], row["value"], row["labels"]
            if type(time) is not float or type(value) is not float or not 0.0 <= time < 1e11 or len(row) != 3:
                return None
            for text in labels.values():
                if type(text) is not str:
                    return None
            batches.append(Batch(metric, labels, [time], [value], unit))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError):
        return None
    return batches


def _plain_column(metric: str, unit: str, column: Any) -> Batch:
    """Read a column; ValueError or TypeError where it is not plain. `sum` looks at every item at the speed of C."""
    times, values, labels = column["times"], column["values"], column["labels"]
    plain = type(times) is list and type(values) is list and len(times) == len(values) and len(column) == 3
    if not plain or not set(map(type, labels.values())) <= {str}:
        raise ValueError("not plain")
    if type(times[0]) is not float or not 0.0 <= times[0] < 1e11 or not isfinite(sum(times) + sum(values)):
        raise ValueError("not plain")
    if times[-1] >= 1e11:
        raise ValueError("not plain")
    return Batch(metric, labels, times, values, unit)


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
        return _plain_rows(fields["samples"], metric, unit) or _rows(fields["samples"], {}, metric, unit, arrived)
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
    return [Batch(name, labels, [time], [number(fields[name], name)], unit) for name in wide]


def _line(data: object, platform: str, component: str, arrived: float) -> LogEntry:
    fields = {"message": data} if isinstance(data, str) else mapping(data, "a log line")
    metadata = first(fields, "metadata", "labels")
    time = moment(first(fields, "timestamp", "time", "ts"))
    return LogEntry(
        time=arrived if time is None else time,
        level=words.level(first(fields, "level", "severity")),
        component=text(fields, "component") or component,
        message=text(fields, "message", "msg", "line"),
        platform=platform or text(fields, "platform", "platformId"),
        metadata=metadata if isinstance(metadata, dict) else None,
    )


def _plain_rows(rows: list[Any], metric: str, unit: str) -> list[Batch]:
    """Read v1 samples; nothing where one of them is anything else."""
    try:
        plain = msgspec.convert(rows, list[_Row])
    except msgspec.ValidationError:
        return []
    batches: list[Batch] = []
    last: Batch | None = None
    for row in plain:
        if not metric or not 0.0 <= row.time < 1e11:
            return []
        if last is None or last.labels != row.labels:
            last = Batch(metric, row.labels, [], [], unit)
            batches.append(last)
        last.times.append(row.time)
        last.values.append(row.value)
    return batches


def _rows(rows: list[Any], shared: dict[str, str], metric: str, unit: str, arrived: float) -> list[Batch]:
    """Read `[{labels, time, value}]` into columns."""
    batches: list[Batch] = []
    last: Batch | None = None
    for row in rows:
        fields = mapping(row, "a sample")
        name = text(fields, "metric", "name") or metric or text(fields, "type").lower()
        labels = {**shared, **_labels(fields)}
        if last is None or last.labels != labels or last.metric != name:
            last = Batch(_named(name), labels, [], [], text(fields, "unit") or unit)
            batches.append(last)
        last.times.append(_time(fields, arrived))
        last.values.append(number(fields.get("value")))
    return batches


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
    return [Batch(_named(name), _labels(fields), times, values, text(fields, "unit") or unit)] if times else []


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
