"""What a user holds of a session: a platform, its metrics, its logs, the alerts. Each displays as its live widget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from gunj_widgets.errors import NotReadyError, SettingsError
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
)
from gunj_widgets.session.doors import Displayable, figure_of
from gunj_widgets.session.recipes import call, given
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.matchers import LABELLED, matching
from gunj_widgets.store.retention import seconds
from gunj_widgets.store.timeline import Timeline

if TYPE_CHECKING:
    import pandas as pd

    from gunj_widgets.session.session import Session

__all__ = ["LiveAlerts", "LiveEvents", "LiveLogs", "LiveMetrics", "LiveTimeline", "PlatformHandle"]

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
        record = self.record
        return record.phase if record else Phase.UNKNOWN

    @property
    def health(self) -> Health:
        record = self.record
        return record.health if record else Health.UNKNOWN

    @property
    def components(self) -> dict[str, ComponentHealth]:
        record = self.record
        return dict(record.components) if record else {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        record = self.record
        return record.conditions if record else ()

    @property
    def operations(self) -> list[Operation]:
        """Operations on this platform, oldest first."""
        return [o for o in self.session.store.operations if o.platform in (self.id, self.name)]

    @property
    def events(self) -> list[KubeEvent]:
        """Kubernetes events about this platform, oldest first."""
        return [e for e in self.session.store.events if e.platform in (self.id, self.name)]

    @property
    def alerts(self) -> list[Alert]:
        """Active alerts of this platform, most severe first."""
        return [a for a in self.session.store.alerts.active if a.platform in (self.id, self.name)]

    @property
    def df(self) -> pd.DataFrame:
        """One row per component: health, phase, version, ready, replicas, message."""
        return self.session.store.platforms.components(self.id)

    def metrics(self, *names: str, window: float | str = "10m") -> LiveMetrics:
        """Metrics of this platform; no name = all. `window` in seconds or as "10m"."""
        return self.session.metrics(self.name, names, window=window, namespace=self.namespace)

    def logs(
        self,
        *,
        level: str | Sequence[str] | None = None,
        component: str | Sequence[str] | None = None,
        search: str | None = None,
    ) -> LiveLogs:
        return self.session.logs(self.name, level=level, component=component, search=search, namespace=self.namespace)

    def __repr__(self) -> str:
        return f"<Platform {self.namespace}/{self.name} {self.phase}>"


class LiveMetrics(Displayable, MetricFrame):
    """A MetricFrame that fills itself; see `Session.metrics`."""

    session: Session
    label: str
    title: str
    span: float
    """The window it shows, in seconds."""
    source: PlatformHandle | None = None
    """The platform it is of."""
    names: tuple[str, ...] = ()
    """The metrics that were asked for; none = all."""

    def attach(self, session: Session, label: str, title: str, span: float, release: Callable[[], None]) -> Self:
        """Bind a view made by `select()` to the session that feeds it."""
        self.session, self.label, self.title, self.span, self._release = session, label, title, span, release
        return self

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
        """What was asked for: platform, namespace, metrics, window."""
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
        if self.source is None:
            return "m"
        names = [list(self.names)] if self.names else []
        return call("rt.metrics", self.source.name, *names, window=self.span, **given(namespace=self.source.namespace))

    def plot(self, **options: Any) -> Any:
        """Return a live MetricChart; options as there. Without any, the one that displaying this frame shows."""
        if not options:
            return self.view()
        return type(self.view())(self.session, self, **options)

    def to_bqplot(self, **options: Any) -> Any:
        """Return a new live bqplot Figure with a brush, to be put into a dashboard of ipywidgets.

        `rate` (updates a second, 2) and `max_points` (of all series, 5,000) bound what it costs; other options are bqplot's.
        """
        return figure_of(self, **options)

    async def wait_for(self, condition: Callable[[pd.DataFrame], Any], timeout: float | None = None) -> pd.DataFrame:
        """Return `.df` once `condition(df)` is true; NotReadyError after `timeout` seconds (None = wait for ever).

        It is checked at most ten times a second, on the caller's thread: `lambda df: df["cpu_usage"].max() > 90`.
        """
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        changed.set()
        undo = self.listen(lambda _frame: loop.call_soon_threadsafe(changed.set))
        try:
            async with asyncio.timeout(timeout):
                while True:
                    await changed.wait()
                    changed.clear()
                    frame = self.df
                    if bool(condition(frame)):
                        return frame
                    await asyncio.sleep(CHECK_EVERY)
        except TimeoutError:
            raise NotReadyError(
                f"the condition on {self.title} was not true within {timeout:g} s",
                f"The connection is {self.session.state}; the frame has {len(self.df)} rows.",
            ) from None
        finally:
            undo()

    def close(self) -> None:
        """Stop feeding this frame; what it holds stays readable."""
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
        self._release = release
        self.recipe: dict[str, Any] = {}
        """What was asked for: platform, namespace, level, component, search."""

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

    @property
    def total(self) -> int:
        """Lines ever received for the platform."""
        return self.buffer.total

    @property
    def filtered(self) -> int:
        """Lines held that pass the filters."""
        return self.buffer.filtered

    def close(self) -> None:
        """Stop the stream, unless something else follows it; what was received stays readable."""
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
        return self._book.critical

    @property
    def warning(self) -> list[Alert]:
        return self._book.warning

    @property
    def resolved(self) -> list[Alert]:
        """Newest first."""
        return self._book.resolved

    @property
    def has_critical(self) -> bool:
        return self._book.has_critical

    @property
    def df(self) -> pd.DataFrame:
        return self._book.df

    async def next(
        self,
        *,
        severity: str | None = None,
        name: str | None = None,
        platform: str | None = None,
        timeout: float | None = None,
    ) -> Alert:
        """Return the next alert that begins to fire and is of this severity, name and platform; those that fire already do
        not count. NotReadyError after `timeout` seconds (None = wait for ever)."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        known = {a.fingerprint for a in self.active if a.state is AlertState.FIRING}
        undo = self._book.listen(lambda _book: loop.call_soon_threadsafe(changed.set))
        try:
            async with asyncio.timeout(timeout):
                while True:
                    await changed.wait()
                    changed.clear()
                    firing = {a.fingerprint: a for a in self.active if a.state is AlertState.FIRING}
                    for alert in (a for f, a in firing.items() if f not in known):
                        if (
                            severity in (None, alert.severity)
                            and name in (None, alert.name)
                            and platform in (None, alert.platform)
                        ):
                            return alert
                    known = set(firing)
        except TimeoutError:
            raise NotReadyError(
                f"no such alert began to fire within {timeout:g} s",
                f"The connection is {self.session.state}; {len(self)} alerts are active.",
            ) from None
        finally:
            undo()

    async def until(
        self,
        state: str,
        *,
        fingerprint: str | None = None,
        name: str | None = None,
        severity: str | None = None,
        platform: str | None = None,
        timeout: float | None = None,
    ) -> Alert:
        """Return an alert once one of these is in a state, pending, firing or resolved; at once if it is already.

        SettingsError for any other state, NotReadyError after `timeout` seconds (None = wait for ever).
        """
        if state not in tuple(AlertState):
            raise SettingsError(f"an alert is never {state!r:.40}", f"It is {', '.join(AlertState)}.")
        wanted = {"fingerprint": fingerprint, "name": name, "severity": severity, "platform": platform}
        wanted = {field: value for field, value in wanted.items() if value is not None}

        def found() -> Alert | None:
            there = self.resolved if state == AlertState.RESOLVED else self.active
            fitting = (a for a in there if a.state == state)
            return next((a for a in fitting if all(getattr(a, f) == v for f, v in wanted.items())), None)

        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        undo = self._book.listen(lambda _book: loop.call_soon_threadsafe(changed.set))
        try:
            async with asyncio.timeout(timeout):
                while (alert := found()) is None:
                    await changed.wait()
                    changed.clear()
                return alert
        except TimeoutError:
            raise NotReadyError(
                f"no such alert was {state} within {timeout:g} s",
                f"The connection is {self.session.state}; {len(self)} alerts are active.",
            ) from None
        finally:
            undo()

    def acknowledge(self, fingerprint: str, by: str = "") -> None:
        """Tell the operator, and everyone who watches, that somebody has this alert."""
        self.session.wait(self.session.act("ack", {"fingerprint": fingerprint, "by": by}))

    def matching(self, matchers: str) -> list[Alert]:
        """Return the active alerts that matchers accept, as the panel's filter does: `component="loki", severity!="critical"`."""
        accepts = matching(matchers)
        return [alert for alert in self.active if accepts(alert)]

    def silence(
        self,
        fingerprint: str | None = None,
        duration: float | str = 3600.0,
        by: str = "",
        *,
        matchers: str | None = None,
        comment: str = "",
    ) -> list[str]:
        """Silence one alert, or those active now that `matchers` accept, for `duration` (seconds, or "2h"); return which.

        `rt.alerts.matching(matchers)` tells beforehand. Each alert is silenced by itself: one that begins later is not muted.
        CommandError where one is refused; those before it are silenced.
        """
        if (fingerprint is None) == (matchers is None):
            raise SettingsError(
                "silence takes a fingerprint or matchers=", "As in silence(matchers='component=\"loki\"')."
            )
        if matchers is not None and not LABELLED.search(matchers):
            raise SettingsError("plain words are no matchers", 'Name what to silence, as in alertname="…".')
        chosen = [str(fingerprint)] if matchers is None else [a.fingerprint for a in self.matching(matchers)]
        said = {"duration": seconds(duration), "by": by, "comment": comment}
        for one in chosen:
            self.session.wait(self.session.act("silence", {"fingerprint": one, **said}))
        return chosen

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
