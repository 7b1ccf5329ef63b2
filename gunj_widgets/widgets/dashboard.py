"""Dashboard: several widgets in rows, laid out for the width there is, kept and restored as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import ipywidgets
import msgspec

from gunj_widgets.arguments import kept_at, needed, writing
from gunj_widgets.errors import GunjError, SettingsError
from gunj_widgets.session.session import Session
from gunj_widgets.store.time_range import TimeRange, zone_named
from gunj_widgets.widgets.alerts import AlertPanel
from gunj_widgets.widgets.asked import check_key, check_numbers
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.chart import MetricChart
from gunj_widgets.widgets.commands import CommandPanel
from gunj_widgets.widgets.health import ComponentHealth
from gunj_widgets.widgets.keys import take_place
from gunj_widgets.widgets.kube_events import EventFeed
from gunj_widgets.widgets.living import born, close_models
from gunj_widgets.widgets.logs import LogViewer
from gunj_widgets.widgets.operations import OperationProgress
from gunj_widgets.widgets.platform import PlatformCard
from gunj_widgets.widgets.pressure import BackpressureMonitor
from gunj_widgets.widgets.status import ConnectionStatus
from gunj_widgets.widgets.timeline import IncidentTimeline
from gunj_widgets.widgets.transport import ReplayBar

__all__ = ["Dashboard"]

VERSION = 1
MAX_WIDGETS = 100
NARROWEST, WIDEST = 50, 4000
"""Pixels of `min_width`."""
MAX_TEXT = 4_000_000
"""Characters of a dashboard that is kept."""
QUERY = ("window", "step", "rows", "level", "component", "search", "regex", "platform", "namespace")
"""What a query was asked with; the rest of a recipe is its widget's."""
OURS = ("kind", "by_hand")
KINDS: dict[str, type[LiveWidget]] = {
    kind.kind: kind
    for kind in (
        AlertPanel,
        BackpressureMonitor,
        CommandPanel,
        ComponentHealth,
        ConnectionStatus,
        EventFeed,
        IncidentTimeline,
        LogViewer,
        MetricChart,
        OperationProgress,
        PlatformCard,
        ReplayBar,
    )
}


Names = str | list[str]
Number = int | float
"""An int stays one."""
Span = Number | str
Unset = msgspec.UnsetType


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    """A widget that is kept: its kind, all that a recipe of any kind may say, and what was set by hand. A file is a peer like
    any other: what else ipywidgets would take, scripts among it, is not for it to say."""

    kind: str
    by_hand: dict[str, Any] = {}
    platform: str | Unset = msgspec.UNSET
    namespace: str | Unset = msgspec.UNSET
    title: str | Unset = msgspec.UNSET
    height: int | Unset = msgspec.UNSET
    promql: str | Unset = msgspec.UNSET
    logql: str | Unset = msgspec.UNSET
    pushed: Names | Unset = msgspec.UNSET
    metrics: Names | Unset = msgspec.UNSET
    labels: dict[str, Names] | Unset = msgspec.UNSET
    window: Span | Unset = msgspec.UNSET
    step: Span | Unset = msgspec.UNSET
    rows: int | Unset = msgspec.UNSET
    component: Names | Unset = msgspec.UNSET
    level: Names | Unset = msgspec.UNSET
    search: str | Unset = msgspec.UNSET
    regex: str | Unset = msgspec.UNSET
    matchers: str | Unset = msgspec.UNSET
    group_by: str | Unset = msgspec.UNSET
    thresholds: list[Number | tuple[Number, str]] | Unset = msgspec.UNSET
    legend: bool | Unset = msgspec.UNSET
    y_min: Number | Unset = msgspec.UNSET
    y_max: Number | Unset = msgspec.UNSET
    marks: bool | Unset = msgspec.UNSET
    log: bool | Unset = msgspec.UNSET
    stacked: bool | Unset = msgspec.UNSET
    facet: str | Unset = msgspec.UNSET
    shared_y: bool | Unset = msgspec.UNSET

    @property
    def recipe(self) -> dict[str, Any]:
        about = msgspec.structs.asdict(self)
        return {name: value for name, value in about.items() if name not in OURS and value is not msgspec.UNSET}


class _Kept(msgspec.Struct):
    """What `to_json` says. One that was kept before there were zones and ranges says nothing of them."""

    version: Literal[1]
    min_width: Annotated[int, msgspec.Meta(ge=NARROWEST, le=WIDEST)]
    rows: list[list[_Item]]
    zone: str | Unset = msgspec.UNSET
    range: TimeRange | Unset | None = msgspec.UNSET
    """None = none was chosen: each chart follows now."""


class Dashboard(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no type information
    """Widgets in rows: `Dashboard([[rt.platform("production"), m], [rt.alerts], [rt.timeline]])`.

    What can be displayed stands for its widget. A row breaks where its widgets would be narrower than `min_width` pixels.
    With `key="a name"` it takes the place of the one that an earlier run of the cell made under that name: what was selected
    in a widget at the same place stays. `freeze()` leaves behind what all of them show. `save(path)` keeps the layout, what
    each widget shows and what was set in it by hand, and `rt.range`, but no data; `Dashboard.load(rt, path)` builds it again.
    """

    rows: Sequence[Sequence[LiveWidget]] = ()

    def __init__(self, rows: Sequence[Any], *, min_width: int = 380, key: str | None = None) -> None:
        needed(rows, Iterable, "a dashboard is made of rows", "As in Dashboard([[m, rt.alerts], [rt.timeline]]).")
        check_numbers(min_width=min_width)
        check_key(key)
        if not NARROWEST <= min_width <= WIDEST:
            raise SettingsError(f"min_width is {min_width!r}", f"Give {NARROWEST} to {WIDEST:,} pixels.")
        self.rows = [
            [_widget(item) for item in (row if isinstance(row, list | tuple) else [row])] for row in rows if row != []
        ]
        self.min_width = min_width
        grid = f"repeat(auto-fit, minmax(min(100%, {min_width}px), 1fr))"
        boxes = [
            ipywidgets.GridBox(
                row,
                layout=ipywidgets.Layout(grid_template_columns=grid, grid_gap="0 8px", width="100%", overflow="hidden"),
            )
            for row in self.rows
        ]
        super().__init__(boxes, layout=ipywidgets.Layout(width="100%"))
        born(self)
        before = None if key is None else take_place((Dashboard, key), self)
        if before is not None:
            self._replace(before)

    def _replace(self, before: Dashboard) -> None:
        """Take over what the user did to the one that was here before, and close it, but what stands in both."""
        mine = list(chain(*self.rows))
        for old, new in zip(chain(*before.rows), mine, strict=False):
            if old is not new and old.kind == new.kind and old.recipe == new.recipe:
                new.adopt(old)
        before.rows = [[widget for widget in row if widget not in mine] for row in before.rows]
        before.close()

    def freeze(self) -> None:
        """Show what there is now as outputs of their own, widget by widget: see `LiveWidget.freeze`."""
        for widget in chain(*self.rows):
            widget.freeze()

    def to_json(self) -> str:
        """Return the layout as text: for each widget its kind, what it was made with and what was set in it by hand; and of the
        session the time that is shown and the zone it is in. SettingsError where the widgets are of several sessions: it is built
        again on one."""
        sessions = {widget.session.number: widget.session for widget in chain(*self.rows)}
        if len(sessions) > 1:
            raise SettingsError(
                f"this dashboard shows {len(sessions)} sessions, and is built again on one",
                "Keep one for each session.",
            )
        rows = [[_kept(widget) for widget in row] for row in self.rows]
        kept: dict[str, Any] = {"version": VERSION, "min_width": self.min_width}
        for session in sessions.values():
            kept |= {"zone": session.range.zone, "range": msgspec.to_builtins(session.range.current)}
        return json.dumps({**kept, "rows": rows}, indent=2)

    @classmethod
    def from_json(cls, session: Session, text: str) -> Self:
        """Build what `to_json` said, on this session; SettingsError where it cannot be."""
        needed(
            session,
            Session,
            "a dashboard is built on a session",
            "Dashboard.load(rt, path), with rt = gunj.connect(...).",
        )
        kept = _read(text)
        made: list[list[LiveWidget]] = []
        try:
            for row in kept.rows:
                made.append([])
                for item in row:
                    made[-1].append(_restored(session, item))
            if isinstance(kept.range, TimeRange):
                session.range.set(str(kept.range), kept.range.zone)
            elif kept.range is None:
                session.range.clear()
        except BaseException:
            for widget in chain(*made):
                widget.close()
            raise
        if isinstance(kept.zone, str):
            session.range.zone = kept.zone
        return cls(made, min_width=kept.min_width)

    def save(self, path: str | Path) -> None:
        """Write `to_json` to a file; SettingsError where it cannot be written."""
        place, text = kept_at(path), self.to_json() + "\n"
        with writing(place):
            place.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, session: Session, path: str | Path) -> Self:
        """Build the dashboard that `save` wrote; SettingsError where there is none."""
        place = kept_at(path)
        try:
            with place.open(encoding="utf-8", errors="replace") as file:
                text = file.read(MAX_TEXT + 1)
        except OSError as error:
            raise SettingsError(f"cannot read {place}: {error.strerror}", "Name a file that .save() wrote.") from None
        return cls.from_json(session, text)

    def close(self) -> None:
        """Close the dashboard and its widgets; the session goes on."""
        for row in self.rows:
            for widget in row:
                widget.close()
        if self.comm is not None:
            layout = self.layout
            super().close()
            close_models([layout, *self.children])

    def __repr__(self) -> str:
        return f"<Dashboard {' | '.join(', '.join(w.kind for w in row) for row in self.rows)}>"


def _widget(item: Any) -> LiveWidget:
    """Return the widget that stands for an item of a row."""
    if isinstance(item, LiveWidget):
        return item
    view = getattr(item, "view", None)
    if callable(view):
        return _widget(view())
    raise SettingsError(
        f"{item!r:.80} is no widget of gunj_widgets",
        "Give widgets, or what displays as one: rt, rt.platform(...), rt.metrics(...), rt.logs(...), rt.alerts, rt.timeline.",
    )


def _kept(widget: LiveWidget) -> dict[str, Any]:
    by_hand = {"by_hand": widget._by_hand} if widget._by_hand else {}
    return {"kind": widget.kind, **widget.recipe, **by_hand}


def _read(text: str) -> _Kept:
    """Read what was kept: a file is a peer like any other."""
    needed(text, str, "a dashboard is kept as text", "Give what .to_json() returned.")
    if len(text) > MAX_TEXT:
        raise SettingsError(f"this dashboard has more than {MAX_TEXT:,} characters", "Make several of it.")
    try:
        found = json.loads(text)
        version = found.get("version") if isinstance(found, dict) else None
        if isinstance(version, int) and version != VERSION:
            raise SettingsError(
                f"this dashboard is of version {version!r:.20}", f"This release reads version {VERSION}."
            )
        kept = msgspec.convert(found, _Kept)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        if isinstance(error, GunjError):
            raise
        raise SettingsError(f"this is no dashboard: {error!s:.200}", "Give what .to_json() returned.") from None
    if sum(map(len, kept.rows)) > MAX_WIDGETS:
        raise SettingsError(f"this dashboard has more than {MAX_WIDGETS} widgets", "Make several of it.")
    if isinstance(kept.zone, str):
        zone_named(kept.zone)
    return kept


def _restored(session: Session, item: _Item) -> LiveWidget:
    kind, recipe = item.kind, item.recipe
    made = KINDS.get(kind)
    if made is None:
        raise SettingsError(f"there is no widget of the kind {kind!r:.40}", f"There are: {', '.join(sorted(KINDS))}.")
    try:
        for language in ("promql", "logql", "pushed"):
            if language in recipe:
                expression = recipe.pop(language)
                asked = {name: recipe.pop(name) for name in QUERY if name in recipe}
                recipe["platform"] = getattr(session, language)(expression, **asked)
        widget = made(session, **recipe)
    except GunjError:
        raise
    except Exception as error:  # whatever a value that makes no sense leads to
        raise SettingsError(
            f"the {kind} cannot be built again: {error!s:.200}", "Repair the file, or make the widget anew."
        ) from None
    try:
        widget.restore(item.by_hand)
    except SettingsError:
        widget.close()
        raise
    return widget
