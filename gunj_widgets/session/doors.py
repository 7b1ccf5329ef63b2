"""The doors that open upwards, by name and at call time: the embedded operator, the views of an object, and a bar in a cell."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from gunj_widgets.errors import SetupError
from gunj_widgets.events.alive import Alive

__all__ = ["Displayable", "bar_in_notebook", "figure_of", "start_demo", "view_of"]


def start_demo() -> Any:
    """Start the embedded operator (or return the one that runs); it has `.url` and `.token`."""
    try:
        return import_module("gunj_widgets.demo").start()
    except ModuleNotFoundError as error:
        raise SetupError(
            f"the demo operator needs {error.name}, which is not installed", "Run: pip install 'gunj-widgets[demo]'"
        ) from None


def view_of(thing: object) -> Any:
    """Return the widget that shows `thing`: one per object, however often it is displayed."""
    return import_module("gunj_widgets.widgets.views").view_of(thing)


def figure_of(frame: object, **options: Any) -> Any:
    """Return a new bqplot Figure of a live frame."""
    return import_module("gunj_widgets.widgets.figure").MetricFigure(frame, **options)


def bar_in_notebook() -> Any:
    """Return a bar in the output of the cell that runs; None where there is none: nobody loads IPython for that."""
    return import_module("gunj_widgets.widgets.progress").bar_in_notebook() if "IPython" in sys.modules else None


class Displayable(Alive):
    """What a cell shows for an object: its live widget."""

    def view(self) -> Any:
        """Return the live widget of this object: always the same one."""
        return view_of(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.view()._repr_mimebundle_(include=include, exclude=exclude)
