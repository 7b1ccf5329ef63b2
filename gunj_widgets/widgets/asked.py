"""What a widget is asked for: checked before anything is subscribed to or shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError

__all__ = ["check_frame", "check_key", "check_known", "check_numbers", "thresholds_of"]

THRESHOLDS = 'As in thresholds=[80, (95, "page")].'


def check_known(kind: type, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise TypeError, as Python does, for keywords that nobody knows: ipywidgets would take them and do nothing."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise TypeError(f"{kind.__name__} does not know {', '.join(unknown)}; see help({kind.__name__})")


def check_key(key: Any) -> None:
    needed(key, (str, type(None)), "a key is text", 'As in key="cpu".')


def check_numbers(**given: Any) -> None:
    """Raise SettingsError for what is no number, by its name."""
    for name, number in given.items():
        needed(number, Real, f"{name} is a number", "Give one.")


def check_frame(title: Any, height: Any) -> None:
    """Raise SettingsError for a title that is no text and a height that nothing could be drawn in."""
    needed(title, (str, type(None)), "a title is text", 'As in title="cpu of loki".')
    if height is not None:
        check_numbers(height=height)
        if not 0 < height < math.inf:
            raise SettingsError(f"a height of {height!r:.40}", "Give pixels, more than 0.")


def thresholds_of(given: Any) -> list[tuple[float, str]]:
    """Return thresholds as (value, label); SettingsError for what is none."""
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        needed(given, list, "thresholds are a list", THRESHOLDS)
    found = []
    for one in given:
        value, label = one if isinstance(one, list | tuple) and len(one) == 2 else (one, "")
        needed(value, Real, "a threshold is a number, or a number and its label", THRESHOLDS)
        needed(label, str, "the label of a threshold is text", THRESHOLDS)
        found.append((float(value), label))
    return found
