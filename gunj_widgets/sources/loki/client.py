"""Questions to a Loki: lines of any stretch of time in pages, what there is to ask about, and the tail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from gunj_widgets.connection.transport import Link
from gunj_widgets.errors import ConnectError, RemoteProtocolError
from gunj_widgets.sources.backend import Backend, Params, said
from gunj_widgets.sources.loki.replies import Line, decode_data, decode_lines, page_limit, refusal

__all__ = ["PAGE", "LokiClient"]

PAGE = 5_000
"""Lines of one answer: what a Loki gives at most, if it is not told otherwise."""


class LokiClient:
    """The HTTP API of Loki as `/loki/api/v1` has it. Times are whole nanoseconds since 1970."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.page = PAGE
        self.crowded = 0
        """Times that more lines had one nanosecond than a page holds: what is beyond the page cannot be asked for."""

    async def lines(self, query: str, start: int, end: int, *, forward: bool) -> list[Line]:
        """Return one page, oldest first: of the time from `start` (included) to `end` (not), its beginning or its end.

        QueryError says what is wrong with the query.
        """
        while True:
            size = self.page
            params = {
                "query": query,
                "start": str(start),
                "end": str(end),
                "limit": str(size),
                "direction": "forward" if forward else "backward",
            }
            reply = await self.backend.get("/loki/api/v1/query_range", params)
            if reply.status == 200:
                return decode_lines(reply.body)
            smaller = page_limit(reply.body) if reply.status == 400 else None
            if smaller is None or smaller >= size:
                raise refusal(reply.status, reply.body, query)
            self.page = smaller

    async def newest(self, query: str, start: int, end: int, count: int) -> list[Line]:
        """Return the newest `count` lines of a stretch, or all if there are fewer, oldest first."""
        found: dict[bytes, Line] = {}
        while len(found) < count:
            page = await self.lines(query, start, end, forward=False)
            found = {line.key: line for line in [*page, *found.values()]}
            if len(page) < self.page:
                break
            # There may be more at the oldest moment seen: ask for it again, unless a page holds nothing else.
            end = self._onward(page, page[0].ns + 1, end, page[0].ns)
        return sorted(found.values(), key=lambda line: line.ns)[-count:]

    async def forward(self, query: str, start: int, end: int) -> AsyncIterator[list[Line]]:
        """Return all lines of a stretch in pages, oldest first; lines at a seam of two pages may come twice."""
        while start < end:
            page = await self.lines(query, start, end, forward=True)
            yield page
            if len(page) < self.page:
                return
            start = self._onward(page, page[-1].ns, start, page[-1].ns + 1)

    async def label_names(self, query: str = "") -> list[str]:
        """Return the names of the labels there are, of what a selector matches if one is given."""
        return await self._names("/loki/api/v1/labels", query)

    async def label_values(self, label: str, query: str = "") -> list[str]:
        """Return a label's values."""
        return await self._names(f"/loki/api/v1/label/{quote(label, safe='')}/values", query)

    async def tail(self, query: str, start: int) -> Link:
        """Open a tail of what comes from `start` on. ConnectError where the server opens none, as when it has too many."""
        params = {"query": query, "start": str(start), "limit": str(self.page), "delay_for": "0"}
        return await self.backend.websocket("/loki/api/v1/tail", params)

    async def version(self) -> str:
        """Return the server's version; ConnectError where what answers is no Loki."""
        reply = await self.backend.get("/loki/api/v1/status/buildinfo")
        try:
            found = said(reply)
            if reply.status == 200 and "version" in found:
                return str(found["version"])[:40]
            names = await self.backend.get("/loki/api/v1/labels")
            if names.status == 200 and isinstance(decode_data(names.body), list | None):
                return ""
        except RemoteProtocolError:
            pass
        raise ConnectError(
            f"{self.backend.url} answers, but is no Loki ({reply.status})",
            "Give the address under which /loki/api/v1/labels is served, with its prefix if it has one; "
            "a tenant goes with it: gunj.Source(url=..., tenant=...).",
            status=reply.status,
        )

    async def _names(self, path: str, query: str) -> list[str]:
        params: Params = {"query": query} if query else {}
        reply = await self.backend.get(path, params)
        if reply.status != 200:
            raise refusal(reply.status, reply.body, query)
        found = decode_data(reply.body)
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

    def _onward(self, page: list[Line], wanted: int, before: int, beyond: int) -> int:
        """Return where the next page begins: `wanted`, or `beyond` where that would be this page once more."""
        if wanted != before:
            return wanted
        self.crowded += 1
        return beyond
