"""Dashboard: several widgets in rows, laid out for the width there is, kept and restored as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Self

import ipywidgets

from gunj_widgets.errors import GunjError, SettingsError
from gunj_widgets.session.session import Session
from gunj_widgets.session.time_range import LOCAL
from gunj_widgets.widgets.alerts import AlertPanel
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
QUERY = ("window", "step", "rows", "level", "search", "platform", "namespace")
"""What a query was asked with; the rest of a recipe is its widget's."""
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


class Dashboard(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no type information
    """Widgets in rows: `Dashboard([[rt.platform("production"), m], [rt.alerts], [rt.timeline]])`.

    What can be displayed stands for its widget. A row breaks where its widgets would be narrower than `min_width` pixels.
    With `key="a name"` it takes the place of the one that an earlier run of the cell made under that name: what was selected
    in a widget at the same place stays. `freeze()` leaves behind what all of them show. `save(path)` keeps the layout and
    what each widget shows, not its data; `Dashboard.load(rt, path)` builds it again.
    """

    rows: Sequence[Sequence[LiveWidget]] = ()

    def __init__(self, rows: Sequence[Any], *, min_width: int = 380, key: str | None = None) -> None:
        if not 50 <= min_width <= 4000:
            raise SettingsError(f"min_width is {min_width!r}", "Give 50 to 4,000 pixels.")
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
        """Return the layout as text: for each widget its kind and what it was made with, and the zone that times are in."""
        rows = [[{"kind": widget.kind, **widget.recipe} for widget in row] for row in self.rows]
        zone = next((widget.session.range.zone for row in self.rows for widget in row), LOCAL)
        kept = {"version": VERSION, "min_width": self.min_width, "zone": zone, "rows": rows}
        return json.dumps(kept, indent=2)

    @classmethod
    def from_json(cls, session: Session, text: str) -> Self:
        """Build what `to_json` said, on this session; SettingsError where it cannot be."""
        try:
            kept = json.loads(text)
            version, rows, zone = kept["version"], kept["rows"], str(kept.get("zone", session.range.zone))
            made = [[(item.pop("kind"), item) for item in row] for row in rows]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SettingsError(
                f"this is no dashboard: {type(error).__name__}", "Give what .to_json() returned."
            ) from None
        if version != VERSION:
            raise SettingsError(
                f"this dashboard is of version {version!r:.20}", f"This release reads version {VERSION}."
            )
        if sum(map(len, made)) > MAX_WIDGETS:
            raise SettingsError(f"this dashboard has more than {MAX_WIDGETS} widgets", "Make several of it.")
        session.range.zone = zone
        return cls(
            [[_restored(session, kind, recipe) for kind, recipe in row] for row in made], min_width=kept["min_width"]
        )

    def save(self, path: str | Path) -> None:
        """Write `to_json` to a file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")

    @classmethod
    def load(cls, session: Session, path: str | Path) -> Self:
        """Build the dashboard that `save` wrote."""
        return cls.from_json(session, Path(path).read_text(encoding="utf-8"))

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


def _restored(session: Session, kind: Any, recipe: dict[str, Any]) -> LiveWidget:
    made = KINDS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise SettingsError(f"there is no widget of the kind {kind!r:.40}", f"There are: {', '.join(sorted(KINDS))}.")
    try:
        for language in ("promql", "logql", "pushed"):
            if language in recipe:
                expression = recipe.pop(language)
                asked = {name: recipe.pop(name) for name in QUERY if name in recipe}
                recipe["platform"] = getattr(session, language)(expression, **asked)
        return made(session, **recipe)
    except (TypeError, ValueError) as error:
        if isinstance(error, GunjError):
            raise
        raise SettingsError(
            f"the {kind} cannot be built again: {error}", "Repair the file, or make the widget anew."
        ) from None
