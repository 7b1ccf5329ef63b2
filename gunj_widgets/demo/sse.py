"""`/sse/…`: every subscription as a stream of server-sent events, resumable by Last-Event-ID."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gunj_widgets.demo.eventstream import COMMENT, EventStream, message
from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.guard import legacy_dialect, refusal
from gunj_widgets.demo.legacy import legacy_lines
from gunj_widgets.demo.outlet import BURST
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.service import Service, Subscription
from gunj_widgets.demo.subscriptions import filter_of
from gunj_widgets.events import codec

__all__ = ["routes"]

MAX_POSITION = 100


def routes() -> list[Route]:
    return [
        Route("/sse/platforms", _stream("platforms")),
        Route("/sse/alerts", _stream("alerts")),
        Route("/sse/events", _stream("events")),
        Route("/sse/operations/{name}", _stream("operation")),
        Route("/sse/platforms/{platform}/events", _stream("platform", query="events")),
        Route("/sse/platforms/{platform}/metrics", _stream("metrics", query="metrics")),
        Route("/sse/platforms/{platform}/logs", _stream("logs")),
        Route("/sse/platforms/{platform}/logs/{name}", _stream("logs")),
    ]


def _stream(target: str, *, query: str = "") -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        service: Service = request.app.state.service
        names = [request.path_params["name"]] if "name" in request.path_params else []
        if query:
            names = request.query_params.get(query, "").split(",")
        try:
            if service.full:
                raise RefusedError("there are too many connections", code="too_many", status=429)
            filter = filter_of(service.world, target, request.path_params.get("platform"), names)
            return _open(request, service, target, filter)
        except RefusedError as error:
            return refusal(error)

    return serve


def _open(request: Request, service: Service, id: str, filter: Filter) -> Response:
    since = request.headers.get("last-event-id", "")[:MAX_POSITION] or None
    wake, lost = asyncio.Event(), asyncio.Event()

    def notice() -> None:
        if joined.feed.lost and not lost.is_set():
            service.counts["slow_consumers"] += 1
            lost.set()
        wake.set()

    joined = service.subscribe(filter, since, notice)
    wake.set()  # what is to be sent after a resume is there already
    service.open["sse"] += 1

    def after() -> None:
        service.open["sse"] -= 1
        service.leave(joined.feed)

    write = _legacy_chunks if legacy_dialect(request.scope) else _chunks
    body = write(service, id, joined, wake, request.scope["state"]["grant"].expires)
    return EventStream(body, closing=service.closing, lost=lost, after=after)


async def _chunks(
    service: Service, id: str, joined: Subscription, wake: asyncio.Event, expires: float | None
) -> AsyncIterator[bytes]:
    retry = service.options.retry
    yield (b"" if retry is None else f"retry: {round(retry * 1000)}\n\n".encode()) + COMMENT
    for part in joined.parts:
        yield message(codec.encode({"id": id, **part}), id=part["position"], event="snapshot")
    epoch = joined.feed.stream.epoch
    async for facts in _facts(service, joined, wake, expires):
        numbered = ((f"{epoch}:{seq}", fact.envelope(sub=id, seq=seq, epoch=epoch)) for seq, fact in facts)
        yield b"".join(message(codec.encode(told), id=position) for position, told in numbered) or COMMENT


async def _legacy_chunks(
    service: Service, id: str, joined: Subscription, wake: asyncio.Event, expires: float | None
) -> AsyncIterator[bytes]:
    yield COMMENT
    for part in joined.parts:
        envelopes = (msgspec.json.decode(envelope) for envelope in part["events"])
        yield _bare(envelope["payload"] for envelope in envelopes) or COMMENT
    async for facts in _facts(service, joined, wake, expires):
        yield _bare(fact.payload for _, fact in facts) or COMMENT


def _bare(payloads: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(message(codec.encode(line)) for payload in payloads for line in legacy_lines(payload))


async def _facts(
    service: Service, joined: Subscription, wake: asyncio.Event, expires: float | None
) -> AsyncIterator[list[tuple[int, Fact]]]:
    """Yield facts as they come, and an empty list when it is time for a comment. Ends when the token does."""
    while expires is None or expires > service.clock():
        try:
            async with asyncio.timeout(_patience(service, expires)):
                await wake.wait()
        except TimeoutError:
            yield []
            continue
        wake.clear()
        while facts := joined.feed.take(BURST):
            yield facts
            await asyncio.sleep(0)


def _patience(service: Service, expires: float | None) -> float:
    """Return the seconds until a comment is due, or the token expires."""
    beat = service.options.heartbeat
    return beat if expires is None else min(beat, max(0.05, expires - service.clock()))
