"""Batches as one block and back: nothing is other than it was, and what is no block is said to be none."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.recording import chunks
from gunj_widgets.recording.chunks import pack, unpack
from gunj_widgets.recording.redact import Redaction

WORDS = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.builds(
    Event,
    topic=st.sampled_from(["platform.a.status", "platform.b.metrics.cpu", "alert.x"]),
    data=JSON,
    id=st.none() | WORDS,
    time=st.none() | st.floats(0, 2e9),
    arrived=st.floats(0, 2e9),
    seq=st.none() | st.integers(0, 2**40),
    epoch=st.none() | WORDS,
    sub=st.none() | WORDS,
    source=WORDS,
    metadata=st.none() | st.dictionaries(st.sampled_from("abcd"), JSON, max_size=2),
)


@given(st.lists(st.lists(EVENTS, min_size=1, max_size=4), max_size=4))
def test_what_goes_in_comes_out(batches: list[list[Event]]) -> None:
    assert unpack(pack(batches, Redaction())) == batches


def test_a_payload_nobody_looked_at_stays_as_it_came() -> None:
    raw = b'{"value": 1.50, "b":[1,2 ]}'
    message = b'{"type":"platform.a.status","seq":1,"payload":' + raw + b"}"
    (event,) = codec.decode(message, arrived=1.0, source="websocket")
    assert isinstance(event, Event)
    ((back,),) = unpack(pack([[event]], Redaction()))
    assert back.raw is not None
    assert bytes(back.raw) == raw
    assert event.raw is not None  # and recording it was no look


def test_samples_take_a_fraction_of_their_json() -> None:
    events = [
        Event(
            topic="platform.production.metrics.cpu_usage",
            data={
                "metric": "cpu_usage",
                "samples": [{"labels": {"pod": f"p{n % 8}"}, "time": 1e9 + n / 10, "value": n % 97 / 7}],
            },
            id=f"e-{n}",
            time=1e9 + n / 10,
            arrived=1e9 + n / 10 + 0.01,
            seq=n,
            sub="metrics/production",
        )
        for n in range(2_000)
    ]
    size = len(pack([events], Redaction())) / len(events)
    assert size < 40, f"{size:.1f} bytes an event"


def block(**changes: Any) -> bytes:
    columns = msgspec.json.decode(zlib.decompress(pack([[Event(topic="a.b", data=1)]], Redaction())))
    return zlib.compress(msgspec.json.encode({**columns, **changes}))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        zlib.compress(b"hello"),
        zlib.compress(b"{}"),
        block()[:-3],
        block(sizes=[2]),
        block(sizes=[0, 1]),
        block(words=[]),
        block(topic=[99]),
        block(topic=[]),
        block(metadata={"7": {}}),
    ],
)
def test_what_is_no_block_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        unpack(raw)


def test_a_block_that_unfolds_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_CHUNK", 1_000)
    with pytest.raises(RemoteProtocolError, match="too big"):
        unpack(zlib.compress(b" " * 10_000))
