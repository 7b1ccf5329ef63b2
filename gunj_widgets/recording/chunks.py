"""Batches of events ⇄ one compressed block. Columns of like values shrink to a fifth of what rows need. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.recording.redact import Redaction

__all__ = ["MAX_CHUNK", "Batch", "pack", "unpack"]

MAX_CHUNK = 256 << 20
"""Bytes that a block may unfold to: a file may come from anybody."""
LEVEL = 6

Batch = Sequence[Event]
"""Events that were taken in together."""


class _Columns(msgspec.Struct):
    """One entry an event, but `sizes`: events of each batch. Names and words are numbers into `words`."""

    sizes: list[int]
    words: list[str | None]
    topic: list[int]
    epoch: list[int]
    sub: list[int]
    source: list[int]
    id: list[str | None]
    time: list[float | None]
    arrived: list[float]
    seq: list[int | None]
    metadata: dict[int, dict[str, Any]]
    data: list[msgspec.Raw]


_decode = msgspec.json.Decoder(_Columns).decode


def pack(batches: Sequence[Batch], redaction: Redaction) -> bytes:
    """Return the batches as one block, without what `redaction` knows for secret."""
    events = [event for batch in batches for event in batch]
    words: dict[str | None, int] = {}

    def number(word: str | None) -> int:
        return words.setdefault(word, len(words))

    columns = {
        "sizes": [len(batch) for batch in batches],
        "topic": [number(event.topic) for event in events],
        "epoch": [number(event.epoch) for event in events],
        "sub": [number(event.sub) for event in events],
        "source": [number(event.source) for event in events],
        "id": [event.id for event in events],
        "time": [event.time for event in events],
        "arrived": [event.arrived for event in events],
        "seq": [event.seq for event in events],
        "metadata": {n: redaction.value(e.metadata) for n, e in enumerate(events) if e.metadata is not None},
        "data": redaction.raws([codec.payload(event) for event in events]),
        "words": list(words),
    }
    return zlib.compress(msgspec.json.encode(columns), LEVEL)


def unpack(block: bytes) -> list[list[Event]]:
    """Return the batches of a block. RemoteProtocolError where it is none."""
    try:
        unfolding = zlib.decompressobj()
        text = unfolding.decompress(block, MAX_CHUNK)
        if unfolding.unconsumed_tail or not unfolding.eof:
            raise RemoteProtocolError("a block of the recording is cut short, or too big")
        columns = _decode(text)
        words = columns.words
        rows = zip(
            columns.topic,
            columns.data,
            columns.id,
            columns.time,
            columns.arrived,
            columns.seq,
            columns.epoch,
            columns.sub,
            columns.source,
            strict=True,
        )
        events = [
            Event(
                topic=words[topic] or "",
                data=data,
                id=id,
                time=time,
                arrived=arrived,
                seq=seq,
                epoch=words[epoch],
                sub=words[sub],
                source=words[source] or "",
            )
            for topic, data, id, time, arrived, seq, epoch, sub, source in rows
        ]
        for n, metadata in columns.metadata.items():
            events[n].metadata = metadata
    except (zlib.error, msgspec.MsgspecError, UnicodeError, ValueError, IndexError, RecursionError):
        raise RemoteProtocolError("a block of the recording cannot be read") from None
    if sum(columns.sizes) != len(events) or min(columns.sizes, default=1) < 1:
        raise RemoteProtocolError("a block of the recording does not add up")
    batches, at = [], 0
    for size in columns.sizes:
        batches.append(events[at : at + size])
        at += size
    return batches
