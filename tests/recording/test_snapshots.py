"""Snapshots as bytes: what comes out is what went in, and what is broken says so."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.recording import snapshots
from gunj_widgets.recording.snapshots import Stretch, pack_books, pack_stretch, unpack_books, unpack_stretch
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.books import books
from gunj_widgets.store.store import Store

LENGTHS = st.integers(0, 50)


@given(LENGTHS.flatmap(lambda n: st.tuples(arrays(np.uint16, n), arrays(np.int64, n), arrays(np.float64, n))))
def test_samples_come_back_bit_by_bit(columns: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    found = unpack_stretch(pack_stretch(Stretch(*columns)))
    assert [column.tobytes() for column in found] == [column.tobytes() for column in columns]


def test_regular_samples_take_little_more_than_their_values() -> None:
    times = np.repeat(1_764_000_000_000_000 + np.arange(100) * 1_000_000, 100)
    data = pack_stretch(
        Stretch(np.tile(np.arange(100, dtype=np.uint16), 100), times, np.random.default_rng(1).random(10_000))
    )
    assert len(data) / 10_000 < 8.5


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 8, (5).to_bytes(8, "little") + b"x" * 40 + zlib.compress(b"few"), b"\0" * 9]
)
def test_samples_that_do_not_add_up_are_an_error(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        unpack_stretch(data)


@pytest.mark.parametrize(
    "data", [b"", b"no", zlib.compress(b"\xc1"), zlib.compress(b"\x80"), zlib.compress(b"x" * 99)[:-5]]
)
def test_books_that_cannot_be_read_are_an_error(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        unpack_books(data)


def test_what_unfolds_to_too_much_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack_books(books(Store(RetentionSettings())))
    assert unpack_books(data).platforms == []
    monkeypatch.setattr(snapshots, "MAX_BYTES", 20)
    with pytest.raises(RemoteProtocolError, match="too big"):
        unpack_books(data)
