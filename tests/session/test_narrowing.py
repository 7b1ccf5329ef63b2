"""Which lines a view of a log shows, as somebody asked for it."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.session.narrowing import Narrowing
from gunj_widgets.store.logs import LogBuffer

LINES = [("error", "api", "disk full"), ("warn", "api", "disk slow"), ("error", "db", "no disk"), ("info", "db", "up")]


def shown(narrowing: Narrowing) -> list[str]:
    buffer = LogBuffer()
    for level, component, message in LINES:
        buffer.append(LogEntry(time=1.0, level=level, component=component, message=message, platform="p"))
    return [entry.message for entry in narrowing.on(buffer).entries]


@pytest.mark.parametrize(
    ("asked", "messages", "words"),
    [
        ((None, None, None, None), ["disk full", "disk slow", "no disk", "up"], ""),
        (("error", None, None, None), ["disk full", "no disk"], "error"),
        ((["warn", "error", "warn"], "api", "", ""), ["disk full", "disk slow"], "error/warn api"),
        ((None, None, "DISK", "^disk"), ["disk full", "disk slow"], "“DISK” /^disk/"),
    ],
)
def test_it_narrows_says_so_and_is_asked_again(asked: Any, messages: list[str], words: str) -> None:
    narrowing = Narrowing.of(*asked)
    assert shown(narrowing) == messages
    assert str(narrowing) == words
    again = dict.fromkeys(("level", "component", "search", "regex")) | narrowing.asked
    assert Narrowing.of(**again) == narrowing
    assert hash(Narrowing.of(**again)) == hash(narrowing)


@pytest.mark.parametrize("wrong", [("loud", None, None, None), (None, None, None, "(")])
def test_what_makes_no_sense_is_refused_before_anything_is_asked(wrong: Any) -> None:
    with pytest.raises(SettingsError):
        Narrowing.of(*wrong)
