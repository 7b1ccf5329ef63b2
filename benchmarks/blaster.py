"""A server that sends as fast as it is read, in a process of its own: frames are made beforehand, so only the client is measured.

`/bare` sends them at once; `/ws` greets, answers subscriptions with an empty snapshot, and sends them on that for metrics.
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

__all__ = ["blasting", "frame", "messages"]

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CHUNK = 64


def messages(count: int, samples: int, epoch: str = "e", sub: str = "metrics/p") -> list[bytes]:
    """Return `count` envelopes as the operator sends them: one sample as a row, many as a column."""
    out = []
    for n in range(1, count + 1):
        time = 1_750_000_000.0 + n * 0.001 * samples
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
        envelope = {
            "type": "platform.p.metrics.cpu_usage",
            "payload": payload,
            "id": f"f{n:07d}",
            "timestamp": time,
            "seq": n,
            "epoch": epoch,
            "sub": sub,
        }
        out.append(json.dumps(envelope, separators=(",", ":")).encode())
    return out


def frame(text: bytes) -> bytes:
    """Return one unmasked WebSocket text frame."""
    if len(text) < 126:
        return bytes((0x81, len(text))) + text
    if len(text) < 65_536:
        return struct.pack(">BBH", 0x81, 126, len(text)) + text
    return struct.pack(">BBQ", 0x81, 127, len(text)) + text


@contextmanager
def blasting(count: int, samples: int, *, rate: float | None = None) -> Iterator[str]:
    """Serve `count` messages to each who connects, at `rate` messages a second or as fast as they are read."""
    listener = socket.create_server(("127.0.0.1", 0))
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(listener, count, samples, rate), daemon=True
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        process.kill()
        process.join()
        listener.close()


def _serve(listener: socket.socket, count: int, samples: int, rate: float | None) -> None:
    frames = [frame(text) for text in messages(count, samples)]
    while True:
        peer, _ = listener.accept()
        try:
            with peer:
                _one(peer, frames, rate)
        except OSError:
            continue


def _one(peer: socket.socket, frames: list[bytes], rate: float | None) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = b""
    while b"\r\n\r\n" not in head:
        got = peer.recv(65_536)
        if not got:
            return
        head += got
    path = head.split(b" ", 2)[1]
    if b"upgrade: websocket" not in head.lower():
        peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:")).split(b": ")[1]
    accept = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    spoken = b"" if path == b"/bare" else b"Sec-WebSocket-Protocol: v1.gunj.operator\r\n"
    peer.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n" + spoken + b"\r\n"
    )
    if path != b"/bare":
        _greet(peer)
    _send(peer, frames, rate)
    while peer.recv(65_536):
        pass


def _send(peer: socket.socket, frames: list[bytes], rate: float | None) -> None:
    if rate is None:
        for start in range(0, len(frames), CHUNK):
            peer.sendall(b"".join(frames[start : start + CHUNK]))
        return
    began = time.monotonic()
    for n, one in enumerate(frames):
        due = began + n / rate - time.monotonic()
        if due > 0:
            time.sleep(due)
        peer.sendall(one)


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
