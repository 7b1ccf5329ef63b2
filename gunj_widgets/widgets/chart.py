"""MetricChart: live time series of one metric frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, Channel
from gunj_widgets.widgets.feed import Feed
from gunj_widgets.widgets.status import status_channel

__all__ = ["MetricChart", "MetricsChannel", "metrics_channel"]


class MetricsChannel(Channel):
    """The samples of one frame: everything in its window once, then only what was appended."""

    kind = "metrics"
    priority = 2

    def __init__(self, channel_id: str, feed: Feed, frame: LiveMetrics) -> None:
        super().__init__(channel_id, feed)
        self.frame = frame
        self._cursor: Any = None

    def listen(self) -> list[Callable[[], None]]:
        return [self.frame.listen(self.changed)]

    def snap(self, buffers: Buffers, now: float) -> dict[str, Any]:
        self._cursor = None
        body = self.delta(buffers, now)
        return body if body is not None else {"series": [], "rows": 0, "windowMs": self.frame.span * 1000, "lost": 0}

    def delta(self, buffers: Buffers, now: float) -> dict[str, Any] | None:
        rows = self.frame.rows_since(self._cursor)
        self._cursor = rows.cursor
        if not rows.reset and not len(rows.x) and not rows.series:
            return None
        return {
            "whole": rows.reset,
            "series": [
                {"k": s.key, "metric": s.metric, "labels": s.labels, "unit": s.unit, "name": s.name}
                for s in rows.series
            ],
            "rows": len(rows.x),
            "kBuf": buffers.add(rows.keys, "<i4"),
            "xBuf": buffers.add(rows.x * 1000.0, "<f8"),
            "yBuf": buffers.add(rows.y, "<f8"),
            "windowMs": self.frame.span * 1000,
            "lost": rows.lost,
        }


def metrics_channel(frame: LiveMetrics) -> tuple[str, Callable[[str, Feed], MetricsChannel]]:
    return f"metrics:{frame.session.number}:{frame.label}", lambda channel_id, feed: MetricsChannel(
        channel_id, feed, frame
    )


class MetricChart(LiveWidget):
    """Draws live metrics: follows now, zooms and pauses in the browser, shows gaps as gaps.

    `MetricChart(rt, "production", ["cpu_usage"], window="10m")`, or `rt.metrics(...).plot()`. `height` is in pixels;
    `thresholds` is a list of numbers or of (value, label).
    """

    kind: ClassVar[str] = "chart"

    def __init__(
        self,
        session: Session,
        platform: str | LiveMetrics,
        metrics: str | Sequence[str] = (),
        *,
        window: float | str = "10m",
        namespace: str | None = None,
        title: str | None = None,
        height: int = 260,
        thresholds: Sequence[float | tuple[float, str]] = (),
        legend: bool = True,
        y_min: float | None = None,
        y_max: float | None = None,
        **kwargs: Any,
    ) -> None:
        frame = (
            platform
            if isinstance(platform, LiveMetrics)
            else session.metrics(platform, metrics, window=window, namespace=namespace)
        )
        self.frame = frame
        super().__init__(
            session,
            {"status": status_channel(session), "metrics": metrics_channel(frame)},
            {
                "title": title or frame.title,
                "heightPx": height,
                "windowMs": frame.span * 1000,
                "thresholds": [_threshold(t) for t in thresholds],
                "legend": legend,
                "yMin": y_min,
                "yMax": y_max,
            },
            **kwargs,
        )

    def summary(self) -> str:
        series = self.frame.series
        return f"{self.frame.title}: {len(series)} series, {sum(s.count for s in series)} samples"


def _threshold(threshold: float | tuple[float, str]) -> dict[str, Any]:
    value, label = threshold if isinstance(threshold, tuple) else (threshold, "")
    return {"value": float(value), "label": label}
