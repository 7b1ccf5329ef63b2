"""What no table can take: samples and lines that are none, and bounds that make no sense. Looked at only once something went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import inf
from numbers import Real
from typing import Any

import numpy as np

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.store.retention import Duration, seconds
from gunj_widgets.store.slab import MAX_SLOTS

__all__ = ["LABELS", "LINE", "NO_SAMPLE", "age_of", "check_bounds", "dated", "no_line", "unusable"]

NO_SAMPLE = (TypeError, ValueError, AttributeError)
"""What writing a sample, or a line, raises that is none."""
LINE = 'As in LogEntry(time=time.time(), level="error", message="connection refused").'
LABELS = 'As in {"component": "loki"}.'


def unusable(metric: Any, labels: Any, times: Any, values: Any) -> SettingsError:
    """Return what is wrong with a sample, or samples of one series, that could not be written."""
    try:
        needed(metric, str, "a metric is named by text", 'As in append("cpu", {}, time.time(), 0.5).')
        needed(labels, Mapping, "labels are a dict", LABELS)
        needed(_odd(times), Real, "times are epoch seconds", "Of a datetime that is .timestamp().")
        needed(_odd(values), Real, "values are numbers", "Give floats; NaN where there is none.")
    except SettingsError as error:
        return error
    return SettingsError(
        f"this is no sample of {metric!r:.80}", "Give a name, a dict of labels, epoch seconds, a number."
    )


def no_line(entry: Any) -> SettingsError:
    """Return what is wrong with a line that could not be taken in."""
    try:
        needed(entry, LogEntry, "a line is a LogEntry", LINE)
        needed(entry.message, str, "a line's message is text", LINE)
        needed(entry.time, Real, "a line's time is epoch seconds", "Of a datetime that is .timestamp().")
    except SettingsError as error:
        return error
    return SettingsError("this is no line", LINE)


def dated(times: Any) -> bool:
    """Say whether these are numpy's dates, one or many, which it would take for numbers of its own."""
    one = times[0] if isinstance(times, list | tuple) and times else times
    return getattr(getattr(one, "dtype", None), "kind", "") in ("M", "m")


def age_of(max_age: Duration | None) -> float | None:
    """Return a retention in seconds; SettingsError where it is none."""
    if max_age is None or (isinstance(max_age, float) and max_age == inf):
        return max_age
    try:
        found = seconds(max_age)
        return max_age if isinstance(max_age, int | float) else found
    except SettingsError:
        raise SettingsError(
            f"max_age is {max_age!r:.40}", 'Give seconds greater than 0, or "10m"; None to keep all.'
        ) from None


def check_bounds(max_rows: Any, max_series: Any = 1) -> None:
    """Raise SettingsError unless these are numbers of rows and series."""
    if max_rows is not None and not (isinstance(max_rows, int | np.integer) and max_rows >= 1):
        raise SettingsError(f"max_rows is {max_rows!r:.40}", "Give at least 1, or None to keep all.")
    if not (isinstance(max_series, int | np.integer) and 1 <= max_series < MAX_SLOTS):
        raise SettingsError(f"max_series is {max_series!r:.40}", f"Give 1 to {MAX_SLOTS - 1}.")


def _odd(numbers: Any) -> Any:
    """Return the first that is no number; 0 where all are."""
    single = isinstance(numbers, str | bytes | Real | datetime) or not isinstance(numbers, Iterable)
    return next((one for one in ([numbers] if single else numbers) if not isinstance(one, Real)), 0)
