"""The tape: every sample that a frame would take in, once, by number of its series."""

from __future__ import annotations

import struct
from array import array

import numpy as np
import pytest

from gunj_widgets.errors import LimitError
from gunj_widgets.recording import tape as module
from gunj_widgets.recording.tape import Tape
from gunj_widgets.store.series import Registry


def test_each_sample_is_cut_once_under_the_number_of_its_series() -> None:
    tape = Tape()
    tape.extend_many([("cpu", {"a": "1", "b": "2"}, [1.0], [0.5], "%"), ("mem", {}, [1.5, 0.25], [7.0, 8.0], "")])
    tape.extend_many([("cpu", {"b": "2", "a": "1"}, array("d", [2.0]), array("d", [0.75]), "%")])
    tape.extend_many([("cpu", {}, np.array([3.0]), np.array([1.0]), "")])
    packed = struct.pack("2d", 4.0, 5.0)
    tape.extend_many([("mem", {}, packed, packed, "")])
    numbers, times, values = tape.cut()
    assert numbers.tolist() == [0, 1, 1, 0, 2, 1, 1]
    assert times.tolist() == [1_000_000, 1_500_000, 250_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000]
    assert values.tolist() == [0.5, 7.0, 8.0, 0.75, 1.0, 4.0, 5.0]
    assert tape.names == [("cpu", {"a": "1", "b": "2"}, "%"), ("mem", {}, ""), ("cpu", {}, "")]
    assert [len(column) for column in tape.cut()] == [0, 0, 0]


def test_what_a_frame_would_refuse_is_not_on_it() -> None:
    tape = Tape()
    now = 1_764_000_000.0
    bad = [-1.0, float("nan"), now + 121, 5e9]
    tape.extend_many([("cpu", {}, [now, *bad], [1.0] * 5, ""), ("", {}, [now], [1.0], "")], now)
    assert tape.cut()[1].tolist() == [now * 1_000_000]


def test_more_series_than_can_be_numbered_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = Tape()
    monkeypatch.setattr(tape, "_registry", Registry(2))
    tape.extend_many([(name, {}, [1.0], [1.0], "") for name in "ab"])
    with pytest.raises(LimitError, match="too many series"):
        tape.extend_many([("c", {}, [1.0], [1.0], "")])
    assert module.MAX_SLOTS == 1 << 16
