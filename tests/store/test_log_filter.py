"""LogFilter: conditions, narrowed."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.store.log_filter import GapLine, LogFilter


def test_conditions_add_up() -> None:
    chosen = LogFilter().narrowed(["warn", "error"], None, "disk", None).narrowed("error", "loki", "full", "^disk")
    assert chosen.takes(LogEntry(time=0, level="error", component="Loki", message="disk FULL"))
    assert not chosen.takes(LogEntry(time=0, level="warn", component="loki", message="disk full"))
    assert not chosen.takes(LogEntry(time=0, level="error", component="loki", message="the disk is full"))
    assert not chosen.takes(LogEntry(time=0, level="error", component="", message="disk full"))


@pytest.mark.parametrize("name", ["level", "component", "search", "regex"])
def test_what_is_no_condition_is_refused(name: str) -> None:
    asked: dict[str, Any] = dict.fromkeys(("level", "component", "search", "regex"))
    with pytest.raises(SettingsError, match="not 5"):
        LogFilter().narrowed(**{**asked, name: 5})
    if name in ("level", "component"):
        with pytest.raises(SettingsError, match="levels and components are names, not None"):
            LogFilter().narrowed(**{**asked, name: ["error", None]})


def test_case_folds_beyond_ascii() -> None:
    assert LogFilter().narrowed(None, None, "STRASSE", None).takes(LogEntry(time=0, message="straße"))


def test_nothing_set_takes_everything() -> None:
    assert LogFilter().takes(LogEntry(time=0))
    assert LogFilter().narrowed(None, None, "", "").takes(LogEntry(time=0))


def test_no_level_in_common_takes_nothing_but_gaps() -> None:
    nothing = LogFilter().narrowed("warn", None, None, None).narrowed("error", None, None, None)
    assert not nothing.takes(LogEntry(time=0, level="warn"))
    assert nothing.takes(GapLine(time=0))


def test_lines_without_a_component_are_found_only_when_asked_for() -> None:
    bare = LogEntry(time=0, message="x")
    assert not LogFilter().narrowed(None, ["loki", "tempo"], None, None).takes(bare)
    assert LogFilter().narrowed(None, "", None, None).takes(bare)


def test_an_unknown_level_is_an_error_and_the_empty_one_means_unknown() -> None:
    with pytest.raises(SettingsError, match="trace, debug, info, warn, error, fatal"):
        LogFilter().narrowed("wran", None, None, None)
    assert LogFilter().narrowed("", None, None, None).takes(LogEntry(time=0, level=""))
