"""What Prometheus answers → columns, words or a QueryError that points at the fault. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import nan

import msgspec
import numpy as np
from numpy.typing import NDArray

from gunj_widgets.errors import QueryError, RemoteProtocolError
from gunj_widgets.sources.pointing import pointed, position_of

__all__ = ["Answer", "Column", "decode", "decode_data", "refusal"]

_PLACE = re.compile(r"(?:^|[ :])(\d+):(\d+): ")
MAX_WORDS = 300


class Column(msgspec.Struct, frozen=True):
    """One series: `values[i]` at `times[i]` (epoch seconds), both float64 and of one length, in the server's order."""

    labels: dict[str, str]
    times: NDArray[np.float64]
    values: NDArray[np.float64]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A query's answer. `kind`: vector, matrix, scalar or string. `notes` are the server's warnings and infos.

    `histograms` counts samples that are native histograms: each became columns of its count, its sum and its buckets.
    """

    kind: str
    columns: list[Column]
    text: str = ""
    notes: tuple[str, ...] = ()
    histograms: int = 0


class _Series(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, float] | None = None
    values: list[tuple[float, float]] = []
    histogram: tuple[float, _Histogram] | None = None
    histograms: list[tuple[float, _Histogram]] = []


class _Worded(msgspec.Struct):
    """The same with numbers as the server writes them: `+Inf` is none to the fast path."""

    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []
    histogram: tuple[float, _Histogram] | None = None
    histograms: list[tuple[float, _Histogram]] = []


class _Histogram(msgspec.Struct):
    count: str
    sum: str
    buckets: list[tuple[int, str, str, str]] = []


class _Result(msgspec.Struct):
    resultType: str  # noqa: N815  the server's word
    result: msgspec.Raw = msgspec.Raw(b"[]")


class _Envelope(msgspec.Struct):
    status: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    errorType: str = ""  # noqa: N815
    warnings: list[str] | None = None
    infos: list[str] | None = None


def decode(body: bytes) -> Answer:
    """Read the answer to a query. RemoteProtocolError where it is none."""
    envelope = _open(body)
    try:
        outer = msgspec.json.decode(envelope.data, type=_Result)
        notes = tuple(note[:MAX_WORDS] for note in [*(envelope.warnings or ()), *(envelope.infos or ())])
        if outer.resultType == "scalar":
            time, text = msgspec.json.decode(outer.result, type=tuple[float, str])
            return Answer(kind="scalar", columns=[_column({}, [(time, _number(text))])], notes=notes)
        if outer.resultType == "string":
            _time, text = msgspec.json.decode(outer.result, type=tuple[float, str])
            return Answer(kind="string", columns=[], text=text, notes=notes)
        columns, histograms = _columns(outer.result)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise RemoteProtocolError("the answer to a query is not as Prometheus gives it") from None
    return Answer(kind=outer.resultType, columns=columns, notes=notes, histograms=histograms)


def decode_data(body: bytes) -> object:
    """Return `data` of any other answer (labels, rules, targets …) as plain objects."""
    try:
        return msgspec.json.decode(_open(body).data)
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("the answer is not as Prometheus gives it") from None


def refusal(status: int, body: bytes, query: str = "", who: str = "Prometheus") -> QueryError:
    """Put the server's refusal into words; where it names a place in the query, point at it."""
    try:
        said = msgspec.json.decode(body, type=_Envelope)
        words, kind = " ".join(said.error.split())[:MAX_WORDS], said.errorType
    except (msgspec.DecodeError, RecursionError):
        words, kind = " ".join(body[:MAX_WORDS].decode(errors="replace").split()), ""
    words = words.removeprefix('invalid parameter "query": ')
    found = _PLACE.search(words)
    position = position_of(query, int(found[1]), int(found[2])) if found else None
    problem = f"{who} refused the query: {words}" if words else f"{who} answered {status}"
    if position is not None:
        problem += f" – at {pointed(query, position)}"
    return QueryError(problem, _remedy(words, kind, status), status=status, position=position)


def _remedy(words: str, kind: str, status: int) -> str:
    if "many-to-many" in words or "multiple matches" in words:
        return "Say which labels to match: on(...) or ignoring(...), with group_left or group_right."
    if "maximum resolution" in words or "points per" in words:
        return "Give a longer step=, or a shorter time range."
    if "too many samples" in words or "memory" in words:
        return "Narrow the selector, or aggregate first: sum by (job) (...)."
    if kind == "timeout" or status == 503:
        return "Narrow the query or its range, or raise timeout=."
    if status == 404:
        return "Check the address: this path is not served there."
    return "Correct the query." if kind == "bad_data" else ""


def _open(body: bytes) -> _Envelope:
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("what answered is no Prometheus: its answer is not the JSON of its API") from None
    if envelope.status != "success":
        raise RemoteProtocolError(f"an answer with status {envelope.status[:40]!a}")
    return envelope


def _columns(raw: msgspec.Raw) -> tuple[list[Column], int]:
    series: list[_Series] | list[_Worded]
    try:
        series = msgspec.json.decode(raw, type=list[_Series], strict=False)
    except msgspec.ValidationError:
        series = msgspec.json.decode(raw, type=list[_Worded])
    columns: list[Column] = []
    histograms = 0
    for one in series:
        points: Sequence[tuple[float, float | str]] = one.values if one.value is None else [one.value]
        if points:
            columns.append(_column(one.metric, points))
        shapes = one.histograms if one.histogram is None else [one.histogram]
        if shapes:
            histograms += len(shapes)
            columns += _unfold(one.metric, shapes)
    return columns, histograms


def _column(labels: dict[str, str], points: Sequence[tuple[float, float | str]]) -> Column:
    times = np.fromiter((point[0] for point in points), np.float64, len(points))
    values = np.fromiter((_number(point[1]) for point in points), np.float64, len(points))
    return Column(labels, times, values)


def _number(text: float | str) -> float:
    return text if isinstance(text, float) else float(text)


def _unfold(labels: dict[str, str], shapes: list[tuple[float, _Histogram]]) -> list[Column]:
    """Turn native histograms into plain series, named as classic ones are: `_count`, `_sum`, and `_bucket` up to each `le`.

    A bucket that one sample has and another has not is NaN in the other.
    """
    name = labels.get("__name__", "")
    times = np.array([time for time, _ in shapes])
    bounds: dict[float, str] = {}
    upto: list[dict[float, float]] = []
    for _, shape in shapes:
        total, reached = 0.0, {}
        for _rule, _left, right, count in sorted(shape.buckets, key=lambda bucket: float(bucket[2])):
            total += float(count)
            bounds[float(right)] = right
            reached[float(right)] = total
        upto.append(reached)
    columns = [
        Column({**labels, "__name__": f"{name}_count"}, times, np.array([float(s.count) for _, s in shapes])),
        Column({**labels, "__name__": f"{name}_sum"}, times, np.array([float(s.sum) for _, s in shapes])),
    ]
    for bound in sorted(bounds):
        values = np.array([reached.get(bound, nan) for reached in upto])
        columns.append(Column({**labels, "__name__": f"{name}_bucket", "le": bounds[bound]}, times, values))
    return columns
