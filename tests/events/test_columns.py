"""Large frames of samples: read in one pass into the very same as in two, and left to the usual way where they are not so."""

from __future__ import annotations

from array import array
from random import Random
from typing import Any

import msgspec
import pytest

from gunj_widgets.events import codec, columns
from gunj_widgets.events.columns import LARGE, read_columns
from gunj_widgets.events.event import Event, Unread, payload_of
from gunj_widgets.events.observations import Batch, plain_samples, samples

T = 1_750_000_000.0
TIMES = [T + n / 1000 for n in range(100)]
VALUES = [n / 7 for n in range(100)]
SERIES = {"labels": {"pod": "loki-1"}, "times": TIMES, "values": VALUES}
PAYLOAD: dict[str, Any] = {"metric": "cpu", "unit": "%", "series": [SERIES, SERIES]}
PARSE = columns._parse
ENVELOPE = {
    "type": "platform.p.metrics.cpu", "payload": PAYLOAD, "id": "f1", "timestamp": T, "seq": 1, "epoch": "e", "sub": "s",
}  # fmt: skip


@pytest.fixture(params=["simdjson", "msgspec"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "msgspec":
        monkeypatch.setattr(columns, "_parse", None)
    else:
        assert PARSE is not None


both = pytest.mark.usefixtures("reader")


def text(**changes: Any) -> bytes:
    return msgspec.json.encode({**ENVELOPE, **changes})


def read(data: bytes) -> Event:
    event = read_columns(data)
    assert event is not None
    return event


@both
def test_it_is_the_event_that_the_usual_way_reads() -> None:
    data = text()
    (usual,) = codec.decode(data, arrived=0.0, source="local")
    assert len(data) > LARGE
    assert isinstance(usual, Event)
    assert read(data).raw == usual.raw
    assert codec.payload(read(data)) == codec.payload(usual)
    assert read(data) == usual
    assert read(data).data == PAYLOAD
    assert "cpu" in repr(read(data))


@both
def test_the_samples_are_taken_once_and_read_again_after_that() -> None:
    event = read(text())
    first, again, looked_at = list[Batch](), list[Batch](), list[Batch]()
    assert plain_samples([event], first) is None
    assert plain_samples([event], again) is None
    assert event.data == PAYLOAD
    assert plain_samples([event], looked_at) is None
    assert first == again == looked_at
    assert [(metric, labels, list(array("d", times)), list(array("d", values)), unit)  # type: ignore[arg-type]
            for metric, labels, times, values, unit in first] == samples(PAYLOAD, arrived=0.0)  # fmt: skip


@both
def test_a_run_takes_them_and_what_is_between() -> None:
    frames = [text(seq=n, payload=PAYLOAD if n % 2 else {"status": "x" * LARGE}) for n in range(1, 7)]
    run = codec.decode_run(frames, 0, arrived=5.0, source="websocket")
    assert [event.seq for event in run] == [1, 2, 3, 4, 5, 6]
    assert [type(payload_of(event)) is Unread for event in run] == [True, False] * 3
    assert {(event.arrived, event.source, event.topic) for event in run} == {(5.0, "websocket", ENVELOPE["type"])}


@both
@pytest.mark.parametrize(
    "data",
    [
        b"",
        text()[:-1],
        text(seq="one"),
        text(payload={"status": '"series":[', "more": "x" * LARGE}),
        text(payload={**PAYLOAD, "metric": ""}),
        text(payload={**PAYLOAD, "series": [{**SERIES, "times": TIMES[1:]}]}),
        text(payload={**PAYLOAD, "series": [{**SERIES, "values": [None, *VALUES[1:]]}]}),
        text(payload={**PAYLOAD, "series": [{**SERIES, "component": "x"}]}),
        text(payload={"metric": "cpu", "series": "x"}),
    ],
)
def test_anything_else_is_left_to_the_usual_way(data: bytes) -> None:
    assert read_columns(data) is None


@both
@pytest.mark.parametrize("change", [{"seq": None}, {"metadata": {"a": 1}}, {"type": "metrics"}, {"timestamp": 1e12}])
def test_an_unusual_envelope_ends_a_run_as_it_does_for_small_frames(change: dict[str, Any]) -> None:
    assert codec.decode_run([text(), text(**change), text()], 0, arrived=5.0, source="x") == [
        codec.decode(text(), arrived=5.0, source="x")[0]
    ]
    assert len(codec.decode(text(**change), arrived=5.0, source="x")) == 1


def series(**changes: Any) -> bytes:
    return text(payload={"metric": "cpu", "series": [{**SERIES, **changes}]})


def swap(old: bytes, new: bytes) -> bytes:
    assert old in text()
    return text().replace(old, new, 1)


ODD = {
    "a number the usual way cannot hold": series(values=[*VALUES[1:], 1]).replace(b",1]", b",1" + b"0" * 400 + b"]"),
    "whole numbers": series(values=[*range(100)]),
    "a whole number beyond 2^53": series(values=[*VALUES[1:], 2**53 + 1]),
    "a whole number beyond 2^64": series(values=[*VALUES[1:], 2**65 + 1]),
    "minus nought": series(values=[-0.0, *VALUES[1:]]),
    "the smallest and the largest": series(values=[5e-324, 1.7976931348623157e308, *VALUES[2:]]),
    "nought in times": series(times=[0, *TIMES[1:]]),
    "text among values": series(values=["NaN", *VALUES[1:]]),
    "true among values": series(values=[True, *VALUES[1:]]),
    "an array among values": series(values=[[1.0], *VALUES[1:]]),
    "an empty array among values": series(values=[[], [1.0, 2.0], *VALUES[2:]]),
    "an array further on": series(values=[*VALUES[1:], [1.0]]),
    "times in another unit": series(times=[time * 1000 for time in TIMES]),
    "a time before 1970": series(times=[-1.0, *TIMES[1:]]),
    "values that are text": series(values="x"),
    "no labels": text(payload={"metric": "cpu", "series": [{"times": TIMES, "values": VALUES}]}),
    "labels with a number": series(labels={"pod": 1}),
    "labels with labels": series(labels={"pod": {"a": "b"}}),
    "labels with a bracket": series(labels={"pod": "[x"}),
    "labels that are none": series(labels=None),
    "labels beyond ASCII": series(labels={"pod": "zażółć"}),
    "equal labels": swap(b'{"pod":"loki-1"}', b'{"pod":"loki-1","pod":"loki-2"}'),
    "equal keys of a series": swap(b'{"labels":{"pod":"loki-1"}', b'{"labels":{},"labels":{"pod":"loki-2"}'),
    "equal keys of a payload": swap(b'"metric":"cpu"', b'"metric":"cpu","metric":"memory"'),
    "equal keys of a frame": swap(b'"seq":1', b'"seq":1,"seq":2'),
    "a key more in a payload": text(payload={**PAYLOAD, "platform": "p"}),
    "a key more in a frame": text(more=1),
    "a unit that is none": text(payload={**PAYLOAD, "unit": None}),
    "a metric that is a number": text(payload={**PAYLOAD, "metric": 5}),
    "a series that is a number": text(payload={**PAYLOAD, "series": [SERIES, 5]}),
    "no series": text(payload={**PAYLOAD, "series": []}, more="x" * LARGE),
    "an empty series": text(payload={**PAYLOAD, "series": [SERIES, {**SERIES, "times": [], "values": []}]}),
    "an envelope with metadata": text(metadata={"a": 1}),
    "an envelope with metadata that is text": text(metadata="a"),
    "a number that is text": text(seq="1"),
    "a number that is true": text(seq=True),
    "a whole second": text(timestamp=1_750_000_000),
    "no moment": text(timestamp=None),
    "an id that is a number": text(id=7),
    "a type that is an object": text(type={}),
    "a part only": text()[:-1],
    "something after it": text() + b"x",
    "a byte order mark": b"\xef\xbb\xbf" + text(),
    "space before it": b" " + text(),
    "a comma too many": swap(b'"unit":"%",', b'"unit":"%",,'),
    "bytes that are no UTF-8": swap(b"loki-1", b"loki-\xff"),
    "half a surrogate": swap(b"loki-1", b"loki-\\ud800"),
    "another order": msgspec.json.encode(dict(reversed(ENVELOPE.items()))),
    "a payload far too deep": text(payload={**PAYLOAD, "deep": 5}).replace(
        b'"deep":5', b'"deep":' + b"[" * 2000 + b"]" * 2000
    ),
    "labels far too deep": series(labels={"pod": 5}).replace(
        b'"pod":5', b'"pod":' + b'{"a":' * 2000 + b"1" + b"}" * 2000
    ),
    "more than simdjson is given room for": text(payload={**PAYLOAD, "series": [SERIES] * 600}),
}


@both
@pytest.mark.parametrize("missing", ["id", "timestamp", "seq", "epoch", "sub"])
def test_an_envelope_may_say_less(missing: str) -> None:
    said = {name: value for name, value in ENVELOPE.items() if name != missing}
    event = read(msgspec.json.encode(said))
    assert event == codec.decode(msgspec.json.encode(said), arrived=0.0, source="local")[0]


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_whatever_comes_is_read_the_same_with_simdjson_and_without(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [read_columns(data)]
    monkeypatch.setattr(columns, "_parse", None)
    events.append(read_columns(data))
    assert told(events[0]) == told(events[1])


def told(event: Event | None) -> object:
    """What was read, number for number, without a look at the payload."""
    if event is None:
        return None
    held = payload_of(event)
    return held.take(), event.topic, event.id, repr(event.time), event.seq, event.epoch, event.sub, event.metadata


def test_simdjson_never_keeps_room_for_a_frame_of_many_mebibytes() -> None:
    assert PARSE(b" " * 1000 + b"1") == 1
    with pytest.raises(ValueError, match="support"):
        PARSE(b" " * (1 << 20) + b"1")


def test_a_damaged_frame_is_read_the_same_with_simdjson_and_without() -> None:
    small = {"labels": {"pod": "l"}, "times": [T, T + 1.5], "values": [2, -0.5]}
    whole = text(payload={"metric": "cpu", "series": [small, {**small, "labels": {}}]})
    pieces = rb"""[|]|{|}|,|"|:|null|1e999|-0|01|.|E+5|\u0041|\ud800|\| |"a":1,|"seq":3,|"labels":{},|[]|[1]|NaN|20000000000000000000"""
    dice, taken = Random(4), 0
    for _ in range(20_000):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 1, 2))):
            at = dice.randrange(len(data))
            data[at : at + dice.choice((0, 1, 1, 5))] = dice.choice(
                [*pieces.split(b"|"), b"", b"\xff", b"\xc3\xa9", data[:9]]
            )
        simd = columns._read_simd(bytes(data))
        if simd is not None:
            taken += 1
            assert told(simd) == told(columns._read(bytes(data)))
    assert taken > 500
