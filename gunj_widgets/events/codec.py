"""The wire codec: one frame of text ⇄ events and control messages. Both ends of `v1.gunj.operator` use it.

The common frame takes the fast path: one typed decode straight into an Event. Whatever does not fit takes the tolerant
path, which knows the legacy shapes and says what is wrong with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from math import inf, isfinite, isnan
from typing import Any

import msgspec

from gunj_widgets.errors import RemoteProtocolError, TopicError
from gunj_widgets.events import legacy
from gunj_widgets.events.columns import LARGE, read_columns
from gunj_widgets.events.event import Event
from gunj_widgets.events.nesting import check_nesting
from gunj_widgets.events.topics import check_topic
from gunj_widgets.events.values import moment

__all__ = [
    "CONTROL_TYPES",
    "Control",
    "decode",
    "decode_run",
    "decode_snapshot",
    "encode",
    "envelope",
    "parse",
    "payload",
]

_FROM_CLIENT = {"hello", "subscribe", "unsubscribe", "ping", "auth", "command", "ack"}
_ABOUT_SUBSCRIPTIONS = {"subscribed", "snapshot", "unsubscribed", "error"}
_ABOUT_CONNECTION = {"welcome", "pong", "heartbeat", "auth_ok", "command_ack", "command_result"}
CONTROL_TYPES = frozenset(_FROM_CLIENT | _ABOUT_SUBSCRIPTIONS | _ABOUT_CONNECTION)
"""The words that are not topics."""


class Control(msgspec.Struct, frozen=True):
    """A message about the connection or a subscription.

    `fields` is everything beside `type`; a legacy `payload` is merged in.
    `malformed` is ours: a member of a batch or snapshot that could not be read; `fields["problem"]` says why.
    """

    type: str
    fields: dict[str, Any]


MAX_TOPICS = 4096
"""Topics remembered as good ones; a peer chooses how many there are."""
_topics: dict[str, str] = {}

Message = Event | Control
_one = msgspec.json.Decoder(Event).decode
_many = msgspec.json.Decoder(list[Event]).decode
_any = msgspec.json.Decoder().decode


def decode(
    data: bytes | str, *, arrived: float, source: str, bare: Callable[[Any], str] | None = None
) -> list[Event | Control]:
    """Decode one frame: an object, or an array of them (a batch, in order).

    `arrived` is epoch seconds. `bare` gives the topic of a payload that has no envelope (legacy SSE). The caller
    bounds the size; topics are bounded here, the nesting of a payload at the first look at it. A frame that cannot be
    read raises RemoteProtocolError; a member of a batch that cannot be read becomes Control("malformed"), so that it
    does not take its neighbours along.
    """
    try:
        event = _one(data)
    except msgspec.ValidationError:  # a batch, or not of today's shape
        return _many_or_slow(data, arrived, source, bare)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RemoteProtocolError(f"a message is not JSON: {error}") from None
    _check(data, event)
    if _finish(event, arrived, source) and (event.seq is not None or _is_fact(data, event, bare)):
        return [event]
    return _slow(data, arrived, source, bare)


def decode_run(frames: Sequence[bytes], start: int, *, arrived: float, source: str) -> list[Event]:
    """Decode frames from `start` on for as long as each is one plain, numbered fact; `decode` does the same for any frame.

    Nearly all that comes is such runs, and what is done for each of them counts.
    """
    run: list[Event] = []
    decode_one, known, append = _one, _topics.get, run.append  # looked up once: each look counts here
    for data in islice(frames, start, None):
        try:
            event = (read_columns(data) if len(data) > LARGE else None) or decode_one(data)
            topic = known(event.topic) or _plain(event.topic)
        except (msgspec.MsgspecError, UnicodeError, RecursionError, TopicError):
            break
        time = event.time
        if topic is None or event.seq is None or event.metadata is not None or not data.isascii():
            break
        if time is not None and not 0.0 <= time < 1e11:
            break
        event.topic = topic
        event.arrived = arrived
        event.source = source
        append(event)
    return run


def decode_snapshot(control: Control, *, arrived: float, source: str) -> list[Event | Control]:
    """Return the events inside one part of a snapshot, in order; unreadable ones as Control("malformed")."""
    members = control.fields.get("events")
    if not isinstance(members, list):
        raise RemoteProtocolError("a snapshot has no array of events")
    return [_member(member, arrived, source, None) for member in members]


def encode(message: dict[str, Any]) -> str:
    """Return the message as JSON text; NaN and the infinities become the strings "NaN", "+Inf" and "-Inf"."""
    raw = msgspec.json.encode(message)
    if b"null" in raw:
        raw = msgspec.json.encode(_speakable(message))
    return raw.decode()


def payload(event: Event) -> msgspec.Raw:
    """Return the event's payload as JSON: as it came, where nobody has looked at it yet."""
    raw = event.raw
    return msgspec.Raw(encode(event.data).encode()) if raw is None else raw


def envelope(event: Event) -> dict[str, Any]:
    """Return the event as the wire's envelope; fields that are None are left out."""
    message: dict[str, Any] = {"type": event.topic, "payload": event.data}
    optional = (
        ("id", event.id),
        ("sub", event.sub),
        ("seq", event.seq),
        ("epoch", event.epoch),
        ("timestamp", event.time),
        ("metadata", event.metadata),
    )
    for name, value in optional:
        if value is not None:
            message[name] = value
    return message


def parse(data: bytes | str) -> Any:
    """Return any JSON value a peer sent, within the nesting bound; raises RemoteProtocolError."""
    try:
        value = _any(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise RemoteProtocolError(f"a message is not JSON: {error}") from None
    check_nesting(data)
    return value


def _check(data: bytes | str, event: Event) -> None:
    """Look at a payload now if it might not be JSON after all: what stays undecoded in ASCII has been checked for syntax."""
    if event.metadata is not None:
        check_nesting(data)
    if not data.isascii():
        _ = event.data


def _is_fact(data: bytes | str, event: Event, bare: Callable[[Any], str] | None) -> bool:
    """Say whether a message without a number has a payload, and none within it; only operators of today number."""
    return not _is_nested(data, 1) and (bare is None or event.raw is not None)


def _is_nested(data: bytes | str, messages: int) -> bool:
    """Say whether a payload may have a payload of its own, which old operators send."""
    found = data.count(b'"payload"') if isinstance(data, bytes) else data.count('"payload"')
    return found > messages


def _plain(topic: str) -> str | None:
    """Return the topic checked, the same string each time; None where it is not one of today's."""
    known = _topics.get(topic)
    if known is None and "." in topic and topic not in legacy.OLD_TYPES:
        if len(_topics) >= MAX_TOPICS:
            _topics.clear()
        known = _topics[topic] = check_topic(topic)
    return known


def _finish(event: Event, arrived: float, source: str) -> bool:
    """Complete a decoded envelope in place; False where it is not a plain fact of today's shape."""
    try:
        topic = _plain(event.topic)
    except TopicError as error:
        raise RemoteProtocolError(f"a message has a bad type: {error.problem}") from None
    if topic is None:
        return False
    event.topic = topic
    time = event.time
    if time is not None and not 0.0 <= time < 1e11:
        event.time = moment(time)
    event.arrived = arrived
    event.source = source
    return True


def _many_or_slow(
    data: bytes | str, arrived: float, source: str, bare: Callable[[Any], str] | None
) -> list[Event | Control]:
    """Decode a batch; member by member where any of them needs the tolerant path."""
    try:
        events = _many(data)
        for event in events:
            _check(data, event)
        if not _is_nested(data, len(events)) and all(_finish(event, arrived, source) for event in events):
            return [*events]
    except (msgspec.MsgspecError, UnicodeError, RecursionError, RemoteProtocolError):
        pass  # the tolerant path says what is wrong with it
    return _slow(data, arrived, source, bare)


def _slow(data: bytes | str, arrived: float, source: str, bare: Callable[[Any], str] | None) -> list[Event | Control]:
    message = parse(data)
    if isinstance(message, list):
        return [_member(member, arrived, source, bare) for member in message]
    return [_read(message, arrived, source, bare)]


def _member(message: Any, arrived: float, source: str, bare: Callable[[Any], str] | None) -> Event | Control:
    try:
        return _read(message, arrived, source, bare)
    except RemoteProtocolError as error:
        return Control("malformed", {"problem": error.problem})


def _read(message: Any, arrived: float, source: str, bare: Callable[[Any], str] | None) -> Event | Control:
    """Read one decoded message of any known shape."""
    if not isinstance(message, dict):
        raise RemoteProtocolError(f"a message is an object, not {type(message).__name__}")
    kind = message.get("type")
    try:
        if bare is not None and "payload" not in message:
            topic, payload = bare(message), message
        elif not isinstance(kind, str) or not kind:
            raise RemoteProtocolError("a message has no 'type'")
        elif kind in CONTROL_TYPES:
            return _control(kind, message)
        else:
            topic, payload = legacy.modern(kind, message.get("payload"))
        topic = check_topic(topic)
    except TopicError as error:
        raise RemoteProtocolError(f"a message has a bad type: {error.problem}") from None
    return Event(
        topic=topic,
        data=payload,
        id=_word(message, "id"),
        time=moment(message.get("timestamp")),
        arrived=arrived,
        seq=_seq(message.get("seq")),
        epoch=_word(message, "epoch"),
        sub=_word(message, "sub"),
        source=source,
        metadata=_metadata(message.get("metadata")),
    )


def _control(kind: str, message: dict[str, Any]) -> Control:
    fields = {name: value for name, value in message.items() if name not in ("type", "payload")}
    payload = message.get("payload")
    return Control(kind, {**payload, **fields} if isinstance(payload, dict) else fields)


def _word(message: dict[str, Any], name: str) -> str | None:
    value = message.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RemoteProtocolError(f"{name} is not text but {type(value).__name__}")


def _seq(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise RemoteProtocolError(f"seq is not a whole number but {type(value).__name__}")


def _metadata(value: Any) -> dict[str, Any] | None:
    if value is None or isinstance(value, dict):
        return value
    raise RemoteProtocolError(f"metadata is not an object but {type(value).__name__}")


def _speakable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _speakable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_speakable(member) for member in value]
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "+Inf" if value == inf else "-Inf"
    return value
