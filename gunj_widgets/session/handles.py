"""What a user holds of a session: a platform, its metrics, its logs, the alerts. Each displays as its live widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from gunj_widgets.errors import NotReadyError, SettingsError, UnknownMetricError
from gunj_widgets.events.records import (
    Alert,
    AlertState,
    ComponentHealth,
    Condition,
    Health,
    KubeEvent,
    Operation,
    Phase,
    Platform,
    Severity,
)
from gunj_widgets.session.conditions import check_condition, holds
from gunj_widgets.session.doors import Displayable, figure_of
from gunj_widgets.session.life import Life
from gunj_widgets.session.recipes import call, given
from gunj_widgets.session.silencing import Silenced, check_fingerprint, silence
from gunj_widgets.session.updates import on_update
from gunj_widgets.session.waiting import awaited, patience
from gunj_widgets.store.alerts import AlertBook
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.holder import together
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.matchers import matching
from gunj_widgets.store.retention import Duration
from gunj_widgets.store.timeline import Timeline

if TYPE_CHECKING:
    import pandas as pd

    from gunj_widgets.session.session import Session

__all__ = ["LiveAlerts", "LiveEvents", "LiveLogs", "LiveMetrics", "LiveTimeline", "PlatformHandle"]

ASK_AGAIN = "What it holds stays readable; ask the session for it again to go on."
CHECK_EVERY = 0.1
"""Seconds between two looks of `wait_for` at a frame that changes: a predicate on a DataFrame is not free."""


class PlatformHandle(Displayable):
    """One platform, live. `rt.platform("production")` returns the same handle each time."""

    def __init__(self, session: Session, platform: Platform) -> None:
        self.session = session
        self.id = platform.id
        self.name = platform.name
        self.namespace = platform.namespace

    @property
    def record(self) -> Platform | None:
        """The platform as last seen; None once it was deleted."""
        return self.session.store.platforms.by_id(self.id)

    @property
    def phase(self) -> Phase:
        """Where it is in its life: Pending, Installing, Ready, Upgrading, Degraded, Failed or Deleting; Unknown too once it is gone."""
        record = self.record
        return record.phase if record else Phase.UNKNOWN

    @property
    def health(self) -> Health:
        """healthy, degraded, unhealthy, or unknown, where nobody said or it is gone."""
        record = self.record
        return record.health if record else Health.UNKNOWN

    @property
    def components(self) -> dict[str, ComponentHealth]:
        """Its components by name, each with health, phase, version, ready of replicas, message; `.df` is the same as a table."""
        record = self.record
        return dict(record.components) if record else {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its Kubernetes conditions: type, status ("True", "False", "Unknown"), reason, message, since (epoch seconds)."""
        record = self.record
        return record.conditions if record else ()

    @property
    def operations(self) -> list[Operation]:
        """Operations on this platform, oldest first."""
        owned = self._owned()
        return [o for o in self.session.store.operations if owned(o.platform)]

    @property
    def events(self) -> list[KubeEvent]:
        """Kubernetes events about this platform, oldest first."""
        owned = self._owned()
        return [e for e in self.session.store.events if owned(e.platform)]

    @property
    def alerts(self) -> list[Alert]:
        """Active alerts of this platform, most severe first; one that may be of another of this name is among them, too."""
        owned = self._owned()
        return [a for a in self.session.store.alerts.active if owned(a.platform, a.namespace)]

    def _owned(self) -> Callable[..., bool]:
        """Return what says whether a fact is about this platform, by what it is called there."""
        return partial(self.session.store.platforms.whose().owns, self.id, self.name)

    @property
    def df(self) -> pd.DataFrame:
        """One row per component: health, phase, version, ready, replicas, message."""
        return self.session.store.platforms.components(self.id)

    def metrics(self, *names: str, window: Duration = "10m") -> LiveMetrics:
        """Metrics of this platform; no name = all. `window` in seconds or as "10m"."""
        return self.session.metrics(self.name, names, window=window, namespace=self.namespace)

    def logs(
        self,
        *,
        level: str | Sequence[str] | None = None,
        component: str | Sequence[str] | None = None,
        search: str | None = None,
        regex: str | None = None,
    ) -> LiveLogs:
        """As `Session.logs`."""
        return self.session.logs(
            self.name, level=level, component=component, search=search, regex=regex, namespace=self.namespace
        )

    def __repr__(self) -> str:
        return f"<Platform {self.namespace}/{self.name} {self.phase}>"


class LiveMetrics(Displayable, MetricFrame):
    """A MetricFrame that fills itself; see `Session.metrics`."""

    session: Session
    label: str
    title: str
    span: float
    """The window it shows, in seconds."""
    life: Life
    """Whether it is still fed."""
    source: PlatformHandle | None = None
    """The platform it is of."""
    names: tuple[str, ...] = ()
    """The metrics that were asked for; none = all."""
    narrowed: str = ""
    """What makes this view of another frame; nothing where it is the session's own."""

    def attach(self, session: Session, label: str, title: str, span: float, release: Callable[[], None]) -> Self:
        """Bind a view made by `select()` to the session that feeds it."""
        self.session, self.label, self.title, self.span, self._release = session, label, title, span, release
        self.life = _life(session, title)
        return self

    def select(
        self,
        metrics: str | Iterable[str] | None = None,
        labels: Mapping[str, str | Iterable[str]] | None = None,
        window: Duration | None = None,
    ) -> Self:
        """Return a live view on the same samples: these metrics, labels with one of these values, the newest `window`.

        It displays, is plotted and waited for as this frame, which feeds it until this one is closed. UnknownMetricError
        where none of the metrics is among those that were asked for.
        """
        view = super().select(metrics, labels, window)
        chosen = view._selection
        if chosen.metrics == ():
            raise UnknownMetricError(f"{self.title} has none of {metrics!r:.80}", f"There are: {', '.join(self):.500}.")
        view.names, view.span = chosen.metrics or (), chosen.window or self.span
        allowed = {label: sorted(chosen.labels[label]) for label in labels or {}}
        names = [] if metrics is None else list(view.names)
        asked = given(metrics=names, labels=allowed or None, window=None if window is None else view.span)
        words = [*names, *(f"{label}={'|'.join(values)}" for label, values in allowed.items())]
        view.title = " · ".join([self.title, *words])
        view.label = self.label + quote(call("|", **asked), safe="|,")
        view.narrowed = self.code + call(".select", **asked)
        view._release = lambda: None
        view.life = Life(f"{view.title} is closed", ASK_AGAIN, self.life)
        return view

    @property
    def progress(self) -> tuple[int, int] | None:
        """Pieces of the history that are here, and of how many; None while none is being loaded."""
        return None

    @property
    def refines(self) -> bool:
        """Whether a server can compute a part of it in finer steps than are kept here."""
        return False

    async def refined(self, _start: float, _end: float) -> MetricFrame:
        """Return a frame with the samples between two times (epoch seconds), in the step that suits so long a stretch."""
        return self

    def listen_progress(self, _callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call back whenever `progress` changes; returns the undo."""
        return lambda: None

    @property
    def recipe(self) -> dict[str, Any]:
        """What a MetricChart of this view is made with: what was asked for, and what it is narrowed to. Empty where nobody
        would know what was asked for."""
        asked = self._recipe()
        labels = {label: sorted(values) for label, values in self._selection.labels.items()}
        return {**asked, "labels": labels} if asked and labels else asked

    def _recipe(self) -> dict[str, Any]:
        """What was asked for, labels aside: platform, namespace, metrics, window."""
        if self.source is None:
            return {}
        asked = given(namespace=self.source.namespace, metrics=list(self.names), window=self.span)
        return {"platform": self.source.name, **asked}

    @property
    def notice(self) -> str:
        """What the chart says beside the samples, or where there are none; nothing while all is as it should be."""
        return ""

    @property
    def code(self) -> str:
        """What makes this frame in a cell, given the session as `rt`."""
        return self.narrowed or self._asked()

    def _asked(self) -> str:
        """The call to the session that makes this frame, where it is not a view of another."""
        if self.source is None:
            return "m"
        names = [list(self.names)] if self.names else []
        return call("rt.metrics", self.source.name, *names, window=self.span, **given(namespace=self.source.namespace))

    def plot(self, **options: Any) -> Any:
        """Return a live MetricChart; options as there. Without any, the one that displaying this frame shows.

        SettingsError for a `facet` that no series has as a label, once there are series.
        """
        if not options:
            return self.view()
        facet, series = options.get("facet"), self.series
        labels = {label for one in series for label in one.labels}
        if series and isinstance(facet, str) and facet not in {"", "metric", *labels}:
            raise SettingsError(
                f"no series has the label {facet!r:.80}", f"There are: {', '.join(sorted(labels))}, metric."
            )
        return type(self.view())(self.session, self, **options)

    def to_bqplot(self, **options: Any) -> Any:
        """Return a new live bqplot Figure with a brush, to be put into a dashboard of ipywidgets.

        `rate` (updates a second, 2) and `max_points` (of all series, 5,000) bound what it costs; other options are bqplot's.
        """
        return figure_of(self, **options)

    async def wait_for(self, condition: Callable[[pd.DataFrame], Any], timeout: Duration | None = None) -> pd.DataFrame:
        """Return `.df` once `condition(df)` is true; NotReadyError after `timeout` (seconds, or "5s"; None = wait for ever), and
        SessionClosedError once nothing can come any more: `close()` of the frame or the session.

        It is checked at most ten times a second, on the caller's thread: `lambda df: df["cpu_usage"].max() > 90`. Of several
        answers, as of a metric with several series, one that is true is enough; for all of them write `.all()`. NaN is not.
        SettingsError for a condition that is no plain function.
        """
        return await _met(self, condition, timeout, lambda: f"the frame has {len(self.df)} rows.")

    def on_update(self, callback: Callable[[Self], object]) -> Callable[[], None]:
        """Call `callback(self)` when there is news, where `Session.on` runs its handlers; the returned function ends that.

        What comes while a call waits or runs makes one more call, not many: a slow callback sees the newest, never a backlog.
        """
        return on_update(self.session, self, callback)

    def close(self) -> None:
        """Stop feeding this frame; what it holds stays readable, and who waits for more of it gets SessionClosedError."""
        self.life.end()
        self._release()


class LiveLogs(Displayable):
    """A filtered tail of a platform's logs; see `Session.logs`."""

    def __init__(
        self, session: Session, buffer: LogBuffer, label: str, title: str, release: Callable[[], None]
    ) -> None:
        self.session = session
        self.buffer = buffer
        self.label = label
        self.title = title
        self.life = _life(session, title)
        """Whether they are still fed."""
        self._release = release
        self.recipe: dict[str, Any] = {}
        """What was asked for: platform, namespace, level, component, search, regex."""

    @property
    def code(self) -> str:
        """What makes these lines in a cell, given the session as `rt`."""
        asked = dict(self.recipe)
        return call("rt.logs", asked.pop("platform"), **asked)

    @property
    def df(self) -> pd.DataFrame:
        """Matching lines by time (UTC): level, component, message, platform, metadata."""
        return self.buffer.df

    @property
    def notice(self) -> str:
        """What the viewer says beside the count of lines; nothing while all is as it should be."""
        return ""

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call `callback` after each change of the lines or of the notice, on gunj-io: it must be quick. Returns its undo."""
        return self.buffer.listen(callback)

    async def wait_for(self, condition: Callable[[pd.DataFrame], Any], timeout: Duration | None = None) -> pd.DataFrame:
        """Return `.df` once `condition(df)` is true, as `LiveMetrics.wait_for` does: `lambda df: len(df) > 10`."""
        return await _met(self, condition, timeout, lambda: f"{self.filtered} of {self.total} lines are shown.")

    def on_update(self, callback: Callable[[Self], object]) -> Callable[[], None]:
        """Call `callback(self)` when there is news, as `LiveMetrics.on_update` does; the returned function ends that."""
        return on_update(self.session, self, callback)

    @property
    def total(self) -> int:
        """Lines ever received for the platform."""
        return self.buffer.total

    @property
    def filtered(self) -> int:
        """Lines held that pass the filters."""
        return self.buffer.filtered

    def close(self) -> None:
        """Stop the stream, unless something else follows it; what was received stays readable, as of a frame."""
        self.life.end()
        self._release()

    def __repr__(self) -> str:
        return f"<Logs {self.title}: {self.filtered} of {self.total} lines>"


class LiveAlerts(Displayable):
    """All alerts of the session, and what can be done about them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._book = session.store.alerts

    @property
    def active(self) -> list[Alert]:
        """Firing and pending, most severe first."""
        return self._book.active

    @property
    def critical(self) -> list[Alert]:
        """Those of `active` whose severity is critical, pending ones too."""
        return self._book.critical

    @property
    def warning(self) -> list[Alert]:
        """Those of `active` whose severity is warning, pending ones too."""
        return self._book.warning

    @property
    def resolved(self) -> list[Alert]:
        """Newest first."""
        return self._book.resolved

    @property
    def has_critical(self) -> bool:
        """Whether there is one in `critical`."""
        return self._book.has_critical

    @property
    def df(self) -> pd.DataFrame:
        """Active, then resolved alerts by fingerprint: state, severity, name, platform, component, summary, starts, ends,
        acknowledged, silenced_until; times are UTC."""
        return self._book.df

    async def next(
        self,
        *,
        severity: str | None = None,
        name: str | None = None,
        platform: str | None = None,
        timeout: Duration | None = None,
    ) -> Alert:
        """Return the next alert that begins to fire and is of this severity, name and platform; those that fire already do
        not count, one that is over again by the time this is told does. NotReadyError after `timeout` (seconds, or "5s"; None =
        wait for ever), SessionClosedError once the session is closed, SettingsError for a severity that there is not."""
        fits = self._fitting(name=name, severity=severity, platform=platform)

        def begins(alert: Alert, before: Alert | None) -> bool:
            return alert.state is AlertState.FIRING and not (before is not None and before.state is AlertState.FIRING)

        return await self._awaited(
            lambda alert, before: begins(alert, before) and fits(alert), "began to fire", timeout=timeout
        )

    async def until(
        self,
        state: str,
        *,
        fingerprint: str | None = None,
        name: str | None = None,
        severity: str | None = None,
        platform: str | None = None,
        timeout: Duration | None = None,
    ) -> Alert:
        """Return an alert once one of these is in a state, pending, firing or resolved; at once if it is already.

        It is returned as it was then, though it may have gone on since. SettingsError for any other state or a severity that
        there is not, NotReadyError after `timeout` (None = wait for ever), SessionClosedError as `next`.
        """
        _check_word("an alert is never", state, AlertState)
        fits = self._fitting(fingerprint=fingerprint, name=name, severity=severity, platform=platform)

        def there() -> Alert | None:
            held = self.resolved if state == AlertState.RESOLVED else self.active
            return next((alert for alert in held if alert.state == state and fits(alert)), None)

        return await self._awaited(
            lambda alert, _before: alert.state == state and fits(alert), f"was {state}", there, timeout=timeout
        )

    def _fitting(self, *, severity: str | None, platform: str | None, **wanted: str | None) -> Callable[[Alert], bool]:
        """Return what says whether an alert is one of those that are waited for; of a platform by its id or its name."""
        if severity is not None:
            _check_word("no alert has the severity", severity, Severity)
        asked = {field: value for field, value in {**wanted, "severity": severity}.items() if value is not None}

        def fits(alert: Alert) -> bool:
            if any(getattr(alert, field) != value for field, value in asked.items()):
                return False
            if platform in (None, alert.platform):
                return True
            whose = self.session.store.platforms.whose()
            return not whose.ids(platform or "").isdisjoint(whose.ids(alert.platform, alert.namespace))

        return fits

    async def _awaited(
        self,
        news: Callable[[Alert, Alert | None], bool],
        what: str,
        there: Callable[[], Alert | None] = lambda: None,
        *,
        timeout: Duration | None,
    ) -> Alert:
        """Return the first alert that is news when the book takes it in, or that is `there` at a look."""
        limit = patience(timeout)
        found: list[Alert] = []

        def listen(wake: Callable[..., object]) -> Callable[[], None]:
            def taken(_book: AlertBook, alert: Alert, before: Alert | None) -> None:
                if not found and news(alert, before):
                    found.append(alert)
                    wake()

            return together(self._book.follow(taken), self._book.listen(wake))

        def late() -> NotReadyError:
            return NotReadyError(
                f"no such alert {what} within {limit:g} s",
                f"The connection is {self.session.state}; {len(self)} alerts are active.",
            )

        return await awaited(listen, lambda: found[0] if found else there(), limit, late, self.session.life)

    def acknowledge(self, fingerprint: str, by: str = "") -> None:
        """Tell the operator, and everyone who watches, that somebody has this alert. SettingsError for what is no fingerprint."""
        check_fingerprint(fingerprint)
        self.session.wait(self.session.act("ack", {"fingerprint": fingerprint, "by": by}))

    def matching(self, matchers: str) -> list[Alert]:
        """Return the active alerts that matchers accept, as the panel's filter does: `component="loki", severity!="critical"`."""
        accepts = matching(matchers)
        return [alert for alert in self.active if accepts(alert)]

    def silence(
        self,
        fingerprint: str | None = None,
        duration: Duration = 3600.0,
        by: str = "",
        *,
        matchers: str | None = None,
        comment: str = "",
    ) -> Silenced:
        """Silence one alert, or what `matchers` accept, for `duration` (seconds, or "2h"); what is returned says how.

        Where the session has an Alertmanager, matchers are one silence there, which stands for later alerts as well and knows
        the alerts' own labels only; else each alert that is active now and `matching` is silenced by itself. `rt.silences()`
        lists those that stand, and `rt.expire_silence(id)` ends one. SettingsError for wrong matchers; ConnectError or
        QueryError where the Alertmanager is away or refuses; CommandError where an alert cannot be silenced: those before it are.
        """
        return silence(self.session, fingerprint, matchers, duration, by, comment)

    def __len__(self) -> int:
        return len(self.active)

    def __repr__(self) -> str:
        return f"<Alerts {len(self.active)} active, {len(self.critical)} critical>"


class LiveEvents(Displayable):
    """Kubernetes events of all platforms that the session watches, a repetition counted. Displays as the EventFeed."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._feed = session.store.events

    @property
    def warnings(self) -> list[KubeEvent]:
        """Those that are no mere information, oldest first."""
        return [event for event in self if event.type != "Normal"]

    @property
    def df(self) -> pd.DataFrame:
        """One row per event, by time of its last occurrence (UTC): first, type, reason, message, platform, component, count."""
        return self._feed.df

    def __iter__(self) -> Iterator[KubeEvent]:
        """Oldest first."""
        return iter(self._feed)

    def __len__(self) -> int:
        return len(self._feed)

    def __repr__(self) -> str:
        return f"<Events {len(self)}, {len(self.warnings)} warnings>"


class LiveTimeline(Displayable, Timeline):
    """Everything that happened; see `Timeline`. Displays as the IncidentTimeline."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.store)
        self.session = session


async def _met(
    live: LiveMetrics | LiveLogs,
    condition: Callable[[pd.DataFrame], Any],
    timeout: Duration | None,
    held: Callable[[], str],
) -> pd.DataFrame:
    """Return what is live as a DataFrame once the condition on that holds; `held` says what there was where it does not in time."""
    limit = patience(timeout)
    check_condition(condition)

    def look() -> pd.DataFrame | None:
        frame = live.df
        return frame if holds(condition(frame)) else None

    def late() -> NotReadyError:
        return NotReadyError(
            f"the condition on {live.title} was not true within {limit:g} s",
            f"The connection is {live.session.state}; {held()}",
        )

    return await awaited(live.listen, look, limit, late, live.life, every=CHECK_EVERY)


def _life(session: Session, title: str) -> Life:
    return Life(f"{title} is closed", ASK_AGAIN, session.life)


def _check_word(saying: str, word: str, known: type[StrEnum]) -> None:
    if word not in tuple(known):
        raise SettingsError(f"{saying} {word!r:.40}", f"It is {', '.join(known)}.")
