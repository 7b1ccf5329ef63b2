"""When something was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.events.records import Alert, KubeEvent
from gunj_widgets.session.moments import When, epoch_since, epoch_when
from gunj_widgets.store.notes import Note


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        (12.5, 12.5),
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), 60.0),
        (Note(time=3.0, text="here", until=9.0), 3.0),
        (Event(topic="platform.p.status", arrived=4.0, time=1.0), 4.0),
        (Alert(fingerprint="f", name="F", starts=5.0, ends=8.0), 5.0),
        (KubeEvent(reason="BackOff", first=1.0, last=6.0), 6.0),
    ],
)
def test_a_time_and_what_happened_then(when: When, seconds: float) -> None:
    assert epoch_when(when) == seconds


@pytest.mark.parametrize("when", [Alert(fingerprint="f", name="F"), KubeEvent(reason="BackOff"), datetime(2026, 1, 1)])  # noqa: DTZ001
def test_what_has_no_time_says_what_to_do(when: When) -> None:
    with pytest.raises(SettingsError) as refused:
        epoch_when(when)
    assert "Give" in str(refused.value)


def test_how_long_ago_a_time_or_nothing() -> None:
    assert epoch_since("5m", 1_000.0) == 700.0
    assert epoch_since(timedelta(minutes=5), 1_000.0) == 700.0
    assert epoch_since(np.timedelta64(5, "m"), 1_000.0) == 700.0
    assert epoch_since(12.5, 1_000.0) == 12.5
    assert epoch_since(Note(time=3.0, text="here"), 1_000.0) == 3.0
    assert epoch_since(None, 1_000.0) is None
    with pytest.raises(SettingsError, match="Give"):
        epoch_since("soon", 1_000.0)
