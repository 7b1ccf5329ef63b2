"""Keys: what a name stands for in this kernel, so that a cell that runs again puts its view in the place of the one before."""

from __future__ import annotations

import weakref
from typing import TypeVar

import ipywidgets

__all__ = ["take_place"]

W = TypeVar("W", bound=ipywidgets.Widget)

_by_name: weakref.WeakValueDictionary[tuple[object, ...], ipywidgets.Widget] = weakref.WeakValueDictionary()


def take_place(name: tuple[object, ...], new: W) -> W | None:
    """Be what the name stands for from now on; return what was there before, unless it is closed."""
    before: W | None = _by_name.get(name)
    _by_name[name] = new
    return before if before is not None and before.comm is not None else None
