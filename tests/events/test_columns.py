"""Large frames of samples: read in one pass into the very same as in two, and left to the usual way where they are not so."""

from __future__ import annotations

from array import array
from typing import Any

import msgspec
import pytest

from gunj_widgets.events import codec
from gunj_widgets.events.columns import LARGE, read_columns
from gunj_widgets.events.event import Event, Unread, payload_of
from gunj_widgets.events.observations import Batch, plain_samples, samples

T = 1_750_000_000.0
TIMES = [T + n / 1000 for n in range(100)]
VALUES = [n / 7 for n in range(100)]
SERIES = {"labels": {"pod": "loki-1"}, "times": TIMES, "values": VALUES}
PAYLOAD: dict[str, Any] = {"metric": "cpu", "unit": "%", "series": [SERIES, SERIES]}
ENVELOPE = {
    "type": "platform.p.metrics.cpu", "payload": PAYLOAD, "id": "f1", "timestamp": T, "seq": 1, "epoch": "e", "sub": "s",
}  # fmt: skip


def text(**changes: Any) -> bytes:
    return msgspec.json.encode({**ENVELOPE, **changes})


def read(data: bytes) -> Event:
    event = read_columns(data)
    assert event is not None
    return event


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


def test_a_run_takes_them_and_what_is_between() -> None:
    frames = [text(seq=n, payload=PAYLOAD if n % 2 else {"status": "x" * LARGE}) for n in range(1, 7)]
    run = codec.decode_run(frames, 0, arrived=5.0, source="websocket")
    assert [event.seq for event in run] == [1, 2, 3, 4, 5, 6]
    assert [type(payload_of(event)) is Unread for event in run] == [True, False] * 3
    assert {(event.arrived, event.source, event.topic) for event in run} == {(5.0, "websocket", ENVELOPE["type"])}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        text()[:-1],
        text(seq="one"),
        text(payload={"status": '"payload":{"metric":'}),
        text(payload={**PAYLOAD, "metric": ""}),
        text(payload={**PAYLOAD, "series": [{**SERIES, "times": TIMES[1:]}]}),
        text(payload={**PAYLOAD, "series": [{**SERIES, "values": [None, *VALUES[1:]]}]}),
        text(payload={**PAYLOAD, "series": [{**SERIES, "component": "x"}]}),
        text(payload={"metric": "cpu", "series": "x"}),
    ],
)
def test_anything_else_is_left_to_the_usual_way(data: bytes) -> None:
    assert read_columns(data) is None


@pytest.mark.parametrize("change", [{"seq": None}, {"metadata": {"a": 1}}, {"type": "metrics"}, {"timestamp": 1e12}])
def test_an_unusual_envelope_ends_a_run_as_it_does_for_small_frames(change: dict[str, Any]) -> None:
    assert codec.decode_run([text(), text(**change), text()], 0, arrived=5.0, source="x") == [
        codec.decode(text(), arrived=5.0, source="x")[0]
    ]
    assert len(codec.decode(text(**change), arrived=5.0, source="x")) == 1
