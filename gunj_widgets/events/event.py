"""The Event: one decoded fact on its way from the wire to whoever wants it."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.nesting import check_nesting
from gunj_widgets.events.shown import Shown, Table, stamp

__all__ = ["Event", "Unread", "glimpse", "payload_of"]

GLIMPSE = 200
"""Bytes of a payload that are told of it."""
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Unread(msgspec.Struct, gc=False):
    """A payload that is still inside its frame; `samples` is what was read of it already, until somebody takes it."""

    frame: bytes
    samples: list[Any] | None

    def take(self) -> list[Any] | None:
        samples, self.samples = self.samples, None
        return samples

    @property
    def raw(self) -> msgspec.Raw:
        return _open(self.frame).payload


class _Frame(msgspec.Struct, gc=False):
    payload: msgspec.Raw


_open = msgspec.json.Decoder(_Frame).decode


class Event(
    Shown, msgspec.Struct, kw_only=True, gc=False, rename={"topic": "type", "data": "payload", "time": "timestamp"}
):
    """One fact with its routing key. In JSON it has the wire's field names, so that the codec decodes straight into it.

    `topic` is the routing key; `data` the payload as decoded JSON (a dict for everything the operator sends).
    `time` is when it happened and `arrived` when we got it: both UTC epoch seconds as float. `time` is None
    where the sender did not say; `when` then falls back to `arrived`. Order by `seq`, never by `time`.
    `seq` counts from 1 within (`sub`, `epoch`); both are None outside the v1 dialect.
    `id` is unique per fact and is how duplicates are recognised. `source` names the transport it came by.

    A payload from the wire stays JSON until somebody looks at `data`: most are only ever read once, by the store, which
    reads samples faster than into dicts; and what the history keeps is small.
    """

    topic: str
    if TYPE_CHECKING:
        data: Any = None
    else:
        data: msgspec.Raw = None  # what it really holds until the first look: see _Payload
    id: str | None = None
    time: float | None = None
    arrived: float = 0.0
    seq: int | None = None
    epoch: str | None = None
    sub: str | None = None
    source: str = "local"
    metadata: dict[str, Any] | None = None

    @property
    def when(self) -> float:
        """Epoch seconds of the fact itself, or of its arrival where the sender did not say."""
        return self.arrived if self.time is None else self.time

    @property
    def raw(self) -> msgspec.Raw | None:
        """The payload as JSON, where nobody has looked at `data` yet."""
        held = payload_of(self)
        if type(held) is Unread:
            return held.raw
        return held if type(held) is msgspec.Raw else None

    @property
    def size(self) -> int:
        """Bytes of JSON that the payload is, or that it holds while nobody has looked at `data`."""
        held = payload_of(self)
        if type(held) is Unread:
            return len(held.frame)
        if type(held) is msgspec.Raw:
            return memoryview(held).nbytes
        try:
            return len(_encode(held))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return 0  # no JSON, so no peer sent it

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Event):
            _ = self.data, other.data
        return super().__eq__(other)

    def __repr__(self) -> str:
        with suppress(RemoteProtocolError):
            _ = self.data
        return super().__repr__()

    def _shown(self) -> Table:
        told = (
            ("happened", stamp(self.time)),
            ("arrived", stamp(self.arrived)),
            ("source", self.source),
            ("id", self.id),
            ("subscription", self.sub),
            ("number", self.seq),
            ("data", glimpse(self)),
        )
        return self.topic, ("field", "value"), [row for row in told if row[1] not in (None, "")]

    __hash__ = None  # type: ignore[assignment]


class _Payload:
    """`Event.data`: decodes at the first look, and puts the result where the JSON was.

    It stands over the member that msgspec made, through which the value itself is reached. Raises RemoteProtocolError
    for what JSON's grammar allows and we cannot hold: numbers beyond the range of floats, and too deep nesting.
    """

    def __init__(self, member: Any) -> None:
        self.held = member.__get__
        self.hold = member.__set__

    def __get__(self, event: Event | None, owner: type | None = None) -> Any:
        held = self.held(event, owner)
        if type(held) is Unread:
            held = held.raw
        if type(held) is msgspec.Raw:
            try:
                check_nesting(bytes(held))
                held = _decode(held)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise RemoteProtocolError(f"a payload is not JSON: {error}") from None
            self.hold(event, held)
        return held

    def __set__(self, event: Event, value: Any) -> None:
        self.hold(event, value)


payload_of: Callable[[Event], Any] = Event.data.__get__
"""What an event holds as its payload: JSON (Raw, or Unread) until the first look at `data`, then what `data` is."""
Event.data = _Payload(Event.data)


def glimpse(event: Event) -> str:
    """Return how a payload begins. It may hold anything, also numbers too big to be read or too long to be written."""
    if event.raw is not None:
        return bytes(event.raw)[:GLIMPSE].decode(errors="replace")
    try:
        return reprlib.repr(event.data)
    except ValueError:
        return f"<{type(event.data).__name__}>"
