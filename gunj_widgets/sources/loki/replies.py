"""What Loki answers → lines, or a QueryError that points at the fault. Times are whole nanoseconds, as Loki has them. Pure."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from gunj_widgets.errors import QueryError, RemoteProtocolError
from gunj_widgets.events import words
from gunj_widgets.events.records import LogEntry
from gunj_widgets.sources.pointing import pointed, position_of

__all__ = [
    "Line",
    "Tailed",
    "decode_data",
    "decode_lines",
    "decode_tail",
    "entry",
    "is_log_query",
    "page_limit",
    "refusal",
]

_PLACE = re.compile(r"at line (\d+), col (\d+)")
_ENTRIES = re.compile(r"max entries limit.*\(\d+ > (\d+)\)", re.DOTALL)
_COMMENT = re.compile(r"#[^\n]*")
MAX_WORDS = 300
LEVELS = ("detected_level", "level", "severity", "lvl")
COMPONENTS = ("component", "container", "app", "service_name", "job")


class Line(NamedTuple):
    """One line. Two are the same where time, labels and text are: Loki keeps only one of them."""

    ns: int
    labels: dict[str, str]
    text: str
    key: bytes
    """16 bytes that stand for all of the above."""


class Tailed(NamedTuple):
    """One message of a tail."""

    lines: list[Line]
    dropped: int
    """Entries it says it left out; it leaves out more than it says."""


class _Stream(msgspec.Struct):
    stream: dict[str, str]
    values: list[tuple[str, str]]


class _Detailed(msgspec.Struct):
    """The same from servers that put structured metadata beside each line."""

    stream: dict[str, str]
    values: list[list[Any]]


class _Result(msgspec.Struct):
    resultType: str  # noqa: N815  the server's word
    result: msgspec.Raw


class _Answer(msgspec.Struct):
    status: str
    data: _Result


class _Data(msgspec.Struct):
    status: str
    data: Any = None


class _Tail(msgspec.Struct):
    streams: msgspec.Raw = msgspec.Raw(b"[]")
    dropped_entries: list[Any] | None = None


def decode_lines(body: bytes) -> list[Line]:
    """Return the lines of an answer, oldest first. RemoteProtocolError where it holds none."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("what answered is no Loki: its answer is not the JSON of its API") from None
    if answer.status != "success" or answer.data.resultType != "streams":
        raise RemoteProtocolError(f"an answer of kind {answer.data.resultType[:40]!a}, not lines")
    return _lines(answer.data.result)


def decode_tail(message: bytes) -> Tailed:
    """Return what one message of a tail holds. RemoteProtocolError where it is none."""
    try:
        tail = msgspec.json.decode(message, type=_Tail)
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("a message of the tail is not as Loki sends it") from None
    return Tailed(_lines(tail.streams), len(tail.dropped_entries or ()))


def decode_data(body: bytes) -> Any:
    """Return `data` of any other answer: labels, values, series."""
    try:
        answer = msgspec.json.decode(body, type=_Data)
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("what answered is no Loki: its answer is not the JSON of its API") from None
    if answer.status != "success":
        raise RemoteProtocolError(f"an answer with status {answer.status[:40]!a}")
    return answer.data


def entry(line: Line) -> LogEntry:
    """Return the line as the store keeps it; its labels, and its exact time as text, are its metadata."""
    labels = line.labels
    level = next((labels[name] for name in LEVELS if labels.get(name)), "")
    return LogEntry(
        time=line.ns / 1e9,
        ns=line.ns,
        level=words.level(level),
        component=next((labels[name] for name in COMPONENTS if labels.get(name)), ""),
        message=line.text,
        platform=labels.get("platform", ""),
        metadata={**labels, "ns": str(line.ns)},
    )


def is_log_query(query: str) -> bool:
    """Say whether a query gives lines (`{app="x"} |= "error"`) and not numbers (`rate({app="x"}[1m])`)."""
    return _COMMENT.sub("", query).lstrip(" \t\r\n(").startswith("{")


def page_limit(body: bytes) -> int | None:
    """Return how many lines the server gives at most, where a refusal names that; else None."""
    found = _ENTRIES.search(body[:MAX_WORDS].decode(errors="replace"))
    return int(found[1]) if found and int(found[1]) > 0 else None


def refusal(status: int, body: bytes, query: str = "") -> QueryError:
    """Put a refusal into words: it is plain text, and often names a place in the query; then point at it."""
    words = " ".join(body[: MAX_WORDS * 2].decode(errors="replace").split())[:MAX_WORDS]
    found = _PLACE.search(words)
    position = position_of(query, int(found[1]), int(found[2])) if found else None
    problem = f"Loki refused the query: {words}" if words else f"Loki answered {status}"
    if position is not None:
        problem += f" – at {pointed(query, position)}"
    return QueryError(problem, _remedy(words, status), status=status, position=position)


def _remedy(words: str, status: int) -> str:
    if "at least one" in words and "matcher" in words:
        return 'Name a label with a value that is not empty: {app="api"}.'
    if "time range" in words or "query length" in words or "lookback" in words:
        return "Give a shorter window=."
    if "series" in words:
        return "Aggregate first: sum by (app) (...)."
    if "too many outstanding" in words or "timeout" in words or status in (502, 503, 504):
        return "Narrow the selector or the window, or ask again later."
    if status == 404:
        return "Check the address: this path is not served there."
    return "Correct the query." if status == 400 else ""


def _lines(raw: msgspec.Raw) -> list[Line]:
    """Return the lines of all streams by time; those of one moment in a fixed order, since the server has none."""
    lines: list[Line] = []
    try:
        try:
            streams = [(one.stream, one.values) for one in msgspec.json.decode(raw, type=list[_Stream])]
            for labels, values in streams:
                mark = _mark(labels)
                lines += [_line(labels, mark, int(ns), text) for ns, text in values]
        except msgspec.ValidationError:
            lines.clear()
            for one in msgspec.json.decode(raw, type=list[_Detailed]):
                for ns, text, *more in one.values:
                    labels = {**one.stream, **_details(more)}
                    lines.append(_line(labels, _mark(labels), int(ns), str(text)))
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError):
        raise RemoteProtocolError("the lines are not as Loki gives them") from None
    lines.sort(key=lambda line: line.ns)
    return lines


def _details(more: list[Any]) -> dict[str, str]:
    """Return what stands beside a line: structured metadata, and what the query parsed out of it."""
    groups = more[0] if more and isinstance(more[0], dict) else {}
    found = [group for group in groups.values() if isinstance(group, dict)] or [groups]
    return {str(name): str(value) for group in found for name, value in group.items() if not isinstance(value, dict)}


def _mark(labels: dict[str, str]) -> bytes:
    return msgspec.json.encode(sorted(labels.items()))


def _line(labels: dict[str, str], mark: bytes, ns: int, text: str) -> Line:
    digest = blake2b(mark, digest_size=16)
    digest.update(b"%d " % ns)
    digest.update(text.encode("utf-8", "surrogatepass"))
    return Line(ns, labels, text, digest.digest())
