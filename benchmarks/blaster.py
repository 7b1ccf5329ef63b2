"""A server that sends as fast as it is read, in a process of its own: frames are made beforehand, so only the client is measured.

At a set rate they are made as they go, with a critical alert among every so many. `/bare` sends at once; `/ws` greets,
answers subscriptions with an empty snapshot, and sends on the one for metrics.
"""

from __future__ import annotations

import base64
import hashlib
import json
import multiprocessing
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["alert", "blasting", "frame", "message", "messages"]

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHUNK = 64


def message(n: int, samples: int = 1, *, now: float | None = None) -> bytes:
    """Return the envelope of number `n` as the operator sends it: one sample as a row, many as a column."""
    time = 1_750_000_000.0 + n * 0.001 * samples if now is None else now
    labels = {"pod": f"loki-{n % 10}"}
    if samples == 1:
        payload: dict[str, Any] = {
            "metric": "cpu_usage",
            "samples": [{"time": time, "value": n * 0.5, "labels": labels}],
        }
    else:
        times = [round(time + k * 0.001, 3) for k in range(samples)]
        series = {"labels": labels, "times": times, "values": [n + k * 0.25 for k in range(samples)]}
        payload = {"metric": "cpu_usage", "series": [series]}
    return _envelope("platform.p.metrics.cpu_usage", payload, f"f{n:07d}", time, n, "metrics/p")


def messages(count: int, samples: int) -> list[bytes]:
    """Return the first `count` envelopes."""
    return [message(n, samples) for n in range(1, count + 1)]


def alert(n: int, now: float) -> bytes:
    """Return the envelope of critical alert number `n`, one of 20 that fire again and again; its summary is when."""
    payload = {
        "fingerprint": f"fp{n % 20}",
        "name": "Flood",
        "severity": "critical",
        "status": "firing",
        "startsAt": now,
        "annotations": {"summary": repr(now)},
        "labels": {"n": str(n % 20)},
    }
    return _envelope(f"alert.fp{n % 20}.firing", payload, f"a{n:07d}", now, n, "alerts")


def _envelope(topic: str, payload: Any, id: str, time: float, seq: int, sub: str) -> bytes:
    fields = {"type": topic, "payload": payload, "id": id, "timestamp": time, "seq": seq, "epoch": "e", "sub": sub}
    return json.dumps(fields, separators=(",", ":")).encode()


def frame(text: bytes) -> bytes:
    """Return one unmasked WebSocket text frame."""
    if len(text) < 126:
        return bytes((0x81, len(text))) + text
    if len(text) < 65_536:
        return struct.pack(">BBH", 0x81, 126, len(text)) + text
    return struct.pack(">BBQ", 0x81, 127, len(text)) + text


@contextmanager
def blasting(count: int, samples: int = 1, *, rate: float | None = None, alerts_every: int = 0) -> Iterator[str]:
    """Serve `count` messages to each who connects, at `rate` messages a second or as fast as they are read."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(listener, count, samples, rate, alerts_every), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        process.kill()
        process.join()
        listener.close()


def _serve(listener: socket.socket, count: int, samples: int, rate: float | None, alerts_every: int) -> None:
    made = [frame(text) for text in messages(count, samples)] if rate is None else []
    while True:
        peer, _ = listener.accept()
        try:
            with peer:
                if _greeted(peer):
                    if rate is None:
                        for start in range(0, len(made), CHUNK):
                            peer.sendall(b"".join(made[start : start + CHUNK]))
                    else:
                        _pace(peer, count, samples, rate, alerts_every)
                    while peer.recv(65_536):
                        pass
        except OSError:
            continue


def _pace(peer: socket.socket, count: int, samples: int, rate: float, alerts_every: int) -> None:
    """Send in slices of 10 ms, up to 5,000 a second one by one, making up for what was late."""
    began, n, alerts = time.monotonic(), 0, 0
    while n < count:
        due = min(count, int((time.monotonic() - began) * rate) + 1)
        out = []
        for number in range(n + 1, due + 1):
            out.append(frame(message(number, samples, now=time.time())))
            if alerts_every and number % alerts_every == 0:
                alerts += 1
                out.append(frame(alert(alerts, time.time())))
        if out:
            peer.sendall(b"".join(out))
        n = max(n, due)
        time.sleep(0.25 / rate if rate <= 5_000 else 0.01)


def _greeted(peer: socket.socket) -> bool:
    """Upgrade to a WebSocket and, but for `/bare`, answer until metrics are asked for; False for anything else."""
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = b""
    while b"\r\n\r\n" not in head:
        got = peer.recv(65_536)
        if not got:
            return False
        head += got
    path = head.split(b" ", 2)[1]
    if b"upgrade: websocket" not in head.lower():
        peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return False
    key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")).split(b": ")[1]
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    spoken = b"" if path == b"/bare" else b"Sec-WebSocket-Protocol: v1.gunj.operator\r\n"
    peer.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n" + spoken + b"\r\n"
    )
    if path != b"/bare":
        _greet(peer)
    return True


def _greet(peer: socket.socket) -> None:
    """Answer hello and subscriptions until the one for metrics."""
    for message in _heard(peer):
        if message["type"] == "hello":
            _say(peer, {"type": "welcome", "epoch": "e", "server": "gunj-benchmark", "heartbeat": 10})
        elif message["type"] == "subscribe":
            id = message["id"]
            _say(peer, {"type": "subscribed", "id": id, "position": "e:0", "recovered": False})
            _say(peer, {"type": "snapshot", "id": id, "position": "e:0", "events": [], "last": True})
            if id.startswith("metrics"):
                return


def _say(peer: socket.socket, message: dict[str, Any]) -> None:
    peer.sendall(frame(json.dumps(message).encode()))


def _heard(peer: socket.socket) -> Iterator[dict[str, Any]]:
    """Yield a client's messages: small, masked text frames; pings and the like are passed over."""
    data = b""
    while True:
        while len(data) < 6 or len(data) < _size(data):
            got = peer.recv(65_536)
            if not got:
                return
            data += got
        size, start = _size(data), 8 if data[1] & 127 == 126 else 6
        mask = data[start - 4 : start] if start == 6 else data[4:8]
        body = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data[start:size]))
        text, data = data[0] & 15 == 1, data[size:]
        if text:
            yield json.loads(body)


def _size(data: bytes) -> int:
    """Return the length of the first frame, header included."""
    length = data[1] & 127
    return 8 + struct.unpack(">H", data[2:4])[0] if length == 126 else 6 + length
