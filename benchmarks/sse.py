"""Events a second out of one HTTP response: httpx-sse's EventSource, and our parser on the response's raw bytes."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from blaster import messages
from httpx_sse import EventSource
from measure import by_turns, show

from gunj_widgets.connection.sse import SSEParser

COUNT = 20_000
CHUNKS = (16_384, 1_400)
"""Bytes: what a socket gives in a burst, and one packet."""


def stream() -> bytes:
    """Return events as the demo operator sends them: an id and a line of JSON, 260 bytes each."""
    return b"".join(b"id: e:%d\ndata: %s\n\n" % (n, text) for n, text in enumerate(messages(COUNT, 1), 1))


def response(chunks: list[bytes]) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(chunks))


def ours(chunks: list[bytes]) -> Callable[[], int]:
    def run() -> int:
        parser = SSEParser()
        return sum(len(parser.feed(chunk)) for chunk in response(chunks).iter_raw())

    return run


def theirs(chunks: list[bytes]) -> Callable[[], int]:
    return lambda: sum(1 for _ in EventSource(response(chunks)).iter_sse())


def main() -> None:
    body = stream()
    rows = []
    for size in CHUNKS:
        chunks = [body[start : start + size] for start in range(0, len(body), size)]
        assert ours(chunks)() == theirs(chunks)() == COUNT
        spent = by_turns({"ours": ours(chunks), "theirs": theirs(chunks)})
        each = (f"{1e9 / spent[who]:,.0f}" for who in ("theirs", "ours"))
        rows.append((f"{size:,}", *each, spent.ratio("theirs", "ours")))
    show("Events a CPU-second (goal: at least 2x httpx-sse)", ("bytes a chunk", "httpx-sse", "ours", "ratio"), rows)


if __name__ == "__main__":
    main()
