"""Questions to a Prometheus: one moment, a range of any length, raw samples, and what there is to ask about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from math import ceil
from typing import Any
from urllib.parse import quote

from gunj_widgets.connection.transport import Lost, Reply
from gunj_widgets.errors import ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.sources.backend import TIMEOUT, Backend, Params
from gunj_widgets.sources.prometheus.export import ROWS, Exported
from gunj_widgets.sources.prometheus.ranges import MAX_POINTS, SAMPLES, aligned, pieces
from gunj_widgets.sources.prometheus.replies import Answer, decode, decode_data, refusal

__all__ = ["MAX_SERIES", "PrometheusClient"]

MAX_SERIES = 1_000
"""Series of one query: more is nearly always a forgotten label, and no chart shows them."""

EXPORTED = 4 * SAMPLES
"""Samples of one export: what is fetched again where it breaks off."""

Progress = Callable[[int, int], object]


class PrometheusClient:
    """The HTTP API of Prometheus as `/api/v1` has it; VictoriaMetrics, Mimir and Thanos serve the same.

    So does Loki under the prefix `/loki`, for queries that give numbers.
    """

    def __init__(self, backend: Backend, *, max_series: int = MAX_SERIES, prefix: str = "") -> None:
        self.backend = backend
        self.max_series = max_series
        self._prefix = prefix
        self._export: bool | None = False if prefix else None
        """Whether the server exports; None before it was asked."""

    async def query(self, expression: str, time: float | None = None) -> Answer:
        """Ask for one moment (epoch seconds; None = the server's now). QueryError says what is wrong with the query."""
        params = {"query": expression} if time is None else {"query": expression, "time": _seconds(time)}
        return await self._answer("/api/v1/query", params, expression)

    async def raw(self, selector: str, window: float, time: float | None = None) -> Answer:
        """Ask for the samples as they were scraped in the `window` seconds up to `time`, with their true times."""
        return await self.query(f"{selector}[{max(1, round(window * 1000))}ms]", time)

    async def count(self, expression: str, time: float | None = None) -> int:
        """Return how many series an expression gives; QueryError over `max_series`, with the count and how to narrow."""
        try:
            answer = await self.query(f"count({expression}\n)", time)  # the line ends a comment there may be
        except QueryError as error:
            if error.status == 400 and "expected type instant vector" in error.problem:
                return 1  # a scalar
            if error.status in (400, 422):
                await self.query(expression, time)  # its own error, which points into the query as it was written
            raise
        total = int(answer.columns[0].values[-1]) if answer.columns else 0
        if total > self.max_series:
            raise QueryError(
                f"{expression[:80]!r} gives {total:,} series, over the bound of {self.max_series:,}",
                'Narrow it with a label, as {job="api"}, or aggregate it, as sum by (job) (...) or topk(20, ...).',
            )
        return total

    async def range(
        self,
        expression: str,
        start: float,
        end: float,
        step: float,
        *,
        series: int | None = None,
        progress: Progress | None = None,
    ) -> AsyncIterator[Answer]:
        """Ask for a range in pieces the server answers, oldest first; `progress(done, total)` after each.

        `series` is how many to expect; None = count them first, which refuses too many.

        Grid points are multiples of `step`; none comes twice. A piece that is too large is asked for in halves.
        """
        start, end = aligned(start, end, step)
        if series is None:
            series = max(await self.count(expression, end), await self.count(expression, start))
        todo = list(pieces(start, end, step, series))
        done = 0
        while todo:
            first, last = todo.pop(0)
            try:
                yield await self._piece(expression, first, last, step)
            except QueryError as error:
                if error.status is not None or last - first < step:  # only what is too large is asked for in halves
                    raise
                half = first + int((last - first) / step / 2) * step
                todo[:0] = [(first, half), (half + step, last)]
                continue
            done += 1
            if progress is not None:
                progress(done, done + len(todo))

    async def raw_range(
        self,
        selector: str,
        start: float,
        end: float,
        *,
        series: int,
        interval: float,
        progress: Progress | None = None,
    ) -> AsyncIterator[Answer]:
        """Ask for all scraped samples from `start` up to `end`, in pieces, oldest first; `interval` is a guess at theirs."""
        span = max(interval, min(MAX_POINTS, SAMPLES // max(1, series)) * interval)
        total = max(1, ceil((end - start) / span))
        for done in range(total):
            stop = min(end, start + span)
            yield await self.raw(selector, stop - start, stop)
            start = stop
            if progress is not None:
                progress(done + 1, total)

    async def history(
        self,
        selector: str,
        start: float,
        end: float,
        *,
        series: int,
        interval: float,
        progress: Progress | None = None,
    ) -> AsyncIterator[Answer]:
        """As `raw_range`, by a VictoriaMetrics' export where the server has one and there is much to fetch."""
        expected = series * (end - start) / max(interval, 0.001)
        if expected < SAMPLES or not await self._exports():
            async for answer in self.raw_range(
                selector, start, end, series=series, interval=interval, progress=progress
            ):
                yield answer
            return
        total = max(1, ceil(expected / EXPORTED))
        for done in range(total):
            first, last = (start + (end - start) * part / total for part in (done, done + 1))
            async for answer in self._exported(selector, first, last):
                yield answer
            if progress is not None:
                progress(done + 1, total)

    async def _exports(self) -> bool:
        """Say whether the server exports: of those that speak this API only VictoriaMetrics does. Asked once."""
        if self._export is None:
            params = {"match[]": '{__name__="gunj_widgets_asks"}', "start": "-1s"}
            reply = await self.backend.get("/api/v1/export", params)
            self._export = reply.status == 200 and not reply.body.strip()
        return self._export

    async def _exported(self, selector: str, start: float, end: float) -> AsyncIterator[Answer]:
        """Ask for all samples from `start` up to `end`, and give them on while they come."""
        params = {
            "match[]": selector,
            "start": _seconds(start),
            "end": _seconds(end - 0.001),
            "max_rows_per_line": str(ROWS),
        }
        stream = await self.backend.stream("/api/v1/export", params)
        found = Exported()
        chunks = stream.chunks()
        try:
            while True:
                async with asyncio.timeout(TIMEOUT):
                    chunk = await anext(chunks)
                self.backend.bytes += len(chunk)
                found.feed(chunk)
                if found.samples >= SAMPLES:
                    yield Answer(kind="matrix", columns=found.taken())
        except Lost as ended:
            if not ended.whole:
                raise RemoteProtocolError(f"the export was cut off: {ended.detail}") from None
        except TimeoutError:
            raise RemoteProtocolError(f"the export stood still for {TIMEOUT:g} s") from None
        finally:
            await stream.close()
        yield Answer(kind="matrix", columns=found.end())

    async def series(self, selector: str, start: float, end: float) -> list[dict[str, str]]:
        """Return the labels of the series a selector matches between two times."""
        params = {"match[]": selector, "start": _seconds(start), "end": _seconds(end)}
        return _list_of(await self._data("/api/v1/series", params, selector), dict)

    async def labels(self, selector: str = "") -> list[str]:
        """Return the names of the labels there are, of what a selector matches if one is given."""
        return _list_of(await self._data("/api/v1/labels", {"match[]": selector} if selector else {}, selector), str)

    async def values(self, label: str, selector: str = "") -> list[str]:
        """Return a label's values; those of `__name__` are the metrics."""
        path = f"/api/v1/label/{quote(label, safe='')}/values"
        return _list_of(await self._data(path, {"match[]": selector} if selector else {}, selector), str)

    async def metadata(self) -> dict[str, dict[str, str]]:
        """Return type, unit and help of each metric; the first where targets differ."""
        found = await self._data("/api/v1/metadata", {})
        return {name: said[0] for name, said in found.items() if said} if isinstance(found, dict) else {}

    async def rules(self) -> list[dict[str, Any]]:
        """Return every rule with its group's name as `group`."""
        groups = (await self._data("/api/v1/rules", {}) or {}).get("groups", [])
        return [{**rule, "group": group.get("name", "")} for group in groups for rule in group.get("rules", [])]

    async def targets(self) -> list[dict[str, Any]]:
        """Return the targets that are scraped, with health and last error."""
        return _list_of((await self._data("/api/v1/targets", {"state": "active"}) or {}).get("activeTargets", []), dict)

    async def alerts(self) -> list[dict[str, Any]]:
        """Return pending and firing alerts as the rules make them."""
        return _list_of((await self._data("/api/v1/alerts", {}) or {}).get("alerts", []), dict)

    async def external_labels(self) -> dict[str, str]:
        """Return what is added to alerts on their way to an Alertmanager; nothing where the server does not say."""
        try:
            import yaml  # of the extra `kubernetes`; without it they are learned from the first alert that fires
        except ImportError:
            return {}
        try:
            found = yaml.safe_load((await self._data("/api/v1/status/config", {}))["yaml"])
            labels = found["global"]["external_labels"]
            return {str(name): str(value) for name, value in labels.items()}
        except (QueryError, RemoteProtocolError, ConnectError, yaml.YAMLError, KeyError, TypeError, AttributeError):
            return {}

    async def version(self) -> str:
        """Return the server's version; ConnectError where what answers is no Prometheus."""
        reply = await self.backend.get("/api/v1/status/buildinfo")
        try:
            found = decode_data(reply.body) if reply.status == 200 else None
        except RemoteProtocolError:
            found = None
        if isinstance(found, dict):
            return str(found.get("version", ""))[:40]
        await self._prove()
        return ""

    async def _prove(self) -> None:
        """A server that does not tell its version may be an old or another one: it is one of us if it answers a query."""
        reply = await self.backend.get("/api/v1/query", {"query": "1"})
        try:
            decode(reply.body)
        except RemoteProtocolError:
            raise ConnectError(
                f"{self.backend.url} answers, but is no Prometheus ({reply.status})",
                "Give the address under which /api/v1/query is served, with its prefix if it has one.",
                status=reply.status,
            ) from None

    async def _piece(self, expression: str, start: float, end: float, step: float) -> Answer:
        params = {"query": expression, "start": _seconds(start), "end": _seconds(end), "step": _seconds(step)}
        return await self._answer("/api/v1/query_range", params, expression)

    async def _answer(self, path: str, params: Params, expression: str) -> Answer:
        reply = await self._ok(path, params, expression)
        answer = decode(reply.body)
        if len(answer.columns) > self.max_series * 50:  # histograms unfold
            raise QueryError(f"the answer has {len(answer.columns):,} series", "Aggregate first: sum by (le) (...).")
        return answer

    async def _data(self, path: str, params: Params, expression: str = "") -> Any:
        return decode_data((await self._ok(path, params, expression)).body)

    async def _ok(self, path: str, params: Params, expression: str) -> Reply:
        reply = await self.backend.get(self._prefix + path, params)
        if reply.status != 200:
            raise refusal(reply.status, reply.body, expression, self.backend.name)
        return reply


def _seconds(time: float) -> str:
    """Return epoch seconds to the millisecond, which is what Prometheus keeps."""
    return f"{time:.3f}"


def _list_of(found: object, kind: type) -> list[Any]:
    if not isinstance(found, list):
        raise RemoteProtocolError("the answer is not a list")
    return [item for item in found if isinstance(item, kind)]
