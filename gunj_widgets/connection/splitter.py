"""Splitting what a server sent into WebSocket frames (RFC 6455 §5.2), many at once. Pure.

Nearly every frame of a server is plain: one whole message, not masked, not compressed, not an extension's. Those are cut
out here, a tenth of the cost of a general parser; all others are only measured, and left to it.
"""

from __future__ import annotations

__all__ = ["cut", "size_of"]

_TEXT, _BINARY = 0x81, 0x82  # with the bit that says "last part", and no other


def cut(data: bytes, at: int, limit: int, messages: list[bytes]) -> int:
    """Append the whole plain messages from `at` on to `messages`; return where the first other frame begins.

    A message over `limit` bytes counts as another frame.
    """
    end, append = len(data), messages.append
    try:
        while True:
            first, length = data[at], data[at + 1]
            if first != _TEXT and first != _BINARY:
                return at
            start = at + 2
            if length == 126:
                start = at + 4
                length = data[at + 2] << 8 | data[at + 3]
            elif length > 126:
                if length > 127:
                    return at
                start = at + 10
                length = int.from_bytes(data[at + 2 : start])
            stop = start + length
            if stop > end or length > limit:
                return at
            append(data[start:stop])
            at = stop
    except IndexError:  # in the midst of a head, or where all is cut
        return at


def size_of(data: bytes | bytearray, at: int) -> int:
    """Return the bytes of the frame at `at`, its head included; 0 while the head is not complete."""
    have = len(data) - at
    if have < 2:
        return 0
    length, head = data[at + 1] & 127, 2 + (4 if data[at + 1] & 128 else 0)
    wide = {126: 2, 127: 8}.get(length, 0)
    if have < 2 + wide:
        return 0
    if wide:
        length = int.from_bytes(data[at + 2 : at + 2 + wide])
    return head + wide + length
