"""When something was: a time as people have it in their hands, or what happened then."""

from __future__ import annotations

import datetime
from typing import TypeAlias

import numpy as np

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Alert, KubeEvent
from gunj_widgets.store.notes import Note
from gunj_widgets.store.retention import MAX_TIME, seconds
from gunj_widgets.store.time_range import epoch_of
from gunj_widgets.store.timeline import Moment as Happening

__all__ = ["Since", "When", "epoch_since", "epoch_when"]

When: TypeAlias = float | datetime.datetime | Note | Event | Alert | KubeEvent | Happening
"""Epoch seconds, an aware datetime, a note, an event, an alert, or a moment of the timeline."""
Since: TypeAlias = When | str | datetime.timedelta | np.timedelta64
"""The same, or how long ago ("5m", or a timedelta)."""

SINCE = (
    'Give how long ago ("5m", "1h30m", a timedelta), epoch seconds, an aware datetime, or a note, an event or an alert.'
)


def epoch_when(when: When) -> float:
    """Return epoch seconds: of an alert when it began, of an event when it was last seen; SettingsError where nobody said."""
    if isinstance(when, Note | Happening):
        return when.time
    if isinstance(when, Event):
        return when.arrived
    if isinstance(when, Alert | KubeEvent):
        began = when.starts if isinstance(when, Alert) else when.last
        if began is None:
            raise SettingsError("nobody said when that was", "Give a time.")
        return began
    return epoch_of(when)


def epoch_since(since: Since | None, now: float) -> float | None:
    """Return epoch seconds, of a duration that long before `now`; None stays. SettingsError for what is neither."""
    if since is None:
        return None
    try:
        when = (
            now - seconds(since) if isinstance(since, str | datetime.timedelta | np.timedelta64) else epoch_when(since)
        )
    except SettingsError as error:
        raise SettingsError(f"since: {error.problem}", SINCE) from None
    if not 0 <= when <= MAX_TIME:
        raise SettingsError(f"since={since!r:.40} is no time of this century, in epoch seconds", SINCE)
    return when
