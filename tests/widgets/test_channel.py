"""Numbering of a channel's parts, and the choice between the whole and what is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gunj_widgets.widgets.channel import Buffers, Channel, WholeChannel, ms, speakable


class Marks:
    def __init__(self) -> None:
        self.marked: list[Channel] = []

    def mark(self, channel: Channel) -> None:
        self.marked.append(channel)


class Counting(Channel):
    kind = "counting"

    def __init__(self, marks: Marks) -> None:
        super().__init__("c", marks)
        self.fresh: list[int] = []
        self.listening = 0

    def listen(self) -> list[Callable[[], None]]:
        self.listening += 1
        return [lambda: setattr(self, "listening", self.listening - 1)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        return {"all": True}

    def delta(self, buffers: Buffers, now: float) -> dict[str, Any] | None:
        if not self.fresh:
            return None
        new, self.fresh = self.fresh, []
        return {"new": new, "whole": -1 in new}


class Whole(WholeChannel):
    kind = "whole"

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        return {"now": now}


def part(channel: Channel) -> dict[str, Any] | None:
    return channel.part(Buffers(), 1.0)


def test_first_the_whole_then_only_what_is_new() -> None:
    channel = Counting(Marks())
    assert part(channel) == {"ch": "c", "kind": "counting", "op": "snap", "seq": 1, "body": {"all": True}}
    assert part(channel) is None
    channel.fresh = [1, 2]
    assert part(channel) == {"ch": "c", "kind": "counting", "op": "delta", "seq": 2, "body": {"new": [1, 2]}}


def test_a_page_that_lost_its_place_gets_the_whole_and_the_numbering_goes_on() -> None:
    channel = Counting(Marks())
    part(channel)
    channel.stale = True
    again = part(channel)
    assert again is not None
    assert (again["op"], again["seq"]) == ("snap", 2)


def test_a_delta_that_replaces_everything_travels_as_a_snap() -> None:
    channel = Counting(Marks())
    part(channel)
    channel.fresh = [-1]
    again = part(channel)
    assert again is not None
    assert again["op"] == "snap"
    assert "whole" not in again["body"]


def test_whole_channels_always_send_the_whole() -> None:
    channel = Whole("w", Marks())
    assert [p["op"] for p in (part(channel), part(channel)) if p] == ["snap", "snap"]


def test_what_it_listens_to_is_let_go_of() -> None:
    channel = Counting(Marks())
    for _ in range(100):
        channel.open()
        channel.close()
    assert channel.listening == 0


def test_a_change_marks_the_channel() -> None:
    marks = Marks()
    channel = Counting(marks)
    channel.changed()
    assert marks.marked == [channel]


def test_buffers_are_little_endian_and_their_own() -> None:
    buffers = Buffers()
    values = np.array([1.5, 2.5])
    assert buffers.add(values, "<f8") == 0
    assert buffers.add(np.array([1, 2, 3]), "<i4") == 1
    values[0] = 9.0
    assert np.frombuffer(buffers.items[0], "<f8").tolist() == [1.5, 2.5]
    assert np.frombuffer(buffers.items[1], "<i4").tolist() == [1, 2, 3]


def test_times_travel_as_milliseconds() -> None:
    assert ms(None) is None
    assert ms(1.5) == 1500.0


def test_numbers_that_javascript_would_bend_travel_as_text() -> None:
    given = {
        "id": 2**53 + 1,
        "small": 2**53 - 1,
        "neg": -(2**63),
        "deep": [{"x": 10**40}],
        "t": True,
        "f": 1.5,
        "n": None,
    }
    assert speakable(given) == {
        "id": "9007199254740993",
        "small": 2**53 - 1,
        "neg": "-9223372036854775808",
        "deep": [{"x": "1" + "0" * 40}],
        "t": True,
        "f": 1.5,
        "n": None,
    }
    assert speakable([float("nan"), float("inf")]) == [None, None]
