"""MetricFrame: live metrics as numpy keeps them and pandas shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from datetime import datetime
from os import PathLike
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from gunj_widgets.errors import SettingsError, UnknownMetricError
from gunj_widgets.events.alive import Alive
from gunj_widgets.events.shown import Shown, Table, stamp
from gunj_widgets.store import export
from gunj_widgets.store.aggregates import aggregate, check_aggregate
from gunj_widgets.store.ahead import Tell, untold
from gunj_widgets.store.counters import rolling_increase
from gunj_widgets.store.delta import FrameDelta, infos, since
from gunj_widgets.store.held import Held
from gunj_widgets.store.joins import joined
from gunj_widgets.store.retention import MAX_TIME, Duration, seconds
from gunj_widgets.store.rows import Rows
from gunj_widgets.store.samples import Batch, FrameStats, SampleTable, Snapshot
from gunj_widgets.store.selection import Selection
from gunj_widgets.store.series import Series, SeriesInfo
from gunj_widgets.store.slab import MICRO, Bools
from gunj_widgets.store.staleness import STALE_AFTER, ended, ends
from gunj_widgets.store.time_range import epoch_of
from gunj_widgets.store.unusable import NO_SAMPLE, dated, unusable
from gunj_widgets.store.wide import columns, labelled, long, resampled, wide

__all__ = ["MetricFrame"]


class MetricFrame(Shown, Alive):
    """Samples of many series, the newest `max_age` seconds and `max_rows` rows of each; None = unbounded.

    Age counts back from the newest sample seen, not from the wall clock. A late sample goes where its time belongs; of
    two with the same series and time the later one stays. Times are epoch seconds, kept to the microsecond.
    Whatever a property returns is a snapshot of its own: it does not change later and may be changed freely.
    """

    def __init__(
        self,
        max_age: Duration | None = 600.0,
        max_rows: int | None = None,
        *,
        max_series: int = 10_000,
        tell: Tell = untold,
    ) -> None:
        self._bind(SampleTable(max_age, max_rows, max_series, tell), Selection())

    def _bind(self, table: SampleTable, selection: Selection) -> None:
        self._table = table
        self._selection = selection
        self._mask: tuple[int, Bools | None] = (-1, None)
        self._names: tuple[tuple[int, ...], pd.Index] = ((), pd.Index([]))

    @classmethod
    def over(
        cls,
        frame: MetricFrame,
        metrics: str | Iterable[str] | None = None,
        labels: Mapping[str, str | Iterable[str]] | None = None,
        window: Duration | None = None,
    ) -> Self:
        """Return a live view of class `cls` on the samples of `frame`; see `select`."""
        view = cls.__new__(cls)
        view._narrow(frame, metrics, labels, window)
        return view

    def _narrow(
        self,
        frame: MetricFrame,
        metrics: str | Iterable[str] | None,
        labels: Mapping[str, str | Iterable[str]] | None,
        window: Duration | None,
    ) -> None:
        selection = frame._selection.narrowed(metrics, labels, window)
        if selection.window is not None:
            frame._table.keep_at_least(selection.window)
        self._bind(frame._table, selection)

    def select(
        self,
        metrics: str | Iterable[str] | None = None,
        labels: Mapping[str, str | Iterable[str]] | None = None,
        window: Duration | None = None,
    ) -> Self:
        """Return a live view on the same samples: these metrics, labels with one of these values, the newest `window`.

        An append into a view goes to the samples all share. A window longer than `max_age` raises it.
        """
        view = copy(self)
        view._narrow(self, metrics, labels, window)
        return view

    def window(self, duration: Duration) -> Self:
        """Return a live view of the newest seconds, or "5m"."""
        return self.select(window=duration)

    # Writing

    def append(self, metric: str, labels: Mapping[str, str], time: float, value: float, unit: str = "") -> None:
        """Take in one sample. What cannot be taken in (see `FrameStats`) is counted, not raised.

        SettingsError for what is no sample, as a datetime in place of epoch seconds.
        """
        self._table.append(metric, labels, time, value, unit)

    def writer(self, metric: str, labels: Mapping[str, str], unit: str = "") -> Callable[[float, float], None]:
        """Return `write(time, value)`, which takes in one sample of this series, in half the time of `append`."""
        return self._table.writer(metric, labels, unit)

    def extend(
        self, metric: str, labels: Mapping[str, str], times: ArrayLike, values: ArrayLike, unit: str = ""
    ) -> None:
        """Take in samples of one series, in any order, as one change."""
        if dated(times):
            raise unusable(metric, labels, times, values)
        try:
            self._table.extend_many([(metric, labels, times, values, unit)])
        except SettingsError:
            raise
        except NO_SAMPLE:
            raise unusable(metric, labels, times, values) from None

    def extend_many(self, batches: Iterable[Batch], now: float | None = None) -> None:
        """Take in (metric, labels, times, values, unit) of many series as one change: a reader sees all or nothing.

        With `now`, samples more than two minutes ahead of it are refused: one wrong clock would make all others look expired.
        """
        self._table.extend_many(batches, now)

    def mark_gap(self, start: float | datetime, end: float | datetime) -> None:
        """Note that nothing is known between two times: a NaN stands there, unless samples turn up after all.

        Times are epoch seconds or aware datetimes; SettingsError unless the earlier comes first.
        """
        start, end = epoch_of(start), epoch_of(end)
        if not 0.0 <= start < end < MAX_TIME:
            raise SettingsError(f"{start!r} to {end!r} is no gap", "Give epoch seconds, the earlier first.")
        self._table.mark_gap(start, end)

    def prune(self) -> None:
        """Give back the memory of what has expired; reads never show it anyway."""
        self._table.prune()

    def clear(self) -> None:
        """Forget the samples this view shows, at any age; a whole frame forgets everything."""
        if self._selection.everything:
            self._table.clear()
            return
        series = self._table.snapshot().rows.series
        self._table.clear([s.slot for s in series if s is not None and self._selection.takes(s)])

    def restore(self, held: Held) -> None:
        """Hold these samples instead of all that all views share, as one change; older ones than `max_age` allows are not taken."""
        self._table.restore(held)

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Marked gaps, in microseconds."""
        return list(self._table.snapshot().gaps)

    # Following

    @property
    def version(self) -> int:
        """Rises with each change of the samples all views share."""
        return self._table.version

    @property
    def listener_errors(self) -> int:
        """Calls of listeners that raised."""
        return self._table.listeners.failed

    @property
    def max_age(self) -> float | None:
        """Seconds kept."""
        return self._table.max_age

    @property
    def max_rows(self) -> int | None:
        """Rows kept of each series."""
        return self._table.max_rows

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call `callback(self)` after each change, on the writer's thread: it must be quick. Returns its undo."""
        return self._table.listeners.add(callback, self)

    def rows_since(self, cursor: int | None = None) -> FrameDelta:
        """Return what came since `cursor`, which the last delta gave; None = everything in the window.

        A late sample or a gap since then makes it a reset, which is everything too.
        """
        snapshot = self._table.snapshot()
        return since(cursor, snapshot, self._chosen(snapshot), self._oldest(snapshot))

    def stats(self) -> FrameStats:
        """Count what became of all samples of the shared table."""
        return self._table.stats()

    # Reading

    @property
    def df(self) -> pd.DataFrame:
        """Times (UTC) x series; NaN where nothing was sampled, at the end too where all of these series are stale.

        Columns are metric names, or metric and labels once a metric has several series. A metric asked for by name that
        has no samples yet is an empty column. Raises LimitError over 25 million cells.
        """
        snapshot = self._table.snapshot()
        rows = self._rows(snapshot)
        series = rows.present()
        return wide(ended(rows, snapshot.newest, snapshot.rows), series, self._columns(series), self._gaps(snapshot))

    def between(self, start: float | datetime, end: float | datetime) -> pd.DataFrame:
        """Return `.df` from one time (epoch seconds, or an aware datetime) to another, both included."""
        return self.df.loc[_stamp(start) : _stamp(end)]

    @property
    def long(self) -> pd.DataFrame:
        """One row a sample, by time: time, metric, a column for each label, value, unit."""
        rows = self._rows(self._table.snapshot())
        return long(rows, rows.present())

    @property
    def series(self) -> list[SeriesInfo]:
        """The series with samples in this view, in the order they were first seen."""
        snapshot = self._table.snapshot()
        rows = self._rows(snapshot).by_series()
        return infos(rows, rows.present(), snapshot)

    def batches(self) -> list[Batch]:
        """Every series as `extend_many` takes it, times rising, as lists of floats."""
        rows = self._rows(self._table.snapshot()).by_series()
        ends = np.cumsum(np.bincount(rows.slots, minlength=len(rows.series)))
        found: list[Batch] = []
        for one in rows.present():
            mine = slice(ends[one.slot - 1] if one.slot else 0, ends[one.slot])
            times, values = (rows.times[mine] / MICRO).tolist(), rows.values[mine].tolist()
            found.append((one.metric, dict(one.labels), times, values, one.unit))
        return found

    def __getitem__(self, metric: str) -> pd.DataFrame | pd.Series[float]:
        """One metric: a Series where it is one series, else a DataFrame with its labels as columns."""
        self._need(metric)
        frame = MetricFrame.over(self, metric).df
        return frame.droplevel("metric", axis=1) if isinstance(frame.columns, pd.MultiIndex) else frame[metric]

    def _need(self, metric: str) -> None:
        if metric not in self:
            raise UnknownMetricError(
                f"no samples of {metric!r:.80}", f"There are: {', '.join(self) or 'none yet':.500}."
            )

    def __iter__(self) -> Iterator[str]:
        """The metrics, each once: those with samples, then those that were asked for by name and have none yet."""
        series = self._rows(self._table.snapshot()).present()
        return iter(dict.fromkeys([*(s.metric for s in series), *self._missing(series)]))

    def __contains__(self, metric: object) -> bool:
        """Whether `frame[metric]` gives something."""
        return metric in list(self)

    def _ipython_key_completions_(self) -> list[str]:
        """What may stand in `frame["…"]`, for the tab key."""
        return list(self)

    def value(
        self, agg: str = "last", window: Duration | None = None, metric: str | None = None
    ) -> float | pd.Series[float]:
        """Return one number per series: a float where there is one series or none (NaN), else a Series.

        `agg`: avg, sum, min, max, last, count, p0 to p100, rate (a second's increase of a counter) or increase. `last` is
        what holds now: NaN for a stale series (see `SeriesInfo`). With a `window` it is the last sample in that.
        UnknownMetricError for a `metric` that there is not; one that was asked for by name and has no samples yet is NaN.
        """
        name = check_aggregate(agg)
        if metric is not None:
            self._need(metric)
        view = self if metric is None else MetricFrame.over(self, metric)
        snapshot = view._table.snapshot()
        rows = view._rows(snapshot, None if window is None else seconds(window))
        series = rows.present()
        if agg == "last":
            numbers = rows.latest(series)
            if window is None and len(rows) and snapshot.newest - int(rows.times.min()) > STALE_AFTER * MICRO:
                numbers[snapshot.newest > ends(snapshot.rows)[[s.slot for s in series]]] = np.nan
        else:
            rows, groups = rows.grouped(series)
            numbers = aggregate(name, rows.times, rows.values, groups, len(series))
        if len(series) <= 1:
            return float(numbers[0]) if series else float("nan")
        return pd.Series(numbers, index=columns(series), name=agg)

    def resample(self, rule: Duration, agg: str = "avg") -> pd.DataFrame:
        """Return bins of `rule` (seconds, or "10s") named by their start, NaN where empty; `agg` as in `value`.

        A counter's growth between two samples is in the bin of the later one, over a gap too: `increase` summed over all
        bins is `value("increase")`. `rate` is that growth by the seconds it took. Both are NaN where no sample has one before it.
        """
        step = max(1, round(seconds(rule) * MICRO))
        snapshot = self._table.snapshot()
        rows = self._rows(snapshot)
        series = rows.present()
        return resampled(
            ended(rows, snapshot.newest, snapshot.rows), series, self._columns(series), step, check_aggregate(agg)
        )

    def rate(self, window: Duration = "1m") -> pd.DataFrame:
        """Return, at each sample, a counter's increase a second over the window that ends there."""
        return self._rolled(window, per_second=True)

    def increase(self, window: Duration = "1m") -> pd.DataFrame:
        """Return, at each sample, a counter's increase over the window that ends there; nothing is extrapolated."""
        return self._rolled(window, per_second=False)

    def join(
        self, other: MetricFrame | pd.DataFrame | pd.Series[float], tolerance: Duration | None = None
    ) -> pd.DataFrame:
        """Return both side by side, on all times of either. Columns found in both raise SettingsError.

        With `tolerance` (seconds, or "500ms") a row of the other whose time is the nearest to one here, and no further from
        it than that, stands in its row: two scrapes of one moment. Columns are named as in `.df`, by the labels of both.
        """
        theirs = other._labelled() if isinstance(other, MetricFrame) else other
        return joined(self._labelled(), theirs, 0.0 if tolerance is None else seconds(tolerance))

    # Export

    def to_csv(self, path: str | PathLike[str] | None = None) -> str | None:
        """Write `.long` as CSV to a file, or return it; text that a spreadsheet would run is quoted with '.

        SettingsError where the file cannot be written.
        """
        text = export.csv_text(self.long)
        if path is None:
            return text
        with export.private(path) as file:
            file.write(text.encode())
        return None

    def to_arrow(self) -> Any:
        """Return `.long` as a pyarrow.Table; SetupError without pyarrow."""
        return export.to_arrow(self.long)

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write `.long` as Parquet; SetupError without pyarrow, SettingsError where the file cannot be written."""
        export.to_parquet(self.long, path)

    def parquet(self, start: float | datetime, end: float | datetime) -> bytes:
        """Return `.long` from one time to another, as in `between`, as a Parquet file; SetupError without pyarrow."""
        rows = self.long
        return export.parquet_bytes(rows[rows["time"].between(_stamp(start), _stamp(end))])

    def _shown(self) -> Table:
        infos = self.series
        rows = ((s.name, s.unit, s.last_value, s.count, stamp(s.last_time) + " (stale)" * s.stale) for s in infos)
        return f"{self._selection}: {len(infos):,} series", ("series", "unit", "last", "samples", "at"), rows

    def __repr__(self) -> str:
        stats = self._table
        return f"<{type(self).__name__} {self._selection}: version {stats.version}, max_age {stats.max_age}>"

    # What the view chooses of a snapshot

    def _chosen(self, snapshot: Snapshot) -> Bools | None:
        version, mask = self._mask
        if version != snapshot.registry_version:
            mask = self._selection.mask(snapshot.rows.series)
            self._mask = (snapshot.registry_version, mask)
        return mask

    def _oldest(self, snapshot: Snapshot, window: float | None = None) -> int:
        windows = [w for w in (window, self._selection.window) if w is not None]
        return max(snapshot.oldest, *(snapshot.newest - round(w * MICRO) for w in windows), -1)

    def _rows(self, snapshot: Snapshot, window: float | None = None) -> Rows:
        rows = snapshot.rows.since(self._oldest(snapshot, window))
        return rows.of(self._chosen(snapshot)).newest(snapshot.max_rows)

    def _gaps(self, snapshot: Snapshot) -> list[tuple[int, int]]:
        return [gap for gap in snapshot.gaps if gap[1] > snapshot.oldest]

    def _columns(self, series: list[Series]) -> pd.Index:
        keys = tuple(s.key for s in series)
        if self._names[0] != keys or not keys:
            self._names = (keys, columns(series, self._missing(series)))
        return self._names[1].view()  # pandas 2 would share the names of the columns with every frame

    def _labelled(self) -> pd.DataFrame:
        """`.df` with all labels in the columns, however few series there are."""
        snapshot = self._table.snapshot()
        rows = self._rows(snapshot)
        series = rows.present()
        return wide(
            ended(rows, snapshot.newest, snapshot.rows),
            series,
            labelled(series, self._missing(series)),
            self._gaps(snapshot),
        )

    def _missing(self, series: list[Series]) -> list[str]:
        """The metrics that were asked for and have no series."""
        present = {s.metric for s in series}
        return [m for m in self._selection.metrics or () if m not in present]

    def _rolled(self, window: Duration, *, per_second: bool) -> pd.DataFrame:
        snapshot = self._table.snapshot()
        rows = self._rows(snapshot).by_series()
        series = rows.present()
        rolled = rolling_increase(rows, round(seconds(window) * MICRO), per_second=per_second)
        return wide(ended(rolled, snapshot.newest, snapshot.rows), series, self._columns(series), self._gaps(snapshot))


def _stamp(when: float | datetime) -> pd.Timestamp:
    """To the microsecond, rounded as times are kept: a float of seconds has more digits than it knows."""
    moment = min(max(epoch_of(when), 0.0), MAX_TIME)
    return pd.Timestamp(int(moment * MICRO + 0.5), unit="us", tz="UTC")
