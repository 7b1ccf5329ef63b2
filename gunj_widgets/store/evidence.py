"""Evidence: what is pinned of an incident, as plain records that outlive the session: series, tables, lines and words."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pandas as pd

from gunj_widgets.arguments import with_article
from gunj_widgets.errors import SettingsError
from gunj_widgets.store.thin import bounding
from gunj_widgets.store.timeline import Timeline

__all__ = ["MAX_POINTS", "MAX_ROWS", "MAX_SERIES", "Evidence", "Happening", "Pin", "Series", "happenings", "pin_of"]

MAX_SERIES, MAX_POINTS, MAX_ROWS, MAX_COLUMNS = 24, 1_000, 500, 20
"""What one pin keeps at most; what is left out is counted in it."""
MAX_CELL = 2_000


class Series(msgspec.Struct, frozen=True):
    """One line of a figure: epoch seconds, and a value or None for each, where there is a gap."""

    label: str
    times: list[float]
    values: list[float | None]


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence. `kind`: figure (`series`), table (`columns`, `rows`) or words (`text`). `code` gives it again."""

    kind: str
    title: str
    caption: str = ""
    pinned: float
    code: str = ""
    series: list[Series] = []
    columns: list[str] = []
    rows: list[list[str]] = []
    text: str = ""
    left_out: int = 0
    """Series, rows or columns over the bounds."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline; times in epoch seconds."""

    time: float
    kind: str
    title: str
    detail: str = ""
    end: float | None = None
    tone: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an incident when a report is made of it."""

    title: str
    source: str
    author: str = ""
    made: float
    pins: list[Pin] = []
    happenings: list[Happening] = []
    version: str = ""


def pin_of(thing: Any, caption: str, now: float) -> Pin:
    """Return a pin of words, a Series or DataFrame, anything with a `.df`, or a chart of one. SettingsError for what has none.

    Numbers over time become a figure, everything else a table.
    """
    if thing is None:  # what `chart.selection` is then
        raise SettingsError(
            "nothing is selected in the chart",
            "Drag with Alt, or click ▭ Select and drag; or pin chart.frame, all of it.",
        )
    if isinstance(thing, str):
        return Pin(kind="words", title="Note", text=thing[:MAX_CELL], caption=caption, pinned=now)
    holder, frame = _held(thing)
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(frame.name if frame.name is not None else "value")
    if not isinstance(frame, pd.DataFrame):
        raise SettingsError(
            f"{with_article(type(thing).__name__)} cannot be pinned",
            "Pin text, a DataFrame, or what has one: rt.metrics(...), chart.selection, rt.logs(...), rt.alerts.",
        )
    title, code = str(getattr(holder, "title", "")) or _name(holder), str(getattr(holder, "code", ""))
    shown: dict[str, Any] = {"title": title, "caption": caption, "pinned": now, "code": code}
    if isinstance(frame.index, pd.DatetimeIndex) and len(frame.columns) and _numeric(frame):
        return Pin(kind="figure", left_out=max(0, len(frame.columns) - MAX_SERIES), series=_series(frame), **shown)
    return _table(frame, shown)


def happenings(timeline: Timeline) -> list[Happening]:
    """Return what the timeline tells, oldest first."""
    found = [
        Happening(time=m.time, end=m.end, kind=m.kind, title=m.title, detail=m.detail, tone=m.tone) for m in timeline
    ]
    return found[-MAX_ROWS:]


def _held(thing: Any) -> tuple[Any, Any]:
    """Return what has the data, and the data: a frame itself, the thing with a `.df`, or what a chart shows."""
    if isinstance(thing, pd.DataFrame | pd.Series):
        return thing, thing
    frame = getattr(thing, "df", None)
    if frame is not None:
        return thing, frame
    shown = getattr(thing, "frame", None)
    return shown, getattr(shown, "df", None)


def _numeric(frame: pd.DataFrame) -> bool:
    return all(pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in frame.dtypes)


def _series(frame: pd.DataFrame) -> list[Series]:
    index = pd.DatetimeIndex(frame.index)
    times = (index if index.tz is not None else index.tz_localize("UTC")).as_unit("ns").asi8 / 1e9
    return [
        Series(_label(name), *_thinned(times, frame.iloc[:, n].to_numpy(float)))
        for n, name in enumerate(frame.columns[:MAX_SERIES])
    ]


def _thinned(times: Any, values: Any) -> tuple[list[float], list[float | None]]:
    """Keep the lowest and the highest of each stretch where there are more points than a page can show, and gaps as gaps."""
    kept = bounding(times, values, MAX_POINTS)
    times, values = times[kept], values[kept]
    return [float(t) for t in times], [float(v) if math.isfinite(v) else None for v in values]


def _table(frame: pd.DataFrame, shown: dict[str, Any]) -> Pin:
    named = frame.reset_index() if frame.index.name is not None or isinstance(frame.index, pd.MultiIndex) else frame
    columns = [name for name in named.columns if named[name].notna().any()][:MAX_COLUMNS]
    rows = named[columns].tail(MAX_ROWS)
    cells = [[_cell(cell) for cell in row] for row in rows.itertuples(index=False, name=None)]
    left_out = max(0, len(named) - MAX_ROWS) + int(named.notna().any().sum()) - len(columns)
    return Pin(kind="table", columns=[_label(name) for name in columns], rows=cells, left_out=left_out, **shown)


def _name(thing: Any) -> str:
    """Return what a thing without a title is called: Alerts for `rt.alerts`."""
    return "Table" if isinstance(thing, pd.DataFrame | pd.Series) else type(thing).__name__.removeprefix("Live")


def _label(name: Any) -> str:
    return " ".join(str(part) for part in name if str(part)) if isinstance(name, tuple) else str(name)


def _cell(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NaT:
        return ""
    if isinstance(cell, pd.Timestamp):
        moment = cell.tz_convert("UTC").tz_localize(None) if cell.tzinfo is not None else cell
        return moment.isoformat(sep=" ", timespec="milliseconds")
    return str(cell)[:MAX_CELL]
