"""LogQL: what a session can ask its Loki, live and once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from gunj_widgets.errors import NotReadyError, QueryError
from gunj_widgets.session.handles import LiveLogs
from gunj_widgets.session.queries import LivePromQL, Queries
from gunj_widgets.sources.loki.client import LokiClient
from gunj_widgets.sources.loki.live import LiveTail, TailStatus
from gunj_widgets.sources.loki.replies import is_log_query
from gunj_widgets.store.holder import Listeners
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.retention import seconds

if TYPE_CHECKING:
    from gunj_widgets.session.session import Session

__all__ = ["LiveLogQL", "LogQueries"]

ROWS = 5_000
"""Lines kept of a query unless told otherwise."""


class LiveLogQL(LiveLogs):
    """The lines that one LogQL query gives; see `Session.logql`."""

    def __init__(
        self, session: Session, buffer: LogBuffer, label: str, title: str, release: Callable[[], None], tail: LiveTail
    ) -> None:
        super().__init__(session, buffer, label, title, release)
        self.tail = tail
        self._told = Listeners()
        self._said = ""
        self.recipe = {"logql": tail.expression, "window": tail.window}

    @property
    def status(self) -> TailStatus:
        """Where the query stands: phase, reason, whether there is a tail, lines recovered that the tail had lost."""
        return self.tail.status

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        undo = (super().listen(callback), self._told.add(callback, self))

        def end() -> None:
            for each in undo:
                each()

        return end

    def changed(self) -> None:
        """Tell who follows if the notice is another; lines are told of by their buffer."""
        if self._said != (said := self.notice):
            self._said = said
            self._told.tell()

    @property
    def notice(self) -> str:
        status = self.status
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
        level: str | Sequence[str] | None = None,
        search: str | None = None,
        wait: float = 10.0,
        platform: str | None = None,
        namespace: str | None = None,
    ) -> LiveLogQL | LivePromQL:
        """Return the live lines of a LogQL query: the newest `rows` of its last `window`, then every new one. QueryError if wrong.

        A query that gives numbers, `rate({app="api"} |= "error" [1m])`, becomes a live frame on a grid of `step` seconds.
        `level` and `search` narrow what is shown, not what is fetched. Returns once the history is in, or after `wait`
        seconds, while it goes on loading. `platform` is whose Loki, as for `promql`.
        """
        span = seconds(window)
        source, sources = self._source("loki", platform, namespace), self._sources()
        if not is_log_query(query):
            grid = None if step is None else seconds(step)
            return self._follow_numbers("logql", source, query, span, grid, None, wait)
        client = source.loki
        assert client is not None  # noqa: S101  a Loki has one
        levels = (level,) if isinstance(level, str) else tuple(level or ())
        key = ("logql", query, span, rows, levels, search, *filter(None, [source.tag]))

        def make() -> LiveLogQL:
            holder = "logql:" + quote("|".join(map(str, key[1:])), safe="|")
            self._check_room("log_streams", sources.followed_by(LiveTail))
            age = self.settings.retention.logs_age
            buffer = self.store.logs(holder, (max(span, age or span), rows))
            tail = LiveTail(
                query,
                client,
                emit=buffer.extend,
                gap=buffer.mark_gap,
                changed=lambda: made.changed(),  # noqa: PLW0108  it is made below
                window=span,
                keep=rows,
            )
            view = buffer.select(level=levels or None, search=search)
            title = " ".join(query.split())

            def release() -> None:
                stop()
                self.store.forget(holder)

            made = LiveLogQL(cast("Session", self), view, holder, title, lambda: self._drop(key, release), tail)
            stop = sources.follow(tail)
            return made

        logs: LiveLogQL = self._memo(key, make)
        with contextlib.suppress(NotReadyError):
            self.wait(logs.tail.settled(), wait)
        if isinstance(logs.tail.error, QueryError) and logs.status.phase == "failed":
            logs.close()
            raise logs.tail.error
        return logs

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
