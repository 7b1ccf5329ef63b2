"""Queries: what a session can ask its Prometheus and its Alertmanager, live and once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from gunj_widgets.arguments import needed
from gunj_widgets.connection.interest import Interest
from gunj_widgets.errors import LimitError, NotReadyError, QueryError, SettingsError, SetupError
from gunj_widgets.events.records import Query
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.memory import Manager, Memory
from gunj_widgets.session.progress import Share, unknown
from gunj_widgets.session.recipes import call, given
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.session.waiting import patience
from gunj_widgets.settings import Settings
from gunj_widgets.sources.alertmanager.live import LiveAlertmanager
from gunj_widgets.sources.discovery import Discovery
from gunj_widgets.sources.jetstream.manager import JetStreamManager
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.opened import Opened
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.sources.prometheus.live import LiveQuery, QueryStatus
from gunj_widgets.store.facts import gap_fact, query_fact, sample_facts
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.holder import Listeners
from gunj_widgets.store.queries import QueryBook, query_id
from gunj_widgets.store.retention import Duration, seconds
from gunj_widgets.store.rules import rules_table, targets_table
from gunj_widgets.store.samples import Batch
from gunj_widgets.store.silences import silences_table
from gunj_widgets.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LivePromQL", "Queries", "grid_of"]

T = TypeVar("T")
Fields = dict[str, Any]

FINEST = 0.001
"""Seconds of the smallest step: servers count in milliseconds, and a stretch in nothing would have no end."""
LONGEST = 60_000
"""Characters of a query as an address carries it; httpx takes 65,536 of a whole one."""


class LivePromQL(LiveMetrics):
    """A MetricFrame that one PromQL expression fills; see `Session.promql`."""

    language: str
    """promql, or logql for a query to Loki that gives numbers: the session's method that made it."""
    expression: str
    query: LiveQuery | None
    """Who asks; None where it was recorded, or another asks and we are told."""
    watchers: Listeners
    """Told when the status changes, on gunj-io."""
    asked: dict[str, Any]
    """What else was asked for, if it was: step in seconds, platform, namespace."""

    @property
    def progress(self) -> tuple[int, int] | None:
        status = self.status
        return (status.done, status.total) if status.phase == "loading" and status.total > 1 else None

    @property
    def refines(self) -> bool:
        return self.query is not None and not self.query.raw

    async def refined(self, start: float, end: float) -> MetricFrame:
        query = self.query
        if query is None or not query.has_more(start, end):
            return self
        found = MetricFrame(None)
        found.extend_many(await query.refined(start, end))
        return found

    def listen_progress(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        return self.watchers.add(callback, self)

    def _recipe(self) -> dict[str, Any]:
        chosen = given(metrics=list(self._selection.metrics or ()))
        return {self.language: self.expression, "window": self.span, **self.asked, **chosen}

    def _asked(self) -> str:
        return call(f"rt.{self.language}", self.expression, window=self.span, **self.asked)

    @property
    def notice(self) -> str:
        status = self.status
        if status.phase in ("waiting", "failed"):
            return " ".join(f"{status.phase}: {status.reason}. {status.remedy}".split())
        return " · ".join(status.notes)

    @property
    def status(self) -> QueryStatus:
        """Where the query stands: phase, reason, progress of the history, the server's warnings."""
        return self.query.status if self.query is not None else QueryStatus(phase="told", series=len(self.series))


class Queries:
    """The half of a Session that asks back ends; the other half, in session.py, keeps what they answer."""

    manager: Manager
    settings: Settings
    store: Store
    backends: SourceManager | None
    """Prometheus, Alertmanager, Loki and Kubernetes, whoever told of them; None where events come from what was written down."""
    discovery: Discovery | None
    """What opens those that platforms tell of; None where that is not wanted, or nobody tells."""

    _memory: Memory

    def now(self) -> float:
        raise NotImplementedError

    def _need_ready(self) -> None:
        raise NotImplementedError

    def wait(
        self, work: Coroutine[Any, Any, Any], timeout: float = 10.0, words: str = "", share: Share = unknown
    ) -> Any:
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
        wait: Duration = 10.0,
        platform: str | None = None,
        namespace: str | None = None,
    ) -> LivePromQL:
        """Return a live frame of a PromQL expression: its last `window`, then every new sample. QueryError if it is wrong,
        SettingsError for what is no query, a step below a millisecond and a window that begins before 1970.

        The Prometheus is the one that the session was given, else that of a `platform`, which may be left out where only one
        has any; SetupError says where there is none, or no way to it.

        In a recording or a shared history: what was fetched there; SetupError where nobody asked this (`rt.queries` has what was).
        A plain selector comes as it was scraped, sample by sample; anything else, and all with `step`, on a grid of `step`
        seconds. Returns once the history is in, or after `wait` (seconds, or "10s"), while it goes on loading. `progress(done, total)`
        is called on gunj-io after each piece of history.
        """
        span, grid, limit = self._span(window), grid_of(expression, step), patience(wait) or 0.0
        if not self._asks:
            return self._told_numbers("promql", expression, span, grid)
        source = self._source("prometheus", platform, namespace)
        asked = given(step=grid, platform=platform, namespace=namespace)
        return self._follow_numbers("promql", source, expression, span, asked, progress, limit)

    @property
    def queries(self) -> QueryBook:
        """What is asked for here, or was in this recording or shared history: `.df`."""
        return self.store.queries

    @property
    def _asks(self) -> bool:
        """Whether this session asks back ends itself; else it is told what others asked for."""
        return not isinstance(self.manager, ReplayManager | JetStreamManager)

    def _span(self, window: Duration) -> float:
        """Return a window in seconds; SettingsError where somebody would be asked for times before 1970."""
        span = seconds(window)
        if self._asks and span > self.now():
            raise SettingsError(f"a window of {window!r:.40} begins before 1970", 'Give what is kept: "30d".')
        return span

    def _told(self, language: str, expression: str, step: float | None = None) -> Query:
        """Return a query that others asked, of that step if there is one; SetupError where nobody asked."""
        query = self.store.queries.find(language, expression, step)
        if query is None:
            there = ", ".join(repr(q.expression) for q in self.store.queries if q.language == language)
            raise SetupError(
                f"nobody asked for {expression!r:.200} here",
                f"There is {there:.400}." if there else "There are no queries.",
            )
        return query

    def _told_numbers(self, language: str, expression: str, span: float, grid: float | None) -> LivePromQL:
        """Return a frame of what others fetched."""
        query = self._told(language, expression, grid)
        key = ("told", query.id, span)

        def make() -> LivePromQL:
            release = self.manager.watch(Interest(target="metrics", platform=query.id))
            frame = LivePromQL.over(self.store.frame(query.id), None, window=span)
            frame.language, frame.expression, frame.query = language, expression, None
            frame.watchers, frame.asked = Listeners(), given(step=query.step)
            title = " ".join(expression.split())
            return frame.attach(self, query.id, title, span, lambda: self._drop(key, release))  # type: ignore[arg-type]

        return self._memo(key, make)

    def _follow_numbers(
        self,
        language: str,
        source: Opened,
        expression: str,
        span: float,
        asked: dict[str, Any],
        progress: Callable[[int, int], object] | None,
        wait: float,
    ) -> LivePromQL:
        """Follow an expression that gives numbers, in PromQL or LogQL; the same frame each time. `asked`: see LivePromQL."""
        grid, sources, client = asked.get("step"), self._sources(), source.prometheus
        assert client is not None  # noqa: S101  what a Prometheus and a Loki have
        key = (language, expression, span, grid, *filter(None, [source.tag]))

        def make() -> LivePromQL:
            holder = query_id(language, *key[1:])
            self._check_room("metric_streams", sources.followed_by(LiveQuery))
            self._ask_for(Query(id=holder, language=language, expression=expression, window=span, step=grid))
            table = self.store.frame(holder)
            watchers = Listeners()

            def emit(batches: list[Batch]) -> None:
                table.extend_many(batches)
                self._memory.show(lambda: sample_facts(holder, batches, self.now()))

            def gap(start: float, end: float) -> None:
                table.mark_gap(start, end)
                self._memory.show(lambda: [gap_fact("metrics", holder, start, end, self.now())])

            def told() -> None:
                status = query.status
                watchers.tell()
                if progress is not None and status.phase == "loading" and status.total:
                    progress(status.done, status.total)

            query = LiveQuery(
                expression,
                client,
                emit=emit,
                gap=gap,
                changed=told,
                window=span,
                step=grid,
            )
            stop = sources.follow(query)

            def release() -> None:
                stop()
                self.store.forget(holder)

            frame = LivePromQL.over(table, None, window=span)
            frame.language, frame.expression = language, expression
            frame.query, frame.watchers, frame.asked = query, watchers, asked
            title = " ".join(expression.split())
            frame.attach(self, holder, title, span, lambda: self._drop(key, release))  # type: ignore[arg-type]
            return frame

        frame = self._memo(key, make)
        asking = frame.query
        if asking is not None:
            with contextlib.suppress(NotReadyError):
                self.wait(asking.settled(), wait, f"history of {frame.title}", lambda: asking.status.share)
            if isinstance(asking.error, QueryError):
                frame.close()
                raise asking.error
        return frame

    def _ask_for(self, query: Query) -> None:
        """Note that a query is followed from now on."""
        self.store.follow(query)

        async def show() -> None:
            self._memory.show(lambda: [query_fact(query, self.now())])

        self.wait(show())

    # -- Prometheus, once -------------------------------------------------------------------------------------

    def metric_names(self, selector: str = "", *, platform: str | None = None) -> list[str]:
        """Return the names of all metrics, or of those that a selector matches: `{job="api"}`."""
        return self.label_values("__name__", selector, platform=platform)

    def label_names(self, selector: str = "", *, platform: str | None = None) -> list[str]:
        """Return the names of all labels, or of those on what a selector matches."""
        found: list[str] = self._ask(self._prometheus(platform).labels(selector))
        return found

    def label_values(self, label: str, selector: str = "", *, platform: str | None = None) -> list[str]:
        """Return the values of a label, or those on what a selector matches."""
        found: list[str] = self._ask(self._prometheus(platform).values(label, selector))
        return found

    def targets(self, *, platform: str | None = None) -> pd.DataFrame:
        """Return what is scraped, those that are down first, by job: instance, health, error, scraped (UTC), seconds, url, labels."""
        return targets_table(self._ask(self._prometheus(platform).targets()))

    def rules(self, *, platform: str | None = None) -> pd.DataFrame:
        """Return the recording and alerting rules, those that fire first, by name: group, type, state, alerts, query, for
        (seconds), health, error, evaluated (UTC), seconds, labels."""
        return rules_table(self._ask(self._prometheus(platform).rules()))

    # -- Alertmanager, once -----------------------------------------------------------------------------------

    def alert_groups(self, *, platform: str | None = None) -> list[Fields]:
        """Return the alerts as Alertmanager groups them for each receiver."""
        found: list[Fields] = self._ask(self._alertmanager(platform).client.groups())
        return found

    def silences(self, *, platform: str | None = None) -> pd.DataFrame:
        """Return the silences that act now or will, those that end first, by id: state, matchers, starts and ends (UTC), by,
        comment."""
        return silences_table(self._ask(self._alertmanager(platform).client.silences()))

    def preview_silence(self, filters: Sequence[str], *, platform: str | None = None) -> list[Fields]:
        """Return the active alerts that a silence of these matchers would mute: `severity="critical"`, `job=~"api.*"`."""
        found: list[Fields] = self._ask(self._alertmanager(platform).client.alerts(filters))
        return found

    def expire_silence(self, silence: str, *, platform: str | None = None) -> None:
        """End a silence now; QueryError where there is none of that id."""
        self._ask(self._alertmanager(platform).expire(silence))

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
        if self.backends is None:
            what = "a recording" if isinstance(self.manager, ReplayManager) else "a shared history"
            raise SetupError(
                f"this session is with {what}, not with a Prometheus, an Alertmanager or a Loki",
                "gunj.connect(prometheus='http://...', alertmanager='http://...', loki='http://...').",
            )
        return self.backends

    def _source(self, kind: str, platform: str | None = None, namespace: str | None = None) -> Opened:
        """Return the source that the user named, else the one that a platform tells of."""
        sources = self._sources()
        if self.discovery is None or (platform is None and sources.find(kind) is not None):
            return sources.named(kind)
        self._need_ready()
        found: Opened = self.wait(self.discovery.open(kind, platform, namespace))
        return found

    def _prometheus(self, platform: str | None) -> PrometheusClient:
        client = self._source("prometheus", platform).prometheus
        assert client is not None  # noqa: S101  a Prometheus has one
        return client

    def _alertmanager(self, platform: str | None) -> LiveAlertmanager:
        sole = self._sources().silencer() if platform is None else None
        alerts = (sole or self._source("alertmanager", platform)).alerts
        assert alerts is not None  # noqa: S101  an Alertmanager has one
        return alerts

    def _ask(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.wait(work, 35.0)


def grid_of(query: str, step: float | str | None) -> float | None:
    """Return a query's step in seconds; SettingsError where that is too small, or the query none that could be sent."""
    needed(query, str, "a query is text", """As in rt.promql("up") or rt.logql('{app="api"}').""")
    if not query.strip() or len(quote(query)) > LONGEST:
        raise SettingsError(
            f"a query has 1 to {LONGEST:,} characters in an address, this one {len(quote(query.strip())):,}",
            "Ask for less at once.",
        )
    grid = None if step is None else seconds(step)
    if grid is not None and grid < FINEST:
        raise SettingsError(f"a step of {step!r:.40}", 'Give at least "1ms".')
    return grid
