"""LogQL: what a session can ask its Loki, live and once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from gunj_widgets.connection.interest import Interest
from gunj_widgets.errors import NotReadyError, QueryError, SettingsError
from gunj_widgets.events.records import LogEntry, Query
from gunj_widgets.session.handles import LiveLogs
from gunj_widgets.session.narrowing import ALL, Names, Narrowing
from gunj_widgets.session.queries import LivePromQL, Queries, grid_of
from gunj_widgets.session.recipes import call, given
from gunj_widgets.session.waiting import patience
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.sources.loki.live import LiveTail, TailStatus
from gunj_widgets.sources.loki.replies import is_log_query
from gunj_widgets.store.facts import gap_fact, line_facts
from gunj_widgets.store.holder import Listeners, together
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.queries import query_id
from gunj_widgets.store.retention import Duration

if TYPE_CHECKING:
    from gunj_widgets.session.session import Session

__all__ = ["LiveLogQL", "LogQueries"]

ROWS = 5_000
"""Lines kept of a query unless told otherwise."""


class LiveLogQL(LiveLogs):
    """The lines that one LogQL query gives; see `Session.logql`."""

    def __init__(
        self,
        session: Session,
        buffer: LogBuffer,
        query: Query,
        release: Callable[[], None],
        tail: LiveTail | None,
        asked: dict[str, Any],
        narrowing: Narrowing = ALL,
    ) -> None:
        written = " ".join(query.expression.split())
        title = f"{written}: {narrowing}" if narrowing.asked else written
        label = query.id + quote("".join(f"|{name}={value}" for name, value in narrowing.asked.items()), safe="|,=")
        super().__init__(session, buffer, label, title, release)
        self.tail = tail
        """Who asks; None where it was recorded, or another asks and we are told."""
        self._told = Listeners()
        self._said = ""
        self.recipe = {"logql": query.expression, "window": query.window, **asked, **narrowing.asked}

    @property
    def code(self) -> str:
        """What makes these lines in a cell, given the session as `rt`."""
        asked = dict(self.recipe)
        return call("rt.logql", asked.pop("logql"), **asked)

    @property
    def status(self) -> TailStatus:
        """Where the query stands: phase, reason, whether there is a tail, lines recovered that the tail had lost."""
        return self.tail.status if self.tail is not None else TailStatus(phase="told", lines=self.total)

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        return together(super().listen(callback), self._told.add(callback, self))

    def changed(self) -> None:
        """Tell who follows if the notice is another; lines are told of by their buffer."""
        if self._said != (said := self.notice):
            self._said = said
            self._told.tell()

    @property
    def notice(self) -> str:
        status = self.status
        if status.phase == "told":
            return ""
        if status.phase in ("waiting", "failed"):
            return f"{status.phase}: {status.reason}"
        said = [
            "" if status.tail or status.phase == "loading" else f"polled: {status.tail_problem or 'no tail yet'}",
            f"{status.recovered:,} recovered" if status.recovered else "",
            f"{status.gaps} gaps" if status.gaps else "",
            *status.notes,
        ]
        return " · ".join(filter(None, said))


class LogQueries(Queries):
    """The part of a Session that asks its Loki."""

    def logql(
        self,
        query: str,
        *,
        window: float | str = "15m",
        rows: int = ROWS,
        step: float | str | None = None,
        level: Names = None,
        component: Names = None,
        search: str | None = None,
        regex: str | None = None,
        wait: Duration = 10.0,
        platform: str | None = None,
        namespace: str | None = None,
    ) -> LiveLogQL | LivePromQL:
        """Return the live lines of a LogQL query: the newest `rows` of its last `window`, then every new one. QueryError if wrong.

        A query that gives numbers, `rate({app="api"} |= "error" [1m])`, becomes a live frame on a grid of `step` seconds.
        `level`, `component`, `search` and `regex` narrow what is shown, not what is fetched, as for `rt.logs`: of the `rows`
        lines that are kept, also after the fact. What Loki is to look for belongs into the query: `|~ "timeout|refused"`.
        SettingsError for a pattern that is wrong or could stall the kernel, and for numbers, which have no lines.

        Returns once the history is in, or after `wait` (seconds, or "10s"), while it goes on loading. `platform` is whose Loki, as for
        `promql`.
        """
        span, grid, limit = self._span(window), grid_of(query, step), patience(wait) or 0.0
        narrowing = Narrowing.of(level, component, search, regex)
        if narrowing.asked and not is_log_query(query):
            raise SettingsError(
                f"this query gives numbers, which have no {' and no '.join(narrowing.asked)}",
                'Narrow its lines within the query: {app="api"} | level="error" |~ "timeout".',
            )
        if not self._asks:
            if is_log_query(query):
                return self._told_lines(query, narrowing)
            return self._told_numbers("logql", query, span, grid)
        source, sources = self._source("loki", platform, namespace), self._sources()
        if not is_log_query(query):
            numbers = given(step=grid, platform=platform, namespace=namespace)
            return self._follow_numbers("logql", source, query, span, numbers, None, limit)
        client = source.loki
        assert client is not None  # noqa: S101  a Loki has one
        key = ("logql", query, span, rows, narrowing, source.tag)
        kept = given(rows=None if rows == ROWS else rows, platform=platform, namespace=namespace)

        def make() -> LiveLogQL:
            holder = query_id(*key)
            self._check_room("log_streams", sources.followed_by(LiveTail))
            asked = Query(id=holder, language="logql", expression=query, window=span, rows=rows)
            self._ask_for(asked)
            buffer = self.store.logs(holder)

            def emit(entries: list[LogEntry]) -> None:
                buffer.extend(entries)
                self._memory.show(lambda: line_facts(holder, entries, self.now()))

            def gap(start: float, end: float) -> None:
                buffer.mark_gap(start, end)
                self._memory.show(lambda: [gap_fact("logs", holder, start, end, self.now())])

            tail = LiveTail(
                query,
                client,
                emit=emit,
                gap=gap,
                changed=lambda: made.changed(),  # noqa: PLW0108  it is made below
                window=span,
                keep=rows,
            )
            view = narrowing.on(buffer)

            def release() -> None:
                stop()
                self.store.forget(holder)

            made = LiveLogQL(
                cast("Session", self), view, asked, lambda: self._drop(key, release), tail, kept, narrowing
            )
            stop = sources.follow(tail)
            return made

        logs: LiveLogQL = self._memo(key, make)
        asking = logs.tail
        if asking is not None:
            with contextlib.suppress(NotReadyError):
                self.wait(asking.settled(), limit, f"lines of {logs.title}")
            if isinstance(asking.error, QueryError) and logs.status.phase == "failed":
                logs.close()
                raise asking.error
        return logs

    def _told_lines(self, expression: str, narrowing: Narrowing) -> LiveLogQL:
        """Return the lines that others fetched."""
        query = self._told("logql", expression)
        key = ("told", query.id, narrowing)

        def make() -> LiveLogQL:
            release = self.manager.watch(Interest(target="logs", platform=query.id))
            view = narrowing.on(self.store.logs(query.id))
            kept = given(rows=None if query.rows == ROWS else query.rows)
            return LiveLogQL(
                cast("Session", self), view, query, lambda: self._drop(key, release), None, kept, narrowing
            )

        return self._memo(key, make)

    def log_labels(self, query: str = "", *, platform: str | None = None) -> list[str]:
        """Return the names of Loki's labels, or of those on what a selector matches."""
        found: list[str] = self._ask(self._loki(platform).label_names(query))
        return found

    def log_label_values(self, label: str, query: str = "", *, platform: str | None = None) -> list[str]:
        """Return the values of one of Loki's labels."""
        found: list[str] = self._ask(self._loki(platform).label_values(label, query))
        return found

    def _loki(self, platform: str | None) -> LokiClient:
        client = self._source("loki", platform).loki
        assert client is not None  # noqa: S101  a Loki has one
        return client
