"""Loki's answers, as a real one gave them, and what nobody should send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.loki.replies import (
    decode_data,
    decode_lines,
    decode_tail,
    entry,
    is_log_query,
    page_limit,
    refusal,
)
from tests.sources.fake import CONTRACT, recorded


def body(name: str) -> bytes:
    return json.dumps(recorded("loki", name)[1]).encode()


def answer(*streams: dict[str, Any]) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": "streams", "result": list(streams)}}).encode()


def test_lines_keep_their_nanoseconds() -> None:
    lines = decode_lines(body("query_range_streams"))
    assert [line.ns for line in lines] == [1795427771553601988 + i for i in range(5)]
    assert lines[0].text == "GET /api/item/0 took 0 ms"
    made = entry(lines[0])
    assert (made.ns, made.level, made.component) == (1795427771553601988, "info", "loki")
    assert made.metadata is not None
    assert made.metadata["ns"] == "1795427771553601988"
    assert made.metadata["trace_id"] == "abc"


def test_tail_messages_as_recorded() -> None:
    messages = (CONTRACT / "loki" / "tail_messages.jsonl").read_bytes().splitlines()
    tailed = [decode_tail(message) for message in messages]
    assert [len(one.lines) for one in tailed] == [5, 6, 6, 6, 6]
    assert tailed[-1].dropped == 6
    assert tailed[0].lines[0].ns == 1795427771553601988


def test_a_line_is_the_same_from_the_tail_and_from_an_answer() -> None:
    tailed = decode_tail((CONTRACT / "loki" / "tail_messages.jsonl").read_bytes().splitlines()[0])
    assert [line.key for line in tailed.lines] == [line.key for line in decode_lines(body("query_range_streams"))]


def test_metadata_beside_a_line_joins_its_labels() -> None:
    parts = {"structuredMetadata": {"trace_id": "abc"}, "parsed": {"took": "3"}}
    merged = decode_lines(answer({"stream": {"job": "s", "trace_id": "abc", "took": "3"}, "values": [["7", "x"]]}))
    beside = decode_lines(answer({"stream": {"job": "s"}, "values": [["7", "x", parts]]}))
    assert beside[0].labels == {"job": "s", "trace_id": "abc", "took": "3"}
    assert beside[0].key == merged[0].key
    flat = decode_lines(answer({"stream": {"job": "s"}, "values": [["7", "x", {"trace_id": "abc"}], ["8", "y", {}]]}))
    assert [line.labels for line in flat] == [{"job": "s", "trace_id": "abc"}, {"job": "s"}]


def test_time_labels_and_text_tell_lines_apart() -> None:
    lines = decode_lines(
        answer(
            {"stream": {"a": "1"}, "values": [["7", "x"], ["7", "y"], ["8", "x"]]},
            {"stream": {"a": "2"}, "values": [["7", "x"]]},
        )
    )
    assert len({line.key for line in lines}) == 4
    assert [line.ns for line in lines] == [7, 7, 7, 8]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"status":"error","data":{"resultType":"streams","result":[]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[]}}',
        b'{"status":"success","data":{"resultType":"streams","result":{}}}',
        b'{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["x","y"]]}]}}',
        b'{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1"]]}]}}',
        b'{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[[{},"y"]]}]}}',
        b'{"status":"success","data":{"resultType":"streams","result":' + b"[" * 5000,
    ],
)
def test_what_is_no_answer_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_lines(raw)


@pytest.mark.parametrize("raw", [b"", b"hello", b'{"streams":[{"values":1}]}', b"[]"])
def test_what_is_no_tail_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_tail(raw)
    with pytest.raises(RemoteProtocolError):
        decode_data(raw)


def test_labels() -> None:
    assert decode_data(body("labels")) == ["component", "job", "level"]


def test_an_error_points_at_its_place() -> None:
    error = refusal(400, recorded("loki", "err_parse")[1].encode(), "{job=")
    assert error.position == 5
    assert "‘{job=⟨here⟩’" in error.problem
    assert error.remedy == "Correct the query."


def test_the_bound_of_a_page_is_read_from_its_refusal() -> None:
    assert page_limit(recorded("loki", "err_limit")[1].encode()) == 5000
    assert page_limit(b"parse error at line 1, col 6") is None


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("queries require at least one regexp or equality matcher", "Name a label"),
        ("the query time range exceeds the limit (query length: 800h, limit: 721h)", "shorter window"),
        ("maximum number of series (500) reached for a single query", "Aggregate"),
        ("too many outstanding requests", "Narrow"),
    ],
)
def test_other_refusals_say_what_to_do(words: str, remedy: str) -> None:
    assert remedy in refusal(400, words.encode()).remedy


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ('{app="x"}', True),
        ('  \n# which\n{app="x"} |= "a" | json', True),
        ('({app="x"} |= "a")', True),
        ('rate({app="x"}[1m])', False),
        ('sum by (level) (count_over_time({app="x"}[5m]))', False),
        ("", False),
    ],
)
def test_queries_for_lines_and_for_numbers(query: str, lines: bool) -> None:
    assert is_log_query(query) is lines


def test_a_level_nobody_knows_is_none() -> None:
    line = decode_lines(answer({"stream": {"level": "loud", "container": "api"}, "values": [["7", "x"]]}))[0]
    assert (entry(line).level, entry(line).component) == ("", "api")
