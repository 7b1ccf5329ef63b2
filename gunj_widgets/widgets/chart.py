"""MetricChart: live time series of one metric frame."""

from __future__ import annotations

import base64
import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import traitlets

from gunj_widgets.arguments import needed
from gunj_widgets.errors import GunjError
from gunj_widgets.events.shown import Shown, Table, stamp
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.recipes import given
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.asked import check_frame, check_numbers, thresholds_of
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, Channel
from gunj_widgets.widgets.detail import Details, body_of, stretch_of, thinned
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import status_channel
from gunj_widgets.widgets.still import Still, put, put_picture
from gunj_widgets.widgets.timeline import timeline_channel

HEIGHT, FACET_HEIGHT = 260, 130
"""CSS pixels of a chart, and of each where there are several."""
MAX_PICTURE = 4_000_000
"""Characters of a picture in base64."""

__all__ = ["MetricChart", "MetricsChannel", "Selection", "metrics_channel"]


class MetricsChannel(Channel):
    """The samples of one frame: everything in its window once, then only what was appended."""

    kind = "metrics"
    priority = 2
    together = True

    def __init__(self, channel_id: str, feed: Feed, frame: LiveMetrics) -> None:
        super().__init__(channel_id, feed)
        self.frame = frame
        self._cursor: Any = None
        self._thinned = 0
        self._loading: tuple[int, int] | None = None
        self._notice = ""

    def listen(self) -> list[Callable[[], None]]:
        return [self.frame.listen(self.changed), self.frame.listen_progress(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        self._cursor = None
        body = self.delta(buffers, now)
        if body is not None:
            return body
        return {
            "series": [],
            "rows": 0,
            "windowMs": self.frame.span * 1000,
            "lost": 0,
            "loading": self.frame.progress,
            "notice": self.frame.notice,
        }

    def delta(self, buffers: Buffers, now: float) -> dict[str, Any] | None:
        rows = self.frame.rows_since(self._cursor)
        self._cursor = rows.cursor
        rows, self._thinned = thinned(rows) if rows.reset else (rows, self._thinned)
        loading, notice = self.frame.progress, self.frame.notice
        same = (loading, notice) == (self._loading, self._notice)
        if not rows.reset and not len(rows.x) and not rows.series and same:
            return None
        self._loading, self._notice = loading, notice
        return {
            "whole": rows.reset,
            **body_of(rows, buffers),
            "windowMs": self.frame.span * 1000,
            "lost": rows.lost,
            "thinned": self._thinned,
            "loading": loading,
            "notice": notice,
        }


def metrics_channel(frame: LiveMetrics) -> tuple[str, Callable[[str, Feed], MetricsChannel]]:
    return f"metrics:{frame.session.number}:{frame.label}", lambda channel_id, feed: MetricsChannel(
        channel_id, feed, frame
    )


class MetricChart(LiveWidget):
    """Draws live metrics: follows now, zooms and pauses in the browser, shows gaps as gaps.

    `MetricChart(rt, "production", ["cpu_usage"], window="10m", labels={"component": "loki"})`, or `rt.metrics(...).plot()`,
    which takes metrics and labels to narrow the frame to, as `m.select` does. `height` is in pixels;
    `thresholds` is a list of numbers or of (value, label); `marks` shows when alerts, operations and notes were; `log`
    draws powers of ten in equal steps, `stacked` puts the series on one another. `facet="component"` (any label, or "metric")
    gives each value of the label a plot of its own, on one clock and crosshair, and with `shared_y` on one scale. What is
    selected in the browser is `selection`.

    Drag or ctrl+wheel zooms, shift+wheel or `[` `]` pans, Alt+← and Alt+→ (or ‹ ›) go through the ranges that were shown, ← →
    Home End walk the samples, `s` selects from sample to sample, space pauses, Esc follows now. The plain wheel zooms once
    the chart has the focus.
    """

    kind: ClassVar[str] = "chart"

    _picture_asked = traitlets.Bool(False).tag(sync=True)
    """Outputs wait for a picture. A trait: what is asked before a page shows the chart must not be lost."""

    _details: Details | None = None

    def __init__(
        self,
        session: Session,
        platform: str | LiveMetrics,
        metrics: str | Sequence[str] = (),
        *,
        window: float | str = "10m",
        labels: Mapping[str, str | Sequence[str]] | None = None,
        namespace: str | None = None,
        title: str | None = None,
        height: int | None = None,
        thresholds: Sequence[float | tuple[float, str]] = (),
        legend: bool = True,
        y_min: float | None = None,
        y_max: float | None = None,
        marks: bool = True,
        log: bool = False,
        stacked: bool = False,
        facet: str | None = None,
        shared_y: bool = True,
        **kwargs: Any,
    ) -> None:
        lines = thresholds_of(thresholds)
        check_frame(title, height)
        check_numbers(**given(y_min=y_min, y_max=y_max))
        needed(facet, (str, type(None)), "facet is the name of a label", 'As in facet="component", or facet="metric".')
        frame = (
            platform
            if isinstance(platform, LiveMetrics)
            else session.metrics(platform, metrics, window=window, namespace=namespace)
        )
        if labels or (metrics and frame is platform):
            frame = frame.select(metrics or None, labels)
        self.frame = frame
        chart = weakref.proxy(self)
        self._details = Details(frame, lambda content, buffers: chart.send(content, buffers=buffers))
        self._pictures: list[Any] = []
        """The outputs that wait for a picture."""
        channels: dict[str, tuple[str, Callable[[str, Feed], Channel]]] = {
            "status": status_channel(session),
            "metrics": metrics_channel(frame),
        }
        if marks:
            channels["timeline"] = timeline_channel(session, frame.source)
        super().__init__(
            session,
            channels,
            {
                "title": title or frame.title,
                "heightPx": height or (FACET_HEIGHT if facet else HEIGHT),
                "windowMs": frame.span * 1000,
                "thresholds": [{"value": value, "label": label} for value, label in lines],
                "legend": legend,
                "yMin": y_min,
                "yMax": y_max,
                "log": log,
                "stacked": stacked,
                "facet": facet,
                "sharedY": shared_y,
                "code": frame.code,
                "refines": frame.refines,
            },
            recipe={
                **frame.recipe,
                "title": title,
                "height": height,
                "thresholds": [[value, label] if label else value for value, label in lines],
                "legend": legend,
                "y_min": y_min,
                "y_max": y_max,
                "marks": marks,
                "log": log,
                "stacked": stacked,
                "facet": facet,
                "shared_y": shared_y,
            },
            **kwargs,
        )

    @property
    def selection(self) -> Selection | None:
        """What is selected in the browser (▭ Select, or Alt and drag): `.df`, `.start`, `.end`, `.code`; else None."""
        stretch = stretch_of(self._by_hand.get("selected"))
        return None if stretch is None else Selection(self.frame, *stretch)

    async def wait_for(self, condition: Callable[[Any], Any], timeout: float | None = None) -> Any:
        """Return the chart's DataFrame once `condition(df)` is true; NotReadyError after `timeout` seconds."""
        return await self.frame.wait_for(condition, timeout)

    def close(self) -> None:
        if self._details is not None:
            self._details.close()
        super().close()

    def still(self) -> Still:
        _, columns, rows = self.frame._shown()
        return Still(self.frame.title, f"last {self.frame.span:g} s", columns, list(rows))

    def freeze(self) -> None:
        super().freeze()
        self._pictures.append(put({"text/plain": f"picture of {self!r}"}, later=True))
        self._picture_asked = True

    def hear(self, content: dict[str, Any]) -> None:
        """Take what the browser tells: which samples it wants, or a picture that was asked for."""
        if "detail" in content:
            if self._details is not None:
                self._details.ask(content["detail"])
        elif "parquet" in content:
            self._send_parquet(content["parquet"])
        elif "picture" in content:
            self._show_picture(content["picture"])

    def _send_parquet(self, asked: Any) -> None:
        """Send the samples of a stretch as a Parquet file: all of them, one row a sample; or why not."""
        stretch = stretch_of(asked)
        if stretch is None:
            return
        try:
            file = self.frame.parquet(*stretch)
        except GunjError as problem:
            self.send({"op": "parquet", "error": str(problem)})
            return
        self.send({"op": "parquet"}, buffers=[file])

    def _show_picture(self, picture: Any) -> None:
        """Put the picture where `freeze` left room for it. Several pages may send one; the first counts."""
        if not self._pictures or not isinstance(picture, str) or not _is_png(picture):
            return
        waiting, self._pictures = self._pictures, []
        self._picture_asked = False
        put_picture(waiting, picture, f"picture of {self.summary()}, last {self.frame.span:g} s")

    def summary(self) -> str:
        series = self.frame.series
        return f"{self.frame.title}: {len(series)} series, {sum(s.count for s in series)} samples"


def _is_png(picture: str) -> bool:
    """Say whether this is a PNG in base64 and not too long: a browser is a peer like any other."""
    if len(picture) > MAX_PICTURE:
        return False
    try:
        return base64.b64decode(picture, validate=True).startswith(b"\x89PNG\r\n\x1a\n")
    except ValueError:
        return False


class Selection(Shown):
    """A stretch of a chart's time. `start` and `end` are datetimes in UTC."""

    def __init__(self, frame: LiveMetrics, start: float, end: float) -> None:
        self._frame = frame
        self.start = datetime.fromtimestamp(start, UTC)
        self.end = datetime.fromtimestamp(end, UTC)

    @property
    def df(self) -> Any:
        """The chart's frame between start and end, as it is now: a DataFrame, times (UTC) x series."""
        return self._frame.between(self.start.timestamp(), self.end.timestamp())

    @property
    def code(self) -> str:
        """A cell that gives `df` again."""
        return f'{self._frame.code}.df.loc["{self.start.isoformat()}":"{self.end.isoformat()}"]'

    def _shown(self) -> Table:
        rows = [("from", stamp(self.start.timestamp())), ("to", stamp(self.end.timestamp())), ("code", self.code)]
        return self._frame.title, ("selection", ""), rows

    def __repr__(self) -> str:
        return f"<Selection {self.start:%H:%M:%S} – {self.end:%H:%M:%S} of {self._frame.title}>"
