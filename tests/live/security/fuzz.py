"""Mutated messages: what a broken, a wrong or a hostile server could send, from a seed."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from gunj_widgets.events import nesting

ODD: list[Any] = [
    None, True, -1, 0, 1e308, -0.0, 2**53 + 1, 2**64 + 1, 10**400, "", "x" * 300, "\0", "\u202e", "NaN", [], {}, [[]],
    {"payload": {}}, "9" * 30, "-Inf", ["a", 1, None], {"": None}, "platform.p.status", 1e18, -1e18, "1970-01-01T00:00:00Z",
]  # fmt: skip
RAW = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b"[" * 500,
    b'{"a":' * 200,
    b'"\\ud800"',
    b'"\\u0000"',
    b"",
]


def corpus() -> list[bytes]:
    """Return one good message of every kind there is, in both dialects."""
    p = "platform.production"
    facts = [
        (f"{p}.status", {"id": "production", "name": "production", "phase": "Ready", "components": {"loki": {"status": "healthy"}}}),
        (f"{p}.component.loki.health", {"component": "loki", "status": "degraded", "replicas": 2, "readyReplicas": 1}),
        (f"{p}.metrics.cpu", {"metric": "cpu", "unit": "%", "samples": [{"labels": {"pod": "a"}, "time": 1.75e9, "value": 4.5}]}),
        (f"{p}.metrics.cpu", {"metric": "cpu", "series": [{"labels": {}, "times": [1.75e9, 1.75e9 + 1], "values": [1, "NaN"]}]}),
        (f"{p}.logs.loki", {"timestamp": 1.75e9, "level": "warn", "component": "loki", "message": "slow", "metadata": {"a": "b"}}),
        (f"{p}.events", {"type": "Warning", "reason": "BackOff", "message": "again", "count": 3, "lastTimestamp": 1.75e9}),
        (f"{p}.operation.op1.progress", {"id": "op1", "type": "backup", "progress": 0.5, "stages": [{"name": "a", "progress": 1}]}),
        ("alert.f1.firing", {"fingerprint": "f1", "name": "High", "severity": "critical", "labels": {"a": "b"}, "startsAt": 1.75e9}),
        (f"{p}.deleted", {"id": "production"}),
    ]  # fmt: skip
    envelopes = [{"type": t, "payload": d, "timestamp": 1.75e9, "metadata": {"k": 1}} for t, d in facts]
    numbered = [{**e, "id": f"i{n}", "sub": "platforms", "seq": n + 1, "epoch": "e1"} for n, e in enumerate(envelopes)]
    legacy = [
        {"type": "platform_status", "payload": {"platformId": "production", "status": "Ready"}},
        {
            "type": "metrics",
            "payload": {"type": "metrics", "payload": {"platformId": "p", "metric": "cpu", "value": 1}},
        },
        {"type": "alert", "payload": {"fingerprint": "f2", "status": "resolved"}},
    ]
    control = [
        {"type": "heartbeat", "payload": {"time": 1.75e9}},
        {"type": "pong", "t": 5},
        {"type": "auth_ok", "expires": 4e9},
        {"type": "error", "code": "x", "message": "no", "id": "nobody"},
        {"type": "subscribed", "id": "nobody", "position": "e1:5", "recovered": True},
        {"type": "snapshot", "id": "nobody", "position": "e1:5", "events": envelopes[:3], "last": True},
        {"type": "command_result", "id": "c", "ok": True},
        {"type": "welcome", "session": "s", "epoch": "e1", "heartbeat": 10, "server": "x"},
    ]
    found = [*envelopes, *numbered, *legacy, *control, envelopes[:4], [*numbered[:2], *control[:2]]]
    return [json.dumps(message).encode() for message in found]


def mutate(raw: bytes, random: Random) -> bytes:
    """Break a message in one of the ways there are; sometimes in two."""
    for _ in range(1 + (random.random() < 0.3)):
        raw = random.choice(WAYS)(raw, random)
    return raw


def _flip(raw: bytes, random: Random) -> bytes:
    broken = bytearray(raw)
    for _ in range(random.randrange(1, 4)):
        if broken:
            broken[random.randrange(len(broken))] ^= 1 << random.randrange(8)
    return bytes(broken)


def _truncate(raw: bytes, random: Random) -> bytes:
    return raw[: random.randrange(len(raw) + 1)]


def _cut_out(raw: bytes, random: Random) -> bytes:
    start = random.randrange(len(raw) + 1)
    return raw[:start] + raw[start + random.randrange(1, 20) :]


def _repeat(raw: bytes, random: Random) -> bytes:
    start = random.randrange(len(raw) + 1)
    part = raw[start : start + random.randrange(1, 30)]
    return raw[:start] + part * random.randrange(2, 20) + raw[start:]


def _splice(raw: bytes, random: Random) -> bytes:
    start = random.randrange(len(raw) + 1)
    return raw[:start] + random.choice(RAW) + raw[start:]


def _swap(raw: bytes, random: Random) -> bytes:
    """Put a value of another type somewhere into the message."""
    try:
        message = json.loads(raw)
        places = list(_places(message))
    except (ValueError, RecursionError):
        return raw[::-1]
    if not places:
        return json.dumps(random.choice(ODD)).encode()
    holder, key = random.choice(places)
    holder[key] = random.choice(ODD)
    return json.dumps(message).encode(errors="surrogatepass")


def _deepen(raw: bytes, random: Random) -> bytes:
    depth = random.choice([10, 60, 64, 65, 200, 5000])
    return b'{"type":"platform.p.status","payload":' + b'{"a":' * depth + raw + b"}" * depth + b"}"


def _widen(raw: bytes, random: Random) -> bytes:
    return b"[" + b",".join([raw] * random.randrange(2, 20)) + b"]"


def _number(raw: bytes, random: Random) -> bytes:
    """Replace the first digit there is by a number nobody meant."""
    at = next((i for i, byte in enumerate(raw) if 48 <= byte <= 57), 0)
    return raw[:at] + random.choice(RAW[:5]) + raw[at + 1 :]


WAYS = [
    _flip,
    _flip,
    _flip,
    _truncate,
    _truncate,
    _cut_out,
    _repeat,
    _splice,
    _swap,
    _swap,
    _swap,
    _swap,
    _deepen,
    _widen,
    _number,
]


def _places(value: Any) -> Any:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in list(items):
            yield value, key
            yield from _places(member)


def is_bad(raw: bytes) -> bool:
    """Say, without our codec, whether a message is surely bad: no JSON, or no object or array of them."""
    try:
        message = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return True
    return not isinstance(message, dict | list)


def _refuse(word: str) -> Any:
    raise ValueError(word)


assert nesting.MAX_NESTING == 64, "the depths in _deepen are chosen around it"
