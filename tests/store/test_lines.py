"""Lines: what is kept of each line, and what the counters say."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.store.lines import MAX_METADATA, Lines, newer
from gunj_widgets.store.patterns import MAX_LINE

T0 = 1_700_000_000.0


def kept(entry: LogEntry) -> tuple[LogEntry, int]:
    lines = Lines(None, None)
    lines.extend([entry], None)
    return lines.after(0)[0][0][1], lines.stats().cut


@pytest.mark.parametrize(("length", "cut"), [(MAX_LINE, 0), (MAX_LINE + 1, 1), (1 << 20, 1)])
def test_a_message_is_kept_to_a_bound(length: int, cut: int) -> None:
    entry, count = kept(LogEntry(time=T0, message="x" * length))
    assert count == cut
    assert len(entry.message) <= MAX_LINE
    assert entry.message.endswith("…" if cut else "x")


def test_bulky_metadata_is_left_away_and_the_line_stays() -> None:
    entry, cut = kept(LogEntry(time=T0, message="m", level="warn", metadata={"a": "x" * MAX_METADATA}))
    assert (entry.message, entry.level, entry.metadata, cut) == ("m", "warn", None, 1)
    small = LogEntry(time=T0, message="m", metadata={"a": "x"})
    assert kept(small) == (small, 0)


def test_a_time_beyond_2100_does_not_make_the_others_old() -> None:
    lines = Lines(10.0, None)
    lines.extend([LogEntry(time=T0), LogEntry(time=1.7e12)], None)
    assert lines.stats().held == 2


def test_after_says_where_a_reader_stands() -> None:
    lines = Lines(None, 2)
    assert lines.after(0) == ([], 1, 0, 0)
    lines.extend([LogEntry(time=T0 + i) for i in range(3)], None)
    found, first, last, epoch = lines.after(0)
    assert ([number for number, _ in found], first, last, epoch) == ([2, 3], 2, 3, 0)
    lines.remove(lambda entry: True)
    assert lines.after(3) == ([], 4, 3, 1)


def test_newer_counts_over_holes() -> None:
    lines = deque((number, LogEntry(time=T0)) for number in (1, 2, 5, 9))
    assert [number for number, _ in newer(lines, 2)] == [5, 9]
    assert [number for number, _ in newer(lines, 3)] == [5, 9]
    assert list(newer(lines, 9)) == []
    assert list(newer(deque(), 0)) == []


def test_bounds_are_as_for_metrics() -> None:
    assert Lines("10m", None).max_age == 600.0
    for age, rows in (("soon", None), (0, None), (None, 1.5), (None, 0)):
        with pytest.raises(SettingsError, match="max_(age|rows) is"):
            Lines(age, rows)  # type: ignore[arg-type]  on purpose


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["x"], "a line is a LogEntry, not 'x'"),
        ("x", "a line is a LogEntry, not 'x'"),
        (5, "lines are LogEntry records, not 5"),
        ([LogEntry(time="now", message="x")], "time is epoch seconds, not 'now'"),  # type: ignore[arg-type]
        ([LogEntry(time=T0, message=None)], "message is text, not None"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_line_is_told_and_nothing_of_it_held(wrong: Any, said: str) -> None:
    lines = Lines(60.0, None)
    with pytest.raises(SettingsError, match=said):
        lines.extend(wrong, None)
    lines.extend([LogEntry(time=T0, message="x")], None)
    assert (lines.total, lines.stats().held) == (1, 1)
