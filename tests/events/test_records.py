"""Records: frozen, comparable, and with the words of the wire as their values."""

from __future__ import annotations

import pytest

from gunj_widgets.events import records
from gunj_widgets.events.records import Alert, AlertState, ComponentHealth, Health, LogEntry, Phase, Platform, Severity


def test_nobody_edits_a_record() -> None:
    for record in (
        Platform(id="p", name="p"),
        Alert(fingerprint="f", name="a"),
        LogEntry(time=0.0),
        ComponentHealth(name="c"),
    ):
        with pytest.raises(AttributeError):
            record.platform = "x"  # type: ignore[union-attr,misc]


def test_what_is_not_said_is_unknown_not_well() -> None:
    platform, part = Platform(id="p", name="p"), ComponentHealth(name="loki")
    assert (platform.phase, platform.health, part.phase, part.health) == (Phase.UNKNOWN, Health.UNKNOWN) * 2
    assert (part.replicas, part.ready, part.updated) == (None, None, None)


def test_an_alert_is_firing_and_a_warning_unless_said_otherwise() -> None:
    alert = Alert(fingerprint="f", name="a")
    assert (alert.state, alert.severity, alert.ends) == (AlertState.FIRING, Severity.WARNING, None)


def test_words_are_text() -> None:
    assert f"{Phase.READY} {Health.HEALTHY} {Severity.CRITICAL}" == "Ready healthy critical"


def test_all_is_all() -> None:
    assert all(hasattr(records, name) for name in records.__all__)
    assert sorted(records.__all__) == records.__all__
