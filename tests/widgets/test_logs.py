"""What a logs channel tells the browser: each line once, and what it could not send."""

from __future__ import annotations

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.widgets import logs as module
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.logs import LogsChannel
from tests.session.conftest import Rig
from tests.session.conftest import rig as rig
from tests.widgets.stub import StubFeed, StubSession


def entry(n: int, **more: str) -> LogEntry:
    return LogEntry(**{"time": 1000.0 + n / 10, "level": "info", "component": "loki", "message": f"line {n}", **more})  # type: ignore[arg-type]


def test_each_line_once() -> None:
    session = StubSession()
    buffer = session.store.logs("p1")
    channel = LogsChannel("l", StubFeed(), session.lines("p1"))  # type: ignore[arg-type]
    buffer.extend([entry(0), entry(1)])
    first = channel.part(Buffers(), 0.0)
    assert first is not None
    assert [line[4] for line in first["body"]["lines"]] == ["line 0", "line 1"]
    assert first["body"]["lines"][0][:4] == [1, 1_000_000.0, "info", "loki"]
    assert channel.part(Buffers(), 0.0) is None
    buffer.extend([entry(2)])
    more = channel.part(Buffers(), 0.0)
    assert more is not None
    assert (more["op"], [line[4] for line in more["body"]["lines"]], more["body"]["total"]) == ("delta", ["line 2"], 3)


def test_filtered_lines_do_not_travel() -> None:
    session = StubSession()
    channel = LogsChannel("l", StubFeed(), session.lines("p1", level=["error"]))  # type: ignore[arg-type]
    channel.part(Buffers(), 0.0)
    session.store.logs("p1").extend([entry(0), entry(1, level="error")])
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert [line[4] for line in part["body"]["lines"]] == ["line 1"]


def test_that_of_ever_more_lines_none_is_asked_for_is_told() -> None:
    session = StubSession()
    channel = LogsChannel("l", StubFeed(), session.lines("p1", level=["error"]))  # type: ignore[arg-type]
    channel.part(Buffers(), 0.0)
    session.store.logs("p1").extend([entry(0), entry(1)])
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert [part["body"][name] for name in ("lines", "total", "held", "filtered")] == [[], 2, 2, 0]
    assert channel.part(Buffers(), 0.0) is None
    session.store.logs("p1").extend([entry(2, level="error")])
    channel.part(Buffers(), 0.0)
    session.store.logs("p1").extend([entry(3)])
    assert channel.part(Buffers(), 0.0) is None, "there is something to see"


def test_after_clear_the_viewer_begins_anew_and_nothing_counts_as_lost() -> None:
    session = StubSession()
    buffer = session.store.logs("p1")
    channel = LogsChannel("l", StubFeed(), session.lines("p1"))  # type: ignore[arg-type]
    buffer.extend([entry(0), entry(1)])
    channel.part(Buffers(), 0.0)
    buffer.clear()
    buffer.extend([entry(0)])
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert (part["op"], part["body"]["lost"], len(part["body"]["lines"])) == ("snap", 0, 1)
    assert channel.part(Buffers(), 0.0) is None
    buffer.extend([entry(n) for n in range(2 * (session.settings.retention.logs_rows or 0))])
    buffer.renew()
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert (part["op"], part["body"]["lost"]) == ("snap", 0)


def test_a_new_notice_goes_out_without_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = StubSession().lines("p1")
    channel = LogsChannel("l", StubFeed(), lines)  # type: ignore[arg-type]
    channel.part(Buffers(), 0.0)
    monkeypatch.setattr(type(lines), "notice", "12 recovered")
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert (part["body"]["notice"], part["body"]["lines"]) == ("12 recovered", [])
    assert channel.part(Buffers(), 0.0) is None


def test_lines_that_were_forgotten_before_they_were_sent_are_counted() -> None:
    session = StubSession()
    channel = LogsChannel("l", StubFeed(), session.lines("p1"))  # type: ignore[arg-type]
    channel.part(Buffers(), 0.0)
    rows = session.settings.retention.logs_rows or 0
    session.store.logs("p1").extend([entry(n) for n in range(rows + 7)])
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert part["body"]["lost"] == 7
    assert len(part["body"]["lines"]) == rows


def test_one_envelope_carries_a_bounded_batch_and_long_lines_are_cut(monkeypatch: object) -> None:
    session = StubSession()
    channel = LogsChannel("l", StubFeed(), session.lines("p1"))  # type: ignore[arg-type]
    channel.part(Buffers(), 0.0)
    session.store.logs("p1").extend([entry(0, message="x" * (module.LINE * 2))])
    part = channel.part(Buffers(), 0.0)
    assert part is not None
    assert len(part["body"]["lines"][0][4]) <= module.LINE


def test_a_large_buffer_goes_in_several_envelopes_oldest_first_and_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 300)
    session, feed = StubSession(), StubFeed()
    session.store.logs("p1").extend([entry(n) for n in range(1000)])
    channel = LogsChannel("l", feed, session.lines("p1"))  # type: ignore[arg-type]
    parts = [channel.part(Buffers(), 0.0)]
    while feed.marks:
        feed.marks = 0
        parts.append(channel.part(Buffers(), 0.0))
    assert [(p["op"], len(p["body"]["lines"])) for p in parts if p] == [
        ("snap", 300), ("delta", 300), ("delta", 300), ("delta", 100)
    ]  # fmt: skip
    ids = [line[0] for p in parts if p for line in p["body"]["lines"]]
    assert ids == list(range(1, 1001))
    last = parts[-1]
    assert last is not None
    assert last["body"]["lost"] == 0


def test_a_height_is_a_number(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="height is a number, not 'tall'"):
        gunj.LogViewer(rig.session, "production", height="tall")  # type: ignore[arg-type]  on purpose
