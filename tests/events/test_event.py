"""The Event: which time counts, and its names on the wire."""

from __future__ import annotations

import msgspec

from gunj_widgets.events.event import Event


def test_when_it_happened_or_else_when_it_came() -> None:
    assert Event(topic="a", arrived=5.0).when == 5.0
    assert Event(topic="a", arrived=5.0, time=3.0).when == 3.0
    assert Event(topic="a", arrived=5.0, time=0.0).when == 0.0


def test_in_json_it_has_the_wires_names() -> None:
    event = Event(topic="a.b", data={"x": 1}, time=2.0)
    fields = msgspec.json.decode(msgspec.json.encode(event))
    assert (fields["type"], fields["payload"], fields["timestamp"]) == ("a.b", {"x": 1}, 2.0)
    assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event
