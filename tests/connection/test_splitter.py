"""Frames cut out in bulk, against the same frames built one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from gunj_widgets.connection.splitter import cut, size_of

LIMIT = 70_000


def text(body: bytes, opcode: Opcode = Opcode.TEXT, *, mask: bool = False, fin: bool = True) -> bytes:
    return Frame(opcode, body, fin=fin).serialize(mask=mask)


sizes = st.sampled_from([0, 1, 125, 126, 127, 300, 65_535, 65_536, LIMIT])


@given(st.lists(sizes, max_size=6), st.integers(0, 12))
def test_whole_messages_are_cut_out_and_the_beginning_of_one_is_left(lengths: list[int], more: int) -> None:
    bodies = [bytes([65 + n]) * length for n, length in enumerate(lengths)]
    whole = b"".join(text(body) for body in bodies)
    messages: list[bytes] = []
    assert cut(whole + text(b"x" * 20)[:more], 0, LIMIT, messages) == len(whole)
    assert messages == bodies


@pytest.mark.parametrize(
    "other",
    [
        text(b"part", fin=False),
        text(b"last part", Opcode.CONT),
        text(b"", Opcode.PING),
        text(b"", Opcode.PONG),
        text(b"\x03\xe8", Opcode.CLOSE),
        text(b"masked", mask=True),
        text(b"x" * (LIMIT + 1)),
        b"\xc1\x01x",  # compressed
        b"\x83\x01x",  # no opcode
    ],
    ids=["a part", "the last part", "ping", "pong", "close", "masked", "too long", "compressed", "no opcode"],
)
def test_any_other_frame_stops_it(other: bytes) -> None:
    messages: list[bytes] = []
    data = text(b"one") + other + text(b"two")
    assert cut(data, 0, LIMIT, messages) == len(text(b"one"))
    assert messages == [b"one"]


@given(sizes, st.booleans(), st.integers(0, 5))
def test_a_frame_is_measured_once_its_head_is_there(length: int, mask: bool, before: int) -> None:
    frame = text(b"x" * length, mask=mask)
    head = 2 + (0 if length < 126 else 2 if length < 65_536 else 8)
    for have in range(head):
        assert size_of(b"#" * before + frame[:have], before) == 0
    assert size_of(b"#" * before + frame[:head], before) == len(frame)
