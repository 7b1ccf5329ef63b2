"""One interest over SSE: the stream's own rules, resume by Last-Event-ID, and what is made of bad messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gunj_widgets.connection.transport import Refused
from gunj_widgets.settings import LimitSettings, Settings
from gunj_widgets.testing import MemoryOperator, MemoryStream, settle
from tests.connection.rig import LOGS, Rig


@pytest.fixture
async def r() -> AsyncIterator[Rig]:
    rig = await Rig(auth="canary-1").open(LOGS)
    yield rig
    await rig.close()


def sse_state(rig: Rig) -> str:
    return str(rig.manager.status().transports[1].state)


async def test_what_is_asked_for(r: Rig) -> None:
    sent = r.operator.headers[r.operator.dials.index("/sse/platforms/p/logs")]
    assert sent == {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Authorization": "Bearer canary-1"}
    assert not any("canary" in dial for dial in r.operator.dials)


async def test_it_resumes_by_last_event_id(r: Rig) -> None:
    r.publish(3)
    await settle()
    r.operator.streams[0].drop()
    r.publish(2)
    await r.clock.advance(3.0)
    assert r.operator.headers[-1]["Last-Event-ID"] == "e1:3"
    assert r.numbers("logs") == [1, 2, 3, 4, 5]
    assert r.count("duplicate") == 0


@pytest.mark.parametrize("retry", ["retry: 5000\n\n", "retry: 5000\n\ndata: {}\n\n"])
async def test_the_servers_advice_is_obeyed(r: Rig, retry: str) -> None:
    r.operator.streams[0].push(retry.encode())
    await settle()
    r.operator.streams[0].drop()
    await r.clock.advance(3.9)
    assert len(r.operator.streams) == 1
    await r.clock.advance(2.2)
    assert len(r.operator.streams) == 2


def answering(make: Callable[[], MemoryStream]) -> MemoryOperator:
    """An operator whose streams are made by `make`, and which REST does not know."""
    operator = MemoryOperator()

    async def stream(path: str, headers: Any) -> MemoryStream:
        operator.streams.append(make())
        return operator.streams[-1]

    operator.stream = stream  # type: ignore[method-assign]
    return operator


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/html"},
        {"content-type": "application/json"},
        {"content-type": "text/event-stream-x"},
        {"content-type": "x bogus"},
        {},
        {"content-type": "text/event-stream", "content-encoding": "gzip"},
        {"content-type": "text/event-stream", "content-encoding": "br"},
    ],
)
async def test_what_is_no_event_stream_is_refused_unread(headers: dict[str, str]) -> None:
    operator = answering(lambda: MemoryStream(headers=headers))
    rig = await Rig(operator=operator).open(LOGS)
    await rig.clock.advance(5.0)
    assert len(operator.streams) == 1
    assert not operator.streams[0].is_open
    assert "GET /api/v1/platforms/p/logs?limit=500" in operator.dials  # it was polled instead
    await rig.close()


@pytest.mark.parametrize(
    "kind", ["text/event-stream", "text/event-stream;", "Text/Event-Stream; charset=utf-8", " text/event-stream ;x=y"]
)
async def test_what_is_one_is_read(kind: str) -> None:
    rig = await Rig(
        operator=answering(lambda: MemoryStream(headers={"content-type": kind, "content-encoding": "identity"}))
    ).open(LOGS)
    assert sse_state(rig) == "open"
    await rig.close()


@pytest.mark.parametrize("status", [403, 410])
async def test_a_final_no_is_asked_once(status: int) -> None:
    operator = MemoryOperator()
    operator.refuse("stream", Refused("status", "no", status=status))
    rig = await Rig(operator=operator).open(LOGS)
    await rig.clock.advance(600.0)
    assert operator.dials.count("/sse/platforms/p/logs") == 1
    assert sse_state(rig) == "failed"
    await rig.close()


@pytest.mark.parametrize(
    "message",
    [
        "data: {\n\n",
        "data: \n\n",
        "data: []\n\n",
        "data: 5\n\n",
        "event: surprise\ndata: {}\n\n",
        "event: snapshot\ndata: 5\n\n",
        "event: snapshot\ndata: {}\n\n",
        "id: nonsense\n\n",
        ": comment\n\n",
    ],
)
async def test_a_bad_message_costs_nothing_but_itself(r: Rig, message: str) -> None:
    r.publish(1)
    r.operator.streams[0].push(message.encode())
    r.publish(1)
    await settle()
    assert r.numbers("logs") == [1, 2]
    assert (r.count("reconnects"), sse_state(r)) == (0, "open")


async def test_an_event_over_the_bound_is_skipped_told_and_given_up() -> None:
    settings = Settings(limits=LimitSettings(sse_line=2000, sse_event=4000))
    rig = await Rig(settings=settings).open(LOGS)
    rig.publish(1)
    rig.operator.publish("platform.p.logs.loki", {"message": "x" * 5000, "n": 0}, keep=False)
    rig.publish(1)
    await rig.clock.advance(60.0)
    assert rig.numbers("logs") == [1, 2]
    assert rig.count("oversize") >= 1
    assert [reset["interest"] for reset in rig.resets()] == [LOGS.id]
    await rig.close()


async def test_the_operator_uis_bare_lines_are_understood() -> None:
    operator = answering(MemoryStream)
    rig = await Rig(operator=operator).open(LOGS)
    line = b'data: {"timestamp": "2025-06-15T15:06:40Z", "level": "info", "component": "loki", "message": "hi"}\n\n'
    operator.streams[0].push(line)
    await settle()
    (event,) = rig.events
    assert (event.topic, event.data["message"], event.time) == ("platform.p.logs.loki", "hi", 1_750_000_000.0)
    operator.streams[0].drop()
    await rig.clock.advance(5.0)
    operator.streams[1].push(line)
    await settle()
    assert [reset["interest"] for reset in rig.resets()] == [LOGS.id]  # nothing to resume by: said, not hidden
    await rig.close()


async def test_comments_keep_it_alive(r: Rig) -> None:
    for _ in range(12):
        await r.clock.advance(10.0)
        r.operator.streams[0].push(b": beat\n\n")
    assert len(r.operator.streams) == 1


# -- a server that numbers its stream by ids of its own, such as nchan ------------------------------------------------


def fact(n: int, *, id: str, epoch: str = "e", numbered: bool = True) -> bytes:
    number = f', "seq": {n}, "epoch": "{epoch}"' if numbered else ""
    line = f'{{"type": "platform.p.logs.loki", "payload": {{"message": "m", "n": {n}}}, "id": "{epoch}-{n}"{number}}}'
    return f"id: {id}\ndata: {line}\n\n".encode()


class Foreign(MemoryOperator):
    """Streams that say nothing by themselves; notes what they were asked to go on from."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str | None] = []

    async def stream(self, path: str, headers: Any) -> MemoryStream:
        self.asked.append(headers.get("Last-Event-ID"))
        self.streams.append(MemoryStream())
        return self.streams[-1]


async def reopened(rig: Rig) -> MemoryStream:
    rig.operator.streams[-1].drop()
    count = len(rig.operator.streams)
    await rig.clock.advance(10.0)
    assert len(rig.operator.streams) == count + 1
    return rig.operator.streams[-1]


async def foreign(*facts: bytes) -> Rig:
    rig = await Rig(operator=Foreign()).open(LOGS)
    rig.operator.streams[0].push(b"".join(facts))
    await settle()
    return rig


async def test_a_foreign_id_is_given_back_as_it_came() -> None:
    rig = await foreign(fact(1, id="1795425801:0"), fact(2, id="1795425801:1"))
    (await reopened(rig)).push(fact(3, id="1795425801:2"))
    await settle()
    assert rig.operator.asked == [None, "1795425801:1"]  # type: ignore[attr-defined]
    assert (rig.numbers("logs"), rig.resets(), rig.count("gap")) == ([1, 2, 3], [], 0)
    await rig.close()


async def test_a_buffer_that_was_lost_is_told_at_once() -> None:
    rig = await foreign(fact(1, id="a"), fact(2, id="b"))
    (await reopened(rig)).push(fact(5, id="c") + fact(6, id="d"))
    await settle()
    assert rig.numbers("logs") == [1, 2, 5, 6]
    (reset,) = rig.resets()
    assert (reset["from"], reset["to"]) == ("e:2", "e:5")
    assert reset["gap"][0] < reset["gap"][1]
    assert [event.topic for event in rig.events].index("connection.reset") == 2  # before what follows it
    await rig.close()


async def test_a_publisher_that_began_anew_is_told() -> None:
    rig = await foreign(fact(1, id="a"), fact(2, id="b"))
    (await reopened(rig)).push(fact(1, id="c", epoch="f"))
    await settle()
    assert len(rig.resets()) == 1
    assert rig.numbers("logs") == [1, 2, 1]
    await rig.close()


async def test_what_the_whole_buffer_brings_twice_is_stored_once() -> None:
    rig = await foreign(fact(1, id="a"), fact(2, id="b"))
    (await reopened(rig)).push(fact(1, id="a") + fact(2, id="b") + fact(3, id="c"))
    await settle()
    assert (rig.numbers("logs"), rig.resets(), rig.count("duplicate")) == ([1, 2, 3], [], 2)
    await rig.close()


async def test_a_hole_in_a_foreign_stream_is_asked_for_from_before_it() -> None:
    rig = await foreign(fact(1, id="a"), fact(3, id="c"))
    await rig.clock.advance(10.0)
    assert rig.operator.asked == [None, "a"]  # type: ignore[attr-defined]
    rig.operator.streams[-1].push(fact(2, id="b") + fact(3, id="c"))
    await settle()
    assert (rig.numbers("logs"), rig.resets(), rig.count("gap")) == ([1, 2, 3], [], 1)
    await rig.close()


async def test_without_numbers_nothing_is_called_recovered() -> None:
    rig = await foreign(fact(1, id="a", numbered=False))
    (await reopened(rig)).push(fact(2, id="b", numbered=False))
    await settle()
    assert rig.operator.asked == [None, "a"]  # type: ignore[attr-defined]
    assert [(reset["from"], reset["to"]) for reset in rig.resets()] == [(None, None)]
    assert rig.numbers("logs") == [1, 2]
    await rig.close()
