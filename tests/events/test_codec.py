"""The wire codec: what the contract says, and what a hostile or broken peer can make of it."""

from __future__ import annotations

import json
from contextlib import suppress
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.codec import Control, decode, decode_run, decode_snapshot, encode, envelope
from gunj_widgets.events.event import Event
from gunj_widgets.events.legacy import bare_topic

CASES = json.loads((Path(__file__).parents[1] / "contract" / "wire.json").read_text(encoding="utf-8"))
FACT = {"type": "platform.p.status", "payload": {"name": "p"}, "id": "1", "sub": "s", "seq": 1, "epoch": "e"}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def read(frame: Any, **more: Any) -> list[Event | Control]:
    return decode(json.dumps(frame), arrived=99.0, source="test", **more)


def shown(message: Event | Control, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the contract says about a message, as it really is."""
    if isinstance(message, Control):
        return {"control": message.type} | ({"fields": message.fields} if "fields" in wanted else {})
    return {name: getattr(message, name) for name in wanted}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_contract(case: dict[str, Any]) -> None:
    messages = read(case["frame"])
    assert [shown(m, want) for m, want in zip(messages, case["events"], strict=True)] == case["events"]
    assert all(m.arrived == 99.0 and m.source == "test" for m in messages if isinstance(m, Event))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bytes_text_and_leading_space_are_the_same(case: dict[str, Any]) -> None:
    text = json.dumps(case["frame"])
    forms = [decode(form, arrived=1.0, source="t") for form in (text, text.encode(), f" \n{text} ")]
    assert forms[0] == forms[1] == forms[2]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('"text"', "is an object"),
        ("12", "is an object"),
        ("null", "is an object"),
        ("{}", "no 'type'"),
        ('{"type": ""}', "no 'type'"),
        ('{"type": 5}', "no 'type'"),
        ('{"type": "a..b"}', "bad type"),
        ('{"type": ".a"}', "bad type"),
        ('{"type": "' + "a" * 257 + '"}', "bad type"),
        ('{"type": "' + ".".join("a" * 17) + '"}', "bad type"),
        ('{"type": "a.b", "seq": "1"}', "seq is not a whole number"),
        ('{"type": "a.b", "seq": true}', "seq is not a whole number"),
        ('{"type": "a.b", "id": []}', "id is not text"),
        ('{"type": "a.b", "sub": {}}', "sub is not text"),
        ('{"type": "a.b", "metadata": []}', "metadata is not an object"),
        ('{"type": "a.b", "timestamp": "yesterday"}', "timestamp is not a time"),
        ('{"type": "a.b", "timestamp": -1}', "timestamp is not a time"),
        ('{"type": "a.b", "timestamp": true}', "timestamp is not a"),
        ('{"type": "a.b", "timestamp": "NaN"}', "timestamp is not a time"),
        ('{"type": "a.b", "timestamp": 1e30}', "timestamp is not a time"),
        ('{"type": "a.b", "payload": NaN}', "not JSON"),
        ('{"type": "a.b", "timestamp": 1e999}', "not JSON"),
        ('{"type": "a.b", "payload": [1e999, "ä"]}', "not JSON"),
        ('{"type": "a.b", "payload": "\udcff"}', "not JSON"),
        ('{"type": "alert", "payload": []}', "no payload object"),
        ('{"type": "alert", "payload": {}}', "does not say what it is about"),
        ('{"type": "platform_update", "payload": {}}', "does not say what it is about"),
        ('{"type": "a.b"} x', "not JSON"),
    ],
)
def test_what_is_wrong_is_named(frame: str, words: str) -> None:
    with pytest.raises(RemoteProtocolError, match=words):
        decode(frame, arrived=0.0, source="t")


def test_bytes_that_are_not_utf8_are_malformed() -> None:
    with pytest.raises(RemoteProtocolError, match="not JSON"):
        decode(b'{"type": "a.b", "payload": "\xff"}', arrived=0.0, source="t")


def read_to_the_end(frame: str) -> None:
    for event in decode(frame, arrived=0.0, source="t"):
        assert isinstance(event, Event)
        _ = event.data


@pytest.mark.parametrize("frame", ["[" * 200_000, '{"type":"a.b","payload":' + '{"a":' * 5000 + "1" + "}" * 5001])
def test_a_bomb_of_brackets_is_an_error_not_a_crash(frame: str) -> None:
    with pytest.raises(RemoteProtocolError):
        read_to_the_end(frame)


def test_metadata_is_decoded_at_once_and_so_bounded_at_once() -> None:
    deep = "[" * 100 + "]" * 100
    with pytest.raises(RemoteProtocolError, match="nested deeper"):
        decode(f'{{"type": "a.b", "metadata": {{"a": {deep}}}}}', arrived=0.0, source="t")


def test_many_brackets_beside_each_other_are_fine() -> None:
    rows = [{"labels": {"a": "[{"}, "time": 1.0, "value": 2} for _ in range(500)]
    (event,) = read({"type": "platform.p.metrics.cpu", "payload": {"samples": rows}})
    assert isinstance(event, Event)
    assert event.data["samples"] == rows


@given(JSON)
@example({"type": "a.b"})
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        messages = read(value)
    except RemoteProtocolError:
        return
    assert all(isinstance(message, Event | Control) for message in messages)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(RemoteProtocolError):
        decode(data, arrived=0.0, source="t")


@given(
    st.dictionaries(st.text(max_size=6), JSON, max_size=4).filter(lambda d: "payload" not in d),
    st.one_of(st.none(), st.integers(1, 10**9)),
    st.one_of(st.none(), st.floats(0, 4e9)),
)
def test_what_is_encoded_comes_back(data: dict[str, Any], seq: int | None, time: float | None) -> None:
    event = Event(topic="platform.p.status", data=data, id="i", seq=seq, epoch="e", sub="s", time=time, source="test")
    assert decode(encode(envelope(event)), arrived=0.0, source="test") == [event]


def test_an_envelope_leaves_out_what_is_not_known() -> None:
    assert envelope(Event(topic="a.b", data=1)) == {"type": "a.b", "payload": 1}


def test_numbers_json_cannot_say_travel_as_text() -> None:
    assert json.loads(encode({"a": [nan, {"b": inf}, (-inf, 1.5, None)]})) == {
        "a": ["NaN", {"b": "+Inf"}, ["-Inf", 1.5, None]]
    }


def test_a_snapshot_keeps_order_and_names_what_is_bad() -> None:
    control = Control("snapshot", {"id": "s", "events": [FACT, 5, {**FACT, "id": "2"}]})
    first, bad, second = decode_snapshot(control, arrived=7.0, source="t")
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert isinstance(bad, Control)
    assert (first.id, first.arrived, bad.type, second.id) == ("1", 7.0, "malformed", "2")


@pytest.mark.parametrize("fields", [{}, {"events": {}}, {"events": "x"}])
def test_a_snapshot_without_events_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(RemoteProtocolError, match="array of events"):
        decode_snapshot(Control("snapshot", fields), arrived=0.0, source="t")


def test_a_bare_payload_gets_the_topic_of_its_stream() -> None:
    def bare(payload: Any) -> str:
        return bare_topic("logs", "p", payload)

    line = {"timestamp": "2025-06-15T15:06:40Z", "level": "info", "message": "hi", "component": "loki"}
    (event,) = read(line, bare=bare)
    assert isinstance(event, Event)
    assert (event.topic, event.data, event.time) == ("platform.p.logs.loki", line, 1750000000.0)
    (kube,) = read({"type": "Normal", "reason": "Ready"}, bare=lambda payload: bare_topic("platform", "p", payload))
    assert isinstance(kube, Event)
    assert kube.topic == "platform.p.events"
    (wrapped,) = read({"type": "platform.p.logs.loki", "payload": line}, bare=bare)
    assert isinstance(wrapped, Event)
    assert wrapped.data == line


def test_equal_topics_are_one_string() -> None:
    first, second = read([FACT, FACT])
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.topic is second.topic


def test_parse_bounds_any_json() -> None:
    assert codec.parse('{"a": [1]}') == {"a": [1]}
    for bad in ("", "[" * 65 + "]" * 65, "[" * 100_000, b"\xff"):
        with pytest.raises(RemoteProtocolError):
            codec.parse(bad)


def test_a_run_is_what_decode_would_make_of_each_frame_and_ends_before_the_first_that_is_odd() -> None:
    def fact(n: int, **more: Any) -> bytes:
        fields = {"type": "platform.p.status", "payload": {"n": n}, "seq": n, "epoch": "e", "timestamp": 5.0}
        return json.dumps({**fields, **more}, ensure_ascii=False).encode()

    good = [fact(n) for n in (1, 2, 3)]
    for odd in (
        b"{",
        b"[]",
        b'{"type": "heartbeat"}',
        fact(4, seq=None),
        fact(4, type="alert"),
        fact(4, type="a..b"),
        fact(4, timestamp=1.7e12),
        fact(4, timestamp="now"),
        fact(4, metadata={}),
        fact(4, payload="ä"),
    ):
        frames = [*good, odd, *good]
        run = decode_run(frames, 1, arrived=7.0, source="t")
        assert run == [event for data in frames[1:3] for event in decode(data, arrived=7.0, source="t")]
        assert decode_run(frames, 3, arrived=7.0, source="t") == []
