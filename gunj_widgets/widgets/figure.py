"""MetricFigure: a live metric frame as a bqplot Figure, for people who build dashboards out of ipywidgets."""

from __future__ import annotations

import threading
import time
import weakref
from base64 import b64encode
from typing import Any

import bqplot
import numpy as np
from numpy.typing import NDArray

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import SettingsError
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.store.delta import FrameDelta
from gunj_widgets.store.holder import together
from gunj_widgets.store.series import SeriesInfo
from gunj_widgets.store.thin import thin
from gunj_widgets.store.time_range import zone_named
from gunj_widgets.widgets.asked import check_key, check_known, check_numbers
from gunj_widgets.widgets.clock_axis import axis_label, ticks
from gunj_widgets.widgets.keys import take_place
from gunj_widgets.widgets.living import born, close_models
from gunj_widgets.widgets.still import Still, put, put_picture

__all__ = ["MAX_POINTS", "MAX_RATE", "MetricFigure"]

MAX_RATE = 2.0
"""Updates a second: bqplot sends every point of a series each time, and draws it as one SVG path."""
SHORTEST = 0.2
"""Seconds that a brush has to cover; less is a click."""
MAX_POINTS = 5_000
"""Points drawn, of all series together; of more, those that bound what was measured."""
PATIENCE = 5.0
"""Seconds until a picture that was asked for is asked for again."""
NO_BOX = {"stroke": "none", "fill": "none"}
COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#eeca3b")


class MetricFigure(bqplot.Figure):  # type: ignore[misc]  # bqplot has no type information
    """What `m.to_bqplot()` returns: a Figure that goes on by itself, with one Lines mark a series and a brush.

    With `key="a name"` it takes the place of the one that an earlier run of the cell made under that name. `freeze()` leaves
    behind what is shown, with a picture where a page shows it. Gaps are gaps. Times are those of `rt.range.zone`, named below the
    axis; of "local" they are the kernel's, for bqplot does not tell where the browser is.

    Shows what `rt.range` says, like every chart of the session, and a brush moves that along once it rests:
    `rt.range.back()` leads out again. `selection` is what was brushed, as `.df` would give it; with `brush=False` a line
    tells its name where the pointer is, for bqplot gives the pointer to the one or to the other.

    `close()`, or letting go of it, ends its updates. Values go as float64 and times as milliseconds: bqplot cuts int64 to
    32 bits, drops the zone of times and turns NaT into the year 1677. Not for marimo, which shows no plain ipywidgets: use
    MetricChart there.
    """

    _let_go: weakref.finalize[..., MetricFigure] | None = None

    def __init__(
        self,
        frame: LiveMetrics,
        *,
        rate: float = MAX_RATE,
        max_points: int = MAX_POINTS,
        brush: bool = True,
        key: str | None = None,
        **options: Any,
    ) -> None:
        check_known(type(self), options, bqplot.Figure.class_trait_names())
        check_key(key)
        check_numbers(rate=rate, max_points=max_points)
        if not 0 < rate <= 20:
            raise SettingsError(f"rate is {rate!r}", "Give updates a second, more than 0 and at most 20.")
        if max_points < 100:
            raise SettingsError(f"max_points is {max_points!r}", "Give at least 100 points.")
        time_scale, value_scale = bqplot.DateScale(), bqplot.LinearScale()
        self.frame = frame
        self.time_scale = time_scale
        self.selector = bqplot.interacts.BrushIntervalSelector(scale=time_scale, color="#888888")
        self._value_scale = value_scale
        self._pause = 1.0 / rate
        self._max_points = max_points
        self._lines: dict[int, bqplot.Lines] = {}
        self._brushed: tuple[float, float] | None = None
        """What was brushed last; it counts as long as that is what the session shows."""
        self._pictures: list[Any] = []
        """Outputs that wait for a picture."""
        self._pictured_at = -PATIENCE
        self._due = False
        self._drawing = threading.Lock()
        units = {series.unit for series in frame.series} - {""}
        self._own_axes = [
            bqplot.Axis(scale=time_scale, grid_lines="none", label_offset="38px"),
            bqplot.Axis(scale=value_scale, side="left", label=", ".join(sorted(units)), label_offset="50px"),
        ]
        super().__init__(
            axes=self._own_axes,
            interaction=self.selector if brush else None,
            **{
                "title": frame.title,
                "legend_location": "top-left",
                "legend_style": NO_BOX,
                "animation_duration": 0,
                **options,
            },
        )
        born(self)
        self.draw()
        self.selector.observe(_calls(weakref.WeakMethod(self._rested)), "brushing")
        follower = weakref.WeakMethod(self._changed)
        undo = [frame.listen(_calls(follower)), frame.session.range.listen(_calls(follower))]
        self._let_go = weakref.finalize(self, together(*undo))
        self._let_go.atexit = False
        before = None if key is None else take_place((MetricFigure, frame.session.number, key), self)
        if before is not None:
            self._brushed = before._brushed
            before.close()

    def freeze(self) -> None:
        """Show what there is now as an output of its own: a table, and a picture where a page shows the figure."""
        _, columns, rows = self.frame._shown()
        frozen = Still(self.frame.title, f"last {self.frame.span:g} s", columns, list(rows))
        put({"text/html": frozen.html, "text/plain": frozen.text})
        self._pictures.append(put({"text/plain": f"picture of {self.frame.title}"}, later=True))
        now = time.monotonic()
        if now - self._pictured_at < PATIENCE:
            return  # the picture that is on its way is for both
        self._pictured_at = now
        self._upload_png_callback = None  # bqplot waits for ever for one that no page was there to make
        self.get_png_data(self._show_picture)

    def _show_picture(self, png: Any) -> None:
        """Put the picture where `freeze` left room for it."""
        waiting, self._pictures = self._pictures, []
        self._pictured_at = -PATIENCE
        words = f"picture of {self.frame.title}: {len(self._lines)} series, last {self.frame.span:g} s"
        put_picture(waiting, b64encode(png).decode(), words)

    @property
    def selection(self) -> Any:
        """The part of `frame.df` that was brushed, as a DataFrame, as long as it is shown; all of it where nothing is brushed."""
        brushed = self._under_brush() or self._brushed
        return self.frame.df if brushed is None else self.frame.between(*brushed)

    def _under_brush(self) -> tuple[float, float] | None:
        """What the brush covers now, in epoch seconds."""
        brushed = self.selector.selected
        if brushed is None or len(brushed) < 2:
            return None
        start, end = sorted(float(np.datetime64(moment, "us").astype(np.int64) / 1e6) for moment in brushed)
        return start, end

    def _rested(self) -> None:
        """Move the session's clock to what was brushed, and put the brush away: the figure shows just that then.

        Only a brush that comes to rest does so, never one that the figure moved: nothing goes round in circles.
        """
        brushed = self._under_brush()
        if self.selector.brushing or brushed is None or brushed[1] - brushed[0] < SHORTEST:
            return
        self.selector.selected = None
        self.selector.reset()
        self.frame.session.range.zoom(*brushed)
        self._brushed = self.frame.session.range.bounds(self.frame.session.now())

    def close(self) -> None:
        """End the updates and close the figure; the frame goes on."""
        if self._let_go is not None:  # None: refused while it was built
            self._let_go()
        if self.comm is None:
            return
        layout = self.layout
        super().close()
        with self._drawing:
            lines = [model for line in self._lines.values() for model in (line, line.tooltip)]
        scales = (self.time_scale, self._value_scale, self.scale_x, self.scale_y)
        close_models([layout, *lines, *self._own_axes, self.selector, *scales])

    def draw(self) -> None:
        """Show the frame as it is now. Called by itself whenever something came, `rate` times a second at most."""
        with self._drawing:
            rows = self.frame.rows_since(None)
            rows, _ = thin(rows, self._max_points // max(1, len(rows.series)))
            shown: dict[int, bqplot.Lines] = {}
            names = _short_names(rows.series)
            for number, series in enumerate(rows.series):
                times, values = _part(rows, series.key)
                line = self._lines.get(series.key)
                if line is None:
                    shown[series.key] = self._line(number, names[number], times, values)
                else:
                    shown[series.key] = line
                    with line.hold_sync():
                        line.x, line.y, line.labels = times, values, [names[number]]
            if shown.keys() != self._lines.keys():
                gone = [line for key, line in self._lines.items() if key not in shown]
                self._lines = shown
                self.marks = self.selector.marks = list(shown.values())
                close_models(model for line in gone for model in (line, line.tooltip))
            self._follow_range(rows)

    def _line(self, number: int, name: str, times: NDArray[Any], values: NDArray[np.float64]) -> bqplot.Lines:
        return bqplot.Lines(
            x=times,
            y=values,
            scales={"x": self.time_scale, "y": self._value_scale},
            colors=[COLOURS[number % len(COLOURS)]],
            labels=[name],
            display_legend=True,
            stroke_width=1.5,
            tooltip=bqplot.Tooltip(fields=["name"], labels=["series"]),
        )

    def _follow_range(self, rows: FrameDelta) -> None:
        bounds = self.frame.session.range.bounds(self.frame.session.now())
        start, end = (None, None) if bounds is None else (_moment(bounds[0]), _moment(bounds[1]))
        if bounds != self._brushed:
            self._brushed = None
        within = (rows.x.min(), rows.x.max()) if bounds is None and len(rows.x) else bounds
        self._write_times(within)
        with self.time_scale.hold_sync():
            self.time_scale.min, self.time_scale.max = start, end

    def _write_times(self, within: tuple[float, float] | None) -> None:
        """Put ticks and their words below the figure: what bqplot would write itself is UTC. None where nothing is shown."""
        zone, axis = zone_named(self.frame.session.range.zone), self._own_axes[0]
        marks = [] if within is None else ticks(*within, zone)
        with axis.hold_sync():
            axis.label = axis_label(*(within or (self.frame.session.now(),) * 2), zone)
            axis.num_ticks = None if marks else 1  # one is none: it would choose its own
            axis.tick_values = np.array([at * 1000.0 for at, _ in marks])
            axis.tick_labels = {str(round(at * 1000.0)): written for at, written in marks}

    def _changed(self) -> None:
        get_io().call(self._later)

    def _later(self) -> None:
        if not self._due and self.comm is not None:
            self._due = True
            again = weakref.WeakMethod(self._now)
            get_io().loop.call_later(self._pause, _calls(again))

    def _now(self) -> None:
        self._due = False
        if self.comm is not None:
            self.draw()


def _part(rows: FrameDelta, key: int) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """Return times and values of one series."""
    chosen = rows.keys == key
    return (rows.x[chosen] * 1000.0).astype("datetime64[ms]"), rows.y[chosen]


def _short_names(series: list[SeriesInfo]) -> list[str]:
    """Name each series by what tells it from the others: the whole name has no room in a legend."""
    differ = {name for one in series for name in one.labels if len({other.labels.get(name) for other in series}) > 1}
    several = len({one.metric for one in series}) > 1
    names = [
        " ".join([one.metric] * several + [one.labels[name] for name in sorted(differ) if name in one.labels])
        for one in series
    ]
    return names if len(set(names)) == len(names) and all(names) else [one.name for one in series]


def _moment(seconds: float) -> Any:
    return np.datetime64(round(seconds * 1000), "ms").item()


def _calls(method: weakref.WeakMethod[Any]) -> Any:
    """Return a function of any arguments that calls the method while its owner lives."""

    def call(*_: object) -> None:
        live = method()
        if live is not None:
            live()

    return call
