"""What is displayed in this kernel and not yet closed, so that `gunj.close_all()` can close it."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Iterable
from typing import Any

from gunj_widgets.session.connect import also_close

__all__ = ["born", "close_models", "living"]

_living: weakref.WeakSet[Any] = weakref.WeakSet()


def born(thing: Any) -> None:
    """Have `thing.close()` called by `gunj.close_all()`, if it is still here then."""
    _living.add(thing)


def living() -> list[Any]:
    return list(_living)


def close_models(models: Iterable[Any]) -> None:
    """Close models, and the layout that ipywidgets makes for each and never closes. One that is closed already stays so."""
    for model in models:
        layout = getattr(model, "layout", None)
        model.close()
        if layout is not None:
            layout.close()


def _close_living() -> None:
    for thing in living():
        with contextlib.suppress(Exception):  # one that cannot be closed must not keep the others open
            thing.close()
    _living.clear()


also_close(_close_living)
