"""The Event: which time counts, and its names on the wire."""

from __future__ import annotations

import copy

import msgspec
import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.codec import decode
from gunj_widgets.events.event import Event
from tests.events.test_shown import EVIL, only_text


def test_when_it_happened_or_else_when_it_came() -> None:
    assert Event(topic="a", arrived=5.0).when == 5.0
    assert Event(topic="a", arrived=5.0, time=3.0).when == 3.0
    assert Event(topic="a", arrived=5.0, time=0.0).when == 0.0


def test_in_json_it_has_the_wires_names() -> None:
    event = Event(topic="a.b", data={"x": 1}, time=2.0)
    fields = msgspec.json.decode(msgspec.json.encode(event))
    assert (fields["type"], fields["payload"], fields["timestamp"]) == ("a.b", {"x": 1}, 2.0)
    assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event


def from_wire(payload: bytes) -> Event:
    return msgspec.json.decode(b'{"type": "a.b", "payload": %b}' % payload, type=Event)


def test_a_payload_stays_json_until_it_is_looked_at_and_is_decoded_once() -> None:
    event = from_wire(b'{"x": [1, 2]}')
    assert event.raw is not None
    assert bytes(event.raw) == b'{"x": [1, 2]}'
    assert event.data == {"x": [1, 2]}
    assert event.raw is None
    assert event.data is event.data
    event.data = 5
    assert event.data == 5


def test_its_size_is_that_of_its_payload_as_json() -> None:
    event = from_wire(b'{"x":[1,2]}')
    assert event.size == 11
    _ = event.data
    assert event.size == 11
    assert Event(topic="a", data=object()).size == 0
    (frame,) = decode(b'{"type":"metrics.a","payload":{"x":1}}', arrived=0.0, source="test")
    assert isinstance(frame, Event)
    assert frame.size >= 7
    loop: list[object] = []
    loop.append(loop)
    assert Event(topic="a", data=loop).size == 0


def test_looked_at_or_not_it_is_the_same_fact() -> None:
    looked = from_wire(b"[1]")
    _ = looked.data
    assert looked == from_wire(b"[1]") == Event(topic="a.b", data=[1])
    assert from_wire(b"[2]") != looked
    assert looked != "a.b"
    assert copy.copy(from_wire(b"[1]")).data == [1]
    assert "[1]" in repr(from_wire(b"[1]"))
    assert msgspec.json.decode(b'{"type": "a.b"}', type=Event).data is None


def test_a_number_that_no_float_holds_is_told_at_the_first_look() -> None:
    with pytest.raises(RemoteProtocolError, match="out of range"):
        _ = from_wire(b"[1e999]").data


def test_what_a_cell_shows_of_an_event_is_text_and_reads_no_more_of_it_than_is_shown() -> None:
    told = Event(topic=EVIL, data={"name": EVIL}, id=EVIL, source=EVIL, time=1e9)
    only_text(told._repr_html_())
    assert "2001-09-09 01:46:40 UTC" in (told._repr_html_() or "")
    unread = Event(topic="a", data=msgspec.Raw(b"[1" + b"0" * 100_000 + b"]"))
    assert len(unread._repr_html_() or "") < 1_000
    assert unread.raw is not None, "nobody has looked at it"
