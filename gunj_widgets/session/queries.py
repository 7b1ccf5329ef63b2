"""Queries: what a session can ask its Prometheus and its Alertmanager, live and once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from gunj_widgets.errors import LimitError, NotReadyError, QueryError, SetupError
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.memory import Manager
from gunj_widgets.settings import Settings
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.live import LiveQuery, QueryStatus
from gunj_widgets.store.holder import Listeners
from gunj_widgets.store.retention import seconds
from gunj_widgets.store.store import Store

__all__ = ["LivePromQL", "Queries"]

T = TypeVar("T")
Fields = dict[str, Any]


class LivePromQL(LiveMetrics):
    """A MetricFrame that one PromQL expression fills; see `Session.promql`."""

    query: LiveQuery
    language: str
    """promql, or logql for a query to Loki that gives numbers: the session's method that made it."""
    watchers: Listeners
    """Told when the status changes, on gunj-io."""

    @property
    def progress(self) -> tuple[int, int] | None:
        status = self.query.status
        return (status.done, status.total) if status.phase == "loading" and status.total > 1 else None

    def listen_progress(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        return self.watchers.add(callback, self)

    @property
    def recipe(self) -> dict[str, Any]:
        return {self.language: self.query.expression, "window": self.span}

    @property
    def code(self) -> str:
        return f"rt.{self.language}({self.query.expression!r}, window={self.span:g})"

    @property
    def status(self) -> QueryStatus:
        """Where the query stands: phase, reason, progress of the history, the server's warnings."""
        return self.query.status


class Queries:
    """The half of a Session that asks back ends; the other half, in session.py, keeps what they answer."""

    manager: Manager
    settings: Settings
    store: Store

    def wait(self, work: Coroutine[Any, Any, Any], timeout: float = 10.0) -> Any:
        raise NotImplementedError

    def _memo(self, key: Any, make: Callable[[], T]) -> T:
        raise NotImplementedError

    def _drop(self, key: Any, release: Callable[[], None]) -> None:
        raise NotImplementedError

    def promql(
        self,
        expression: str,
        *,
        window: float | str = "10m",
        step: float | str | None = None,
        progress: Callable[[int, int], object] | None = None,
        wait: float = 10.0,
    ) -> LivePromQL:
        """Return a live frame of a PromQL expression: its last `window`, then every new sample. QueryError if it is wrong.

        A plain selector comes as it was scraped, sample by sample; anything else, and all with `step`, on a grid of `step`
        seconds. Returns once the history is in, or after `wait` seconds, while it goes on loading. `progress(done, total)`
        is called on gunj-io after each piece of history.
        """
        grid = None if step is None else seconds(step)
        return self._follow_numbers(
            "promql", self._sources().prometheus, expression, seconds(window), grid, progress, wait
        )

    def _follow_numbers(
        self,
        language: str,
        client: PrometheusClient,
        expression: str,
        span: float,
        grid: float | None,
        progress: Callable[[int, int], object] | None,
        wait: float,
    ) -> LivePromQL:
        """Follow an expression that gives numbers, in PromQL or LogQL; the same frame each time."""
        sources = self._sources()
        key = (language, expression, span, grid)

        def make() -> LivePromQL:
            holder = f"{language}:" + quote("|".join(map(str, key[1:])), safe="|")
            self._check_room("metric_streams", sources.followed_by(LiveQuery))
            table = self.store.frame(holder)
            watchers = Listeners()

            def told() -> None:
                status = query.status
                watchers.tell()
                if progress is not None and status.phase == "loading" and status.total:
                    progress(status.done, status.total)

            query = LiveQuery(
                expression,
                client,
                emit=table.extend_many,
                gap=table.mark_gap,
                changed=told,
                window=span,
                step=grid,
            )
            stop = sources.follow(query)

            def release() -> None:
                stop()
                self.store.forget(holder)

            frame = LivePromQL.over(table, None, window=span)
            frame.query, frame.language, frame.watchers = query, language, watchers
            title = " ".join(expression.split())
            frame.attach(self, holder, title, span, lambda: self._drop(key, release))  # type: ignore[arg-type]
            return frame

        frame = self._memo(key, make)
        with contextlib.suppress(NotReadyError):
            self.wait(frame.query.settled(), wait)
        if isinstance(frame.query.error, QueryError):
            frame.close()
            raise frame.query.error
        return frame

    # -- Prometheus, once -------------------------------------------------------------------------------------

    def metric_names(self, selector: str = "") -> list[str]:
        """Return the names of all metrics, or of those that a selector matches: `{job="api"}`."""
        return self.label_values("__name__", selector)

    def label_names(self, selector: str = "") -> list[str]:
        """Return the names of all labels, or of those on what a selector matches."""
        found: list[str] = self._ask(self._sources().prometheus.labels(selector))
        return found

    def label_values(self, label: str, selector: str = "") -> list[str]:
        """Return the values of a label, or those on what a selector matches."""
        found: list[str] = self._ask(self._sources().prometheus.values(label, selector))
        return found

    def targets(self) -> list[Fields]:
        """Return what is scraped, as Prometheus tells it: labels, health, last error, last scrape."""
        found: list[Fields] = self._ask(self._sources().prometheus.targets())
        return found

    def rules(self) -> list[Fields]:
        """Return the recording and alerting rules, as Prometheus tells them, each with the name of its `group`."""
        found: list[Fields] = self._ask(self._sources().prometheus.rules())
        return found

    # -- Alertmanager, once -----------------------------------------------------------------------------------

    def alert_groups(self) -> list[Fields]:
        """Return the alerts as Alertmanager groups them for each receiver."""
        found: list[Fields] = self._ask(self._sources().alertmanager.client.groups())
        return found

    def silences(self) -> list[Fields]:
        """Return the silences that act now or will; expired ones are left out."""
        found = self._ask(self._sources().alertmanager.client.silences())
        return [one for one in found if one.get("status", {}).get("state") != "expired"]

    def preview_silence(self, filters: Sequence[str]) -> list[Fields]:
        """Return the active alerts that a silence of these matchers would mute: `severity="critical"`, `job=~"api.*"`."""
        found: list[Fields] = self._ask(self._sources().alertmanager.client.alerts(filters))
        return found

    def expire_silence(self, silence: str) -> None:
        """End a silence now; QueryError where there is none of that id."""
        self._ask(self._sources().alertmanager.expire(silence))

    # -- inside -----------------------------------------------------------------------------------------------

    def _check_room(self, limit: str, used: int) -> None:
        """Raise LimitError where as many queries are followed as Settings.limits has for them."""
        most = getattr(self.settings.limits, limit)
        if used >= most:
            raise LimitError(
                f"this session already follows {most} queries",
                f"Close one (.close()), or raise the limit: Settings.load(limits={{'{limit}': {most * 2}}}).",
                limit=limit,
                value=most,
            )

    def _sources(self) -> SourceManager:
        if not isinstance(self.manager, SourceManager):
            raise SetupError(
                "this session is with an operator, not with a Prometheus, an Alertmanager or a Loki",
                "gunj.connect(prometheus='http://...', alertmanager='http://...', loki='http://...').",
            )
        return self.manager

    def _ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.wait(work, 35.0)
