"""The SSE parser: every conformance case, cut everywhere; bounds that name themselves; nothing quadratic."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from httpx_sse import ServerSentEvent
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.connection.sse import SSELimitError, SSEParser

CASES = json.loads((Path(__file__).parents[1] / "contract" / "sse_cases.json").read_text(encoding="utf-8"))
LITERAL = [case for case in CASES if "generated" not in case]
Seen = tuple[list[dict[str, str]], float | None, str]


def body(case: dict[str, Any]) -> bytes:
    return b"".join(chunk.encode("latin-1") for chunk in case["chunks"])


def parse(chunks: list[bytes], start: str = "") -> Seen:
    parser = SSEParser(last_event_id=start)
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return [{"event": e.event, "data": e.data, "id": e.id} for e in events], parser.retry, parser.last_event_id


def expected(case: dict[str, Any]) -> Seen:
    retry = None if case["retry"] is None else case["retry"] / 1000
    return case["expected"], retry, case["last_event_id"]


def cut(data: bytes, at: list[int]) -> list[bytes]:
    return [data[a:b] for a, b in pairwise([0, *sorted(at), len(data)])]


def test_the_cases_are_there() -> None:
    assert len(CASES) >= 116


@pytest.mark.parametrize("case", LITERAL, ids=lambda case: case["name"])
def test_conformance_in_every_cut(case: dict[str, Any]) -> None:
    data, start = body(case), case.get("initial_last_event_id", "")
    ways = {
        "as given": [chunk.encode("latin-1") for chunk in case["chunks"]],
        "whole": [data],
        "byte by byte": [data[i : i + 1] for i in range(len(data))],
        "pairs": [data[i : i + 2] for i in range(0, len(data), 2)],
    }
    for name, chunks in ways.items():
        assert parse(chunks, start) == expected(case), name
    for at in range(len(data) + 1):
        assert parse([data[:at], data[at:]], start) == expected(case), f"cut at {at}"


def test_a_large_event_in_two_chunks() -> None:
    (case,) = [case for case in CASES if "generated" in case]
    first, second = case["generated"]["parts"]
    parser = SSEParser(max_line=first + second + 6, max_event=first + second + 1)
    assert parser.feed(b"data:" + b"a" * first) == []
    (event,) = parser.feed(b"b" * second + b"\n\n")
    assert (len(event.data), event.data[0], event.data[-1]) == (first + second, "a", "b")


@given(
    st.binary(max_size=60).map(lambda b: b.replace(b"x", b"\n").replace(b"y", b"\r").replace(b"z", b"data:")),
    st.randoms(),
)
def test_any_bytes_cut_anywhere_are_the_same(data: bytes, random: Random) -> None:
    cuts = [random.randrange(len(data) + 1) for _ in range(4)]
    assert parse(cut(data, cuts)) == parse([data])


def test_an_event_ended_by_cr_does_not_wait() -> None:
    parser = SSEParser()
    assert [e.data for e in parser.feed(b"data: x\r\r")] == ["x"]
    assert parser.feed(b"\n") == []
    assert [e.data for e in parser.feed(b"data: y\r\n\r")] == ["y"]


@pytest.mark.parametrize("step", [1, 7, 64, 1000])
def test_a_line_over_the_bound_is_skipped_and_the_rest_is_not(step: int) -> None:
    data = b"id: 1\ndata: before\n\nid: 2\ndata: " + b"x" * 100 + b"\nid: 3\n\ndata: after\n\n"
    parser = SSEParser(max_line=50)
    seen: list[tuple[str, str]] = []
    errors: list[SSELimitError] = []
    for start in range(0, len(data), step):
        try:
            events = parser.feed(data[start : start + step])
        except SSELimitError as error:
            errors.append(error)
            events = error.events
        seen += [(event.data, event.id) for event in events]
    assert seen == [("before", "1"), ("after", "3")]
    (error,) = errors
    assert (error.limit, error.value) == ("max_line", 50)
    assert "sse_line" in error.remedy


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_event_over_the_bound_is_skipped_and_told_once(step: int) -> None:
    data = b"data: 12345\n" * 50 + b"\ndata: after\n\n"
    parser = SSEParser(max_line=50, max_event=100)
    seen, limits = [], []
    for start in range(0, len(data), step):
        try:
            events = parser.feed(data[start : start + step])
        except SSELimitError as error:
            limits.append(error.limit)
            events = error.events
        seen += [event.data for event in events]
    assert (seen, limits) == (["after"], ["max_event"])


def test_at_the_bound_nothing_is_skipped() -> None:
    line = b"data: " + b"x" * 44
    assert len(line) == 50
    (event,) = SSEParser(max_line=50, max_event=45).feed(line + b"\n\n")
    assert event.data == "x" * 44
    with pytest.raises(SSELimitError):
        SSEParser(max_line=49).feed(line + b"\n\n")
    with pytest.raises(SSELimitError):
        SSEParser(max_line=50, max_event=44).feed(line + b"\n\n")


def test_an_endless_line_costs_no_memory_and_no_time() -> None:
    parser = SSEParser(max_line=1 << 16)
    chunk = b"x" * 1024
    start = time.perf_counter()
    told = 0
    for _ in range(20_000):
        try:
            parser.feed(chunk)
        except SSELimitError:
            told += 1
    assert told == 1
    assert len(parser._rest) <= (1 << 16) + 1024
    assert time.perf_counter() - start < 5.0  # a quadratic parser takes minutes


def test_a_dribble_of_single_bytes_is_linear() -> None:
    parser = SSEParser()
    start = time.perf_counter()
    for _ in range(300_000):
        parser.feed(b"x")
    assert time.perf_counter() - start < 10.0


@pytest.mark.parametrize(
    ("line", "retry"), [(b"retry: 250", 0.25), (b"retry:0", 0.0), (b"retry: 1" + b"0" * 4400, 1e9)]
)
def test_retry_is_in_seconds_and_bounded(line: bytes, retry: float) -> None:
    parser = SSEParser()
    parser.feed(line + b"\n\n")
    assert parser.retry == retry


@pytest.mark.parametrize("line", [b"retry: 1.5", b"retry: -1", b"retry:", b"retry: 1s", "retry: ٣".encode()])
def test_what_is_no_retry(line: bytes) -> None:
    parser = SSEParser()
    parser.feed(line + b"\n\n")
    assert parser.retry is None


PIECES = [
    "id: 1\n",
    "data: x\n",
    "\n",
    "data: é\n",
    "id: 2\n",
    "data:\n",
    "event: e\n",
    ": c\n",
    "retry: 50\n",
    "id:\0\n",
    "\r\n",
]


class LineByLine(SSEParser):
    """The same without the short way for plain events."""

    def _take_plain(self, text: bytes, events: list[ServerSentEvent]) -> int:
        return 0


@given(st.lists(st.sampled_from([*PIECES[:3] * 3, *PIECES]), max_size=25), st.randoms(use_true_random=False))
def test_the_short_way_leads_to_the_same_events_at_the_same_chunks(pieces: list[str], random: Random) -> None:
    body, parser, slow = "".join(pieces).encode(), SSEParser(), LineByLine()
    while body:
        size = random.choice((1, 5, 40, 400))
        chunk, body = body[:size], body[size:]
        seen, expected = ([(e.event, e.data, e.id) for e in each.feed(chunk)] for each in (parser, slow))
        assert seen == expected
        assert (parser.last_event_id, parser.retry) == (slow.last_event_id, slow.retry)
