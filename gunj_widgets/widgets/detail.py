"""Detail: the samples of the stretch that a chart is zoomed to, more of them than the whole history had."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import GunjError
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.store.delta import FrameDelta
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.thin import thin, within
from gunj_widgets.widgets.channel import Buffers

__all__ = ["Details", "body_of", "stretch_of", "thinned"]

SERIES_POINTS = 4_000
"""Points of a series sent at once: more than a screen has pixels, twice."""
ALL_POINTS = 200_000
"""Points of all series together."""

Send = Callable[[dict[str, Any], list[bytes]], object]


class Details:
    """Answers a chart that asks for a stretch: from its frame, or, where a server can compute finer points, from there.

    Only the newest question is answered: another one ends that before it, and what it asked of the server.
    """

    def __init__(self, frame: LiveMetrics, send: Send) -> None:
        self._frame = frame
        self._send = send
        self._asked: dict[str, Any] = {}
        self._asking: Future[None] | None = None

    def ask(self, asked: Any) -> None:
        """Take `{fromMs, toMs}`, as a browser tells it; what is no stretch is let be."""
        stretch = stretch_of(asked)
        if stretch is None:
            return
        if not self._frame.refines:
            self._answer(asked, self._frame, stretch)
        elif asked != self._asked or self._asking is None or self._asking.done():  # two views of a chart ask the same
            self.close()
            self._asked = asked
            self._asking = get_io().run(self._fetch(asked, stretch))

    def close(self) -> None:
        """Ask no more, and answer nothing that was asked."""
        self._asked = {}
        if self._asking is not None:
            self._asking.cancel()

    async def _fetch(self, asked: dict[str, Any], stretch: tuple[float, float]) -> None:
        try:
            frame = await self._frame.refined(*stretch)
        except GunjError as problem:  # the chart keeps the points it has, and says why there are no more
            if asked is self._asked:
                self._send({"op": "detail", "error": problem.problem, **_ends(asked)}, [])
        else:
            if asked is self._asked:
                self._answer(asked, frame, stretch)

    def _answer(self, asked: dict[str, Any], frame: MetricFrame, stretch: tuple[float, float]) -> None:
        rows, left_out = thinned(within(frame.rows_since(None), *stretch))
        buffers = Buffers()
        self._send(
            {"op": "detail", "body": {**body_of(rows, buffers), "thinned": left_out}, **_ends(asked)}, buffers.items
        )


def _ends(asked: dict[str, Any]) -> dict[str, Any]:
    return {"fromMs": asked["fromMs"], "toMs": asked["toMs"]}


def stretch_of(asked: Any) -> tuple[float, float] | None:
    """Return `{fromMs, toMs}`, as a browser tells it, in seconds; None where it is none."""
    if not isinstance(asked, dict):
        return None
    start, end = asked.get("fromMs"), asked.get("toMs")
    if not isinstance(start, int | float) or not isinstance(end, int | float) or not start < end:
        return None
    return start / 1000, end / 1000


def thinned(rows: FrameDelta) -> tuple[FrameDelta, int]:
    """Return as many rows as a chart can show, and how many were left out; zoomed in, it asks for those it needs."""
    return thin(rows, min(SERIES_POINTS, max(500, ALL_POINTS // max(1, len(rows.series)))))


def body_of(rows: FrameDelta, buffers: Buffers) -> dict[str, Any]:
    """Return rows as the browser takes them."""
    return {
        "series": [
            {"k": s.key, "metric": s.metric, "labels": s.labels, "unit": s.unit, "name": s.name} for s in rows.series
        ],
        "rows": len(rows.x),
        "kBuf": buffers.add(rows.keys, "<i4"),
        "xBuf": buffers.add(rows.x * 1000.0, "<f8"),
        "yBuf": buffers.add(rows.y, "<f8"),
    }
