"""The streaming response: its format, and every way it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gunj_widgets.connection.sse import SSEParser
from gunj_widgets.demo.eventstream import COMMENT, EventStream, message


class Bench:
    """A stream whose body says what it is given, and a client that can leave or stop to read."""

    def __init__(self) -> None:
        self.closing, self.lost = asyncio.Event(), asyncio.Event()
        self.body: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.after = 0
        self.aborted = 0
        self.reading = asyncio.Event()
        self.reading.set()
        self.stream = EventStream(self._body(), closing=self.closing, lost=self.lost, after=self._after)
        scope = {"type": "http", "state": {"abort": self._abort}}
        self.task = asyncio.ensure_future(self.stream(scope, self.incoming.get, self._send))

    async def _body(self) -> AsyncIterator[bytes]:
        while (chunk := await self.body.get()) is not None:
            if chunk == b"fault":
                raise ValueError("a fault of ours")
            yield chunk

    async def _send(self, message: Any) -> None:
        await self.reading.wait()
        self.sent.append(message)

    def _after(self) -> None:
        self.after += 1

    def _abort(self) -> None:
        self.aborted += 1
        self.reading.set()

    async def turns(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


def test_the_format_is_read_by_our_own_parser() -> None:
    (event,) = SSEParser().feed(message('{"a":1}', id="e:7", event="snapshot"))
    assert (event.event, event.id, event.data) == ("snapshot", "e:7", '{"a":1}')
    assert SSEParser().feed(COMMENT) == []


async def test_headers_and_chunks() -> None:
    bench = Bench()
    bench.body.put_nowait(b"one")
    await bench.turns()
    headers = {k.decode(): v.decode() for k, v in bench.sent[0]["headers"]}
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["x-accel-buffering"] == "no"
    assert headers["cache-control"] == "no-store"
    assert "content-length" not in headers
    assert bench.sent[1] == {"type": "http.response.body", "body": b"one", "more_body": True}
    bench.body.put_nowait(None)
    await bench.task
    assert bench.sent[-1]["more_body"] is False
    assert bench.after == 1


@pytest.mark.parametrize("how", ["leaves", "closing"])
async def test_it_ends_when_the_client_leaves_or_the_operator_stops(how: str) -> None:
    bench = Bench()
    await bench.turns()
    if how == "leaves":
        bench.incoming.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        bench.incoming.put_nowait({"type": "http.disconnect"})
    else:
        bench.closing.set()
    await asyncio.wait_for(bench.task, 1)
    assert (bench.after, bench.aborted) == (1, 0)


async def test_one_who_does_not_read_is_cut_off() -> None:
    bench = Bench()
    await bench.turns()
    bench.reading.clear()
    bench.body.put_nowait(b"stuck")
    await bench.turns()
    bench.lost.set()
    await asyncio.wait_for(bench.task, 1)
    assert (bench.after, bench.aborted) == (1, 1)


async def test_a_fault_of_ours_is_not_hidden() -> None:
    bench = Bench()
    bench.body.put_nowait(b"fault")
    with pytest.raises(ValueError, match="ours"):
        await bench.task
    assert bench.after == 1


async def test_cancelling_gives_everything_back() -> None:
    bench = Bench()
    await bench.turns()
    bench.task.cancel()
    await asyncio.gather(bench.task, return_exceptions=True)
    assert bench.after == 1
