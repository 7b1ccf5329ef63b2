"""Snapshots of what a store held at a place in a recording ⇄ bytes. Samples are told once, in the stretch in which they came. Pure."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import msgspec
import numpy as np

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.store.books import Books
from gunj_widgets.store.slab import Slots, Times, Values

__all__ = ["MAX_BYTES", "Stretch", "pack_books", "pack_stretch", "unpack_books", "unpack_stretch"]

MAX_BYTES = 256 << 20
"""What a part of a snapshot may unfold to."""
LEVEL = 1

_encode = msgspec.msgpack.Encoder().encode
_decode_books = msgspec.msgpack.Decoder(Books).decode


class Stretch(NamedTuple):
    """Samples of one frame in the order they came: number of the series, microseconds, value."""

    numbers: Slots
    times: Times
    values: Values


def pack_books(books: Books) -> bytes:
    return zlib.compress(_encode(books), LEVEL)


def unpack_books(data: bytes) -> Books:
    """Return the books; RemoteProtocolError where they cannot be read."""
    try:
        return _decode_books(_unfold(data))
    except (msgspec.MsgspecError, UnicodeError, ValueError, RecursionError):
        raise RemoteProtocolError("a snapshot of the recording cannot be read") from None


def pack_stretch(stretch: Stretch) -> bytes:
    """Return samples as bytes: their number, numbers and steps of time folded, values as they are, for they hardly fold."""
    steps = np.diff(stretch.times, prepend=0)
    names = zlib.compress(stretch.numbers.astype("<u2").tobytes() + _sliced(steps), LEVEL)
    return len(stretch.numbers).to_bytes(8, "little") + stretch.values.astype("<f8").tobytes() + names


def unpack_stretch(data: bytes) -> Stretch:
    """Return the samples; RemoteProtocolError where they cannot be read."""
    count = int.from_bytes(data[:8], "little")
    ends = 8 + 8 * count
    if ends > len(data):
        raise RemoteProtocolError("samples in a snapshot of the recording do not add up")
    rest = _unfold(data[ends:])
    if len(rest) != 10 * count:
        raise RemoteProtocolError("samples in a snapshot of the recording do not add up")
    values = np.frombuffer(data, "<f8", count, 8)
    numbers = np.frombuffer(rest, "<u2", count)
    return Stretch(numbers, np.cumsum(_joined(rest[2 * count :], count)), values)


def _sliced(steps: Times) -> bytes:
    """Return whole numbers byte by byte, all first bytes, then all second ones: most are the same, and fold to nothing."""
    return steps.astype("<i8").view(np.uint8).reshape(-1, 8).T.tobytes()


def _joined(data: bytes, count: int) -> Times:
    return np.ascontiguousarray(np.frombuffer(data, np.uint8).reshape(8, count).T).view("<i8").reshape(-1)


def _unfold(data: bytes) -> bytes:
    try:
        unfolding = zlib.decompressobj()
        text = unfolding.decompress(data, MAX_BYTES)
    except zlib.error:
        raise RemoteProtocolError("a snapshot of the recording cannot be read") from None
    if unfolding.unconsumed_tail or not unfolding.eof:
        raise RemoteProtocolError("a snapshot of the recording is cut short, or too big")
    return text
